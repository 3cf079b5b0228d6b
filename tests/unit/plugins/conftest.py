# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module test is given: a fake server, and a way to run the module on it."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from ansible_collections.placeos.office365.plugins.module_utils import _http
from ansible_collections.placeos.office365.plugins.module_utils._placeos.v2 import Drivers
from ansible_collections.placeos.office365.tests.unit.plugins.modules import fake_acaengine
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import (
    FakeAdapter,
    FakePlaceOS,
    Ran,
    run,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


# A judge of a change tries the same examples before and after it; `make fuzz` looks for what these miss.
# The first texts of a fresh clone take seconds: hypothesis draws up its table of Unicode then. Time proves nothing here.
# Fixtures that live as long as a test do no harm: each example brings a server of its own.
hypothesis.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    derandomize="FUZZ" not in os.environ,
)
hypothesis.load_profile("any machine")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakePlaceOS]:
    """A fake server instead of the network; at the end all its exchanges must have taken place."""
    for name in [name for name in os.environ if name.startswith("PLACEOS_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    fake = FakePlaceOS()
    monkeypatch.setattr(_http, "HTTPAdapter", type("Adapter", (FakeAdapter,), {"server": fake}))
    yield fake
    fake.done()


@pytest.fixture
def sleeps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nothing really sleeps; the pauses are noted here."""
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    for function in (Drivers.wait_until_compiled, _http.HttpClient.__init__):
        monkeypatch.setitem(function.__kwdefaults__ or {}, "sleep", slept.append)
    return slept


@pytest.fixture
def play(server: FakePlaceOS, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a module's main() with arguments."""

    def read() -> str:
        return capsys.readouterr().out

    def start(main: Callable[[], None], **arguments: Any) -> Ran:
        how = {name: arguments.pop(name) for name in ("check", "diff", "connection") if name in arguments}
        ran = partial(run, main, arguments, read)(**how)
        assert not server.faults, "\n".join(server.faults)
        return ran

    return start


@pytest.fixture
def play_aca(play: Callable[..., Ran]) -> Callable[..., Ran]:
    """Run a module's main() with arguments, on a server that is ACAEngine."""
    return partial(play, connection=fake_acaengine.CONNECTION)
