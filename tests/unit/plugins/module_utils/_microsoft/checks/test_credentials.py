# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the secret in use will do, which one that is, and which others are there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.facts import Credential
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.run import judge
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.checks.fake_facts import (
    FORBIDDEN,
    NOW,
    certificate,
    facts,
    faults,
    ids,
    refused,
    registration,
    secret,
    told,
)


def with_secrets(*secrets: Credential, **wanted: str) -> list[str]:
    """What is said about these secrets."""
    found = judge(facts(wanted, registration=registration(*secrets)))
    return [finding.id for finding in found if finding.id.startswith("secret")]


@pytest.mark.parametrize(
    ("days", "identifier"),
    [
        (31.5, "secret_valid"),
        (30.5, "secret_expires_soon"),
        (8.5, "secret_expires_soon"),
        (7.5, "secret_expires_very_soon"),
        (0.1, "secret_expires_very_soon"),
    ],
)
def test_the_days_left_decide(days: float, identifier: str) -> None:
    assert with_secrets(secret(days=days)) == [identifier]


def test_the_thresholds_are_options() -> None:
    found = facts({"warn_days": 200, "fail_days": 190}, registration=registration(secret(days=180)))
    assert faults(found) == ["secret_expires_very_soon"]


def test_the_message_names_the_secret_and_its_day() -> None:
    said = told(facts(registration=registration(secret(days=20))), "secret_expires_soon")
    assert "secret 'PlaceOS (Ansible)', beginning with abc (key id k1)" in said
    assert "on 2026-09-21 (in 20 days)" in said
    assert "rotate_secret.yml" in said


def test_what_may_not_be_read_is_unknown() -> None:
    found = facts(registration=FORBIDDEN)
    assert "secret_expiry_unknown" in ids(found)
    assert not {"secret_valid", "secret_expires_soon"} & set(ids(found))


def test_a_secret_without_an_end_is_unknown() -> None:
    assert with_secrets(replace(secret(), ends=None)) == ["secret_expiry_unknown"]


def test_the_key_id_tells_which_secret_is_in_use() -> None:
    others = secret("k1", days=10, hint="", name="old"), secret("k2", days=300, hint="", name="new")
    assert set(with_secrets(*others, key_id="K2", hint="")) == {"secret_valid", "secret_others"}
    assert with_secrets(*others, key_id="k1", hint="") == ["secret_expires_soon", "secret_others"]


def test_the_hint_tells_it_where_no_key_id_is_given() -> None:
    found = with_secrets(secret("k1", hint="xyz", days=10, name="old"), secret("k2", hint="abc"))
    assert set(found) == {"secret_valid", "secret_others"}


def test_two_secrets_with_one_hint_leave_it_open_and_the_first_to_end_counts() -> None:
    found = with_secrets(secret("k1", days=300), secret("k2", days=20))
    assert found == ["secret_may_expire_soon", "secret_in_use_unknown"]


def test_an_expired_secret_cannot_be_the_one_that_signed_in() -> None:
    found = with_secrets(secret("k1", days=-1), secret("k2", days=100))
    assert set(found) == {"secret_valid", "secret_leftovers"}


def test_after_a_refusal_the_only_secret_is_named_as_expired() -> None:
    found = facts(sign_in=refused("expired_credential", 7000222).sign_in, registration=registration(secret(days=-3)))
    assert "secret_expired" in faults(found)
    assert "3 days ago" in told(found, "secret_expired")


def test_a_wrong_secret_is_known_by_how_it_begins() -> None:
    wrong = refused("bad_credential", 7000215).sign_in
    assert "no secret on the registration begins as it does" in told(
        facts({"hint": "zzz"}, sign_in=wrong), "token_wrong_secret"
    )
    assert "begins as it does" not in told(facts(sign_in=wrong), "token_wrong_secret")


def test_a_key_id_of_another_secret_is_found_before_a_rotation_removes_the_wrong_one() -> None:
    found = facts({"key_id": "k2"}, registration=registration(secret("k1"), secret("k2", hint="xyz", name="other")))

    said = told(found, "secret_key_id_mismatch")
    assert "xyz" in said
    assert "before the next rotation" in said
    assert "(key id k1)" in told(found, "secret_valid")


def test_secrets_of_one_name_are_orphans_those_of_others_may_be_somebodys() -> None:
    found = facts(
        registration=registration(secret("k1"), secret("k2", hint="xyz"), secret("k3", hint="qqq", name="reporting"))
    )
    assert "k2" in told(found, "secret_orphans")
    # Whoever removes the secret that an interrupted rotation has not replaced yet locks PlaceOS out.
    (orphans,) = (finding for finding in judge(found) if finding.id == "secret_orphans")
    assert orphans.action.startswith("PlaceOS may still have one of them: first run playbooks/rotate_secret.yml")
    assert "k3" in told(found, "secret_others")


def test_a_secret_that_begins_later_is_not_valid_yet() -> None:
    later = replace(secret("k2", hint="abc"), starts=NOW + timedelta(days=1))
    assert with_secrets(secret("k1"), later) == ["secret_valid"]


def test_the_certificate_in_use_is_known_by_its_thumbprint() -> None:
    found = facts(
        {"credential": "certificate", "hint": "", "thumbprint": "BB" * 20},
        registration=registration(certificate("c1", days=5), certificate("c2", days=20, thumbprint="BB" * 20)),
    )
    assert faults(found) == ["credential_not_proved", "certificate_expires_soon"]
    assert "c2" in told(found, "certificate_expires_soon")
