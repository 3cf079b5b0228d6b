# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ``connection_faults``: what is wrong with a client's connection variables."""

from __future__ import annotations

DOCUMENTATION = r"""
name: connection_faults
short_description: Lists the faults of a client's connection and credential variables
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Checks the variables by which the roles reach a client's server and Microsoft 365, without using them.
positional: microsoft
options:
  _input:
    description: The host's variables.
    type: dict
    required: true
  microsoft:
    description: Whether the credentials of Microsoft 365 are needed.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Nothing is missing
  ansible.builtin.assert:
    that: hostvars[inventory_hostname] | placeos.office365.connection_faults | length == 0
"""

RETURN = r"""
_value:
  description: One sentence per fault, beginning with the variable; empty when all is well.
  type: list
  elements: str
"""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

_GUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)


def connection_faults(variables: Mapping[str, Any], microsoft: bool = True) -> list[str]:
    """Every fault of the placeos_* and, where they are needed, microsoft_* variables; never shows a secret."""
    return [*_placeos(variables), *(_microsoft(variables) if microsoft else ())]


def _given(variables: Mapping[str, Any], name: str) -> str:
    value = variables.get(name)
    return "" if value is None else str(value).strip()


def _parts(url: str) -> SplitResult:
    """The parts of a URL; none of them where it is no URL, or its port no number."""
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else urlsplit("")
    except ValueError:
        return urlsplit("")


def _placeos(variables: Mapping[str, Any]) -> list[str]:
    faults = []
    url = _given(variables, "placeos_url")
    parts = _parts(url)
    if not url:
        faults.append("placeos_url: is not set; give the address of the server, such as https://acme.placeos.example")
    elif parts.scheme not in ("https", "http") or not parts.hostname:
        faults.append(f"placeos_url: {url!r} is not an absolute URL such as https://acme.placeos.example")
    elif parts.path.strip("/") or parts.query:
        faults.append(f"placeos_url: {url!r} must end after the host name and port")
    platform = _given(variables, "placeos_platform") or "auto"
    if platform not in ("auto", "placeos", "acaengine"):
        faults.append(f"placeos_platform: {platform!r} is none of auto, placeos and acaengine")
    password = all(_given(variables, f"placeos_{name}") for name in ("username", "password", "client_id"))
    if platform == "acaengine" and not (_given(variables, "placeos_token") or password):
        faults.append(
            "placeos_username: ACAEngine has no API keys; give placeos_username, placeos_password and placeos_client_id"
        )
    elif not (_given(variables, "placeos_api_key") or _given(variables, "placeos_token") or password):
        faults.append(
            "placeos_api_key: is not set; put an administrator's API key into the vault "
            "(or give placeos_token, or placeos_username, placeos_password and placeos_client_id)"
        )
    return faults


def _microsoft(variables: Mapping[str, Any]) -> list[str]:
    faults = []
    for name in ("microsoft_tenant_id", "microsoft_client_id"):
        value = _given(variables, name)
        if not value:
            faults.append(f"{name}: is not set; it is shown on the overview page of the app registration")
        elif not _GUID.match(value):
            faults.append(f"{name}: {value!r} is not a GUID such as 11111111-2222-3333-4444-555555555555")
    secret = _given(variables, "microsoft_client_secret")
    if not secret:
        faults.append("microsoft_client_secret: is not set; put the value of the client secret into the vault")
    elif _GUID.match(secret):
        faults.append("microsoft_client_secret: is a GUID, so it is the secret's id; the value beside it is needed")
    return faults


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"connection_faults": connection_faults}
