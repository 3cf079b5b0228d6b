# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each finding is provoked by facts, documented with its severity, and none exists that is not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft import findings
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.facts import (
    Failure,
    Grant,
    Schedule,
    ServicePrincipal,
    Unread,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.run import judge
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.mailboxes import MailboxRead
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import PLACEOS_PERMISSIONS
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.claims import OPAQUE
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.errors import sign_in_advice
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.token_error import TokenError
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.checks.fake_facts import (
    EXCHANGE,
    FORBIDDEN,
    OUTSIDE,
    RAOP,
    READABLE,
    REFUSED,
    ROOM,
    certificate,
    claims,
    facts,
    faults,
    grants,
    held,
    refused,
    registration,
    secret,
    told,
)

if TYPE_CHECKING:
    from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.facts import Facts

DOCUMENT = Path(findings.__file__).parents[3] / "docs" / "reference" / "findings.md"
_ROW = re.compile(r"^\| `([a-z_]+)` \| (error|warning|info) \| (yes|no) \| (.+) \| ?(.*) \|$", re.MULTILINE)

ALL = PLACEOS_PERMISSIONS
NO_CALENDAR = ALL[1:]
UNREAD = {"registration": FORBIDDEN, "assigned": FORBIDDEN, "service_principal": FORBIDDEN, "published": FORBIDDEN}
BY_CERTIFICATE = {"credential": "certificate", "hint": "", "thumbprint": "AA" * 20}
RBAC = {"mode": "rbac", "scoped": ("Calendars.ReadWrite",)}
MISSING = MailboxRead(
    ROOM, "missing_role", 403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."
)
BROKEN = TokenError("bad_credential", "Invalid client secret provided.", code=7000215)


def room(state: str, status: int, code: str = "", words: str = "") -> tuple[MailboxRead, MailboxRead]:
    """The room in this state, and the mailbox outside refused."""
    return MailboxRead(ROOM, state, status, code, words), REFUSED


CASES: dict[str, Facts] = {
    # Signing in
    "token_host_unreachable": refused("unreachable", words="no connection: [Errno 111] Connection refused"),
    "token_tls_refused": refused("unreachable", words="TLS failed: certificate verify failed"),
    "token_malformed_tenant": refused("unknown_tenant", 900023),
    "token_unknown_tenant": refused("unknown_tenant", 90002),
    "token_secret_id_given": refused("secret_id_pasted", 7000215),
    "token_secret_expired": refused("expired_credential", 7000222),
    "token_expired": refused("token_expired", credential="token"),
    "token_application_disabled": refused("application_disabled", 7000112),
    "token_blocked_by_policy": refused("policy_denial", 53003),
    "token_clock_wrong": refused("clock", 700024),
    "token_refused": refused("client_bug", 7000218),
    "token_answer_unreadable": refused("malformed", words="an HTML page"),
    "token_wrong_secret": refused("bad_credential", 7000215),
    "token_certificate_refused": refused("bad_credential", 700027, credential="certificate"),
    "token_unknown_application": refused("unknown_application", 700016),
    "token_no_service_principal": refused("missing_service_principal", 7000229),
    "token_throttled": refused("throttled"),
    "token_service_failing": refused("transient"),
    "token_other_tenant": facts(sign_in=claims(*ALL, tenant_id="99998888-3333-4444-5555-666677778888")),
    "token_other_application": facts(sign_in=claims(*ALL, app_id="99998888-3333-4444-5555-666677778888")),
    "token_other_audience": facts(sign_in=claims(*ALL, audience="https://outlook.office365.com")),
    "token_not_app_only": facts(sign_in=claims(*ALL, idtyp="user")),
    "claims_unreadable": facts(sign_in=OPAQUE),
    "cloud_unknown_to_placeos": facts({"cloud": "gcc-high"}),
    "credential_not_proved": facts({"credential": "token"}),
    # The application
    "application_disabled": facts(service_principal=ServicePrincipal("sp-id", "PlaceOS", enabled=False)),
    "application_multi_tenant": facts(registration=registration(audience="AzureADMultipleOrgs")),
    "service_principal_missing": facts(service_principal=Unread("not_found"), assigned=Unread("not_found")),
    "registration_unknown": facts(**UNREAD),
    "registration_elsewhere": facts(registration=Unread("not_found")),
    "service_principal_unknown": facts(**UNREAD),
    "assignments_unknown": facts(**UNREAD),
    "reader_refused": facts(reader=BROKEN, **UNREAD),
    "directory_unreadable": facts(registration=Unread("failed", "GET https://graph.example/x -> 500: no words")),
    # Permissions
    "permission_nonexistent": facts({"permissions": (*ALL, "Contacts.Read.All")}),
    "permission_unknown": facts({"permissions": (*ALL, "Calender.ReadWrite")}),
    "permission_not_requested": held(*NO_CALENDAR),
    "permission_delegated_only": held(
        *NO_CALENDAR, registration=registration(requested=NO_CALENDAR, delegated=grants("Calendars.ReadWrite"))
    ),
    "permission_not_consented": held(*NO_CALENDAR, registration=registration()),
    "permission_not_in_token_yet": facts(sign_in=claims(*NO_CALENDAR)),
    "permission_missing": facts(sign_in=claims(*NO_CALENDAR), **UNREAD),
    "permission_withdrawn": facts(assigned=grants(*NO_CALENDAR)),
    "permission_broader": held(*(name for name in ALL if name != "GroupMember.Read.All"), "Group.Read.All"),
    "permission_granted": facts(),
    "permission_dangerous": held(*ALL, "Application.ReadWrite.All"),
    "permission_excess": held(*ALL, "Contacts.Read"),
    "permission_escapes_policies": held(*ALL, "Calendars.ReadBasic.All"),
    "permission_lingering": facts(sign_in=claims(*ALL, "Contacts.Read")),
    "permission_requested_excess": facts(registration=registration(requested=(*ALL, "Files.Read.All"))),
    "permission_not_on_registration": facts(registration=registration(requested=NO_CALENDAR)),
    "permission_cannot_be_scoped": facts({"mode": "rbac", "scoped": ("Place.Read.All",)}),
    "permission_scoped_by_rbac": held(*NO_CALENDAR, wanted=RBAC),
    "rbac_unscoped_grant": facts(RBAC),
    # Secrets and certificates
    "secret_valid": facts(),
    "secret_expires_soon": facts(registration=registration(secret(days=20))),
    "secret_expires_very_soon": facts(registration=registration(secret(days=5))),
    "secret_expired": facts({"key_id": "k1"}, registration=registration(secret(days=-2))),
    "secret_may_expire_soon": facts(
        {"hint": ""}, registration=registration(secret("k1", days=20), secret("k2", days=200))
    ),
    "secret_in_use_unknown": facts({"hint": ""}, registration=registration(secret("k1"), secret("k2"))),
    "secret_key_id_unknown": facts({"key_id": "k9"}),
    "secret_key_id_mismatch": facts(
        {"key_id": "k2"}, registration=registration(secret("k1"), secret("k2", hint="xyz", name="other"))
    ),
    "secret_orphans": facts({"key_id": "k1"}, registration=registration(secret("k1"), secret("k2", hint="xyz"))),
    "secret_others": facts(registration=registration(secret(), secret("k2", hint="xyz", name="made by hand"))),
    "secret_leftovers": facts(registration=registration(secret(), secret("k2", hint="xyz", days=-400))),
    "secret_long_lived": facts(registration=registration(secret(days=3000))),
    "secret_expiry_unknown": facts(**UNREAD),
    "certificate_valid": facts(BY_CERTIFICATE, registration=registration(certificate())),
    "certificate_expires_soon": facts(BY_CERTIFICATE, registration=registration(certificate(days=20))),
    "certificate_expires_very_soon": facts(BY_CERTIFICATE, registration=registration(certificate(days=5))),
    "certificate_expired": facts(BY_CERTIFICATE, registration=registration(certificate(days=-5))),
    "certificate_may_expire_soon": facts(
        {**BY_CERTIFICATE, "thumbprint": ""}, registration=registration(certificate(days=20))
    ),
    "certificate_others": facts(registration=registration(secret(), certificate())),
    "certificate_leftovers": facts(registration=registration(secret(), certificate(days=-5))),
    "certificate_expiry_unknown": facts(BY_CERTIFICATE, **UNREAD),
    # Mailboxes
    "graph_failed": facts(graph=Failure("POST https://graph.example/x -> 503: unavailable", passing=True), reads=()),
    "graph_unusable": facts(graph=Failure("no connection"), reads=()),
    "calendars_readable": facts(),
    "scope_proved": facts(),
    "scope_not_in_force": facts(reads=(READABLE, MailboxRead(OUTSIDE, "readable", 200))),
    "scope_not_proved": facts({"denied": ()}, reads=(READABLE,)),
    "control_mailbox_missing": facts(reads=(READABLE, MailboxRead(OUTSIDE, "not_found", 404, "ErrorInvalidUser"))),
    "mailbox_no_permission": held(*NO_CALENDAR, reads=(MISSING, REFUSED)),
    "mailbox_grant_not_in_token": facts(sign_in=claims(*NO_CALENDAR), reads=(MISSING, REFUSED)),
    "mailbox_refused_by_policy": facts(reads=room("denied_by_policy", 403, "ErrorAccessDenied", RAOP)),
    "mailbox_outside_rbac_scope": held(*NO_CALENDAR, wanted=RBAC, reads=(MISSING, REFUSED)),
    "mailbox_refused": facts(reads=(MISSING, REFUSED)),
    "mailbox_not_found": facts(reads=room("not_found", 404, "ErrorInvalidUser", "The requested user is invalid.")),
    "mailbox_absent": facts(reads=room("no_mailbox", 404, "MailboxNotEnabledForRESTAPI", "The mailbox is inactive.")),
    "mailbox_unproved": facts(reads=room("throttled", 429, "ApplicationThrottled", "Over its limit.")),
    "schedule_refused": facts(schedule=Schedule(ROOM, words="ErrorAccessDenied: Access is denied.")),
}


def documented() -> dict[str, tuple[str, str, str, str]]:
    """The rows of the document: id to severity, whether wait helps, meaning and what to do."""
    return {row[0]: row[1:] for row in _ROW.findall(DOCUMENT.read_text())}


@pytest.mark.parametrize("identifier", CASES)
def test_facts_provoke_each_finding(identifier: str) -> None:
    found = [finding for finding in judge(CASES[identifier]) if finding.id == identifier]

    assert len(found) == 1
    assert found[0].subject
    assert len(found[0].message) > 15


def test_every_finding_is_provoked_and_documented() -> None:
    assert set(findings.KINDS) == set(CASES)
    assert set(findings.KINDS) == set(documented())


@pytest.mark.parametrize("kind", findings.KINDS.values(), ids=lambda kind: kind.id)
def test_the_document_tells_severity_and_whether_waiting_helps(kind: findings.Kind) -> None:
    severity, waits, meaning, action = documented()[kind.id]

    assert (severity, waits) == (kind.severity, "yes" if kind.passes else "no")
    assert len(meaning) > 10
    assert len(action) > 5 or kind.severity == "info"


@pytest.mark.parametrize("identifier", [name for name, kind in findings.KINDS.items() if kind.severity != "info"])
def test_every_error_and_warning_says_what_to_do(identifier: str) -> None:
    (found,) = [finding for finding in judge(CASES[identifier]) if finding.id == identifier]
    assert len(found.action) > 15


def test_where_all_is_well_there_is_neither_error_nor_warning() -> None:
    assert faults(facts()) == []


def test_each_case_is_spoilt_by_what_it_provokes_and_little_else() -> None:
    """A case that provoked everything would prove nothing."""
    crowded = {name: faults(case) for name, case in CASES.items() if len(faults(case)) > 4}
    assert crowded == {}


def test_a_grant_of_another_resource_is_named_with_it() -> None:
    exchange = Grant("full_access_as_app", EXCHANGE, "Office 365 Exchange Online")
    found = facts(assigned=grants(*ALL) | {exchange})
    (one,) = [finding for finding in judge(found) if finding.id == "permission_dangerous"]
    assert one.subject == "full_access_as_app on Office 365 Exchange Online"


def test_a_reader_that_cannot_sign_in_is_told_once_and_nobody_is_told_to_give_one() -> None:
    reader = TokenError("expired_credential", "AADSTS7000222: Keys expired.", code=7000222, client_id="an-automation")
    found = facts(reader=reader, **UNREAD)
    words = told(found, "reader_refused")
    assert "microsoft_automation_client_id" in words
    assert "for application an-automation" in words
    assert words.count(reader.hint) == 1
    for unknown in ("registration_unknown", "assignments_unknown", "secret_expiry_unknown"):
        assert "First the identity that reads the directory has to sign in" in told(found, unknown)
    assert "First Microsoft Graph has to answer" in told(
        facts(graph=Failure("no connection"), reads=(), **UNREAD), "registration_unknown"
    )


def test_a_refusal_without_words_of_our_own_has_those_of_entra_and_advice_for_its_code() -> None:
    hint = sign_in_advice(500011, "client_bug")
    error = TokenError(
        "client_bug", "AADSTS500011: The resource principal named x was not found.", code=500011, hint=hint
    )
    words = told(facts(sign_in=error, reads=()), "token_refused")
    assert "The resource principal named x was not found" in words
    assert "microsoft_cloud" in words


class TestReport:
    """What a person reads at night."""

    def test_the_worst_comes_first_and_infos_are_left_out(self) -> None:
        spoilt = facts(
            reads=(READABLE, MailboxRead(OUTSIDE, "readable", 200)), registration=registration(secret(days=20))
        )
        lines = findings.report(judge(spoilt), about="application x").splitlines()

        assert lines[0] == "application x: 1 error and 1 warning"
        assert lines[1].startswith(f"- error: {OUTSIDE}: ")
        assert lines[1].endswith("[scope_not_in_force]")
        assert lines[2].startswith("- warning: secret 'PlaceOS (Ansible)'")
        assert len(lines) == 3

    def test_a_good_application_is_one_line(self) -> None:
        assert findings.report(judge(facts()), about="application x") == "application x: all checks passed"

    @pytest.mark.parametrize(
        ("case", "fail_on", "fails"),
        [
            ("scope_not_in_force", "error", True),
            ("scope_not_in_force", "never", False),
            ("scope_not_proved", "error", False),
            ("scope_not_proved", "warning", True),
            ("scope_proved", "warning", False),
        ],
    )
    def test_fail_on_says_for_what_a_task_fails(self, case: str, fail_on: str, fails: bool) -> None:
        assert bool(findings.failing(judge(CASES[case]), fail_on)) is fails
