# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session of the module ExchangeOnlineManagement: which cmdlets it has, and what they give back to the script."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

from lab.microsoft.exchange import binding
from lab.microsoft.exchange.errors import CmdletError

from .connect import Connection, NotConnected
from .script import Script

WRONG_ROLE = (
    "The role assigned to application {app} isn't supported in this scenario. Please check online documentation for"
    " assigning correct Directory Roles to Azure AD Application for EXO App-Only Authentication."
)
"""Captured in several public issues, for instance MicrosoftDocs/office-docs-powershell 11332."""


class Session:
    """Cmdlets that were imported for the caller, and calls of them."""

    def __init__(self, connection: Connection, script: Script) -> None:
        self.connection = connection
        self.script = script
        path = f"/adminapi/v1.0/{quote(connection.organization)}/EXOModuleFile?Version=3.9.2"
        status, body = connection.send("GET", path, None, self.headers(CommandName="*"))
        if status == 401:
            raise NotConnected("UnAuthorized")
        if status != 200:
            raise NotConnected(WRONG_ROLE.format(app=app_of(connection.token)))
        exported = json.loads(body)["value"][0]["exportedCmdlets"]
        self.imported = {name.lower() for name in exported.split(",")}

    def headers(self, **more: str) -> dict[str, str]:
        """Return the headers of a request."""
        return {"Authorization": f"Bearer {self.connection.token}", **more}

    def run(self, name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Return the answer of one cmdlet as the script writes it."""
        given = dict(parameters)
        if name.lower() in self.script.writing:
            given["Confirm"] = False
        if name.lower() not in self.imported:
            words = (
                f"The term '{name}' is not recognized as a name of a cmdlet, function, script file, or executable program."
                "\nCheck the spelling of the name, or if a path was included, verify that the path is correct and try again."
            )
            return failed(words, "System.Management.Automation.CommandNotFoundException", "ObjectNotFound")
        try:
            binding.bind(binding.cmdlets()[name.lower()], given)
        except CmdletError as problem:
            return failed(problem.words, problem.type_name, "InvalidArgument")
        return self.invoke(name, given)

    def invoke(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        """Call the lab's endpoint, page by page."""
        body = json.dumps({"CmdletInput": {"CmdletName": name, "Parameters": given}}).encode()
        headers = {
            **self.headers(),
            "Content-Type": "application/json",
            "Prefer": "odata.maxpagesize=1000",
            "X-CmdletName": name,
            "X-ResponseFormat": "json",
        }
        target: str | None = f"/adminapi/beta/{quote(self.connection.organization)}/InvokeCommand"
        rows: list[Any] = []
        warnings: list[str] = []
        while target:
            status, content = self.connection.send("POST", target, body, headers)
            if status != 200:
                return failed(words_of(status, content), "System.Exception", "NotSpecified", warnings)
            document = json.loads(content)
            rows += document["value"]
            warnings += document["@adminapi.warnings"]
            target = document.get("@odata.nextLink")
        plain = [self.plain(row) for row in rows]
        return {"rows": plain, "warnings": warnings, "error": None, "skipped": False}

    def plain(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row as ConvertTo-PlainRow does: listed properties alone, no nulls, everything else as text."""
        found = {name.lower(): value for name, value in row.items()}
        shown: dict[str, Any] = {}
        for name in self.script.properties:
            value = found.get(name.lower())
            if value is None:
                continue
            if name == "InScope":
                value = str(value)  # a text on the console: True, False or Not Run
            if isinstance(value, list):
                shown[name] = [str(entry) for entry in value]
            else:
                shown[name] = value if isinstance(value, (bool, str)) else str(value)
        return shown


def failed(words: str, kind: str, category: str, warnings: list[str] | None = None) -> dict[str, Any]:
    """Return the answer of a cmdlet that failed."""
    error = {"message": words, "type": kind, "category": category}
    return {"rows": [], "warnings": warnings or [], "error": error, "skipped": False}


def words_of(status: int, content: bytes) -> str:
    """Return what the module shows of a failure: tag, type and sentence between bars, or the sentence of a JSON text."""
    try:
        message = str(json.loads(content)["error"]["details"][0]["message"])
    except (IndexError, KeyError, TypeError, ValueError):
        return f"Response status code does not indicate success: {status}."
    try:
        return str(json.loads(message)["Message"])
    except (KeyError, TypeError, ValueError):
        return message


def app_of(token: str) -> str:
    """Return the application of a token."""
    try:
        part = token.split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["appid"])
    except (IndexError, KeyError, ValueError):
        return "unknown"
