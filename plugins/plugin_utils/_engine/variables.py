# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the inventory's variables to those of the engine service: corrected, complete, and checked as a whole."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from . import values

_DOMAIN = re.compile(r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+$")
_SERVICE = re.compile(r"^[A-Za-z0-9._-]+$")
_PREFIX = "engine_environment_"


@dataclass
class Variables:
    """What the service is to be given."""

    environment: dict[str, object] = field(default_factory=dict)
    secrets: dict[str, object] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read(given: Mapping[str, Any]) -> Variables:
    """The variables of the service from the variables of the role, by their full names; all faults at once."""
    result = Variables()
    faults = result.faults
    faults += _place_faults(given) + _health_faults(given)
    for name, advice in (
        ("microsoft_tenant_id", "it is shown on the overview page of the app registration"),
        ("microsoft_client_id", "it is shown on the overview page of the app registration"),
        ("microsoft_client_secret", "put the value of the client secret into the vault"),
    ):
        if not _given(given, name):
            faults.append(f"{name}: is not set; {advice}")
    further = _mapping(given, "variables", faults)
    secrets = _mapping(given, "secrets", faults)
    if "OFFICE_CLIENT_SECRET" in further:
        faults.append(f"{_PREFIX}variables: OFFICE_CLIENT_SECRET is a secret; it belongs in {_PREFIX}secrets")
    result.environment = {
        "OFFICE_CLIENT_ID": _given(given, "microsoft_client_id"),
        "OFFICE_TOKEN_URL": f"/{_given(given, 'microsoft_tenant_id')}/oauth2/v2.0/token",
        "INTERNAL_DOMAIN": _domains(given, faults) if "INTERNAL_DOMAIN" not in further else "",
        **further,
    }
    result.secrets = {"OFFICE_CLIENT_SECRET": _given(given, "microsoft_client_secret"), **secrets}
    _correct_token_url(result)
    for name in sorted(further.keys() & secrets.keys()):
        faults.append(f"{_PREFIX}secrets: {name} is in {_PREFIX}variables too; give it once")
    for where, of_role in (("variables", further), ("secrets", secrets)):
        for name, value in of_role.items():
            if not values.NAME.match(str(name)):
                faults.append(f"{_PREFIX}{where}: {name!r} is no name of a variable; use letters, digits and _")
            elif fault := values.fault(value):
                faults.append(f"{_PREFIX}{where}: {name} {fault}")
    for name in ("microsoft_client_id", "microsoft_client_secret", "microsoft_tenant_id"):
        if fault := values.fault(_given(given, name)):
            faults.append(f"{name}: {fault}")
    return result


def _given(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    return "" if value is None else str(value).strip()


def _mapping(given: Mapping[str, Any], name: str, faults: list[str]) -> dict[str, Any]:
    value = given.get(_PREFIX + name) or {}
    if isinstance(value, Mapping):
        return dict(value)
    faults.append(f"{_PREFIX}{name}: must be a mapping of names to values")
    return {}


def _place_faults(given: Mapping[str, Any]) -> list[str]:
    faults = []
    folder = _given(given, _PREFIX + "directory")
    if not folder:
        faults.append(
            f"{_PREFIX}directory: is not set; give the folder on the VM that docker-compose.yaml is in, such as /opt/aca"
        )
    elif not folder.startswith("/") or ".." in folder.split("/"):
        faults.append(f"{_PREFIX}directory: {folder!r} is not an absolute path such as /opt/aca")
    if not _SERVICE.match(_given(given, _PREFIX + "service")):
        faults.append(f"{_PREFIX}service: is not the name of a Compose service such as engine")
    name = _given(given, _PREFIX + "override_file")
    if posixpath.basename(name) != name or not name.endswith((".yml", ".yaml")):
        faults.append(f"{_PREFIX}override_file: {name!r} is not a file name such as docker-compose.override.yml")
    return faults


def _health_faults(given: Mapping[str, Any]) -> list[str]:
    faults = []
    url = urlsplit(_given(given, _PREFIX + "health_url"))
    if url.scheme not in ("http", "https") or not url.hostname:
        faults.append(f"{_PREFIX}health_url: is not an address such as http://127.0.0.1:8080/auth/authority")
    try:
        positive = float(_given(given, _PREFIX + "health_timeout")) > 0
    except ValueError:
        positive = False
    if not positive:
        faults.append(f"{_PREFIX}health_timeout: is not a number of seconds above 0")
    return faults


def _domains(given: Mapping[str, Any], faults: list[str]) -> str:
    """INTERNAL_DOMAIN: the engine splits it at commas and compares letter by letter, so blanks must not remain."""
    value = given.get(_PREFIX + "internal_domain") or ""
    names = value if isinstance(value, (list, tuple)) else str(value).split(",")
    domains = [str(name).strip().removeprefix("@") for name in names if str(name).strip()]
    if not domains:
        faults.append(
            f"{_PREFIX}internal_domain: is not set; give the e-mail domain of the client's people, such as "
            "acme.example, or several: who has another one counts as a visitor"
        )
    faults += [
        f"{_PREFIX}internal_domain: {domain!r} is not a domain such as acme.example"
        for domain in domains
        if not _DOMAIN.match(domain)
    ]
    return ",".join(domains)


def _correct_token_url(result: Variables) -> None:
    """The check-list says that the token URL is the tenant id; it is the path, or a whole URL, that has it inside."""
    url = values.text(result.environment["OFFICE_TOKEN_URL"]).strip()
    if not url or url.startswith("/") or "://" in url:
        return
    path = f"/{url}" if "/" in url else f"/{url}/oauth2/v2.0/token"
    result.environment["OFFICE_TOKEN_URL"] = path
    result.warnings.append(
        f"{_PREFIX}variables: OFFICE_TOKEN_URL must be a path; {url} was corrected to {path}. "
        "It can be left out: the tenant id is known"
    )
