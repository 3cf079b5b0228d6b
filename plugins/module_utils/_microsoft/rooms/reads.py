# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests of graph_room_info: rooms, the members of room lists, and the accounts and calendars of mailboxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.errors import (
    MISSING_CONSENT,
    classify,
    kind_of,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.graph import BatchRequest, Graph, segment
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.mailboxes import MISSING_ROLE, read_calendars
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.rooms import results as shape

ROOMS = "/v1.0/places/microsoft.graph.room"
ROOM_LISTS = "/v1.0/places/microsoft.graph.roomlist"

LIST_LIMIT = 100
"""A room list answers with so many rooms at most (MicrosoftDocs/OfficeDocs-Exchange, pull request 3067)."""

VALUES_OF_IN = 15
"""A filter with the operator in may name so many values (Graph, concepts/filter-query-parameter)."""

NEED_PLACES = (
    "Reading rooms needs the application permission Place.Read.All of Microsoft Graph, with admin consent. Application"
    " access policies and RBAC for Applications have no part in it. After a grant, wait until new tokens have it (minutes)."
)
NEED_USERS = (
    "the accounts of the rooms could not be looked up (account_enabled is null): that needs the application permission"
    " User.Read.All"
)
NEED_CALENDARS = (
    "no calendar could be read (mailbox.state is missing_role): that needs Calendars.Read or Calendars.ReadWrite, as an"
    " application permission or by RBAC for Applications; sign in as the application that PlaceOS uses"
)


@dataclass
class Found:
    """What was read; warnings are for the person who runs the task."""

    rooms: list[dict[str, Any]] = field(default_factory=list)
    room_lists: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_rooms(graph: Graph) -> list[dict[str, Any]]:
    """All rooms of the tenant, in a fixed order; raises HttpError."""
    return sorted(map(shape.room, _places(graph, ROOMS)), key=shape.order)


def _places(graph: Graph, path: str) -> list[dict[str, Any]]:
    try:
        return graph.places(path)
    except HttpError as error:
        if kind_of(error) == MISSING_CONSENT:
            error.hint = NEED_PLACES
        raise


def read_room_lists(graph: Graph, found: Found, workers: int) -> None:
    """All room lists with the addresses of their rooms, 20 lists a request; each room learns its lists' names.

    A room list is addressed by its e-mail address: Graph does not accept its id there.
    """
    found.room_lists = sorted(map(shape.room_list, _places(graph, ROOM_LISTS)), key=shape.order)
    addressed = [entry for entry in found.room_lists if entry["email_address"]]
    paths = [f"/places/{segment(entry['email_address'])}/microsoft.graph.roomlist/rooms" for entry in addressed]
    answers = graph.batch([BatchRequest("GET", path) for path in paths], workers=workers) if paths else []
    for entry in found.room_lists:
        entry["rooms"] = None if entry["email_address"] else []
    for entry, path, answer in zip(addressed, paths, answers, strict=True):
        members = answer.body.get("value") if answer.status == 200 and isinstance(answer.body, Mapping) else None
        if not isinstance(members, list):
            found.warnings.append(
                f"the rooms of the room list {_name(entry)} could not be read: status {answer.status},"
                f" {classify(answer.status, answer.body)}"
            )
            continue
        if len(members) >= LIST_LIMIT or answer.body.get("@odata.nextLink"):
            members = _places(graph, f"/v1.0{path}")
            if len(members) == LIST_LIMIT:
                found.warnings.append(
                    f"the room list {_name(entry)} shows exactly {LIST_LIMIT} rooms, as many as Graph shows of one list:"
                    " it may have more"
                )
        emails = {shape.room(member)["email_address"] for member in members if isinstance(member, Mapping)}
        entry["rooms"] = sorted(email.lower() for email in emails if email)
    _tell_rooms(found)


def _tell_rooms(found: Found) -> None:
    lists: dict[str, list[str]] = {}
    for entry in found.room_lists:
        for email in entry["rooms"] or ():
            lists.setdefault(email, []).append(_name(entry))
    for room in found.rooms:
        room["room_lists"] = sorted(lists.get((room["email_address"] or "").lower(), []))


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry["display_name"] or entry["email_address"] or entry["id"])


def read_mailboxes(graph: Graph, found: Found, workers: int) -> None:
    """The account and a calendar read of each room: 54 requests for 1,000 rooms."""
    emails = list(dict.fromkeys(room["email_address"].lower() for room in found.rooms if room["email_address"]))
    accounts = _accounts(graph, emails, found, workers)
    reads = {read.address: read for read in read_calendars(graph, emails, workers=workers)}
    for room in found.rooms:
        email = (room["email_address"] or "").lower()
        if not email:
            room["mailbox"] = None
            continue
        read, account = reads[email], accounts.get(email, {})
        room["mailbox"] = {
            "state": read.state,
            "status": read.status,
            "words": read.words or None,
            "user_id": account.get("id"),
            "user_principal_name": account.get("userPrincipalName"),
            "account_enabled": shape.flag(account.get("accountEnabled")),
        }
    if reads and all(read.state == MISSING_ROLE for read in reads.values()):
        found.warnings.append(NEED_CALENDARS)


def _accounts(graph: Graph, emails: Sequence[str], found: Found, workers: int) -> dict[str, Mapping[str, Any]]:
    """Users by address, 300 a request."""
    chunks = [emails[start : start + VALUES_OF_IN] for start in range(0, len(emails), VALUES_OF_IN)]
    answers = graph.batch([BatchRequest("GET", _users(chunk)) for chunk in chunks], workers=workers) if chunks else []
    accounts: dict[str, Mapping[str, Any]] = {}
    refused: dict[str, int] = {}
    for answer in answers:
        users = answer.body.get("value") if answer.status == 200 and isinstance(answer.body, Mapping) else None
        if not isinstance(users, list):
            refused[classify(answer.status, answer.body)] = answer.status
            continue
        for user in users:
            if isinstance(user, Mapping) and shape.text(user.get("mail")):
                accounts[str(user["mail"]).strip().lower()] = user
    for kind, status in refused.items():
        found.warnings.append(
            NEED_USERS
            if kind == MISSING_CONSENT
            else f"accounts of rooms could not be looked up: status {status}, {kind}; their account_enabled is null"
        )
    return accounts


def _users(emails: Sequence[str]) -> str:
    values = ",".join("'" + email.replace("'", "''") + "'" for email in emails)
    query = {
        "$filter": f"mail in ({values})",
        "$select": "id,mail,userPrincipalName,accountEnabled",
        "$top": len(emails),
    }
    return "/users?" + urlencode(query, quote_via=quote, safe="$@(),")
