# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals of Microsoft's sign-in: ``{"error", "error_description": "AADSTSnnnn: ...", "error_codes": [nnnn], ...}``.

Microsoft says that codes may change and must not steer a program; they refine what the standard's own value says
(RFC 6749, 5.2), and where a code is unknown that value alone decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._http_words import text
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.advice import advice
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_all

_BY_CODE: Mapping[int, str] = {
    # Entra, reference-error-codes, and answers captured in public.
    7000215: "bad_credential",
    7000216: "client_bug",
    7000218: "client_bug",
    7000222: "expired_credential",
    700027: "bad_credential",
    700024: "clock",
    700016: "unknown_application",
    7000112: "application_disabled",
    7000229: "missing_service_principal",
    90002: "unknown_tenant",
    900023: "unknown_tenant",
    1002012: "client_bug",
    70011: "client_bug",
    900144: "client_bug",
    900561: "client_bug",
    500011: "client_bug",
    53003: "policy_denial",
    90033: "transient",
    # From Entra's table of codes alone.
    700038: "unknown_application",
    50059: "unknown_tenant",
    50128: "unknown_tenant",
}
_DOUBTFUL = frozenset({"client_bug", "policy_denial", "unknown_application", "bad_credential"})
"""Kinds that the standard's own value stands for, among other things."""

_BY_ERROR: Mapping[str, str] = {
    "invalid_client": "bad_credential",
    "unauthorized_client": "unknown_application",
    "invalid_tenant": "unknown_tenant",
    "invalid_grant": "policy_denial",
    "interaction_required": "policy_denial",
    "access_denied": "policy_denial",
    "temporarily_unavailable": "transient",
    "server_error": "transient",
}
_ON_THE_WAY = (
    f"The request arrived without what was sent: check the proxy on the way, and {of_all('login_url')} if it is set; else "
    "report a defect of the collection."
)
_OTHER_CLOUD = (
    f"The application or the tenant belongs to another cloud: check {of_all('cloud')}, which has to be the tenant's, and "
    f"{of_all('login_url')} if it is set."
)
_HINTS: Mapping[int, str] = {
    500011: "The tenant does not know the service that the token is for, which is named above. Mostly the tenant is in "
    f"another cloud, or another tenant is meant: check {of_all('cloud', 'tenant')}. If both are right, the tenant has no "
    "such service: Exchange Online comes with its first licence.",
    500014: "The service that the token is for, named above, is switched off in this tenant: its subscription has ended, or "
    "an administrator has disabled it. An administrator sees which under Billing in the Microsoft 365 admin center, or "
    "among the Microsoft applications in Entra's Enterprise applications.",
    900382: _OTHER_CLOUD,
    900432: _OTHER_CLOUD,
    # What this collection sends has all of these; only something on the way can have taken them out.
    900561: _ON_THE_WAY,
    900144: _ON_THE_WAY,
    7000216: _ON_THE_WAY,
    7000218: _ON_THE_WAY,
}
"""Advice of single codes, where that of their kind does not say enough."""

_CODE = re.compile(r"\bAADSTS(\d{4,9})\b")
_TRAILER = re.compile(r"\s*\b(Trace ID|Correlation ID|Timestamp):.*$", re.DOTALL)
_GUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def sign_in_code(body: Any) -> int | None:
    """The first AADSTS number of an answer, from its list or its sentence."""
    if not isinstance(body, dict):
        return None
    codes = body.get("error_codes")
    for code in codes if isinstance(codes, list) else []:
        if isinstance(code, int) and not isinstance(code, bool):
            return code
    found = _CODE.search(text(body.get("error_description")))
    return int(found.group(1)) if found else None


def sign_in_words(body: Any) -> str:
    """What the sign-in said, without the trace numbers, which are given apart."""
    if not isinstance(body, dict):
        return ""
    said = _TRAILER.sub("", text(body.get("error_description")))
    return said or text(body.get("error"))


def sign_in_request_id(body: Any) -> str | None:
    """The number by which Microsoft's support finds the request."""
    return (text(body.get("trace_id")) or None) if isinstance(body, dict) else None


def sign_in_kind(status: int | None, body: Any) -> str:
    """The kind of a refused sign-in, from its status and parsed body; never raises."""
    if status == 429:
        return "throttled"
    if not isinstance(body, dict) or not isinstance(body.get("error"), str):
        if status is not None and status >= 500:
            return "transient"
        # The sign-in answers a path without a tenant so, with an empty body (recorded).
        return "client_bug" if status == 404 and not body else "malformed"
    kind = _BY_CODE.get(sign_in_code(body) or 0)
    if kind == "unknown_application" and "'microsoft services'" in sign_in_words(body).lower():
        # The directory of that name stands behind "common": the tenant was left out.
        return "client_bug"
    if kind:
        return kind
    if status is not None and status >= 500:
        return "transient"
    return _BY_ERROR.get(body["error"], "client_bug")


def sign_in_advice(code: int | None, kind: str = "", status: int | None = None) -> str:
    """What to do about a refusal: by its code, by its kind and status, or where to look the code up."""
    kind = kind or _BY_CODE.get(code or 0, "")
    told = _HINTS.get(code or 0)
    if told:
        return told
    if kind == "client_bug" and (code == 700016 or (code is None and status == 404)):
        # Both are what a tenant that is left out, or "common", looks like: see sign_in_kind.
        return advice("unknown_tenant")
    if code and (not kind or (kind in _DOUBTFUL and code not in _BY_CODE)):
        return f"{advice(kind)} https://login.microsoftonline.com/error?code={code} tells more.".lstrip()
    return advice(kind)


def looks_like_a_secret_id(secret: str | None) -> bool:
    """Is this a GUID? Secret values never are; their ids, which the portal shows beside them, always."""
    return bool(secret and _GUID.fullmatch(secret.strip()))
