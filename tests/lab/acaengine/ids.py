# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ids as couchbase-orm makes them (CO lib/couchbase-orm/id_generator.rb): microseconds and four random digits, base 65."""

from __future__ import annotations

import random
import time

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_~"
EPOCH = 1_451_649_600


def new_id(design: str) -> str:
    """Return an id such as ``zone-1sV4~x_3kQ``; ids sort roughly by the time they were made."""
    microseconds = time.time_ns() // 1000 - EPOCH * 1_000_000
    number = int(f"{microseconds}{random.randint(1, 10_000):04d}")
    digits = []
    while number:
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return f"{design}-{''.join(reversed(digits))}"
