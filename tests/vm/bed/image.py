# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image that plays the engine: static busybox, a start script, and an application of its own.

It stands in for aca0/engine: there too the application is at /home/aca-apps/ruby-engine-app, in the image until
something is mounted over it, and serves /auth/authority.
"""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .machine import Machine

HERE = Path(__file__).parent
IMAGE = "fake/engine:stable"
APPLICATION = "/home/aca-apps/ruby-engine-app"
AUTHORITY = "public/auth/authority"  # what the health check asks for, in the application
APPLETS = "cat cp echo env grep httpd id kill ls printf sh sleep test wget".split()


def import_image(machine: Machine) -> str:
    """Import it into the VM's docker and return its name."""
    archive = machine.state / "engine.tar"
    with tarfile.open(archive, "w") as tar:
        tar.add("/usr/bin/busybox", "bin/busybox")
        for applet in APPLETS:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        _add(tar, "engine", (HERE / "fake_engine.sh").read_text(encoding="utf-8"), 0o755)
        _add(tar, f"{APPLICATION[1:]}/{AUTHORITY}", '{"version": "v1.0.0", "application": "in the image"}\n')
        _add(tar, "home/aca-apps/Gemfile.lock.from-docker-build", "GEM of the image\n")
    command = ["docker", "import", "--change", 'ENTRYPOINT ["/engine"]', "--change", f"WORKDIR {APPLICATION}"]
    machine.run(*command, f"/run/bed/{archive.name}", IMAGE)
    return IMAGE


def _add(tar: tarfile.TarFile, name: str, text: str, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(text.encode()), mode
    tar.addfile(entry, io.BytesIO(text.encode()))
