# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entry point of ``python tests/lab``: puts the package on the path and runs its command line."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Python puts the directory it was given first on the path; the package itself lives one level up.
sys.path[:] = [str(HERE.parent), *(entry for entry in sys.path if entry and Path(entry).resolve() != HERE)]

from lab.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
