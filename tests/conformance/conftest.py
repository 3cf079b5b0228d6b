# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Microsoft 365 tenant of the lab, in the seed state for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lab.microsoft.testing import Client, Running, running_microsoft


@pytest.fixture(scope="session")
def running_ms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_microsoft(tmp_path_factory.mktemp("microsoft")) as server:
        yield server


@pytest.fixture
def ms(running_ms: Running) -> Client:
    client = running_ms.client
    client.post("/_lab/reset", role=None)
    client.forget_tokens()
    return client
