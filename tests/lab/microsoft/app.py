# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ASGI application: routing, tokens, permissions, errors as Graph answers them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import Any

from starlette.types import Receive, Scope, Send

from ..gate import READ_ONLY_BODY, READ_ONLY_STATUS
from . import batch, directory, exchange, mailbox, places, signin
from .errors import GraphError, new_id
from .http import Context, Refused, Reply, parse_query, reply
from .permissions import check
from .routing import Router, version_of
from .signin.bearer import authenticate_graph
from .state import Options, Tenant

LOG = logging.getLogger("lab.microsoft")
DIAGNOSTIC = (
    '{"ServerInfo":{"DataCenter":"Australia East","Slice":"E","Ring":"5","ScaleUnit":"000","RoleInstance":"LAB"}}'
)


class Microsoft:
    """Answers HTTP requests from a tenant."""

    def __init__(
        self, options: Options | None = None, *, empty: bool = False, certificate: bytes | None = None
    ) -> None:
        self.tenant = Tenant(options, empty=empty, certificate=certificate)
        self.router = Router()
        for part in (signin, directory, mailbox, places, exchange):
            part.register(self.router)
        batch.register(self.router, self.answer_graph)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        answer = await self.answer(scope, body)
        headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
        content = answer.body or b""
        if answer.status != 204:
            headers.append((b"content-length", str(len(content)).encode()))
        if answer.body is not None:
            headers.append((b"content-type", answer.media.encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})

    async def answer(self, scope: Scope, body: bytes) -> Reply:
        """Return the answer to a request."""
        path = scope["raw_path"].decode("latin-1").partition("?")[0]
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        ctx = Context(
            tenant=self.tenant,
            method=scope["method"],
            path=path,
            version="",
            base=f"{scope['scheme']}://{headers.get('host', 'localhost')}",
            query=parse_query(scope["query_string"].decode("latin-1")),
            headers=headers,
            raw_body=body,
            params={},
            gate=scope.get("lab.gate"),
        )
        other = self.router.match_other(ctx.method, path)
        if other is None:
            return await self.answer_graph(ctx)
        route, ctx.params = other
        try:
            return await carried_out(route.handler(ctx))
        except GraphError as problem:
            return reply(problem.body(ctx.tenant.clock.text(), new_id(), new_id()), problem.status, problem.headers)
        except Refused:
            return Reply(READ_ONLY_STATUS, READ_ONLY_BODY, "text/plain")
        except Exception:
            LOG.exception("%s %s", ctx.method, ctx.path)
            return Reply(500)

    async def answer_graph(self, ctx: Context) -> Reply:
        """Return the answer to a request of Graph; ``ctx.path`` still has its version."""
        ctx.request_id = new_id()
        ctx.client_request_id = ctx.headers.get("client-request-id") or ctx.request_id
        try:
            answer = await self._handle(ctx)
        except GraphError as problem:
            document = problem.body(ctx.tenant.clock.text(), ctx.request_id, ctx.client_request_id)
            answer = reply(document, problem.status, problem.headers, "application/json")
        except Refused:
            return Reply(READ_ONLY_STATUS, READ_ONLY_BODY, "text/plain")
        except Exception:
            LOG.exception("%s %s", ctx.method, ctx.path)
            error = GraphError(500, "generalException", "An unexpected error occurred while processing the request.")
            document = error.body(ctx.tenant.clock.text(), ctx.request_id, ctx.client_request_id)
            answer = reply(document, 500, media="application/json")
        answer.headers = {**self._headers(ctx, answer), **answer.headers}
        return answer

    async def _handle(self, ctx: Context) -> Reply:
        ctx.token = authenticate_graph(ctx)
        ctx.version, ctx.path = version_of(ctx.path)
        method = "GET" if ctx.method == "HEAD" else ctx.method
        route, ctx.params = self.router.match(method, ctx.path, ctx.version)
        if route.accept is not None:
            check(route.area, ctx.token.roles, route.accept)
        return await carried_out(route.handler(ctx))

    @staticmethod
    def _headers(ctx: Context, answer: Reply) -> dict[str, str]:
        """Return what every answer of Graph carries (recorded/entra_and_users)."""
        always: dict[str, Any] = {
            "Cache-Control": "no-cache" if answer.status < 400 else "private",
            "request-id": ctx.request_id,
            "client-request-id": ctx.client_request_id,
            "x-ms-ags-diagnostic": DIAGNOSTIC,
            "Strict-Transport-Security": "max-age=31536000",
        }
        if answer.status < 300:
            always["OData-Version"] = "4.0"
        if answer.body is not None:
            always["Vary"] = "Accept-Encoding"
        return always


async def carried_out(result: Reply | Awaitable[Reply]) -> Reply:
    """Return what a handler returned; it may be a coroutine."""
    return result if isinstance(result, Reply) else await result
