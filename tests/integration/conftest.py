# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lab for the whole session, reset before every test; nothing is left running."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from integration.support.acaengine import AcaServer
from integration.support.microsoft import Microsoft
from integration.support.server import Server
from tools.lab_process import Lab, running_lab

if TYPE_CHECKING:
    from pathlib import Path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs the lab."""
    for item in items:
        if "tests/integration/" in str(item.path):
            item.add_marker(pytest.mark.lab)


@pytest.fixture(scope="session", autouse=True)
def _clean_environment() -> Iterator[None]:
    """No proxy before the lab, and no credentials from the caller's environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("PLACEOS_", "AZURE_")) or name.lower().endswith("_proxy"):
                patch.delenv(name)
        for name in ("NO_PROXY", "no_proxy"):
            patch.setenv(name, "localhost,127.0.0.1")
        yield


@pytest.fixture(scope="session")
def session_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The lab that the tests share."""
    with running_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="session")
def session_server(session_lab: Lab) -> Server:
    """The PlaceOS v2 of the shared lab."""
    return Server(session_lab)


@pytest.fixture(scope="session")
def session_aca(session_lab: Lab) -> AcaServer:
    """The ACAEngine of the shared lab."""
    return AcaServer(session_lab)


@pytest.fixture(scope="session")
def session_microsoft(session_lab: Lab) -> Microsoft:
    """The Microsoft 365 tenant of the shared lab."""
    return Microsoft(session_lab)


@pytest.fixture
def microsoft(session_microsoft: Microsoft) -> Microsoft:
    """The shared lab's Microsoft 365 tenant in its seed state."""
    session_microsoft.reset()
    return session_microsoft


@pytest.fixture
def server(session_server: Server) -> Server:
    """The shared lab in its seed state."""
    session_server.reset()
    return session_server


@pytest.fixture
def aca(session_aca: AcaServer) -> AcaServer:
    """The shared lab's ACAEngine in its seed state."""
    session_aca.reset()
    return session_aca


@pytest.fixture(scope="session")
def tls_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A lab that speaks https with a certificate of its own authority."""
    state: Path = tmp_path_factory.mktemp("tls-lab")
    with running_lab(state, "--tls") as lab:
        server = Server(lab)
        server.options["ca_path"] = lab.info["ca_file"]
        yield server
