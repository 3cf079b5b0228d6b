# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a tired person asks for, and graph_app refuses."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.find import Identity
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.guards import (
    Signer,
    deletion_refusal,
    refusals,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.plan import (
    APPLICATION,
    GRANT,
    SECRET,
    Plan,
    Step,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import Application, Credential

APP = Application("object-1", "aaaabbbb-0000-4000-8000-000000000001", "PlaceOS")
OTHER = "aaaabbbb-0000-4000-8000-000000000002"
MINE = Signer(APP.app_id.upper(), "Q~x-worthless")
BY_ID = Identity(app_id=APP.app_id.upper())
REVOKES = Plan([Step("delete", GRANT, "Mail.Send")])
GRANTS = Plan([Step("create", GRANT, "Mail.Send")])


def removes(hint: str) -> Plan:
    return Plan([Step("delete", SECRET, "PlaceOS 5d5d", Credential("5d5d", "PlaceOS", hint=hint))])


@pytest.mark.parametrize("signer", [Signer(OTHER, "Q~x-worthless"), Signer()])
def test_another_application_is_deprived_and_deleted_as_asked(signer: Signer) -> None:
    for plan in (REVOKES, removes("Q~x")):
        assert refusals(plan, APP, BY_ID, signer) == []
    assert deletion_refusal(APP, signer) == ""


def test_nobody_revokes_its_own_permissions() -> None:
    (refusal,) = refusals(REVOKES, APP, BY_ID, MINE)
    assert "is the application that signs in" in refusal
    assert "Mail.Send" in refusal
    assert refusals(GRANTS, APP, BY_ID, MINE) == []


def test_nobody_deletes_itself() -> None:
    assert "it does not delete itself" in deletion_refusal(APP, MINE)


def test_nobody_removes_the_secret_that_signs_in() -> None:
    (refusal,) = refusals(removes("Q~x"), APP, BY_ID, MINE)
    assert "PlaceOS 5d5d" in refusal
    assert MINE.secret not in refusal
    # Its own former secret may go, and where a certificate signs in, any.
    assert refusals(removes("abc"), APP, BY_ID, MINE) == []
    assert refusals(removes("Q~x"), APP, BY_ID, Signer(APP.app_id)) == []
    assert refusals(removes(""), APP, BY_ID, MINE) == []


UNREQUESTED = Step(
    "update", APPLICATION, "PlaceOS", before={"requested": ["Mail.Send", "User.Read.All"]},
    after={"requested": ["User.Read.All", "Place.Read.All"]},
)  # fmt: skip


@pytest.mark.parametrize("plan", [REVOKES, Plan([UNREQUESTED]), Plan([UNREQUESTED, *REVOKES.steps])])
def test_what_is_known_by_its_display_name_only_is_not_purged(plan: Plan) -> None:
    (refusal,) = refusals(plan, APP, Identity(name="PlaceOS", unique_name="placeos-acme"), Signer(OTHER))
    assert "Mail.Send from PlaceOS (aaaabbbb-0000-4000-8000-000000000001" in refusal
    assert "User.Read.All" not in refusal
    assert "app_id" in refusal


@pytest.mark.parametrize(
    ("meant", "found"),
    [
        (BY_ID, APP),
        (Identity(name="PlaceOS", stored=APP.app_id), APP),
        (Identity(unique_name="placeos-acme"), dataclasses.replace(APP, unique_name="placeos-acme")),
    ],
)
def test_what_is_known_by_an_id_is_purged(meant: Identity, found: Application) -> None:
    assert refusals(REVOKES, found, meant, Signer(OTHER)) == []


@pytest.mark.parametrize(
    "step", [Step("update", APPLICATION, "n", before={"name": "a"}, after={"name": "b"}), *GRANTS.steps]
)
def test_what_takes_nothing_away_may_go_by_the_display_name(step: Step) -> None:
    assert refusals(Plan([step]), APP, Identity(name="PlaceOS"), Signer(OTHER)) == []


def test_the_secret_of_the_signer_is_in_no_representation() -> None:
    assert MINE.secret
    assert MINE.secret not in repr(MINE)
