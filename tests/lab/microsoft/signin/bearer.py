# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access tokens in requests: who sent them, and what they allow. Roles are those in the token, whatever is granted now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import GraphError, known
from ..facts import GRAPH

if TYPE_CHECKING:
    from ..http import Context

GRAPH_AUDIENCES = frozenset(("https://graph.microsoft.com", "https://graph.microsoft.com/", GRAPH))
CHALLENGE = (
    'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
    f'client_id="{GRAPH}"'
)


@dataclass(frozen=True, slots=True)
class Bearer:
    """A valid token."""

    app_id: str
    oid: str
    """Id of the service principal."""
    roles: frozenset[str]
    claims: dict[str, Any]


def refused(name: str) -> GraphError:
    """Return a 401 of tables/errors.json with its challenge."""
    error = known(name)
    error.headers["WWW-Authenticate"] = CHALLENGE
    return error


def authenticate_graph(ctx: Context) -> Bearer:
    """Return the bearer of a request to Graph; raises the 401 of Graph."""
    return authenticate(ctx, GRAPH_AUDIENCES)


def authenticate(ctx: Context, audiences: frozenset[str]) -> Bearer:
    """Return the bearer of a token for one of the audiences; raises GraphError (401)."""
    scheme, _blank, token = ctx.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise refused("no_token")
    try:
        claims = ctx.tenant.signing_key.claims(token.strip())
    except ValueError:
        raise refused("bad_token") from None
    if not claims["nbf"] - 300 <= ctx.tenant.clock.now() < claims["exp"]:
        raise refused("expired_token")
    if claims["aud"] not in audiences:
        raise refused("wrong_audience")
    return Bearer(claims["appid"], claims["oid"], frozenset(claims.get("roles", ())), claims)
