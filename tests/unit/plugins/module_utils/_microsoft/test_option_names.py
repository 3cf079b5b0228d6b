# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hints name options as those know them who call modules, and as those do who write inventories."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import (
    VARIABLES,
    of_all,
    of_graph_access_policy,
)

ROOT = Path(__file__).resolve().parents[5]
SOURCES = sorted((ROOT / "plugins" / "module_utils" / "_microsoft").rglob("*.py"))
MODULES = ("graph_app", "graph_app_check", "graph_access_policy", "graph_room_info")

# Sentences that name an option on purpose as a module's caller knows it: where a role cannot come to, or where several
# ways to give a credential are listed.
CALLERS_ONLY = (
    "no credential: give",
    "needs the application it belongs to",
    "managed_identity and exchange_access_token exclude each other",
    "state absent needs app_id or unique_name",
    "app.client_id",
    "secret_file is handled by the action plugin",
    "name another secret_file",
    "the answer has no access_token",
    "exchange_access_token",
    "renew_before_days",
    "option remove_secrets",
    "remove_secrets, once you are sure",
    "adminconsent?client_id=",
)


def documented(module: str) -> dict[str, Any]:
    found = importlib.import_module(f"ansible_collections.placeos.office365.plugins.modules.{module}")
    fragment = importlib.import_module("ansible_collections.placeos.office365.plugins.doc_fragments.microsoft")
    options: dict[str, Any] = dict(yaml.safe_load(found.DOCUMENTATION)["options"])
    return {**yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)["options"], **options}


def option(options: Mapping[str, Any], name: str) -> Any:
    head, _point, rest = name.partition(".")
    found = options[head]
    return option(found["suboptions"], rest) if rest else found


def variables_of_the_roles() -> set[str]:
    known: set[str] = set()
    for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"):
        for spec in yaml.safe_load(path.read_text("utf-8"))["argument_specs"].values():
            known |= set(spec.get("options", {}))
    return known


def sentences(path: Path) -> Iterator[str]:
    """What the code can say: its strings, docstrings apart; what is filled in shows as the code that fills it."""
    tree = ast.parse(path.read_text("utf-8"))
    apart: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            apart.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            apart.update(id(part) for part in node.values)
    for node in ast.walk(tree):
        if id(node) in apart:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            parts = [
                part.value if isinstance(part, ast.Constant) else f"{{{ast.unparse(part)}}}" for part in node.values
            ]
            yield "".join(map(str, parts))


def test_a_hint_names_the_option_and_the_variable() -> None:
    assert of_graph_access_policy("pwsh_timeout") == "pwsh_timeout (in an inventory graph_access_pwsh_timeout)"
    assert of_all("login_url", "graph_url", "exchange_url") == (
        "login_url, graph_url and exchange_url "
        "(in an inventory microsoft_login_url, microsoft_graph_url and microsoft_exchange_url)"
    )


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in VARIABLES.items() for name in names])
def test_every_option_exists_in_its_module_and_every_variable_in_a_role(module: str, name: str) -> None:
    for of in [module] if module else MODULES:
        options = documented(of)
        inside = options["access"]["suboptions"] if name not in options and "access" in options else options
        assert option(inside, name)
    assert VARIABLES[module][name] in variables_of_the_roles()


def test_a_variable_is_what_some_role_gives_to_that_option() -> None:
    given = "\n".join(
        path.read_text("utf-8") for part in ("tasks", "vars") for path in (ROOT / "roles").glob(f"*/{part}/*.yml")
    )
    assert not [name for names in VARIABLES.values() for name in names.values() if name not in given]


def test_no_sentence_names_an_option_alone() -> None:
    names = {name for known in VARIABLES.values() for name in known if "_" in name or "." in name}
    alone = re.compile(rf"(?<![\w.])({'|'.join(sorted(map(re.escape, names)))})(?!\w)")
    # Short words are options only where somebody is told to do something with them.
    told = re.compile(
        r"\b(give|set|raise|lower|correct) (wait|reader|mode|organization|transport|cloud|purge)\b", re.IGNORECASE
    )
    found = [
        sentence
        for path in SOURCES
        if path.name != "option_names.py"
        for sentence in sentences(path)
        if " " in (said := re.sub(r"\{[^{}]*\}", "", sentence).strip()) and (alone.search(said) or told.search(said))
    ]
    assert not [part for part in CALLERS_ONLY if not any(part in sentence for sentence in found)]
    assert not [sentence for sentence in found if not any(part in sentence for part in CALLERS_ONLY)]


def test_every_name_in_a_sentence_is_filled_in() -> None:
    nodes = [node for path in SOURCES for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    plain = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert not [text for text in plain if "{of_" in text]


def test_every_variable_in_a_sentence_exists() -> None:
    named = re.compile(r"(?<![\w.])(?:microsoft|graph_app|graph_access|client|booking_driver|rotate)_[a-z_]+(?![\w.])")
    known = variables_of_the_roles() | {*MODULES} | {name for names in VARIABLES.values() for name in names}
    said = [
        re.sub(r"\{[^{}]*\}", "", sentence)
        for path in SOURCES
        for sentence in sentences(path)
        if " " in sentence.strip()
    ]
    words = {word for sentence in said for word in named.findall(sentence)}
    assert "microsoft_automation_client_secret" in words, "the sentences are no longer found"
    assert words - known == set()
