# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the VM of tests/vm cannot run, the reason says what to do about it."""

from __future__ import annotations

import os

import pytest
from vm.bed import programs


@pytest.fixture(autouse=True)
def _complete(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has everything."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(programs, "PACKAGES", {os.devnull: "a-package"})
    monkeypatch.setattr(programs, "NAMESPACES", ("true",))
    monkeypatch.setattr(programs, "_compose_version", lambda: "1.29.2")


def test_nothing_is_in_the_way() -> None:
    assert programs.why_not() == ""


def test_it_needs_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "root" in programs.why_not()


def test_missing_programs_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "PACKAGES", {"/nowhere/sshd": "openssh-server", os.devnull: "a-package"})
    assert "/nowhere/sshd" in programs.why_not()
    assert "apt-get install openssh-server" in programs.why_not()
    assert "a-package" not in programs.why_not()


def test_another_generation_of_compose_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_compose_version", lambda: "2.26.1")
    assert "2.26.1" in programs.why_not()


def test_the_words_of_a_kernel_that_refuses_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "NAMESPACES", ("sh", "-c", "echo Operation not permitted >&2; exit 1"))
    assert "Operation not permitted" in programs.why_not()


def test_the_free_ports_differ() -> None:
    assert len(set(programs.free_ports(3))) == 3
