# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for a directory that answers from many copies: reads repeated until they agree, writes until they arrive.

Graph gives no promise how long copies lag. PlaceOS repeats after 1, 2, 4, 8, 8 and 12 seconds (25 s and more were
seen); Terraform wants several consistent reads one after the other. Both are done here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from itertools import chain, repeat
from typing import Any, TypeVar

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.errors import REPLICATION_LAG, kind_of

T = TypeVar("T")

DELAYS = (1.0, 2.0, 4.0, 8.0, 8.0, 12.0)
"""Seconds between attempts; the last one is repeated (PlaceOS, graph-replication-retry)."""


class NotConsistent(Exception):
    """The directory did not agree in time. value: what was read last, or the HttpError of the last read."""

    def __init__(self, value: Any, seconds: float, reads: int) -> None:
        self.value, self.seconds, self.reads = value, seconds, reads
        last = f"; the last answer was: {value}" if isinstance(value, HttpError) else ""
        super().__init__(
            f"Microsoft's directory did not show the change within {seconds:g} seconds ({reads} reads){last}"
        )


def delays() -> Iterator[float]:
    """The pauses between attempts, without end."""
    return chain(DELAYS, repeat(DELAYS[-1]))


def wait_until(
    read: Callable[[], T],
    accept: Callable[[T], bool],
    *,
    deadline: float,
    times: int = 3,
    pause: float = 1.0,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> T:
    """Read until so many reads in a row are accepted; returns the last of them.

    deadline: seconds; pause: seconds between two accepted reads, unaccepted ones back off as in DELAYS.
    A read that fails as lagging copies do counts as not accepted. Raises NotConsistent.
    """
    waits, started = delays(), clock()
    waited, reads, agreed = 0.0, 0, 0
    last: Any = None
    while True:
        reads += 1
        try:
            value = read()
            good, last = accept(value), value
        except HttpError as error:
            if kind_of(error, after_write=True) != REPLICATION_LAG:
                raise
            good, last = False, error
        agreed = agreed + 1 if good else 0
        if good and agreed >= times:
            return value
        wait = pause if good else next(waits)
        if max(waited, clock() - started) + wait > deadline:
            raise NotConsistent(last, deadline, reads)
        waited += wait
        sleep(wait)


def through_lag(
    call: Callable[[], T],
    *,
    deadline: float,
    also: Collection[str] = (),
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> T:
    """Make a call that may come too early; repeated only on errors which lagging copies give (and the kinds in also).

    For calls right after a write of one's own: otherwise a 404 means no. After deadline seconds the error is raised.
    """
    waits, started = delays(), clock()
    waited = 0.0
    while True:
        try:
            return call()
        except HttpError as error:
            kind = kind_of(error, after_write=True)
            wait = next(waits)
            if (kind != REPLICATION_LAG and kind not in also) or max(waited, clock() - started) + wait > deadline:
                raise
            waited += wait
            sleep(wait)
