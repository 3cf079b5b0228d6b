# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is shown of an object: the properties of its type, by default or as selected, and never a private key."""

from __future__ import annotations

from typing import Any

from ..errors import bad_request
from ..facts import properties
from ..odata import selected
from ..table import Row

USER = (
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
)
"""What a user shows unless more is selected (recorded/entra_and_users)."""
ODATA_TYPES = {
    "user": "#microsoft.graph.user",
    "group": "#microsoft.graph.group",
    "servicePrincipal": "#microsoft.graph.servicePrincipal",
    "application": "#microsoft.graph.application",
}


def kind_of(row: Row) -> str:
    """Return the type of a row of the directory."""
    if "userPrincipalName" in row:
        return "user"
    if "groupTypes" in row:
        return "group"
    return "application" if "requiredResourceAccess" in row else "servicePrincipal"


def show(row: Row, kind: str, select: list[str] | None = None) -> Row:
    """Return what is shown of a row; ``select`` are names as they are spelled in the type."""
    names = select if select is not None else USER if kind == "user" else [name for name in row if name[0] != "_"]
    known = properties(kind)
    shown = {name: row.get(name) for name in names if name in known}
    if select is None and "keyCredentials" in shown:
        # The key itself is shown only when keyCredentials are selected (application-get.md).
        shown["keyCredentials"] = [{**one, "key": None} for one in row["keyCredentials"]]
    return shown


def show_object(row: Row, select: str | None = None) -> Row:
    """Return a member of a mixed list: with its type; properties that its type lacks are left out."""
    kind = kind_of(row)
    names = None
    if select:
        known = {name.lower(): name for name in properties(kind)}
        names = [known[word.strip().lower()] for word in select.split(",") if word.strip().lower() in known]
    return {"@odata.type": ODATA_TYPES[kind], **show(row, kind, names)}


def selection(query: dict[str, str], kind: str) -> list[str] | None:
    """Return the $select of a request."""
    return selected(query.get("$select"), kind)


def context_of(collection: str, query: dict[str, str], kind: str, *, entity: bool = False) -> str:
    """Return what follows the hash of an @odata.context: ``users(id,mail)/$entity``."""
    names = selection(query, kind)
    return collection + (f"({','.join(names)})" if names else "") + ("/$entity" if entity else "")


def require_text(value: Any, name: str) -> str:
    """Return a text of a request; 400 for anything else."""
    if not isinstance(value, str):
        raise bad_request(f"Property {name} in payload has a value that does not match schema.", "Request_BadRequest")
    return value
