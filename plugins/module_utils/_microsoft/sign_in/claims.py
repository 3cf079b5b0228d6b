# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a token says about itself. Not verified, for diagnosis only: to its holder a token is opaque by contract."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import (
    EXCHANGE_APP_ID,
    GRAPH_APP_ID,
)

_CREDENTIALS = {"1": "secret", "2": "certificate"}
_IDS = {GRAPH_APP_ID: "graph", EXCHANGE_APP_ID: "outlook"}
"""A token may name its resource by id instead of address."""


@dataclass(frozen=True)
class Claims:
    """expires: seconds since 1970; credential: secret or certificate; idtyp: app, user or None.

    object_id: of the service principal; directory_roles: templates of the roles of the directory that it has.
    """

    roles: frozenset[str] = frozenset()
    app_id: str | None = None
    tenant_id: str | None = None
    audience: str | None = None
    expires: int | None = None
    credential: str | None = None
    idtyp: str | None = None
    readable: bool = True
    object_id: str | None = None
    directory_roles: frozenset[str] = frozenset()


OPAQUE = Claims(readable=False)
"""Of a token that is no JWT, or an encrypted one."""


def decode(token: str) -> Claims:
    """The claims of a JWT; OPAQUE for anything else. Never raises."""
    parts = token.split(".")
    if len(parts) != 3:
        return OPAQUE
    try:
        data = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return OPAQUE
    if not isinstance(data, dict):
        return OPAQUE
    expires = data.get("exp")
    return Claims(
        roles=_texts(data, "roles"),
        app_id=_text(data, "appid", "azp"),
        tenant_id=_text(data, "tid"),
        audience=_text(data, "aud"),
        expires=int(expires) if isinstance(expires, (int, float)) and abs(expires) < 1e12 else None,
        credential=_CREDENTIALS.get(str(data.get("appidacr") or data.get("azpacr"))),
        idtyp=_text(data, "idtyp"),
        object_id=_text(data, "oid"),
        directory_roles=_texts(data, "wids"),
    )


def _text(data: Mapping[str, Any], *names: str) -> str | None:
    return next((data[name] for name in names if isinstance(data.get(name), str) and data[name]), None)


def _texts(data: Mapping[str, Any], name: str) -> frozenset[str]:
    found = data.get(name)
    return frozenset(one for one in found if isinstance(one, str)) if isinstance(found, list) else frozenset()


def is_for(claims: Claims, audience: str) -> bool:
    """Is this token for that resource? A token that does not say passes: the server will tell."""
    if claims.audience is None:
        return True
    given, wanted = claims.audience.rstrip("/").lower(), audience.rstrip("/").lower()
    if given in _IDS:
        return _IDS[given] in wanted
    # Exchange goes by two names.
    return given.replace("outlook.office.com", "outlook.office365.com") == wanted
