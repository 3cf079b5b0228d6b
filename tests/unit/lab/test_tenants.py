# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tenants of the staff API."""

from __future__ import annotations

from typing import Any

import pytest
from lab.placeos.ciphertext import NEVER, decrypt
from lab.testing import Client, Running

TENANTS = "/api/staff/v1/tenants"
CREDENTIALS = {"tenant": "t", "client_id": "c", "client_secret": "s"}
BODY = {"name": "Acme", "domain": "Acme.example.org", "platform": "office365", "credentials": CREDENTIALS}


def test_a_tenant_is_made_listed_changed_and_deleted_without_showing_credentials(lab: Client) -> None:
    made = lab.post(TENANTS, BODY)
    assert made.status == 201
    assert made.json["id"] == 1
    assert made.json["domain"] == "acme.example.org"
    assert "credentials" not in made.json
    assert lab.get(TENANTS).json == [made.json]
    assert lab.patch(f"{TENANTS}/1", {"name": "B"}).json["name"] == "B"
    assert lab.delete(f"{TENANTS}/1").status == 202
    assert lab.delete(f"{TENANTS}/1").status == 404
    assert lab.get(TENANTS).json == []


@pytest.mark.parametrize("sent", [{}, {"credentials": {}}, {"credentials": None}])
def test_empty_credentials_keep_the_old_ones(lab: Client, running: Running, sent: dict[str, Any]) -> None:
    lab.post(TENANTS, BODY)
    assert lab.put(f"{TENANTS}/1", sent).status == 200
    row = next(iter(running.platform.state.tables.tenants))
    assert '"client_secret": "s"' in decrypt(row["credentials"], row["domain"], NEVER)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"platform": "lotus"}, "platform"),
        ({"domain": None}, "domain"),
        ({"credentials": {"tenant": "t"}}, "credentials"),
        ({"credentials": {}}, "credentials"),
    ],
)
def test_a_bad_tenant_is_refused(lab: Client, change: dict[str, Any], field: str) -> None:
    answer = lab.post(TENANTS, {**BODY, **change})
    assert answer.status == 422
    assert [failure["field"] for failure in answer.json["failures"]] == [field]


def test_domain_and_email_domain_are_unique_together(lab: Client) -> None:
    lab.post(TENANTS, BODY)
    assert lab.post(TENANTS, BODY).json["failures"] == [{"field": "domain", "reason": "should be unique"}]
    assert lab.post(TENANTS, {**BODY, "email_domain": "mail.example.org"}).status == 201


def test_delegated_tenants_need_no_secret(lab: Client) -> None:
    assert lab.post(TENANTS, {**BODY, "delegated": True, "credentials": {}}).status == 201


def test_tenants_are_for_administrators(lab: Client) -> None:
    assert lab.get(TENANTS, role="support").status == 403
    assert lab.get(TENANTS, role=None).status == 401
