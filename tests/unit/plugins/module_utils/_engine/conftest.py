# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the engine's modules are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._engine import run
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._engine.fake_vm import FakeAnswers, FakeVm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def vm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeVm]:
    """A fake VM with docker-compose 1.29; real programs are out of reach."""
    monkeypatch.setattr(run, "EXTRA_PATH", ())
    vm = FakeVm(tmp_path / "vm")
    answers = FakeAnswers(vm)
    yield vm
    answers.close()
