# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders the reference of modules, filters and roles as web pages below .build/docs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
OUT = ROOT / ".build" / "docs"
CONFIGURATION = """\
project = "placeos.office365"
extensions = ["sphinx_antsibull_ext"]
html_theme = "alabaster"
html_theme_options = {"page_width": "1100px"}
html_show_sphinx = False
suppress_warnings = ["ref.ref"]  # labels of the Ansible documentation
"""


def main() -> int:
    """Render, and return the exit status of the first program that failed."""
    source, html = OUT / "rst", OUT / "html"
    shutil.rmtree(OUT, ignore_errors=True)
    source.mkdir(parents=True)
    env = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections")}
    env["PATH"] = os.pathsep.join([str(BIN), env.get("PATH", os.defpath)])
    antsibull = [str(BIN / "antsibull-docs"), "collection", "--use-current", "--squash-hierarchy", "--fail-on-error"]
    sphinx = [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(source), str(html)]
    for command in ([*antsibull, "--dest-dir", str(source), "placeos.office365"], sphinx):
        if command is sphinx:
            (source / "conf.py").write_text(CONFIGURATION, encoding="utf-8")
        if status := subprocess.run(command, cwd=ROOT, env=env, check=False).returncode:
            return status
    print(f"The reference is at {html / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
