# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ASGI application of one PlaceOS server: routing, checks before a handler, and errors."""

from __future__ import annotations

import inspect
import logging
import uuid

import orjson
from starlette.types import Receive, Scope, Send

from .auth import authorize
from .errors import ApiError, crash, forbidden
from .http import Context, Reply, text
from .resources import register_all
from .routing import Route, Router
from .state import Options, State

LOG = logging.getLogger("lab.placeos")
MAX_REQUEST_LINE = 8 * 1024
JSON = "application/json"


class PlaceOS:
    """Answers HTTP requests from a state."""

    def __init__(self, options: Options | None = None, domain: str = "localhost") -> None:
        self.state = State(options, domain)
        self.router = register_all(Router())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        answer = await self.answer(scope, body)
        headers = [(b"content-type", answer.media.encode())]
        headers += [
            (name.lower().encode(), value.encode("latin-1", "replace")) for name, value in answer.headers.items()
        ]
        payload = b"" if scope["method"] == "HEAD" else answer.body
        headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": payload})

    async def answer(self, scope: Scope, body: bytes) -> Reply:
        """Return the answer to a request."""
        raw_path, query = scope["raw_path"].decode("latin-1").partition("?")[0], scope["query_string"].decode("latin-1")
        if len(f"{scope['method']} {raw_path}?{query} HTTP/1.1") > MAX_REQUEST_LINE:
            return text("414 URI Too Long\n", 414)
        found = self.router.match(scope["method"], raw_path)
        if found is None:
            return text("404 Not Found\n", 404)
        route, params = found
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        ctx = Context(self.state, scope["method"], raw_path, query, headers=headers, body=body)
        ctx.params = params
        request_headers: dict[str, str] = {}
        try:
            if not route.public:
                ctx.identity_ = authorize(ctx)
            request_headers["X-Request-ID"] = headers.get("x-request-id") or str(uuid.uuid4())
            answer = await _run(route, ctx)
        except ApiError as problem:
            answer = _error(problem)
        except Exception:
            LOG.exception("%s %s", scope["method"], raw_path)
            answer = _error(crash())
        answer.headers |= request_headers
        return answer


async def _run(route: Route, ctx: Context) -> Reply:
    if route.scopes and not ctx.identity.may(route.scopes, route.access):
        raise forbidden()
    _negotiate(route, ctx)
    answer = route.handler(ctx)
    return await answer if inspect.isawaitable(answer) else answer


def _negotiate(route: Route, ctx: Context) -> None:
    """Refuse answers in other formats than JSON (406) and bodies in them (415)."""
    accept = ctx.headers.get("accept", "")
    if accept and not any(
        part.split(";")[0].strip() in (JSON, "*/*", "application/*", "") for part in accept.split(",")
    ):
        wanted = accept.split(",")[0].split(";")[0].strip()
        raise ApiError(406, {"error": f"no renderer available for {wanted}, accepts {JSON}", "accepts": [JSON]})
    if route.body:
        media = ctx.headers.get("content-type", "").split(";")[0].strip().lower()
        if media and media != JSON:
            raise ApiError(415, {"error": f"no parser available for {media}", "accepts": [JSON]})


def _error(problem: ApiError) -> Reply:
    body = b"" if problem.body is None else orjson.dumps(problem.body)
    return Reply(problem.status, body, headers=dict(problem.headers))
