# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of one object: create, again, change one field, again, absent, again; each step foretold by check mode."""

from __future__ import annotations

from typing import Any

from .modules import Result
from .objects import Example, prepare
from .server import Server

SET_FORM = {"settings": "settings", "metadata": "metadata", "repository": "repositories"}


def plural_of(example: Example) -> str:
    """The option that takes a list of such objects."""
    return SET_FORM.get(example.module, f"{example.module}s")


def told(result: Result) -> dict[str, Any]:
    """What a result says about changes."""
    return {key: result[key] for key in ("changed", "changes", "diff")}


def step(server: Server, module: str, **arguments: Any) -> Result:
    """One run, foretold by check mode on a read-only server."""
    foretold = told(server.check(module, **arguments))
    real = server.good(module, **arguments)
    assert told(real) == foretold
    return real


def live(server: Server, example: Example) -> None:
    """Go through all steps; a repeated one must change nothing."""
    prepare(server, *example.needs)
    gone: dict[str, list[str]] = {"created": [], "updated": [], "deleted": [], "unchanged": []}
    same = {"changed": False, "changes": {**gone, "unchanged": [example.label]}, "diff": []}
    header = {"before_header": example.diff_header, "after_header": example.diff_header}

    created = step(server, example.module, **example.made)
    assert created["changes"] == {**gone, "created": [example.label]}
    assert created["diff"] == [{**header, "before": {}, "after": example.shown}]
    assert told(step(server, example.module, **example.made)) == same

    wanted = {**example.made, **example.changed}
    updated = step(server, example.module, **wanted)
    assert updated["changes"] == {**gone, "updated": [example.label]}
    before = {name: values[0] for name, values in example.changes.items()}
    after = {name: values[1] for name, values in example.changes.items()}
    assert updated["diff"] == [{**header, "before": before, "after": after}]
    assert told(step(server, example.module, **wanted)) == same

    identifier = updated[plural_of(example)][0]["id"]
    absent = {**example.made, **example.removed, "state": "absent"}
    deleted = step(server, example.module, **absent)
    assert deleted["changes"] == {**gone, "deleted": [example.label]}
    entry = {**header, "before": {"state": "present", "id": identifier}, "after": {"state": "absent"}}
    assert deleted["diff"] == [entry]
    assert told(step(server, example.module, **absent)) == same


def live_in_a_list(server: Server, example: Example) -> None:
    """The set form with one object must do what the single form does."""
    prepare(server, *example.needs)
    single = server.check(example.module, **example.made)
    in_a_list = server.good(example.module, **{plural_of(example): [example.made]})
    assert told(in_a_list) == told(single)
    assert not server.good(example.module, **example.made)["changed"]
