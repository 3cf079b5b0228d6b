# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ids of events: length and alphabet as recorded. An occurrence's id belongs to its series and its date."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date
from urllib.parse import quote

LENGTH, OCCURRENCE_LENGTH = 151, 166
WELL_FORMED = re.compile(r"^AAMk[A-Za-z0-9_-]{90,}={0,2}$")
GLOBAL_PREFIX = "040000008200E00074C5B7101A82E008"


def _letters(length: int, *words: str) -> str:
    made = b""
    while len(made) * 4 < length * 3:
        made += hashlib.sha512("/".join((*words, str(len(made)))).encode()).digest()
    return base64.urlsafe_b64encode(made).decode()[:length]


def mailbox_part(user_id: str) -> str:
    """Return the beginning that all ids of one mailbox share."""
    return "AAMkA" + _letters(43, "mailbox", user_id)


def event_id(user_id: str, number: int) -> str:
    """Return the id of the n-th event of a mailbox."""
    start = mailbox_part(user_id)
    return start + _letters(LENGTH - len(start), "event", user_id, str(number)) + "="


def occurrence_id(master: str, day: date) -> str:
    """Return the id of one date of a series."""
    start = master[:48]
    return start + _letters(OCCURRENCE_LENGTH - len(start), "occurrence", master, day.isoformat()) + "=="


def calendar_id(user_id: str) -> str:
    """Return the id of the default calendar."""
    start = mailbox_part(user_id)
    return start + _letters(119 - len(start), "calendar", user_id) + "="


def change_key(user_id: str, version: int) -> str:
    """Return the key of one version of an object."""
    return _letters(22, "key", user_id) + _letters(8, "version", user_id, str(version)) + "=="


def ical_uid(seed: str, day: date | None = None) -> str:
    """Return the iCalUId of an event; that of an occurrence holds its date in the middle (recorded)."""
    digest = hashlib.sha256(seed.encode()).hexdigest().upper()
    middle = f"{day.year:04X}{day.month:02X}{day.day:02X}" if day else "00000000"
    return f"{GLOBAL_PREFIX}{middle}{digest[:16]}0000000000000000" + "10000000" + digest[16:48]


def web_link(item: str) -> str:
    """Return the address of an event in Outlook on the web."""
    plain = quote(item.replace("-", "/").replace("_", "+"), safe="")
    return f"https://outlook.office365.com/owa/?itemid={plain}&exvsurl=1&path=/calendar/item"
