# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authorities at /auth/api/domains."""

from __future__ import annotations

from typing import Any

import pytest
from lab.acaengine.testing import Client

DOMAINS = "/auth/api/domains"


def test_a_domain_is_created_with_defaults(aca: Client) -> None:
    domain = aca.post(DOMAINS, {"name": "Acme", "dom": "acme.example"}).json
    assert domain["id"].startswith("sgrp-")
    assert (domain["dom"], domain["config"], domain["internals"]) == ("acme.example", {}, {})
    assert (domain["login_url"], domain["logout_url"]) == ("/login?continue={{url}}", "/")
    assert aca.names(DOMAINS) == ["Acme", "Local localhost"]
    assert aca.get(f"{DOMAINS}?q=acme").json["total"] == 1


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"dom": ["can't be blank", "has already been taken"], "name": ["can't be blank"]}),
        ({"name": "Acme"}, {"dom": ["can't be blank", "has already been taken"]}),
        ({"dom": "acme.example"}, {"name": ["can't be blank"]}),
        ({"name": "A", "dom": "intranet"}, {"dom": ["has already been taken"]}),
    ],
)
def test_name_and_host_are_needed(aca: Client, body: dict[str, Any], errors: dict[str, list[str]]) -> None:
    """Addresses without a dot have no host and share one key, which "localhost" has."""
    answer = aca.post(DOMAINS, body)
    assert (answer.status, answer.json) == (406, errors)


def test_the_host_is_unique_however_it_is_written(aca: Client) -> None:
    first = aca.post(DOMAINS, {"name": "A", "dom": "https://Acme.example/path"}).json
    assert first["dom"] == "https://Acme.example/path", "kept as it was given"
    for dom in ("acme.example", "http://ACME.EXAMPLE:8080"):
        assert aca.post(DOMAINS, {"name": "B", "dom": dom}).json == {"dom": ["has already been taken"]}


def test_config_and_internals_are_replaced_whole(aca: Client) -> None:
    domain = aca.made(DOMAINS, name="A", dom="a.example", config={"a": 1, "b": 2}, internals={"i": 1})
    after = aca.put(f"{DOMAINS}/{domain}", {"config": {"o365_driver": "dep-1"}}).json
    assert (after["config"], after["internals"], after["name"]) == ({"o365_driver": "dep-1"}, {"i": 1}, "A")
    assert aca.put(f"{DOMAINS}/{domain}", {"config": None}).json["config"] == {"o365_driver": "dep-1"}


def test_a_dollar_means_nothing_there(aca: Client) -> None:
    domain = aca.post(DOMAINS, {"name": "A", "dom": "a.example", "config": {"$key": "clear"}}).json
    assert domain["config"] == {"$key": "clear"}


def test_a_deleted_domain_is_gone(aca: Client) -> None:
    domain = aca.made(DOMAINS, name="A", dom="a.example")
    answer = aca.delete(f"{DOMAINS}/{domain}")
    assert (answer.status, answer.text) == (200, "")
    gone = aca.get(f"{DOMAINS}/{domain}")
    assert (gone.status, gone.text) == (404, "")
