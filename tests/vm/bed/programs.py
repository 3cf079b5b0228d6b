# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this machine must have for the VM, and the reasons why it cannot run one."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

# Debian's package of each program.
PACKAGES = {
    "/usr/bin/busybox": "busybox-static",
    "/usr/bin/docker": "docker.io",
    "/usr/bin/docker-compose": "docker-compose",
    "/usr/bin/git": "git",
    "/usr/bin/nsenter": "util-linux",
    "/usr/bin/python3": "python3",
    "/usr/bin/setpriv": "util-linux",
    "/usr/bin/ssh": "openssh-client",
    "/usr/bin/sudo": "sudo",
    "/usr/bin/unshare": "util-linux",
    "/usr/lib/git-core/git-daemon": "git",
    "/usr/sbin/dockerd": "docker.io",
    "/usr/sbin/sshd": "openssh-server",
}
NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private")


def why_not() -> str:
    """Say why no VM can run here; an empty text when nothing is known to be in the way."""
    if os.geteuid():
        return "the VM needs root"
    if missing := [path for path in PACKAGES if not Path(path).exists()]:
        packages = sorted({PACKAGES[path] for path in missing})
        return f"the VM needs {', '.join(missing)} (Debian: apt-get install {' '.join(packages)})"
    version = _compose_version()
    if not version.startswith("1.2"):
        return f"the VM's tests are written for docker-compose 1.29 and a fake of Compose v2, and this is {version}"
    kernel = subprocess.run([*NAMESPACES, "mount", "-t", "tmpfs", "tmpfs", "/run"], capture_output=True, check=False)
    if kernel.returncode:
        return f"the kernel refuses namespaces or mounts: {kernel.stderr.decode(errors='replace').strip()}"
    return ""


def _compose_version() -> str:
    answer = subprocess.run(["/usr/bin/docker-compose", "version", "--short"], capture_output=True, check=False)
    return answer.stdout.decode(errors="replace").strip()


def free_ports(number: int) -> list[int]:
    """Return ports of the loopback interface that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _number in range(number)]
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports
