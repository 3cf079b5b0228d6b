# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Primary keys as PlaceOS makes them (models, utilities/id_generator.cr).

``<table>-<10 characters>``: seconds since 2014 in the upper bits, 30 random bits below, written in base 65.
Ids made in different seconds sort by time, ids made in one second sort at random.
"""

from __future__ import annotations

import random
import time

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_~"
EPOCH = 1_388_534_400  # 2014-01-01T00:00:00Z
RANDOM_BITS = 30


def postfix() -> str:
    """Return the ten characters after the dash."""
    number = (int(time.time()) - EPOCH) << RANDOM_BITS | random.getrandbits(RANDOM_BITS)
    digits = []
    while number:
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def new_id(table: str) -> str:
    """Return a new primary key for a row of ``table``."""
    return f"{table}-{postfix()}"
