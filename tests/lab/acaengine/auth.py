# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is asking (CA app/controllers/auth/api/base.rb:15,55-80; DK lib/doorkeeper/oauth/token.rb)."""

from __future__ import annotations

import re

from .errors import TokenInvalid, forbidden
from .http import Context
from .tokens import Token

BEARER = re.compile(r"^Bearer ", re.IGNORECASE)
UNKNOWN = "The access token is invalid"


def authorize(ctx: Context) -> Token:
    """Return the token of a request, from the header, ``access_token`` or ``bearer_token``; TokenInvalid otherwise."""
    header = ctx.headers.get("authorization", "")
    given = BEARER.sub("", header) if BEARER.match(header) else ""
    given = given or ctx.text("access_token") or ctx.text("bearer_token") or ""
    token = ctx.state.tokens.issued.get(given)
    fault = UNKNOWN if token is None else token.fault
    if token is None or fault:
        raise TokenInvalid(fault)
    return token


def check(ctx: Context, role: str) -> None:
    """403 unless the user is an administrator, or (for "support") support staff or an administrator."""
    user = ctx.user
    if not (user["sys_admin"] or (role == "support" and user["support"])):
        raise forbidden()
