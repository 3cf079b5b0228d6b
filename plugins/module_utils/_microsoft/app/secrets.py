# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure: does an application need a new client secret, which of its secrets may go, and which belong to nobody?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import Credential
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_graph_app


@dataclass(frozen=True)
class Wish:
    """What is wanted of the application's client secrets.

    key_id: the one in use, "" when none is in use yet, None when that is not known.
    previous: those that were in use before and are to go once the one in use is proved.
    renew: auto, always or never; renew_before: days before the end.
    """

    name: str
    days: int = 180
    key_id: str | None = None
    previous: frozenset[str] = frozenset()
    renew: str = "auto"
    renew_before: float = 30.0


@dataclass(frozen=True)
class NewSecret:
    """A secret to be made, and why."""

    name: str
    ends: datetime
    reason: str


@dataclass(frozen=True)
class Decision:
    """new: the secret to make, if any. orphans: secrets of the same name that were made and never used."""

    new: NewSecret | None = None
    orphans: tuple[Credential, ...] = ()


@dataclass
class Removals:
    """What removing some secrets by their ids comes to; problems forbid all of it."""

    going: list[Credential] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def decide(wish: Wish, found: Sequence[Credential], now: datetime) -> Decision:
    """Whether a new secret is due, and which secrets of that name belong to nobody."""
    reason = _reason(wish, found, now)
    ends = (now + timedelta(days=wish.days)).replace(microsecond=now.microsecond // 1000 * 1000)
    return Decision(NewSecret(wish.name, ends, reason) if reason else None, _orphans(wish, found))


def _reason(wish: Wish, found: Sequence[Credential], now: datetime) -> str:
    """Why a new secret is due; empty if it is not."""
    if wish.renew == "never":
        return ""
    if wish.renew == "always":
        return "renewal was asked for"
    if wish.key_id is None:
        named = [secret for secret in found if secret.name == wish.name]
        if not named:
            return "there is none of this name"
        if any(_lasts(secret, wish, now) for secret in named):
            return ""
        return _ending(max(named, key=lambda secret: secret.ends or now), now)
    if not wish.key_id:
        return "none is in use yet"
    used = next((secret for secret in found if secret.key_id == wish.key_id), None)
    if used is None:
        return f"the one in use, {wish.key_id}, is not on the application"
    return "" if _lasts(used, wish, now) else _ending(used, now)


def _lasts(secret: Credential, wish: Wish, now: datetime) -> bool:
    return secret.ends is None or secret.ends > now + timedelta(days=wish.renew_before)


def _ending(secret: Credential, now: datetime) -> str:
    ends = secret.ends or now
    return f"the one in use, {secret.key_id}, {'ends' if ends > now else 'ended'} on {ends:%Y-%m-%d}"


def _orphans(wish: Wish, found: Sequence[Credential]) -> tuple[Credential, ...]:
    """A run that ends between making a secret and storing it leaves one that nobody has."""
    if wish.key_id is None:
        return ()
    known = {wish.key_id, *wish.previous}
    return tuple(secret for secret in found if secret.name == wish.name and secret.key_id not in known)


def removals(wanted: Iterable[str], found: Sequence[Credential], *, in_use: str | None, now: datetime) -> Removals:
    """Which secrets go; by id only, never the one in use, never the last one that still works."""
    result = Removals()
    ids = list(dict.fromkeys(key_id.strip().lower() for key_id in wanted))
    present = {secret.key_id: secret for secret in found}
    for key_id in ids:
        if in_use and key_id == in_use.lower():
            result.problems.append(
                f"{of_graph_app('remove_secrets')} names {key_id}, the secret in use: make a new one and use that before this "
                "one goes"
            )
        elif key_id in present:
            result.going.append(present[key_id])
        else:
            result.gone.append(key_id)
    left = [secret for secret in found if secret.valid(now) and secret.key_id not in ids]
    working = [secret for secret in result.going if secret.valid(now)]
    if working and not left and not result.problems:
        result.problems.append(
            f"{of_graph_app('remove_secrets')} names {_some(working)}, and no other valid secret would be left: whoever uses it would be "
            f"locked out. Make a new secret, use it, then remove this one"
        )
    return result


def _some(secrets: Sequence[Credential]) -> str:
    return ", ".join(secret.key_id for secret in secrets)


def shown(secret: Credential, wish: Wish | None, now: datetime) -> dict[str, Any]:
    """A secret in a result; whole days until its end, None where it has none; in_use None where that is not known."""
    return {
        "key_id": secret.key_id,
        "name": secret.name,
        "hint": secret.hint,
        "starts": timestamp(secret.starts),
        "ends": timestamp(secret.ends),
        "days_left": (secret.ends - now).days if secret.ends else None,
        "in_use": None if wish is None or wish.key_id is None else secret.key_id == wish.key_id,
    }


def timestamp(when: datetime | None) -> str | None:
    """A point in time as Graph writes it, to the millisecond."""
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z") if when else None
