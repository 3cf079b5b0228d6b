# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drivers of PlaceOS and ACAEngine know the tenant of the lab: its secrets and the reach of its applications."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from lab.acaengine.engine import graph
from lab.acaengine.engine.driver import RubyError
from lab.acaengine.platform import ACAEnginePlatform
from lab.microsoft.outside import Outside
from lab.microsoft.platform import MicrosoftPlatform
from lab.microsoft.seed_apps import PLACEOS_ID, PLACEOS_KEY, PLACEOS_SECRET
from lab.microsoft.state import Tenant
from lab.placeos.core.calendar import Calendar
from lab.placeos.core.driver import ModuleRaised
from lab.placeos.core.mailboxes import DENIED, Mailboxes
from lab.placeos.platform import PlaceOSPlatform
from lab.server import platforms

if TYPE_CHECKING:
    from lab.placeos.state import State

TENANT, DOMAIN = "11112222-3333-4444-5555-666677778888", "acme.onmicrosoft.com"
ROOM, DIRECTOR, STRANGER = "syd-24.01@acme.example", "dana.marsh@acme.example", "room1@elsewhere.example"
Read = Callable[..., None]


@pytest.fixture(scope="module")
def one_tenant() -> Tenant:
    return Tenant()


@pytest.fixture
def tenant(one_tenant: Tenant) -> Tenant:
    one_tenant.reset()
    return one_tenant


class Refused(Exception):
    """What a driver said."""


@pytest.fixture
def mailboxes() -> Mailboxes:
    return Mailboxes()


@pytest.fixture(params=["placeos", "acaengine"])
def read(request: pytest.FixtureRequest, tenant: Tenant, mailboxes: Mailboxes) -> Read:
    """Return a function that reads a mailbox as the driver of a platform does; it raises Refused."""
    outside = Outside(tenant)
    state = SimpleNamespace(options=SimpleNamespace(microsoft=outside), core=SimpleNamespace(mailboxes=mailboxes))

    def placeos(
        mailbox: str, secret: str = PLACEOS_SECRET, client_id: str = PLACEOS_ID, directory: str = TENANT
    ) -> None:
        config = {"tenant": directory, "client_id": client_id, "client_secret": secret}
        driver = Calendar(cast("State", state), "mod-1", {"calendar_config": config})
        try:
            driver.reach(driver.client(), mailbox)
        except ModuleRaised as problem:
            raise Refused(str(problem)) from None

    def acaengine(
        mailbox: str, secret: str = PLACEOS_SECRET, client_id: str = PLACEOS_ID, directory: str = TENANT
    ) -> None:
        given = graph.Credentials(client_id, secret, f"/{directory}/oauth2/v2.0/token")
        try:
            graph.sign_in(given, outside)
        except RubyError as problem:
            raise Refused(str(problem)) from None
        refusal = graph.refusal_of(mailboxes, mailbox, given, outside)
        if refusal:
            raise Refused(refusal[1])

    return placeos if request.param == "placeos" else acaengine


@pytest.mark.parametrize("directory", [TENANT, TENANT.upper(), DOMAIN, "acme.example"])
def test_a_room_in_scope_is_read_with_a_valid_secret(read: Read, directory: str) -> None:
    read(ROOM, directory=directory)


def test_a_wrong_secret_is_refused_in_the_words_of_entra(read: Read) -> None:
    with pytest.raises(Refused, match="AADSTS7000215"):
        read(ROOM, secret="made-up")


def test_a_secret_that_was_removed_is_refused(read: Read, tenant: Tenant) -> None:
    application = tenant.application_by(PLACEOS_ID)
    assert application is not None
    left = [row for row in application["passwordCredentials"] if row["keyId"] != PLACEOS_KEY]
    tenant.applications.change(application, passwordCredentials=left, _secrets={})
    with pytest.raises(Refused, match="AADSTS7000215"):
        read(ROOM)


def test_a_secret_that_ended_is_refused(read: Read, tenant: Tenant) -> None:
    tenant.clock.shift += 400 * 24 * 3600
    with pytest.raises(Refused, match="AADSTS7000222"):
        read(ROOM)


def test_a_mailbox_out_of_scope_is_denied(read: Read) -> None:
    with pytest.raises(Refused, match="Blocked by tenant configured AppOnly AccessPolicy settings"):
        read(DIRECTOR)


def test_without_the_permission_every_mailbox_is_denied(read: Read, tenant: Tenant) -> None:
    for row in list(tenant.assignments):
        tenant.assignments.remove(row["id"])
    with pytest.raises(Refused, match="Access is denied"):
        read(ROOM)


def test_unknown_mailboxes_are_what_they_were(read: Read, mailboxes: Mailboxes) -> None:
    read(STRANGER)
    mailboxes.set(STRANGER, DENIED)
    with pytest.raises(Refused, match="ErrorAccessDenied"):
        read(STRANGER)


def test_a_room_that_was_made_denied_stays_so(read: Read, mailboxes: Mailboxes) -> None:
    mailboxes.set(ROOM, DENIED)
    with pytest.raises(Refused, match="ErrorAccessDenied"):
        read(ROOM)


@pytest.mark.parametrize("given", [{"client_id": "somebody-else"}, {"directory": "other.onmicrosoft.com"}])
def test_other_applications_and_tenants_are_none_of_its_business(read: Read, given: dict[str, Any]) -> None:
    read(ROOM, secret="made-up", **given)
    read(DIRECTOR, secret="made-up", **given)


def test_the_servers_of_a_lab_share_one_tenant() -> None:
    placeos, acaengine, microsoft = platforms()
    assert isinstance(placeos, PlaceOSPlatform)
    assert isinstance(acaengine, ACAEnginePlatform)
    assert isinstance(microsoft, MicrosoftPlatform)
    for options in (placeos.state.options, acaengine.state.options):
        assert options.microsoft is not None
        assert options.microsoft.tenant is microsoft.tenant
