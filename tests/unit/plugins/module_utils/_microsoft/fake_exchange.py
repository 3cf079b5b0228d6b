# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fake way to Exchange: answers with rows it was given, and refuses commands that no table of cmdlets has."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Union

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.model import Recipient
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import (
    Answer,
    Command,
    cmdlet_error,
)

TABLE = Path(__file__).parents[4] / "lab" / "microsoft" / "tables" / "exchange_cmdlets.json"
APP = "aaaabbbb-1111-2222-3333-ccccddddeeee"
PRINCIPAL = "ccccdddd-7777-8888-9999-aaaabbbbcccc"
TENANT = "11112222-3333-4444-5555-666677778888"
ROOMS, STAFF, NESTED = "placeos-rooms@acme.example", "placeos-staff@acme.example", "level-1@acme.example"
IDS = {address: f"bbbbcccc-4444-5555-6666-ddddeeeeff0{n}" for n, address in enumerate((ROOMS, STAFF, NESTED))}
NOT_FOUND = (
    "Ex6F9304|Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException|The operation couldn't be performed "
    "because object 'x' couldn't be found on 'EXAMPLE01A001DC01.EXAMPLE01.PROD.OUTLOOK.COM'."
)
Row = Mapping[str, Any]


@cache
def cmdlets() -> dict[str, Any]:
    """The table of cmdlets and their parameters."""
    table: dict[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))["cmdlets"]
    return table


def objection(command: Command) -> str:
    """What the table has against a command; empty for nothing."""
    row = cmdlets().get(command.name)
    if row is None:
        return f"no cmdlet {command.name}"
    given = set(command.parameters)
    unknown = given - set(row["types"])
    if unknown:
        return f"{command.name} has no {sorted(unknown)}"
    if not any(set(one["must"]) <= given <= {*one["must"], *one["may"]} for one in row["sets"].values()):
        return f"{command.name} has no set of parameters {sorted(given)}"
    return ""


def group_row(address: str, kind: str = "MailUniversalSecurityGroup", **more: Any) -> Row:
    """A group as Get-Recipient shows it; its name carries the time it was made."""
    name = address.partition("@")[0]
    return {
        "Identity": f"{name}20260901121934",
        "Name": f"{name}20260901121934",
        "DisplayName": name,
        "PrimarySmtpAddress": address,
        "ExternalDirectoryObjectId": IDS.get(address, f"id of {address}"),
        "RecipientTypeDetails": kind,
        **more,
    }


def group(address: str, kind: str = "MailUniversalSecurityGroup") -> Recipient:
    """The same, as the plans know it."""
    return Recipient.of(group_row(address, kind))


def member_row(address: str, kind: str = "RoomMailbox", **more: Any) -> Row:
    """A member as Get-DistributionGroupMember shows it."""
    return {"PrimarySmtpAddress": address, "RecipientTypeDetails": kind, **more}


def policy_row(address: str, right: str = "RestrictAccess", app: Any = APP, description: str = "made by hand") -> Row:
    """A policy as Get-ApplicationAccessPolicy shows it."""
    raw = f"S-1-5-21-1000000001-2000000002-3000000003-4;{IDS[address]}"
    return {
        "ScopeName": address.partition("@")[0],
        "ScopeIdentity": f"{address.partition('@')[0]}20260901121934",
        "Identity": f"{TENANT}\\{app}:{raw}",
        "AppId": app,
        "ScopeIdentityRaw": raw,
        "Description": description,
        "AccessRight": right,
        "ShardType": "All",
        "IsValid": True,
    }


def failing(words: str = NOT_FOUND, cmdlet: str = "Get-ApplicationAccessPolicy") -> Answer:
    """An answer of a cmdlet that failed with these words."""
    return Answer((), (), cmdlet_error(Command(cmdlet), words))


Reply = Union[Answer, Sequence[Row], Callable[[Command], Any]]  # noqa: UP007 - pylint does not know Row


class FakeExchange:
    """Answers by cmdlet; what is not told has no rows. Every session's commands are kept."""

    def __init__(self, replies: Mapping[str, Reply] | None = None) -> None:
        self.replies: dict[str, Reply] = dict(replies or {})
        self.sessions: list[list[Command]] = []

    def run(self, commands: Sequence[Command], *, stop_on_error: bool = False) -> list[Answer]:
        """One session."""
        self.sessions.append(list(commands))
        answers: list[Answer] = []
        failed = False
        for command in commands:
            fault = objection(command)
            assert not fault, fault
            if failed:
                answers.append(Answer(skipped=True))
                continue
            reply = self.replies.get(command.name, ())
            said = reply(command) if callable(reply) else reply
            answers.append(said if isinstance(said, Answer) else Answer(tuple(said)))
            failed = stop_on_error and not command.reads and answers[-1].error is not None
        return answers

    def written(self) -> list[str]:
        """The names of all commands that were to change something, in order."""
        return [command.name for session in self.sessions for command in session if not command.reads]
