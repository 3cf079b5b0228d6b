# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A text is printed as it is, and is in the result; nothing else comes of it."""

from __future__ import annotations

import importlib
import inspect
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from ansible_collections.placeos.office365.plugins.action import show_text
from ansible_collections.placeos.office365.plugins.action.show_text import ActionModule

SCRIPT = "New-Thing -Name 'o''brien' -Where \"C:\\temp\"\n\n# a comment, of \u00dcber\n"


class FakeDisplay:
    """Notes what it is to display."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def display(self, message: str) -> None:
        """Note one message."""
        self.shown.append(message)


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> FakeDisplay:
    """In the place of the terminal."""
    made = FakeDisplay()
    monkeypatch.setattr(show_text, "Display", lambda: made)
    return made


def ran(*, check_mode: bool = False, no_log: bool = False, **arguments: Any) -> dict[str, Any]:
    """One task with the action plugin."""
    values = {"args": arguments, "check_mode": check_mode, "no_log": no_log, "async_val": 0, "diff": False}
    task: Any = SimpleNamespace(**values, action="show_text")
    connection: Any = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
    unused: Any = SimpleNamespace()
    return ActionModule(task, connection, unused, unused, unused, unused).run(None, {})


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_text_is_printed_as_it_is_and_is_in_the_result(display: FakeDisplay, check_mode: bool) -> None:
    result = ran(text=SCRIPT, check_mode=check_mode)
    assert display.shown == [f"\n{SCRIPT.rstrip()}\n\n"]
    assert result["msg"] == SCRIPT.rstrip()
    assert result["changed"] is False
    assert "skipped" not in result
    assert result["_ansible_verbose_override"] is True, "with -v it is not shown a second time, as JSON"


@pytest.mark.parametrize("callback", ["json", "ansible.posix.json", "ansible.posix.jsonl"])
def test_output_for_programs_is_not_disturbed(
    display: FakeDisplay, callback: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSIBLE_STDOUT_CALLBACK", callback)
    assert ran(text=SCRIPT)["msg"] == SCRIPT.rstrip()
    assert display.shown == []


def test_with_no_log_nothing_is_printed(display: FakeDisplay) -> None:
    ran(text=SCRIPT, no_log=True)
    assert display.shown == []


def test_what_is_documented_is_what_is_accepted() -> None:
    module = importlib.import_module("ansible_collections.placeos.office365.plugins.modules.show_text")
    options = yaml.safe_load(module.DOCUMENTATION)["options"]
    assert {name: {"type": one["type"], "required": one["required"]} for name, one in options.items()} == show_text.SPEC
    assert not inspect.getmembers(module, inspect.isfunction), "it documents only"
