# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cmdlets of Exchange Online, whatever carries them there: commands, answers, errors in one vocabulary.

Sources: the cmdlet pages of MicrosoftDocs/office-docs-powershell; the texts of errors as public tools have recorded them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_graph_access_policy

READS = (
    "Get-ApplicationAccessPolicy",
    "Get-DistributionGroupMember",
    "Get-ManagementRoleAssignment",
    "Get-ManagementScope",
    "Get-Recipient",
    "Get-ServicePrincipal",
    "Test-ApplicationAccessPolicy",
    "Test-ServicePrincipalAuthorization",
)
WRITES = (
    "New-ApplicationAccessPolicy",
    "New-ManagementRoleAssignment",
    "New-ManagementScope",
    "New-ServicePrincipal",
    "Remove-ApplicationAccessPolicy",
    "Remove-ManagementRoleAssignment",
    "Set-ApplicationAccessPolicy",
    "Set-ManagementRoleAssignment",
    "Set-ManagementScope",
)
CMDLETS = frozenset((*READS, *WRITES))
"""All that this collection ever runs; the script that PowerShell runs has the same list."""

NO_ANSWER = frozenset({"malformed", "redirect", "sign_in", "timeout", "unreachable"})
"""Kinds of errors by which not the cmdlet has failed, but the way to Exchange."""

NOT_FOUND_WORDS = ("couldn't be found", "could not be found", "wasn't found", "cannot be found")
_KINDS = (
    ("AADServicePrincipalNotFound", "principal_not_found"),
    ("already exists", "exists"),
    ("The total size of App Access Policies exceeded the limit", "too_many_policies"),
    ("ManagementObjectNotFoundException", "not_found"),
    ("CommandNotFoundException", "missing_right"),
    ("is not recognized as a name of a cmdlet", "missing_right"),
    ("UnAuthorized", "sign_in"),
)
_CODED = re.compile(r"^\w*\|[\w.+]*\|(.+)$", re.DOTALL)
HINTS = {
    "missing_right": "The cmdlet is unknown, or the automation identity may not run it: it needs the application "
    "permission Exchange.ManageAsApp (Office 365 Exchange Online) and a directory role such as Exchange Administrator.",
    "principal_not_found": "Exchange finds no enterprise application with this object id. service_principal_id is the "
    "object id under Entra's Enterprise applications, not that of the app registration; just after the application was "
    "made it can take minutes until Exchange knows it.",
    "too_many_policies": "A tenant holds about 100 application access policies, or 300 whose description is one blank: "
    f"remove those that are not used, give the description ' ', or set {of_graph_access_policy('kind')} to rbac.",
    "exists": "Another administrator or run has made it at the same time; run again.",
}


@dataclass(frozen=True)
class Command:
    """One cmdlet with its parameters: text, numbers, booleans (switches too) and lists of text."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reads(self) -> bool:
        """Does it change nothing?"""
        return self.name in READS

    def __str__(self) -> str:
        shown = [f"-{name} {value!r}" for name, value in self.parameters.items() if name in ("Identity", "Name", "App")]
        return " ".join([self.name, *shown])


@dataclass
class ExchangeError(Exception):
    """A cmdlet that failed, or an Exchange that could not be reached at all (command is empty then).

    kind: not_found, exists, missing_right, principal_not_found, too_many_policies, sign_in, unreachable, redirect, module,
    malformed, timeout or failed. words: what Exchange or PowerShell said; hint: what to do.
    """

    command: str
    words: str
    kind: str = "failed"
    hint: str = ""
    url: str = ""
    status: int | None = None

    def __str__(self) -> str:
        where = f" {self.url}" if self.url else ""
        answered = f" answered {self.status}" if self.status else ""
        subject = f"{self.command}{where}{answered}: " if self.command or where else ""
        words = self.words.rstrip(". ")
        return f"{subject}{words}. {self.hint}".rstrip() if self.hint else f"{subject}{words}"


@dataclass(frozen=True)
class Answer:
    """What a cmdlet gave back; skipped: it was not run since one before it had failed."""

    rows: Sequence[Mapping[str, Any]] = ()
    warnings: Sequence[str] = ()
    error: ExchangeError | None = None
    skipped: bool = False

    def found(self) -> Sequence[Mapping[str, Any]]:
        """The rows, none where nothing exists.

        Get-ApplicationAccessPolicy fails with "couldn't be found" in a tenant without any policy, where others would
        give an empty list (seen by the authors of Maester and Microsoft365DSC).

        Raises:
            ExchangeError: the cmdlet failed for any other reason.
        """
        if self.error is not None and self.error.kind != "not_found":
            raise self.error
        return self.rows


class Exchange(Protocol):
    """A way to Exchange."""

    def run(self, commands: Sequence[Command], *, stop_on_error: bool = False) -> list[Answer]:
        """Run all commands in one session, in their order; one answer for each.

        stop_on_error: after a failed write the rest is skipped; a failed read stops nothing.

        Raises:
            ExchangeError: there is no usable way to Exchange at all.
        """


def error_kind(*texts: str) -> str:
    """What an error is about, by the words and type names in it; "failed" where that is not known."""
    whole = "\n".join(texts)
    for words, kind in _KINDS:
        if words.casefold() in whole.casefold():
            return kind
    if any(words in whole for words in NOT_FOUND_WORDS):
        return "not_found"
    return "failed"


def human_words(text: str) -> str:
    """The readable part of ``Ex6F9304|Microsoft…Exception|The operation …`` or of ``{"Message": "The operation …"}``."""
    text = text.replace("\x00", "").strip()
    if text.startswith("{"):
        try:
            message = json.loads(text).get("Message")
        except (ValueError, AttributeError, RecursionError):
            message = None
        if isinstance(message, str) and message:
            text = message
    coded = _CODED.match(text)
    return (coded.group(1) if coded else text).strip()


def cmdlet_error(command: Command, words: str, *more: str, **where: Any) -> ExchangeError:
    """The error of one cmdlet, classified by its words and what else was said."""
    kind = error_kind(words, *more)
    return ExchangeError(str(command), human_words(words) or "failed without words", kind, HINTS.get(kind, ""), **where)


def checked_rows(value: Any, source: str) -> list[dict[str, Any]]:
    """A list of rows without the type companions; one row alone counts as a list of it, nothing as an empty list.

    Raises:
        ExchangeError: it is none.
    """
    if value is None:
        return []
    rows = [value] if isinstance(value, Mapping) else value
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise ExchangeError(source, f"expected a list of objects, got {_shown(value)}", "malformed")
    return [{str(name): field for name, field in row.items() if "@" not in str(name)} for row in rows]


def checked_texts(value: Any) -> list[str]:
    """Those items of a list that are text; warnings must not stop anything."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def text_of(row: Mapping[str, Any], name: str) -> str:
    """A field as text: null, absent and lists of nothing are empty; a list of one is that one."""
    value = row.get(name)
    if isinstance(value, (list, tuple)):
        value = value[0] if len(value) == 1 else ""
    return "" if value is None else str(value).strip()


def _shown(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else text[:77] + "..."
