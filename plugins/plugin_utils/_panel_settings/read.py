# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings as an inventory holds them: a mapping, or the text of one in JSON or in what YAML reads."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

from .._workplace.text import kind
from .report import Report, Setting, is_omitted

# What word processors and web pages make of the quotation mark.
_QUOTES = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'))


class _JsonValues(yaml.SafeLoader):
    """YAML whose unquoted values are JSON's: no dates, no numbers to the base of sixty, no "no" for false."""


_JsonValues.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)", "-0123456789"),
    ("null", r"null|~|", ["n", "~", ""]),
):
    _JsonValues.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


class _NotReadError(Exception):
    """A text that is no settings document: what, and where. Never holds parts of the text, which may be secrets."""


def read(given: object) -> Report:
    """The settings by their names, with a warning or a fault where they could not be taken as written."""
    report = Report()
    if given is None or is_omitted(given):
        return report
    if isinstance(given, str):
        try:
            given = _parsed(str(given), report)
        except _NotReadError as wrong:
            report.fault("settings", str(wrong))
            return report
    if not isinstance(given, Mapping):
        report.fault("settings", f"are {kind(given)}, not a mapping of keys to values")
        return report
    for key, value in given.items():
        if is_omitted(value):
            continue
        if isinstance(key, str):
            _add(str(key), value, report)
        else:
            report.fault("settings", f"one of the keys is {kind(key)}; keys are text, so put it in quotes")
    return report


def _add(key: str, value: Any, report: Report) -> None:
    name = key.strip().removeprefix("$")
    setting = Setting(value, dollar=key.strip().startswith("$"))
    if not name:
        report.fault("settings", f"a key is {'only a dollar sign' if setting.dollar else 'empty'}; give it its name")
        return
    if name in report.settings:
        # The server encrypts the value under the dollar key and writes it over the other (encryption.rb).
        report.warn(name, f"is there twice; the value under ${name} is taken")
        if not setting.dollar:
            return
        del report.settings[name]
    if setting.dollar and setting.encrypted:
        report.warn(name, "holds what the server shows of an encrypted value, so it is not encrypted once more")
        setting.dollar = False
    report.settings[name] = setting


def _no_number(name: str) -> Any:
    raise _NotReadError(f"hold {name}, which is no number that can be stored")


def _parsed(text: str, report: Report) -> Any:
    if not text.strip():
        return {}
    try:
        return json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as wrong:
        first = wrong
    except RecursionError:
        raise _NotReadError("are nested too deeply") from None
    straight = text.translate(_QUOTES)
    try:
        found = yaml.load(straight, Loader=_JsonValues)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (first.lineno, first.colno)
        raise _NotReadError(
            f"can be read neither as JSON (line {first.lineno}, column {first.colno}: {first.msg}) nor as YAML "
            f"(line {line}, column {column}); look for a quotation mark, comma or colon missing there or just before"
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise _NotReadError(
            f"can be read neither as JSON (line {first.lineno}, column {first.colno}: {first.msg}) nor as YAML"
        ) from None
    if not isinstance(found, Mapping):
        raise _NotReadError(
            f"are {kind(found)}, not a mapping (line {first.lineno}, column {first.colno}: {first.msg})"
        )
    if straight != text:
        report.warn("settings", "hold typographic quotation marks; straight ones are used instead")
    return found
