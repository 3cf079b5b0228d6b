# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one module in a process of its own, without Ansible around it: python module_process.py MODULE ARGUMENTS TIMES.

ARGUMENTS is a JSON file with {"ANSIBLE_MODULE_ARGS": {...}}; the seconds spent in imports and in the module are written
to TIMES. With PROFILE=FILE in the environment the module's own work is profiled into that file.
"""

from __future__ import annotations

import cProfile
import importlib
import json
import os
import sys
import time
from pathlib import Path


def main() -> None:
    """Import, run, tell the times."""
    name, arguments, times = sys.argv[1:4]
    began = time.perf_counter()
    module = importlib.import_module(f"ansible_collections.placeos.office365.plugins.modules.{name}")
    imported = time.perf_counter()
    sys.argv[1:] = [arguments]
    profile = cProfile.Profile() if "PROFILE" in os.environ else None
    try:
        if profile:
            profile.runcall(module.main)
        else:
            module.main()
    finally:
        ended = time.perf_counter()
        if profile:
            profile.dump_stats(os.environ["PROFILE"])
        seconds = {"imports": imported - began, "module": ended - imported}
        Path(times).write_text(json.dumps(seconds), encoding="utf-8")


if __name__ == "__main__":
    main()
