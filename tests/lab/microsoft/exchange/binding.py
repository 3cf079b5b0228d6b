# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cmdlets and their parameters, bound as PowerShell binds them: names in any case, one parameter set, typed values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .errors import CmdletError, binding

TABLE = Path(__file__).resolve().parents[1] / "tables" / "exchange_cmdlets.json"
SCALARS = (str, int, float, bool)


@dataclass(frozen=True)
class Cmdlet:
    """One line of the table."""

    name: str
    sets: Mapping[str, Mapping[str, list[str]]]
    types: Mapping[str, str]
    values: Mapping[str, list[str]]
    confirms: bool

    def parameter(self, name: str) -> str | None:
        """Return the spelling of a parameter given in any case."""
        return next((known for known in self.types if known.lower() == name.lower()), None)


@cache
def cmdlets() -> dict[str, Cmdlet]:
    """Return all cmdlets of the table by their names in lower case."""
    document = json.loads(TABLE.read_text("utf-8"))
    return {
        name.lower(): Cmdlet(name, row["sets"], row["types"], row.get("values", {}), bool(row.get("confirm")))
        for name, row in document["cmdlets"].items()
    }


def bind(cmdlet: Cmdlet, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters under their own spelling, checked and converted; raises CmdletError.

    A value of null counts as not given, as an empty variable does for these cmdlets.
    """
    bound: dict[str, Any] = {}
    for name, value in given.items():
        known = cmdlet.parameter(name)
        if known is None:
            raise binding(f"A parameter cannot be found that matches parameter name '{name}'.")
        if value is not None:
            bound[known] = convert(cmdlet, known, value)
    _choose_set(cmdlet, set(bound))
    return bound


def _choose_set(cmdlet: Cmdlet, given: set[str]) -> None:
    """Check that one parameter set takes what was given and misses nothing."""
    fitting = [row for row in cmdlet.sets.values() if given <= {*row["must"], *row["may"]}]
    if not fitting:
        raise binding("Parameter set cannot be resolved using the specified named parameters.")
    missing = [[name for name in row["must"] if name not in given] for row in fitting]
    least = min(missing, key=len)
    if least:
        raise binding(f"Cannot process command because of one or more missing mandatory parameters: {' '.join(least)}.")


def convert(cmdlet: Cmdlet, name: str, value: Any) -> Any:
    """Return a value as the parameter's type."""
    kind = cmdlet.types[name]
    converted = CONVERSIONS[kind](value)
    if converted is None:
        raise _no_conversion(name, value, kind)
    allowed = cmdlet.values.get(name)
    if allowed is None:
        return converted
    return _enumerated(name, converted, allowed)


def _enumerated(name: str, value: Any, allowed: list[str]) -> Any:
    spelled = {entry.lower(): entry for entry in allowed}
    if isinstance(value, list):
        return [_enumerated(name, entry, allowed) for entry in value]
    if str(value).lower() not in spelled:
        raise _no_conversion(name, value, f"one of {', '.join(allowed)}")
    return spelled[str(value).lower()]


def _no_conversion(name: str, value: Any, kind: str) -> CmdletError:
    words = f"Cannot process argument transformation on parameter '{name}'. Cannot convert value \"{value}\" to {kind}."
    return CmdletError(
        words, "System.Management.Automation.ParameterBindingArgumentTransformationException", "Ex2D70B4"
    )


def _text(value: Any) -> str | None:
    return None if isinstance(value, (list, dict)) else value if isinstance(value, str) else json.dumps(value)


def _texts(value: Any) -> list[str] | None:
    entries = value if isinstance(value, list) else [value]
    return [str(entry) for entry in entries] if all(isinstance(entry, SCALARS) for entry in entries) else None


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _whole(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    try:
        return int(value)
    except ValueError:
        return None


def _unlimited(value: Any) -> int | str | None:
    return "Unlimited" if str(value).lower() == "unlimited" else _whole(value)


CONVERSIONS = {
    "String": _text,
    "Id": _text,
    "String[]": _texts,
    "Switch": _truth,
    "Bool": _truth,
    "Int": _whole,
    "Unlimited": _unlimited,
}
