# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other settings: values that the driver would misread, and keys that it does not read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._workplace.text import kind, show, suggest
from . import durations
from .credentials import make_text, protect
from .keys import NEVER_READ, PER_ROOM, TWINS, Driver, Kind, other_reader
from .placeholders import is_placeholder
from .report import Report, Setting

_SECRET_NAME = re.compile(r"secret|password|passwd", re.IGNORECASE)
_TRUTHS = {"true": True, "false": False}
# The graver of the two mistakes is a driver that asks Microsoft many times a second.
_SHORTEST_INTERVAL_MS = 10_000
_LONGEST_BARE = 10**15
# Besides the credentials, where a text such as "proxy here" cannot be meant; a title on a panel may well end so.
_CONNECTION = re.compile(r"(msgraph|office)_(room|https_proxy|scope|site|user_email|user_password)")


def check(report: Report, driver: Driver, settled: frozenset[str]) -> None:
    """Correct and report everything but the credentials, which are ``settled``."""
    for name in [name for name in report.settings if name in driver.keys and name not in settled]:
        _check_value(report, driver, name)
    for name, value in driver.constants.items():
        report.settings.setdefault(name, Setting(value))
    for name in [name for name in report.settings if name not in driver.keys]:
        _tell_unread(report, driver, name)
    for name in [name for name, setting in report.settings.items() if setting.dollar]:
        _check_dollar(report, driver, name)
    _check_cancelling(report, driver)


def _check_value(report: Report, driver: Driver, name: str) -> None:
    setting = report.settings[name]
    if setting.encrypted:
        return
    if _CONNECTION.fullmatch(name):
        # A proxy may hold a password.
        make_text(report, name, secret=driver.keys[name].secret or "proxy" in name)
        if name not in report.settings or _left_out(report, driver, name):
            return
    check_kind = _KINDS.get(driver.keys[name].kind)
    if check_kind and setting.value is not None:
        check_kind(report, name, setting)
    if name in PER_ROOM:
        report.warn(
            name, f"stands in the settings of the driver, where it {PER_ROOM[name]}; write it into one module's"
        )


def _left_out(report: Report, driver: Driver, name: str) -> bool:
    setting = report.settings[name]
    if not is_placeholder(str(setting.value)):
        return False
    shown = "the text" if driver.keys[name].secret else show(setting.value)
    constant = driver.constants.get(name)
    used = f"{show(constant)} is stored instead" if constant else "it is left out"
    report.warn(name, f"{shown} only holds the place of a value; {used}")
    del report.settings[name]
    return True


def _secret(report: Report, name: str, setting: Setting) -> None:
    protect(report, name)


def _flag(report: Report, name: str, setting: Setting) -> None:
    meant = _TRUTHS.get(setting.value.strip().casefold()) if isinstance(setting.value, str) else None
    if meant is not None:
        report.warn(
            name, f"{show(setting.value)} is a text, and any text counts as true; {show(meant)} is stored instead"
        )
        setting.value = meant


def _number(report: Report, name: str, setting: Setting) -> None:
    if isinstance(setting.value, str) and durations.is_bare(setting.value.strip()):
        meant = _as_number(float(setting.value))
        report.warn(name, f"{show(setting.value)} is a text; the number {show(meant)} is stored instead")
        setting.value = meant


def _duration(report: Report, name: str, setting: Setting) -> None:
    bare = _bare(setting.value)
    if bare is not None:
        meant = durations.written(bare)
        if bare:
            words = f"{show(setting.value)} would be read as milliseconds, not seconds; {show(meant)} is stored instead"
            report.warn(name, words)
            setting.value = meant
    elif setting.value is not False and _length(setting.value) is None:
        report.fault(name, f"{_named(setting.value)} is no duration; write one such as 30m, 90s or 1h30m")


def _interval(report: Report, name: str, setting: Setting) -> None:
    bare = _bare(setting.value)
    # What is false counts as not written.
    if setting.value is not False and not (_length(setting.value) if bare is None else bare >= 0.001):
        report.fault(name, f"{_named(setting.value)} is no pause between two looks; write one such as 1m, 90s or 5m")
    elif bare is not None and bare < _SHORTEST_INTERVAL_MS:
        meant = durations.written(bare)
        words = f"{show(setting.value)} would be read as milliseconds, not seconds; {show(meant)} is stored instead"
        report.warn(name, words)
        setting.value = meant


def _seconds(report: Report, name: str, setting: Setting) -> None:
    if not isinstance(setting.value, str):
        if (isinstance(setting.value, bool) and setting.value) or not isinstance(setting.value, (bool, int, float)):
            report.fault(name, f"{_named(setting.value)} is no number of seconds; write one such as 1800")
        return
    text = setting.value.strip()
    length = durations.milliseconds(text)
    if length is None:
        report.fault(name, f"{show(setting.value)} is no number of seconds; write one such as 1800")
        return
    meant = _as_number(float(text) if durations.is_bare(text) else length / 1000)
    report.warn(name, f"{show(setting.value)} is a text, the driver counts in seconds; {show(meant)} is stored instead")
    setting.value = meant


_KINDS = {
    Kind.SECRET: _secret,
    Kind.FLAG: _flag,
    Kind.NUMBER: _number,
    Kind.DURATION: _duration,
    Kind.INTERVAL: _interval,
    Kind.SECONDS: _seconds,
}


def _bare(value: Any) -> float | None:
    """A number without a unit, as a number or as text; None for everything else."""
    if isinstance(value, str):
        return float(value) if durations.is_bare(value.strip()) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < _LONGEST_BARE:
        return None
    return float(value)


def _length(value: Any) -> int | None:
    return durations.milliseconds(str(value)) if isinstance(value, str) else None


def _as_number(value: float) -> float:
    return int(value) if value == int(value) else value


def _named(value: Any) -> str:
    return show(value) if isinstance(value, (str, bool, int, float)) else f"it is {kind(value)} and"


def _tell_unread(report: Report, driver: Driver, name: str) -> None:
    setting = report.settings[name]
    near = ""
    if name in NEVER_READ:
        reason = f"has no effect: {NEVER_READ[name]}"
    else:
        reader = other_reader(name, driver)
        reason = f"has no effect: {driver.class_name} does not read it" + (f", only {reader} does" if reader else "")
        near = _instead(name, driver) or ("" if reader else suggest(name, driver.keys))
    report.warn(name, f"{reason}{near}")
    meant = near.split('"')[1] if '"' in near else ""
    if _SECRET_NAME.search(name) or (meant in driver.keys and driver.keys[meant].secret):
        protect(report, name)
    setting.value = _protected(setting.value)


def _instead(name: str, driver: Driver) -> str:
    """The key of this class for the same thing."""
    if name in driver.tenant:
        return f"; it takes the tenant from {driver.token_url[0]}"
    pairs = {**TWINS, **{value: key for key, value in TWINS.items()}}
    twin = pairs.get(name)
    return f'; write "{twin}"' if twin in driver.keys else ""


def _protected(value: Any) -> Any:
    """Secrets deeper inside what nothing reads are not to be stored readably either."""
    if not isinstance(value, Mapping):
        return value
    return {
        (
            f"${key}"
            if isinstance(inner, str) and inner and not inner.startswith(("\x1b",)) and _is_open_secret(key)
            else key
        ): _protected(inner)
        for key, inner in value.items()
    }


def _is_open_secret(key: Any) -> bool:
    return isinstance(key, str) and not key.startswith("$") and _SECRET_NAME.search(key) is not None


def _check_dollar(report: Report, driver: Driver, name: str) -> None:
    """The server encrypts texts; anything else it would keep under the key with the dollar, where nothing looks."""
    setting = report.settings[name]
    key = driver.keys.get(name)
    if setting.value == "":
        report.fault(f"${name}", "is empty, and the server cannot encrypt an empty text; leave the key out")
    elif isinstance(setting.value, (int, float)) and not isinstance(setting.value, bool) and (not key or key.secret):
        setting.value = str(setting.value)
        report.warn(name, "is a number, and the server encrypts only texts; it is stored as text")
    elif isinstance(setting.value, (Mapping, list, tuple)):
        report.fault(f"${name}", f"is {kind(setting.value)}, and the server encrypts only texts")
    elif not isinstance(setting.value, str):
        setting.dollar = False
        report.warn(
            name, f"is {kind(setting.value)}, and the server encrypts only texts; it is stored without the dollar"
        )


def _check_cancelling(report: Report, driver: Driver) -> None:
    """Without either, the deprecated driver adds to nothing and fails (office_booking.rb, cancel_meeting)."""
    if not driver.constants or any(report.settings.get(name) for name in ("timeout", "booking_cancel_timeout")):
        return
    report.warn(
        "timeout", f"is not set, so {driver.class_name} fails when a meeting is cancelled; write one such as 1800"
    )
