# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the variables by which the client's server is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .given import given, url_parts

if TYPE_CHECKING:
    from collections.abc import Mapping


def placeos_faults(variables: Mapping[str, Any]) -> list[str]:
    """Every fault of the placeos_* variables; never shows a secret."""
    faults = []
    url = given(variables, "placeos_url")
    parts = url_parts(url)
    if not url:
        faults.append("placeos_url: is not set; give the address of the server, such as https://acme.placeos.example")
    elif parts.scheme not in ("https", "http") or not parts.hostname:
        faults.append(f"placeos_url: {url!r} is not an absolute URL such as https://acme.placeos.example")
    elif parts.path.strip("/") or parts.query:
        faults.append(f"placeos_url: {url!r} must end after the host name and port")
    platform = given(variables, "placeos_platform") or "auto"
    if platform not in ("auto", "placeos", "acaengine"):
        faults.append(f"placeos_platform: {platform!r} is none of auto, placeos and acaengine")
    password = all(given(variables, f"placeos_{name}") for name in ("username", "password", "client_id"))
    if platform == "acaengine" and not (given(variables, "placeos_token") or password):
        faults.append(
            "placeos_username: ACAEngine has no API keys; give placeos_username, placeos_password and placeos_client_id"
        )
    elif not (given(variables, "placeos_api_key") or given(variables, "placeos_token") or password):
        faults.append(
            "placeos_api_key: is not set; put an administrator's API key into the vault "
            "(or give placeos_token, or placeos_username, placeos_password and placeos_client_id)"
        )
    return faults
