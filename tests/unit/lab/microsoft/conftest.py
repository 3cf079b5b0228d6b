# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Microsoft 365 server of the lab, in the seed state for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lab.microsoft.seed import TENANT_ID
from lab.microsoft.testing import APPS, Client, Running, running_microsoft
from lab.testing import Answer

EXCHANGE_SCOPE = "https://outlook.office365.com/.default"


@pytest.fixture(scope="session")
def running_ms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_microsoft(tmp_path_factory.mktemp("microsoft")) as server:
        yield server


@pytest.fixture
def ms(running_ms: Running) -> Client:
    """A client of a tenant in the seed state."""
    client = running_ms.client
    client.post("/_lab/reset", role=None)
    client.post("/_lab/read-only", {"enabled": False}, role=None)
    client.forget_tokens()
    return client


@pytest.fixture
def run(ms: Client) -> Callable[..., Answer]:
    """Return a function that runs a cmdlet of Exchange as the automation application."""
    token = ms.token_of(*APPS["automation"], scope=EXCHANGE_SCOPE)

    def call(cmdlet: str, /, *, headers: dict[str, str] | None = None, **parameters: Any) -> Answer:
        body = {"CmdletInput": {"CmdletName": cmdlet, "Parameters": parameters}}
        return ms.post(f"/adminapi/beta/{TENANT_ID}/InvokeCommand", body, role=token, headers=headers)

    return call
