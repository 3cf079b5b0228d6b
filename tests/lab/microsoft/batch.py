# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""POST /$batch: up to 20 requests in one; each is routed, authorised and hit by faults like a request of its own.

Source: microsoft-graph-docs-contrib concepts/json-batching.md. PlaceOS sends integers as ids and urls without the version;
some clients send urls with it, or without the leading slash: all are taken (inferred).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from .errors import GraphError, bad_request, known, new_id
from .http import Context, Reply, parse_query, reply
from .outage import fault_body
from .routing import Router

if TYPE_CHECKING:
    from ..faults import Rule

MOST = 20
AT_ONCE = 4
Answer = Callable[[Context], Awaitable[Reply]]
METHODS = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE"))


def register(router: Router, answer: Answer) -> None:
    """Register the route; ``answer`` handles an inner request, its path with the version."""

    async def batch(ctx: Context) -> Reply:
        requests = checked(ctx.json().get("requests"))
        return reply({"responses": await carry_out(ctx, requests, answer)}, media="application/json")

    router.add("batch", batch)


def checked(requests: Any) -> list[dict[str, Any]]:
    """Return the requests of a batch; 400 for what is no batch."""
    if not isinstance(requests, list) or not requests:
        raise bad_request("Invalid batch payload format.")
    if len(requests) > MOST:
        raise known("batch_too_many")
    ids: set[str] = set()
    for one in requests:
        if not isinstance(one, dict) or "id" not in one or not one.get("url") or one.get("method") not in METHODS:
            raise bad_request("Invalid batch payload format.")
        if str(one["id"]) in ids:
            raise known("batch_duplicate_id")
        for other in one.get("dependsOn") or []:
            if str(other) not in ids:
                # Only earlier requests can be waited for; this also excludes circles.
                raise bad_request(f"Invalid dependsOn: request '{other}' does not precede request '{one['id']}'.")
        if one.get("body") is not None and not any(
            str(name).lower() == "content-type" for name in (one.get("headers") or {})
        ):
            raise bad_request(f"Write request id : {one['id']} does not contain Content-Type header or body.")
        ids.add(str(one["id"]))
    return requests


async def carry_out(ctx: Context, requests: list[dict[str, Any]], answer: Answer) -> list[dict[str, Any]]:
    """Carry requests out, four at once at most, each after those it depends on."""
    gate = asyncio.Semaphore(AT_ONCE)
    done: dict[str, asyncio.Task[dict[str, Any]]] = {}

    async def one(request: dict[str, Any]) -> dict[str, Any]:
        before = [await done[str(name)] for name in request.get("dependsOn") or []]
        if any(earlier["status"] >= 400 for earlier in before):
            error = known("batch_dependency")
            error.message = "One or more of the requests this one depends on failed."
            return shown(request, failed(ctx, error))
        async with gate:
            return shown(request, await inner(ctx, request, answer))

    for request in requests:
        done[str(request["id"])] = asyncio.create_task(one(request))
    return [await task for task in done.values()]


async def inner(ctx: Context, request: dict[str, Any], answer: Answer) -> Reply:
    """Carry one request out."""
    path, _mark, query = str(request["url"]).partition("?")
    path = "/" + path.lstrip("/")
    if path.lower().split("/")[1] not in ("v1.0", "beta"):
        path = f"/{ctx.version}{path}"
    headers = {str(name).lower(): str(value) for name, value in (request.get("headers") or {}).items()}
    body = request.get("body")
    method = request["method"]
    own = replace(
        ctx,
        method=method,
        path=path,
        query=parse_query(query),
        headers={"authorization": ctx.headers["authorization"], **headers},
        raw_body=b"" if body is None else orjson.dumps(body),
        params={},
        token=None,
    )
    if path.lower().endswith("/$batch"):
        return failed(ctx, bad_request("A batch cannot contain a batch."))
    if ctx.gate is not None:
        rule = ctx.gate.faults.take(method, path)
        if rule is not None and rule.kind == "status":
            return faulty(ctx, rule, path)
        if rule is not None and rule.kind == "hang":
            await asyncio.sleep(rule.seconds)
        elif rule is not None:
            return failed(ctx, GraphError(502, "UnknownError", ""))
        if ctx.gate.is_write(method, path) and ctx.gate.refuses(method, path):
            return failed(ctx, GraphError(403, "LabIsReadOnly", "The lab is read-only"))
    return await answer(own)


def faulty(ctx: Context, rule: Rule, path: str) -> Reply:
    """Return the answer that a fault orders."""
    headers = {"Retry-After": f"{rule.retry_after:g}"} if rule.retry_after is not None else {}
    body = rule.body if rule.body is not None else fault_body(ctx.tenant, rule.status, path)
    return reply(body, rule.status, headers, "application/json")


def failed(ctx: Context, error: GraphError) -> Reply:
    """Return the answer of a request that was not carried out."""
    document = error.body(ctx.tenant.clock.text(), new_id(), ctx.client_request_id)
    return reply(document, error.status, error.headers, "application/json")


def shown(request: dict[str, Any], answer: Reply) -> dict[str, Any]:
    """Return a response of a batch; ids come back as texts."""
    headers = dict(answer.headers)
    body: Any = None
    if answer.body is not None:
        headers["Content-Type"] = answer.media
        try:
            body = json.loads(answer.body)
        except ValueError:
            body = answer.body.decode("utf-8", "replace")
    document = {"id": str(request["id"]), "status": answer.status, "headers": headers}
    return document if answer.body is None else {**document, "body": body}
