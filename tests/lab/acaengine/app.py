# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ASGI application: routing, checks before a handler, and errors as Rails turns them into answers."""

from __future__ import annotations

import logging

from starlette.types import Receive, Scope, Send

from .auth import authorize, check
from .errors import BadRequest, Crash, Halt, Invalid, TokenInvalid, UserNotFound
from .http import Context, Reply, head, reply
from .params import parse_body, parse_query
from .resources import register_all
from .routing import Route, Router
from .state import Options, State

LOG = logging.getLogger("lab.acaengine")
PHRASES = {400: "Bad Request", 404: "Not Found", 500: "Internal Server Error"}
REALM = "Doorkeeper"


class ACAEngine:
    """Answers HTTP requests from a state."""

    def __init__(self, options: Options | None = None, domain: str = "localhost") -> None:
        self.state = State(options, domain)
        self.router = register_all(Router())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        answer = self.answer(scope, body)
        headers = [(b"content-length", str(len(answer.body)).encode())]
        if answer.media:
            headers.append((b"content-type", answer.media.encode()))
        headers += [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})

    def answer(self, scope: Scope, body: bytes) -> Reply:
        """Return the answer to a request."""
        raw_path = scope["raw_path"].decode("latin-1").partition("?")[0]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        found = self.router.match(scope["method"], raw_path)
        if found is None:
            return exception_page(404, headers)
        route, values = found
        # Rails believes a proxy (ActionDispatch::Http::URL#raw_host_with_port).
        host = (headers.get("x-forwarded-host") or headers.get("host", "")).rpartition(",")[2].strip().partition(":")[0]
        ctx = Context(self.state, scope["method"], host, headers, dict(values))
        try:
            query = parse_query(scope["query_string"].decode("latin-1"))
            ctx.params = {**query, **parse_body(headers.get("content-type", ""), body), **values}
            return run(route, ctx)
        except Halt as problem:
            return head(problem.status)
        except Invalid as problem:
            return reply(problem.errors, 406)
        except TokenInvalid as problem:
            words = f'Bearer realm="{REALM}", error="invalid_token", error_description="{problem}"'
            headers = {"Cache-Control": "no-store", "Pragma": "no-cache", "WWW-Authenticate": words}
            return Reply(401, headers=headers)
        except UserNotFound:
            return head(401)
        except BadRequest:
            return exception_page(400, headers)
        except Crash as problem:
            LOG.info("%s %s: %s", scope["method"], raw_path, problem)
            return exception_page(500, headers)
        except Exception:
            LOG.exception("%s %s", scope["method"], raw_path)
            return exception_page(500, headers)


def run(route: Route, ctx: Context) -> Reply:
    """Check token and role, in this order and before anything is looked up, and carry the action out."""
    if not route.public:
        ctx.token = authorize(ctx)
    if route.role:
        check(ctx, route.role)
    return route.handler(ctx)


def exception_page(status: int, headers: dict[str, str]) -> Reply:
    """Rails' page for what nobody rescued (ActionDispatch::PublicExceptions 5.2, inferred).

    JSON when exactly that was accepted, else a file of public/, which RP has none of, so that the body is empty.
    """
    if headers.get("accept", "").partition(";")[0].strip() == "application/json":
        return reply({"status": status, "error": PHRASES[status]}, status)
    return head(status)
