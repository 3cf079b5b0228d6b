# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of PlaceOS that builds drivers and runs modules."""

from .core import Core
from .driver import ExecError, ModuleRaised

__all__ = ["Core", "ExecError", "ModuleRaised"]
