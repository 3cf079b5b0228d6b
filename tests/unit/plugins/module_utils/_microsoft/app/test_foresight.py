# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode says which steps will be refused for want of a right, and nothing where it can't know."""

from __future__ import annotations

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.foresight import (
    ANY,
    CONSENTING,
    MAY_CONSENT,
    MAY_WRITE,
    OWNED,
    obstacles,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.plan import (
    APPLICATION,
    GRANT,
    SECRET,
    Current,
    Plan,
    Step,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import Application, Role
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.claims import Claims

OURS = "0b0b0b0b-0000-4000-8000-000000000001"
ROLE = Role("graph", "role-1", "Place.Read.All", "Microsoft Graph")
CONSENT = Step("create", GRANT, "Place.Read.All", ROLE)
CHANGE = Step("update", APPLICATION, "PlaceOS")
FOUND = Current(Application(object_id="object-1", app_id="app-1", display_name="PlaceOS"))


def told(
    *roles: str, steps: tuple[Step, ...], owners: set[str] | None = None, wids: frozenset[str] = frozenset()
) -> list[str]:
    """What is foreseen for an identity with these roles in its token."""
    claims = Claims(frozenset(roles), object_id=OURS, directory_roles=wids)
    return obstacles(Plan(list(steps)), FOUND, claims, lambda _application: owners)


def test_consent_without_the_right_to_it_names_what_will_not_be_granted() -> None:
    (words,) = told(OWNED, steps=(CONSENT,))
    assert CONSENTING in words
    assert "(Place.Read.All)" in words


def test_a_revocation_needs_the_same_right() -> None:
    assert len(told(OWNED, steps=(Step("delete", GRANT, "x", (ROLE, None)),))) == 1


def test_with_the_right_or_a_role_of_the_directory_nothing_is_in_the_way() -> None:
    assert told(OWNED, CONSENTING, steps=(CONSENT,)) == []
    for role in MAY_CONSENT:
        assert told(OWNED, steps=(CONSENT,), wids=frozenset({role})) == []


@pytest.mark.parametrize("step", [CHANGE, Step("create", SECRET, "PlaceOS (Ansible)")])
def test_the_application_of_somebody_else_can_not_be_changed_by_whoever_may_change_only_his_own(step: Step) -> None:
    for owners in (set[str](), {"somebody"}):
        (words,) = told(OWNED, steps=(step,), owners=owners)
        assert "does not own it" in words
        assert step.label in words
    assert told(OWNED, steps=(step,), owners={OURS}) == []


def test_who_may_not_read_the_owners_is_told_nothing() -> None:
    assert told(OWNED, steps=(CHANGE,), owners=None) == []


def test_who_may_change_any_application_need_not_own_it() -> None:
    for right in ANY:
        assert told(right, steps=(CHANGE,), owners=set()) == []
    for role in MAY_WRITE:
        assert told(OWNED, steps=(CHANGE,), owners=set(), wids=frozenset({role})) == []


def test_an_identity_that_may_change_no_application_is_told_so() -> None:
    (words,) = told("Application.Read.All", steps=(CHANGE,))
    assert f"has no {OWNED}" in words


def test_a_token_without_roles_tells_nothing() -> None:
    assert told(steps=(CHANGE, CONSENT), owners=set()) == []
