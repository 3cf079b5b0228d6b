# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values, answers and errors of InvokeCommand, as in invoke_command_samples.json.

Values carry companions: ``X@data.type`` is their .NET type, ``X@odata.type`` their OData type. Recorded for Get-Mailbox;
which companions the other cmdlets have is inferred from the types of their values.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from .errors import CmdletError

EMPTY_WARNINGS: dict[str, Any] = {"adminapi.warnings@odata.type": "#Collection(String)", "@adminapi.warnings": []}
MEDIA = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
CODES = {400: "BadRequest", 403: "Forbidden", 404: "NotFound"}
EXCEPTION = "Microsoft.Exchange.Admin.OData.Core.ODataServiceException"

Row = dict[str, Any]


def encode(row: Row) -> Row:
    """Return a row with companions: UUID, datetime, lists and numbers announce their types."""
    encoded: Row = {}
    for name, value in row.items():
        if isinstance(value, UUID):
            encoded[f"{name}@data.type"] = "System.Guid"
            encoded[f"{name}@odata.type"] = "#Guid"
            encoded[name] = str(value)
        elif isinstance(value, datetime):
            encoded[f"{name}@data.type"] = "System.DateTime"
            encoded[name] = value.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0+00:00"
        elif isinstance(value, (list, tuple)):
            encoded[f"{name}@odata.type"] = "#Collection(String)"
            encoded[name] = list(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            encoded[f"{name}@data.type"] = "System.Int32"
            encoded[name] = value
        else:
            encoded[name] = value
    return encoded


def select(row: Row, names: Sequence[str]) -> Row:
    """Return the named properties of an encoded row with their companions."""
    wanted = {name.lower() for name in names}
    return {name: value for name, value in row.items() if name.partition("@")[0].lower() in wanted}


def envelope(tenant: str, rows: Sequence[Row], warnings: Sequence[str], next_link: str | None = None) -> dict[str, Any]:
    """Return the body of a success. The host of the context is not that of the request (recorded)."""
    context = f"https://outlook.office.com/adminapi/beta/{tenant}/$metadata#Collection(Exchange.GenericHashTable)"
    body: dict[str, Any] = {"@odata.context": context, **EMPTY_WARNINGS, "@adminapi.warnings": list(warnings)}
    if next_link:
        body["@odata.nextLink"] = next_link
    body["value"] = list(rows)
    return body


def failure(problem: CmdletError) -> dict[str, Any]:
    """Return the body of a failure; both forms of ``details`` are recorded."""
    inner: dict[str, Any] = {"message": "Error executing cmdlet", "type": EXCEPTION, "stacktrace": ""}
    if problem.as_json:
        document = {"Message": problem.words, "TypeName": problem.type_name, "StackTrace": None, "InnerError": None}
        message = json.dumps(document)
    else:
        message = f"{problem.tag}|{problem.type_name}|{problem.words}"
        inner["internalexception"] = {"message": message, "type": problem.type_name, "stacktrace": ""}
    return {
        "error": {
            "code": CODES[problem.status],
            "message": "Error executing cmdlet",
            "details": [{"code": "Context", "target": "", "message": message}],
            "innererror": inner,
        },
        **EMPTY_WARNINGS,
    }


def bad_request(message: str) -> dict[str, Any]:
    """Return the body of a request that is no call of a cmdlet (the text is inferred)."""
    return {"error": {"code": "BadRequest", "message": message}}
