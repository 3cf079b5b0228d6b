# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the PowerShell scripts of the collection without PowerShell: grammar, cmdlets and parameters, no code from data.

There is no PowerShell among the packages that tests may use, so a real grammar of the language (tree-sitter) parses the
scripts, and every cmdlet and parameter that is literally written is looked up in a table.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "tests" / "lab" / "microsoft" / "tables" / "exchange_cmdlets.json"
SCRIPTS = "plugins/plugin_utils/**/*.ps1"
EVERYWHERE = frozenset(
    "verbose debug erroraction warningaction informationaction progressaction errorvariable warningvariable "
    "informationvariable outvariable outbuffer pipelinevariable".split()
)
"""Parameters that every cmdlet has (about_CommonParameters)."""
BUILT_IN: dict[str, str] = {
    "ConvertFrom-Json": "InputObject AsHashtable Depth NoEnumerate",
    "ConvertTo-Json": "InputObject Depth Compress EnumsAsStrings AsArray EscapeHandling",
    "ConvertTo-SecureString": "String SecureKey Key AsPlainText Force",
    "ForEach-Object": "Process Begin End InputObject MemberName ArgumentList Parallel",
    "Get-Module": "Name FullyQualifiedName All ListAvailable PSEdition SkipEditionCheck Refresh",
    "Import-Module": (
        "Name FullyQualifiedName Assembly ModuleInfo Global Prefix Function Cmdlet Variable Alias Force "
        "PassThru AsCustomObject MinimumVersion MaximumVersion RequiredVersion ArgumentList DisableNameChecking NoClobber Scope"
    ),
    "Out-Null": "InputObject",
    "Set-StrictMode": "Version Off",
    "Sort-Object": "Property InputObject Culture CaseSensitive Unique Descending Stable Top Bottom",
    "Where-Object": "FilterScript InputObject Property Value EQ NE GT LT LIKE MATCH IN CONTAINS",
}
"""Cmdlets of PowerShell 7.2 that the scripts may use, with their parameters (PowerShell's own reference)."""
EXCHANGE_CONNECTION: dict[str, str] = {"Disconnect-ExchangeOnline": "ConnectionId ModulePrefix Confirm WhatIf"}
PARAMETER_LISTS = {"connection": "ConnectParameters"}
"""Variables that are splatted, with the list of names from which they are filled."""
RUNS_TEXT = frozenset(
    "invoke-expression iex invoke-command icm start-process saps new-object add-type start-job invoke-webrequest".split()
)
TEXT_TO_CODE = ("[scriptblock]::create", "encodedcommand", "invokescript", ".invokecommand", "frombase64string")
VERBS = ("Get-", "Set-", "New-", "Remove-", "Test-", "Add-", "Connect-", "Disconnect-")


@dataclass(frozen=True)
class Fault:
    """Something wrong at a line."""

    line: int
    words: str


class Script:
    """One parsed script."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.root = Parser(Language(tree_sitter_powershell.language())).parse(source).root_node
        self.functions = {self.text(node).lower(): self._parameters(node) for node in self.nodes("function_name")}

    def nodes(self, kind: str, below: Node | None = None) -> Iterator[Node]:
        """All nodes of a kind, in order."""
        return (node for node in self.every(below or self.root) if node.type == kind)

    def every(self, node: Node) -> Iterator[Node]:
        """A node and all below it."""
        yield node
        for child in node.children:
            yield from self.every(child)

    def text(self, node: Node) -> str:
        """What a node says."""
        return self.source[node.start_byte : node.end_byte].decode()

    def owner(self, node: Node) -> Node | None:
        """The command that a node belongs to."""
        parent = node.parent
        while parent is not None and parent.type != "command":
            parent = parent.parent
        return parent

    def _parameters(self, name: Node) -> frozenset[str]:
        """The parameters of the function with this name."""
        blocks = self.nodes("param_block", name.parent)
        return frozenset(
            self.text(next(self.nodes("variable", parameter))).lstrip("$").lower()
            for block in blocks
            for parameter in self.nodes("script_parameter", block)
        )


def faults(source: bytes, cmdlets: dict[str, frozenset[str]]) -> list[Fault]:
    """Everything wrong with a script. cmdlets: lower-case names with their lower-case parameters."""
    script = Script(source)
    broken = [node for node in script.every(script.root) if node.type == "ERROR" or node.is_missing]
    if broken:
        return [Fault(node.start_point[0] + 1, f"not PowerShell: {script.text(node)[:60]!r}") for node in broken]
    found = [fault for node in script.nodes("command") for fault in _command(script, node, cmdlets)]
    for number, line in enumerate(source.decode().splitlines(), 1):
        squeezed = "".join(line.lower().split())
        found += [Fault(number, f"turns text into code: {part}") for part in TEXT_TO_CODE if part in squeezed]
    for node in script.nodes("string_literal"):
        name = script.text(node).strip("'\"")
        if name.startswith(VERBS) and name.replace("-", "").isalnum() and name.lower() not in cmdlets:
            found.append(Fault(node.start_point[0] + 1, f"no cmdlet of the table: {name}"))
    return sorted(found, key=lambda fault: fault.line)


def _command(script: Script, node: Node, cmdlets: dict[str, frozenset[str]]) -> Iterator[Fault]:
    line = node.start_point[0] + 1
    name_node = node.child_by_field_name("command_name")
    name = script.text(name_node) if name_node else ""
    if any(child.type == "command_invokation_operator" for child in node.children):
        # A variable holds a name that was looked up; a string or a block could be made of anything.
        if not (name.startswith("$") and name[1:].isalnum()):
            yield Fault(line, f"a call operator is given something else than a variable: {name}")
        return
    if name.lower() in RUNS_TEXT:
        yield Fault(line, f"runs text or other programs: {name}")
        return
    own = script.functions.get(name.lower(), cmdlets.get(name.lower()))
    if own is None:
        yield Fault(line, f"no cmdlet of the table and no function of the script: {name}")
        return
    known = own | EVERYWHERE
    for parameter in script.nodes("command_parameter", node):
        given = script.text(parameter).lstrip("-").partition(":")[0].lower()
        if script.owner(parameter) == node and given not in known:
            yield Fault(line, f"{name} has no parameter {script.text(parameter)}")
    for splatted in script.nodes("variable", node):
        if script.owner(splatted) == node and script.text(splatted).startswith("@"):
            for key, place in _keys(script, script.text(splatted)[1:]):
                if key.lower() not in known:
                    yield Fault(place, f"{name} has no parameter {key}, which it is given by splatting")


def _keys(script: Script, variable: str) -> Iterator[tuple[str, int]]:
    """The literal keys that a script puts into a hash table, and the literal names of the list it fills it from."""
    element = re.compile(rf"\${re.escape(variable)}\[['\"](\w+)['\"]\]\s*=", re.IGNORECASE)
    for number, line in enumerate(script.source.decode().splitlines(), 1):
        for found in element.finditer(line):
            yield found.group(1), number
    names = PARAMETER_LISTS.get(variable)
    for assignment in script.nodes("assignment_expression"):
        left = script.text(assignment.children[0]).strip().lower()
        if left == f"${variable}".lower():
            for key in script.nodes("hash_entry", assignment):
                yield script.text(key.children[0]), key.start_point[0] + 1
        elif names and left == f"${names}".lower():
            for text in script.nodes("string_literal", assignment):
                yield script.text(text).strip("'\""), text.start_point[0] + 1


def known_cmdlets() -> dict[str, frozenset[str]]:
    """All cmdlets that scripts may name."""
    table = json.loads(TABLE.read_text(encoding="utf-8"))["cmdlets"]
    found = {name.lower(): frozenset(one.lower() for one in row["types"]) for name, row in table.items()}
    for name, parameters in {**BUILT_IN, **EXCHANGE_CONNECTION}.items():
        found.setdefault(name.lower(), frozenset(parameters.lower().split()))
    return found


def cmdlets_for_a_person() -> dict[str, frozenset[str]]:
    """Those that printed steps may name: a person may also install modules, which no script of ours does."""
    return {**known_cmdlets(), "install-module": frozenset({"name", "scope"})}


def main() -> int:
    """Check all scripts; 1 if anything is wrong or there is none."""
    cmdlets = known_cmdlets()
    scripts = sorted(ROOT.glob(SCRIPTS))
    count = 0
    for path in scripts:
        for fault in faults(path.read_bytes(), cmdlets):
            print(f"{path.relative_to(ROOT)}:{fault.line}: {fault.words}")
            count += 1
    print(f"{len(scripts)} PowerShell scripts checked, {count} faults")
    return 1 if count or not scripts else 0


if __name__ == "__main__":
    sys.exit(main())
