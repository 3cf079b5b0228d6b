# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole way of an inventory: read, check, flatten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import timezones
from .flatten import flatten
from .read import read_workplace
from .rules import check_rules
from .where import Faults


@dataclass(frozen=True, slots=True)
class Description:
    """What an inventory describes.

    ``faults``: one line each, in the order found; ``notes``: what the author should know although nothing is wrong;
    ``flat``: the lists of :func:`.flatten.flatten`, empty when there are faults.
    """

    faults: list[str]
    notes: list[str]
    flat: dict[str, Any]


def describe(raw: object, base_dir: str | None = None) -> Description:
    """Read the value of ``workplace``; a rooms file is looked for in the folder ``base_dir``."""
    faults = Faults()
    workplace = read_workplace(raw, base_dir, faults)
    if workplace is not None:
        check_rules(workplace, faults)
    notes = [] if timezones.known() else [timezones.NO_DATABASE]
    flat = flatten(workplace) if workplace is not None and not faults.lines else {}
    return Description(faults.lines, notes, flat)
