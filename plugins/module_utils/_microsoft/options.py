# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the modules for Microsoft 365, and the identities they describe.

Documented in the fragment ``placeos.office365.microsoft``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ansible.module_utils.common.parameters import env_fallback

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.clouds import CLOUDS
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_all
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.certificates import (
    UnusableCertificate,
    key_pair,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.tokens import Identity

ENVIRONMENT: Mapping[str, str] = {
    "tenant": "AZURE_TENANT_ID",
    "client_id": "AZURE_CLIENT_ID",
    "client_secret": "AZURE_CLIENT_SECRET",
    "certificate_path": "AZURE_CLIENT_CERTIFICATE_PATH",
    "certificate_passphrase": "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "login_url": "AZURE_AUTHORITY_HOST",
}
"""Options with the environment variables that stand in for them, named as in Microsoft's own libraries."""

CREDENTIALS = ("client_secret", "certificate", "certificate_path", "access_token")
ENDPOINTS = ("login_url", "graph_url", "exchange_url")


class UnusableOption(Exception):
    """An option, or several together, that cannot be used; the text names them, never a secret."""


def identity_suboptions() -> dict[str, Any]:
    """A second identity, as suboptions; without fallbacks, since the environment describes the first one."""
    return {
        "client_id": {"type": "str"},
        "client_secret": {"type": "str", "no_log": True},
        "certificate": {"type": "str", "no_log": True},
        "certificate_path": {"type": "path"},
        "certificate_passphrase": {"type": "str", "no_log": True},
        "access_token": {"type": "str", "no_log": True},
    }


def microsoft_spec() -> dict[str, Any]:
    """The options of every module of the action group microsoft."""
    spec: dict[str, Any] = {
        "tenant": {"type": "str", "aliases": ["tenant_id"]},
        **identity_suboptions(),
        "cloud": {"type": "str", "choices": list(CLOUDS), "default": "global"},
        "login_url": {"type": "str"},
        "graph_url": {"type": "str"},
        "exchange_url": {"type": "str"},
        "ca_path": {"type": "path"},
        "validate_certs": {"type": "bool", "default": True},
        "timeout": {"type": "float", "default": 30.0},
        "retry_deadline": {"type": "float", "default": 60.0},
        "max_workers": {"type": "int", "default": 4},
    }
    for option, variable in ENVIRONMENT.items():
        spec[option]["fallback"] = (env_fallback, [variable])
    return spec


def identity_from(given: Mapping[str, Any], tenant: str | None, *, where: str = "") -> Identity:
    """The identity that the options describe; raises UnusableOption.

    where: the option that holds these suboptions, empty for the module's own.
    """
    inside = f"{where}." if where else ""
    credential = _credential(given, inside)
    if credential != "access_token":
        if not given.get("client_id"):
            raise UnusableOption(
                f"{inside}client_id is missing: {inside}{credential} needs the application it belongs to"
            )
        if not tenant:
            raise UnusableOption(
                f"{of_all('tenant')} is missing, as is AZURE_TENANT_ID: the id or a domain of the client's tenant"
            )
    certificate: str | bytes | None = None
    if credential.startswith("certificate"):
        certificate = given["certificate"] if credential == "certificate" else _content(given, inside)
        try:
            key_pair(certificate, given.get("certificate_passphrase"))
        except UnusableCertificate as error:
            name = f" ({given['certificate_path']})" if credential == "certificate_path" else ""
            raise UnusableOption(
                f"{inside}{credential}{name} cannot be used: {error}"
                + (f"; see {inside}{of_all('certificate_passphrase')}" if "passphrase" in str(error) else "")
            ) from error
    return Identity(
        tenant=tenant or "",
        client_id=given.get("client_id"),
        client_secret=given["client_secret"].strip() if credential == "client_secret" else None,
        certificate=certificate,
        passphrase=given.get("certificate_passphrase") if certificate else None,
        access_token=given["access_token"].strip() if credential == "access_token" else None,
    )


def has_credential(given: Mapping[str, Any] | None) -> bool:
    """Is there anything to sign in with?"""
    return bool(given) and any(given.get(name) for name in CREDENTIALS)  # type: ignore[union-attr]


def _credential(given: Mapping[str, Any], inside: str) -> str:
    """The one credential to use: what the task says goes before what the environment says."""
    present = [name for name in CREDENTIALS if given.get(name)]
    said = present if inside else [name for name in present if not _from_environment(name, given[name])]
    candidates = said or present
    if not candidates:
        raise UnusableOption(
            f"no credential: give {inside}client_secret, {inside}certificate_path, {inside}certificate or "
            f"{inside}access_token" + ("" if inside else " (or AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH)")
        )
    if len(candidates) > 1 and said:
        raise UnusableOption(
            f"{' and '.join(inside + name for name in candidates)} exclude each other; give one of them"
        )
    return candidates[0]


def _from_environment(option: str, value: Any) -> bool:
    return option in ENVIRONMENT and os.environ.get(ENVIRONMENT[option]) == value


def _content(given: Mapping[str, Any], inside: str) -> bytes:
    path = Path(given["certificate_path"])
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnusableOption(
            f"{inside}{of_all('certificate_path')}: {path} cannot be read on the host that runs this task: {error.strerror}"
        ) from error


def endpoint(option: str, value: str | None) -> str | None:
    """An overridden address without its last slash; AZURE_AUTHORITY_HOST may come without a scheme."""
    if not value:
        return None
    url = value if "://" in value else f"https://{value}"
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "https" and parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        usable = False
    if not usable:
        raise UnusableOption(
            f"{of_all(option)} must be an https address such as {getattr(CLOUDS['global'], option)}, not {value!r}"
        )
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise UnusableOption(
            f"{of_all(option)} must end after the host, without a path: https://{parts.netloc}, not {value}"
        )
    return f"https://{parts.netloc}"
