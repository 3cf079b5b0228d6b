# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges secrets and certificates: the one in use by its days, the others by whether they should still be there.

Which one is in use is known by its key id, or by the hint, which Entra shows: a secret's first three characters
(application resource type, passwordCredential). What may not be read is unknown, never good.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.application import reader_wanted
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.facts import (
    NOT_FOUND,
    Credential,
    Facts,
    Unread,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.findings import Finding
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_graph_app_check

LONGEST_LIFE = timedelta(days=731)
"""What the portal allows (24 months); Entra's default by its API is two years as well."""

_RENEW = {
    "secret": "Renew it with playbooks/rotate_secret.yml, which hands the new one to PlaceOS before the old one goes.",
    "certificate": "Add a new certificate, hand it over, then take the old one away.",
}


def judge(facts: Facts) -> Iterator[Finding]:
    """Everything about the registration's credentials."""
    for kind in ("secret", "certificate"):
        yield from _judge_kind(facts, kind)


def _judge_kind(facts: Facts, kind: str) -> Iterator[Finding]:
    used = facts.wanted.credential == kind
    if isinstance(facts.registration, Unread):
        if used and facts.registration.reason != NOT_FOUND:
            yield Finding(
                f"{kind}_expiry_unknown",
                facts.app,
                f"unknown: when the {kind} ends, since the registration may not be read.",
                {"words": facts.registration.words},
                reader_wanted(facts),
            )
        return
    present = [found for found in facts.registration.credentials if found.kind == kind]
    valid = [found for found in present if _valid(found, facts.now)]
    in_use = _in_use(facts, present, valid) if used else None
    if used:
        yield from _named(facts, kind, present, in_use)
        yield from _ending(facts, kind, valid, in_use)
    yield from _others(facts, kind, present, valid, in_use)


def _valid(credential: Credential, now: datetime) -> bool:
    started = credential.starts is None or credential.starts <= now
    return started and (credential.ends is None or credential.ends > now)


def _in_use(facts: Facts, present: list[Credential], valid: list[Credential]) -> Credential | None:
    """The credential that signed in; None where it can't be told."""
    wanted = facts.wanted
    if wanted.credential == "certificate":
        return next((found for found in present if wanted.thumbprint and found.thumbprint == wanted.thumbprint), None)
    by_key = [found for found in present if wanted.key_id and found.key_id.casefold() == wanted.key_id.casefold()]
    if by_key and not _contradicts(by_key[0], wanted.hint):
        return by_key[0]
    # A sign-in that worked was made with a valid one; after a refusal it may have been any.
    candidates = valid if facts.claims is not None else present
    if wanted.hint:
        candidates = [found for found in candidates if not found.hint or found.hint == wanted.hint]
    return candidates[0] if len(candidates) == 1 else None


def _contradicts(credential: Credential, hint: str) -> bool:
    return bool(hint and credential.hint and credential.hint != hint)


def _named(facts: Facts, kind: str, present: list[Credential], in_use: Credential | None) -> Iterator[Finding]:
    """Whether the key id of the inventory is that of the secret beside it."""
    key_id = facts.wanted.key_id
    if kind != "secret" or not key_id:
        return
    named = next((found for found in present if found.key_id.casefold() == key_id.casefold()), None)
    if named is None:
        yield Finding(
            "secret_key_id_unknown",
            key_id,
            "the application has no secret with this key id: it was removed, or belongs to another application.",
            {"key_id": key_id, "present": [found.key_id for found in present]},
            f"Correct {of_graph_app_check('secret_key_id')}, so that a rotation removes the right secret.",
        )
    elif _contradicts(named, facts.wanted.hint):
        yield Finding(
            "secret_key_id_mismatch",
            key_id,
            f"this key id is that of a secret which begins with {named.hint}; the client secret that was given begins "
            f"otherwise.",
            {"key_id": key_id, "hint": named.hint, "in_use": in_use.key_id if in_use else None},
            f"Correct {of_graph_app_check('secret_key_id')} before the next rotation: it would remove the secret in use.",
        )


def _ending(facts: Facts, kind: str, valid: list[Credential], in_use: Credential | None) -> Iterator[Finding]:
    """How long the credential in use will do."""
    if in_use is not None:
        yield _days(facts, in_use)
        return
    known = [found for found in valid if found.ends is not None]
    first = min(known, key=lambda found: found.ends or facts.now, default=None)
    if kind == "secret" and len(valid) > 1:
        yield Finding(
            "secret_in_use_unknown",
            facts.app,
            f"several secrets are valid, and which of them PlaceOS has can't be told: {'; '.join(map(str, valid))}.",
            {"secrets": [_evidence(found, facts.now) for found in valid]},
            f"Give {of_graph_app_check('secret_key_id')}.",
        )
    if first is None:
        yield Finding(
            f"{kind}_expiry_unknown",
            facts.app,
            f"unknown: when the {kind} ends; the registration lists none that fits.",
            {f"{kind}s": [_evidence(found, facts.now) for found in valid]},
        )
    elif _left(first, facts.now) <= facts.wanted.warn_days:
        yield Finding(
            f"{kind}_may_expire_soon",
            str(first),
            f"it ends {_when(first, facts.now)}, and may be the one in use.",
            _evidence(first, facts.now),
            _RENEW[kind],
        )


def _days(facts: Facts, in_use: Credential) -> Finding:
    kind, evidence = in_use.kind, _evidence(in_use, facts.now)
    if in_use.ends is None:
        return Finding(
            f"{kind}_expiry_unknown", str(in_use), f"unknown: Entra gives no date on which this {kind} ends.", evidence
        )
    left, when = _left(in_use, facts.now), _when(in_use, facts.now)
    if in_use.ends <= facts.now:
        return Finding(f"{kind}_expired", str(in_use), f"the {kind} in use ended {when}.", evidence, _RENEW[kind])
    if left <= facts.wanted.fail_days:
        return Finding(
            f"{kind}_expires_very_soon", str(in_use), f"the {kind} in use ends {when}: all bookings stop then.",
            evidence, _RENEW[kind],
        )  # fmt: skip
    if left <= facts.wanted.warn_days:
        return Finding(f"{kind}_expires_soon", str(in_use), f"the {kind} in use ends {when}.", evidence, _RENEW[kind])
    return Finding(f"{kind}_valid", str(in_use), f"the {kind} in use ends {when}.", evidence)


def _others(
    facts: Facts, kind: str, present: list[Credential], valid: list[Credential], in_use: Credential | None
) -> Iterator[Finding]:
    """Credentials beside the one in use: each is another way in."""
    others = [found for found in valid if found is not in_use]
    orphans = [found for found in others if in_use is not None and kind == "secret" and found.name == in_use.name]
    if orphans:
        yield Finding(
            "secret_orphans",
            facts.app,
            f"valid secrets under the same name as the one in use, left by rotations that did not end: "
            f"{'; '.join(map(str, orphans))}.",
            {"secrets": [_evidence(found, facts.now) for found in orphans]},
            "PlaceOS may still have one of them: first run playbooks/rotate_secret.yml, which ends a rotation that was "
            "begun. Remove what that leaves by key id, in Entra (Certificates and secrets) or with graph_app and the "
            "module's option remove_secrets, once you are sure that nothing signs in with them.",
        )
    rest = [found for found in others if found not in orphans]
    if rest and (in_use is not None or kind == "certificate"):
        yield Finding(
            f"{kind}_others",
            facts.app,
            f"further valid {kind}s, each of them another way in: {'; '.join(map(str, rest))}.",
            {f"{kind}s": [_evidence(found, facts.now) for found in rest]},
            "Find out who uses them; remove those which nobody does.",
        )
    ended = [found for found in present if found.ends is not None and found.ends <= facts.now and found is not in_use]
    if ended:
        yield Finding(
            f"{kind}_leftovers",
            facts.app,
            f"{len(ended)} expired {kind}{'s' if len(ended) > 1 else ''} can be removed: {'; '.join(map(str, ended))}.",
            {f"{kind}s": [_evidence(found, facts.now) for found in ended]},
        )
    long_lived = [found for found in valid if kind == "secret" and found.ends and found.ends - facts.now > LONGEST_LIFE]
    if long_lived:
        yield Finding(
            "secret_long_lived",
            facts.app,
            f"secrets that live for more than two years: {'; '.join(map(str, long_lived))}.",
            {"secrets": [_evidence(found, facts.now) for found in long_lived]},
            "Rotate to shorter lives; 180 days are usual.",
        )


def _left(credential: Credential, now: datetime) -> int:
    """Whole days until the end, rounded down; negative after it."""
    return (credential.ends - now).days if credential.ends else 0


def _when(credential: Credential, now: datetime) -> str:
    days = _left(credential, now)
    distance = (
        f"in {days} day{'' if days == 1 else 's'}" if days >= 0 else f"{-days} day{'' if days == -1 else 's'} ago"
    )
    return f"on {credential.ends:%Y-%m-%d} ({distance})"


def _evidence(credential: Credential, now: datetime) -> dict[str, Any]:
    """A credential as it may be shown; the hint is public in Entra."""
    return {
        "key_id": credential.key_id,
        "name": credential.name,
        "hint": credential.hint,
        "ends": credential.ends.isoformat() if credential.ends else None,
        "days_left": _left(credential, now) if credential.ends else None,
    }
