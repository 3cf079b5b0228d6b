# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoint that runs cmdlets: ``POST /adminapi/beta/{tenant}/InvokeCommand``. Microsoft does not document it.

Recorded or read from its clients: the request, the envelope, paging by posting the same body to @odata.nextLink, errors,
403 with a body of NULs for a cmdlet that is unknown or that the caller may not run, 405 below v1.0, the Rate-Limit headers,
batches, and the list of cmdlets. Inferred: 401, 429, what happens to a null in Parameters, and who may run what without a
directory role. No page size is sure (reports go from 1 to 1000): 100 here, so that clients must follow.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..errors import GraphError, new_id
from ..http import Context, Reply, empty, reply
from . import binding, directory, encoding, places, policies, principals, rbac
from .call import Call, Handler
from .errors import CmdletError

if TYPE_CHECKING:
    from ..routing import Router
    from ..signin.bearer import Bearer

AUDIENCES = frozenset(
    (
        "https://outlook.office365.com",
        "https://outlook.office365.com/",
        "00000002-0000-0ff1-ce00-000000000000",
    )
)
ROLE = "Exchange.ManageAsApp"
CHALLENGE = (
    'Bearer client_id="00000002-0000-0ff1-ce00-000000000000",'
    ' trusted_issuers="00000001-0000-0000-c000-000000000000@*",'
    ' token_types="app_asserted_user_v1 service_asserted_app_v1",'
    ' authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"'
)
NULS = b"\0" * 16
PAGE, LONGEST_PAGE = 100, 1000
MOST_IN_BATCH = 10
RETRY_AFTER = 1
READS = ("get-", "test-")
HANDLERS: dict[str, Handler] = {
    name.lower(): handler
    for part in (policies, principals, rbac, directory, places)
    for name, handler in part.HANDLERS.items()
}


class BadCall(ValueError):
    """A request that is no call of a cmdlet."""


def register(router: Router) -> None:
    """Register the endpoint and its neighbours."""
    router.raw("POST", "/adminapi/beta/{tenant}/InvokeCommand", invoke)
    router.raw("POST GET", "/adminapi/v1.0/{tenant}/InvokeCommand", lambda ctx: empty(405))
    router.raw("POST", "/adminapi/beta/{tenant}/$batch", batch)
    router.raw("GET", "/adminapi/v1.0/{tenant}/EXOModuleFile", module_file)


def invoke(ctx: Context) -> Reply:
    """Run one cmdlet."""
    return guarded(ctx, lambda: run(ctx, ctx.raw_body))


def guarded(ctx: Context, action: Any) -> Reply:
    """Check token, tenant and throttling, then act."""
    from ..signin.bearer import authenticate

    try:
        ctx.token = authenticate(ctx, AUDIENCES)
    except GraphError:
        return Reply(401, headers={"WWW-Authenticate": CHALLENGE})
    tenant = ctx.params["tenant"].lower()
    if tenant != ctx.tenant.id and tenant not in map(str.lower, ctx.tenant.domains):
        return Reply(401, headers={"WWW-Authenticate": CHALLENGE})
    if ctx.tenant.options.exchange_throttle and throttled(ctx):
        return Reply(429, headers={"Retry-After": str(RETRY_AFTER), "Rate-Limit-Remaining": "0"})
    answer: Reply = action()
    return answer


def throttled(ctx: Context) -> bool:
    """Refuse every other call while the switch exchange-throttle is on."""
    ctx.tenant.exchange.calls += 1
    return bool(ctx.tenant.exchange.calls % 2)


def may_run(ctx: Context, bearer: Bearer, cmdlet: str) -> bool:
    """Tell whether the caller may run a cmdlet: the application role and a directory role are both needed."""
    exchange = ctx.tenant.exchange
    if ROLE not in bearer.roles:
        return False
    return bearer.oid in exchange.administrators or (bearer.oid in exchange.readers and cmdlet.startswith(READS))


def run(ctx: Context, body: bytes) -> Reply:
    """Return the answer to the call in a body."""
    try:
        name, given = called(json.loads(body))
    except ValueError as problem:
        return answered(ctx, encoding.bad_request(str(problem)), 400)
    cmdlet = binding.cmdlets().get(name)
    handler = HANDLERS.get(name)
    if cmdlet is None or handler is None or not may_run(ctx, ctx.bearer, name):
        return Reply(403, NULS, "application/octet-stream")
    if not name.startswith(READS):
        ctx.write()
    try:
        call = Call(ctx.tenant, binding.bind(cmdlet, given))
        rows = [encoding.encode(row) for row in handler(call)]
        return answered(ctx, paged(ctx, rows, call.warnings))
    except CmdletError as problem:
        return answered(ctx, encoding.failure(problem), problem.status)
    except BadCall as problem:
        return answered(ctx, encoding.bad_request(str(problem)), 400)


def called(document: Any) -> tuple[str, dict[str, Any]]:
    """Return the cmdlet (in lower case) and its parameters; raises BadCall."""
    call = document.get("CmdletInput") if isinstance(document, dict) else None
    if not isinstance(call, dict) or not isinstance(call.get("CmdletName"), str):
        raise BadCall("CmdletInput with a CmdletName is required.")
    if not isinstance(call.get("Parameters"), dict):
        raise BadCall("Parameters must be an object.")
    return call["CmdletName"].lower(), call["Parameters"]


def paged(ctx: Context, rows: list[encoding.Row], warnings: list[str]) -> dict[str, Any]:
    """Return one page of the rows; the next one comes when the same body is posted to its link."""
    size, start = page_size(ctx.headers.get("prefer", "")), place_of(ctx.query.get("$skiptoken"))
    names = [name for name in ctx.query.get("$select", "").split(",") if name]
    page = [encoding.select(row, names) if names else row for row in rows[start : start + size]]
    link = None
    if start + size < len(rows):
        token = base64.urlsafe_b64encode(json.dumps(start + size).encode()).decode().rstrip("=")
        kept = f"&%24select={','.join(names)}" if names else ""
        link = f"{ctx.base}{ctx.path}?%24skiptoken={token}{kept}"
    return encoding.envelope(ctx.params["tenant"], page, warnings, link)


def page_size(prefer: str) -> int:
    """Return the number of rows a Prefer header asks for."""
    for part in prefer.replace(";", ",").split(","):
        name, _equals, value = part.partition("=")
        if name.strip().lower() == "odata.maxpagesize" and value.strip().isdigit():
            return min(max(int(value), 1), LONGEST_PAGE)
    return PAGE


def place_of(token: str | None) -> int:
    """Return where a page begins; raises BadCall."""
    if token is None:
        return 0
    try:
        return int(json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))))
    except (binascii.Error, TypeError, ValueError):
        raise BadCall("The skip token is invalid.") from None


def answered(ctx: Context, document: dict[str, Any], status: int = 200) -> Reply:
    """Return an answer with its headers (recorded)."""
    exchange = ctx.tenant.exchange
    exchange.remaining = max(0, exchange.remaining - 1)
    reset = ctx.tenant.clock.utc() + timedelta(minutes=5)
    headers = {
        "OData-Version": "4.0",
        "Request-Id": new_id(),
        "Rate-Limit-Limit": "30000",
        "Rate-Limit-Remaining": str(exchange.remaining),
        "Rate-Limit-Reset": reset.strftime("%Y-%m-%dT%H:%M:%S.") + f"{reset.microsecond // 1000:03d}Z",
        "Preference-Applied": 'odata.include-annotations="*"',
        "X-Ms-Appid": ctx.bearer.app_id,
    }
    return reply(document, status, headers, encoding.MEDIA)


def batch(ctx: Context) -> Reply:
    """Run up to ten cmdlets (the request is read from a client's source, the answer is OData's, inferred)."""

    def act() -> Reply:
        try:
            requests = json.loads(ctx.raw_body)["requests"]
            if len(requests) > MOST_IN_BATCH:
                raise ValueError(f"A batch takes {MOST_IN_BATCH} requests.")
            answers = [one(entry) for entry in requests]
        except (KeyError, TypeError, ValueError) as problem:
            return answered(ctx, encoding.bad_request(str(problem)), 400)
        return answered(ctx, {"responses": answers})

    def one(entry: dict[str, Any]) -> dict[str, Any]:
        answer = run(ctx, json.dumps(entry.get("body")).encode())
        document = json.loads(answer.body) if answer.body and answer.body != NULS else None
        return {"id": entry["id"], "status": answer.status, "headers": {}, "body": document}

    return guarded(ctx, act)


def module_file(ctx: Context) -> Reply:
    """List the cmdlets that the caller may run (the name of the field is read from a client's source)."""

    def act() -> Reply:
        names = [
            one.name for key, one in binding.cmdlets().items() if key in HANDLERS and may_run(ctx, ctx.bearer, key)
        ]
        if not names:
            return Reply(403, NULS, "application/octet-stream")
        return answered(ctx, {"value": [{"exportedCmdlets": ",".join(sorted(names))}]})

    return guarded(ctx, act)
