# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each kind of value must be.

A check takes the value as written and returns it as the platform should get it: the same value, trimmed.
It raises :class:`UnfitError` with words that follow the path in a fault.
Values may be the tagged subclasses and lazy containers of ansible-core 2.19, so nothing here asks for an exact type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from . import timezones
from .text import kind, show

Check = Callable[[object], Any]

# Both platforms keep a capacity in a signed 32-bit integer.
_LARGEST = 2**31 - 1
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
# A feature id is one word: rooms files and ACAEngine keep a room's features in one blank-separated text.
_NOT_IN_ID = re.compile(r"[\s;,]")


class UnfitError(ValueError):
    """The value is not what its key needs; the message says why and what to write."""


def text(value: object) -> str:
    """Any text that is more than blanks; may have several lines."""
    if isinstance(value, (bool, int, float)):
        # YAML reads 27.10 as the number 27.1 and no as false: the author's spelling is already lost.
        raise UnfitError(f"{show(value)} is {kind(value)}, not text; write it in quotes, exactly as it should read")
    if not isinstance(value, str):
        raise UnfitError(f"is {kind(value)}, not text")
    trimmed = value.strip()
    if not trimmed:
        raise UnfitError("is blank; write a text or leave the key out")
    return trimmed


def line(value: object) -> str:
    """Text on one line, such as a name."""
    trimmed = text(value)
    if _CONTROL.search(trimmed):
        raise UnfitError(f"{show(trimmed)} has a line break or another control character; write it on one line")
    return trimmed


def identifier(value: object) -> str:
    """One word without blanks, commas and semicolons."""
    word = line(value)
    if _NOT_IN_ID.search(word):
        raise UnfitError(f"{show(word)} must be one word without blanks, commas and semicolons; use - or _")
    return word


def email(value: object) -> str:
    """A mailbox address with a full domain."""
    address = text(value)
    local, at, domain = address.rpartition("@")
    labels = domain.split(".")
    if not (
        at
        and len(address) <= 254
        and len(local) <= 64
        and _LOCAL_PART.fullmatch(local)
        and len(labels) > 1
        and all(_DOMAIN_LABEL.fullmatch(label) for label in labels)
    ):
        raise UnfitError(f"{show(address)} is not an e-mail address; write it as room@company.example")
    return address


def timezone(value: object) -> str:
    """The name of an IANA time zone."""
    name = line(value)
    problem = timezones.problem(str(name))
    if problem:
        raise UnfitError(problem)
    return name


def whole_number(value: object) -> int:
    """A whole number from 0."""
    if isinstance(value, str) and value.strip().isdecimal():
        raise UnfitError(f"{show(value)} is text; write the number without quotes: {int(value)}")
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
        raise UnfitError(f"{show(value)} is not a whole number from 0; write one such as 8, or leave the key out")
    return value


def flag(value: object) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().casefold() in ("true", "false", "yes", "no"):
        raise UnfitError(f"{show(value)} is text; write true or false without quotes")
    raise UnfitError(f"{show(value)} is neither true nor false; write true or false")


def web_address(value: object) -> str:
    """An absolute http or https URL."""
    url = line(value)
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in url
    except ValueError:
        good = False
    if not good:
        raise UnfitError(f"{show(url)} is not an absolute URL; write it as https://host/path")
    return url


def link(value: object) -> str:
    """A path on the web server, or an absolute http or https URL."""
    target = line(value)
    return web_address(target) if "://" in target else target


def _list_of(value: object, check: Check, example: str) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise UnfitError(f"is {kind(value)}, not a list; write {example}")
    entries = []
    for index, entry in enumerate(value):
        try:
            entries.append(check(entry))
        except UnfitError as unfit:
            raise UnfitError(f"entry {index} {unfit}") from None
    return list(dict.fromkeys(entries))


def identifiers(value: object) -> list[str]:
    """A list of feature ids; a repeated one counts once."""
    return _list_of(value, identifier, "[video_conference, whiteboard]")


def links(value: object) -> list[str]:
    """A list of paths or URLs; a repeated one counts once."""
    return _list_of(value, link, "[https://host/picture.jpg]")


def orientations(value: object) -> Any:
    """A list, or a mapping as old ACAEngine documents have it; its content is passed on as it is."""
    if isinstance(value, Mapping):
        return dict(value.items())
    if isinstance(value, (list, tuple)):
        return list(value)
    raise UnfitError(f"is {kind(value)}, neither a list nor a mapping; write [landscape] or {{landscape: 0}}")


def entries(value: object) -> list[Any]:
    """A list whose entries have keys of their own."""
    if not isinstance(value, (list, tuple)):
        raise UnfitError(f"is {kind(value)}, not a list; begin each entry with a dash")
    return list(value)
