# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of ACAEngine that loads driver classes and runs modules."""

from .control import Engine

__all__ = ["Engine"]
