# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation is written by hand, the options are made from the table of kinds: both must say the same."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.placeos.office365.plugins.module_utils import _module

COLLECTION = "ansible_collections.placeos.office365.plugins"
MODULES = sorted(path.stem for path in (Path(_module.__file__).parents[1] / "modules").glob("placeos_*.py"))
FRAGMENT_PREFIX = "placeos.office365."


class Seen(Exception):
    """The argument spec of a module, thrown before anything else happens."""

    def __init__(self, spec: dict[str, Any], rules: dict[str, Any]) -> None:
        super().__init__()
        self.spec = spec
        self.rules = rules


def seen_spec(name: str, monkeypatch: pytest.MonkeyPatch) -> Seen:
    """What the module gives to AnsibleModule."""

    def show(argument_spec: dict[str, Any], **rules: Any) -> None:
        raise Seen(argument_spec, rules)

    monkeypatch.setattr(_module, "AnsibleModule", show)
    with pytest.raises(Seen) as caught:
        importlib.import_module(f"{COLLECTION}.modules.{name}").main()
    return caught.value


@cache
def documentation(name: str) -> dict[str, Any]:
    """A module's documentation with the options of its fragments."""
    loaded: dict[str, Any] = yaml.safe_load(importlib.import_module(f"{COLLECTION}.modules.{name}").DOCUMENTATION)
    for fragment in loaded["extends_documentation_fragment"]:
        file, _dot, part = fragment.removeprefix(FRAGMENT_PREFIX).partition(".")
        source = importlib.import_module(f"{COLLECTION}.doc_fragments.{file}").ModuleDocFragment
        extra = yaml.safe_load(getattr(source, part.upper() or "DOCUMENTATION")).get("options", {})
        loaded["options"] = {**extra, **loaded["options"]}
    return loaded


def differences(spec: dict[str, Any], documented: dict[str, Any], where: str = "") -> list[str]:
    """Everything that options and documentation disagree about, with its path."""
    found = [f"{where}{name} is not documented" for name in spec.keys() - documented.keys()]
    found += [f"{where}{name} is documented only" for name in documented.keys() - spec.keys()]
    for name in spec.keys() & documented.keys():
        option, text = spec[name], documented[name]
        for key, default in (
            ("type", "str"), ("elements", None), ("choices", None), ("required", False), ("default", None)
        ):  # fmt: skip
            if option.get(key, default) != text.get(key, default):
                found.append(f"{where}{name}: {key} is {option.get(key, default)!r}, not {text.get(key, default)!r}")
        found += differences(option.get("options") or {}, text.get("suboptions") or {}, f"{where}{name}.")
    return found


@pytest.mark.parametrize("name", MODULES)
def test_options_and_documentation_agree(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert differences(seen_spec(name, monkeypatch).spec, documentation(name)["options"]) == []


@pytest.mark.parametrize("name", MODULES)
def test_every_option_is_described(name: str) -> None:
    def check(options: dict[str, Any]) -> None:
        for option, text in options.items():
            assert text.get("description"), option
            check(text.get("suboptions") or {})

    check(documentation(name)["options"])


@pytest.mark.parametrize("name", MODULES)
def test_an_environment_variable_is_named_where_the_option_is_described(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for option, spec in seen_spec(name, monkeypatch).spec.items():
        said = str(documentation(name)["options"][option]["description"])
        for variable in spec.get("fallback", (None, []))[1]:
            assert f"E({variable})" in said
        if "fallback" not in spec:
            assert "E(PLACEOS" not in said


@pytest.mark.parametrize("name", MODULES)
def test_every_module_supports_check_mode(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert seen_spec(name, monkeypatch).rules["supports_check_mode"] is True


@pytest.mark.parametrize("name", MODULES)
def test_secrets_are_marked_as_such_at_every_depth(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = {"api_key", "token", "password", "credentials"}

    def check(options: dict[str, Any]) -> None:
        for option, spec in options.items():
            assert (spec.get("no_log") is True) == (option in secret), option
            check(spec.get("options") or {})

    check(seen_spec(name, monkeypatch).spec)


@pytest.mark.parametrize("name", MODULES)
def test_examples_use_known_options_only(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = seen_spec(name, monkeypatch).spec
    examples = yaml.safe_load(importlib.import_module(f"{COLLECTION}.modules.{name}").EXAMPLES)
    assert examples

    def check(given: dict[str, Any], options: dict[str, Any], where: str) -> None:
        assert given.keys() <= options.keys(), where
        for key, value in given.items():
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict) and options[key].get("options"):
                    check(item, options[key]["options"], f"{where}.{key}")

    for example in examples:
        if f"placeos.office365.{name}" in example:
            check(example[f"placeos.office365.{name}"], spec, example["name"])


def test_every_module_is_in_the_action_group() -> None:
    runtime = yaml.safe_load((Path(_module.__file__).parents[2] / "meta" / "runtime.yml").read_text())
    assert sorted(runtime["action_groups"]["placeos"]) == MODULES


def test_the_result_is_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in MODULES:
        returned = yaml.safe_load(importlib.import_module(f"{COLLECTION}.modules.{name}").RETURN)
        if name not in ("placeos_info", "placeos_exec"):
            plural = seen_spec(name, monkeypatch).rules["mutually_exclusive"][0][0]
            assert {"changes", "errors", plural} <= returned.keys(), name
