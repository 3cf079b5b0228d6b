# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the variables of the app that PlaceOS uses, and of the identity that manages it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .given import GUID, given, truth, url_parts

if TYPE_CHECKING:
    from collections.abc import Mapping

CLOUDS = ("global", "gcc-high", "dod", "china")
ENDPOINTS = ("microsoft_login_url", "microsoft_graph_url", "microsoft_exchange_url")
CREDENTIALS = ("client_secret", "certificate_path", "access_token", "managed_identity")
"""What the automation identity may sign in with, below ``microsoft_automation_``."""


def app_faults(variables: Mapping[str, Any], *, managed: bool = False, made: bool = False) -> list[str]:
    """Every fault of the app's variables; where this run makes the app, its id and secret may be missing.

    Where another run makes it (managed), nobody is sent to the portal for them.
    """
    faults = []
    file = given(variables, "graph_app_secret_file") if managed else ""
    elsewhere = f"the role graph_app makes it and keeps it in {file}; run site.yml once without --tags, or with --tags graph_app"
    for name in ("microsoft_tenant_id", "microsoft_client_id"):
        value = given(variables, name)
        if not value and not (made and name == "microsoft_client_id"):
            by_hand = "it is shown on the overview page of the app registration"
            faults.append(f"{name}: is not set; {elsewhere if file and name == 'microsoft_client_id' else by_hand}")
        elif value and not GUID.match(value):
            faults.append(f"{name}: {value!r} is not a GUID such as 11111111-2222-3333-4444-555555555555")
    secret = given(variables, "microsoft_client_secret")
    if not secret and not made:
        by_hand = "put the value of the client secret into the vault"
        faults.append(f"microsoft_client_secret: is not set; {elsewhere if file else by_hand}")
    elif GUID.match(secret):
        faults.append("microsoft_client_secret: is a GUID, so it is the secret's id; the value beside it is needed")
    return faults


def endpoint_faults(variables: Mapping[str, Any]) -> list[str]:
    """Every fault of the addresses at which Microsoft is asked."""
    faults = []
    cloud = given(variables, "microsoft_cloud") or "global"
    if cloud not in CLOUDS:
        faults.append(f"microsoft_cloud: {cloud!r} is none of {', '.join(CLOUDS)}")
    for name in ENDPOINTS:
        url = given(variables, name)
        parts = url_parts(url)
        if url and (parts.scheme != "https" or not parts.hostname):
            faults.append(f"{name}: {url!r} is not an https URL; credentials are sent nowhere else")
    return faults


def automation_faults(variables: Mapping[str, Any]) -> list[str]:
    """Every fault of the identity that manages the app; never shows a secret."""
    return [*_automation_id(variables), *_automation_credential(variables)]


def _automation_id(variables: Mapping[str, Any]) -> list[str]:
    name = "microsoft_automation_client_id"
    value = given(variables, name)
    if not value:
        by_itself = any(_is_given(variables, f"microsoft_automation_{kind}") for kind in CREDENTIALS[2:])
        return [] if by_itself else [f"{name}: is not set; it is the id of the application that manages the tenant"]
    if not GUID.match(value):
        return [f"{name}: {value!r} is not a GUID such as 11111111-2222-3333-4444-555555555555"]
    if value.lower() == given(variables, "microsoft_client_id").lower():
        fault = (
            f"{name}: is the app that PlaceOS uses (microsoft_client_id); what may change the tenant must be an "
            "identity of its own, since PlaceOS's secret is known to more systems"
        )
        return [fault]
    return []


def _automation_credential(variables: Mapping[str, Any]) -> list[str]:
    faults = []
    kinds = [f"microsoft_automation_{kind}" for kind in CREDENTIALS]
    there = [name for name in kinds if _is_given(variables, name)]
    if not there:
        faults.append(
            f"{kinds[0]}: is not set; client_manages_microsoft needs one of {', '.join(kinds[:-1])} "
            f"(or {kinds[-1]}, for Exchange)"
        )
    both = [name for name in there if name in kinds[:2]]
    if len(both) > 1:
        faults.append(f"{both[0]}: {both[1]} is given too; leave one of them out")
    if GUID.match(given(variables, kinds[0])):
        faults.append(f"{kinds[0]}: is a GUID, so it is the secret's id; the value beside it is needed")
    path = given(variables, kinds[1])
    if path and not Path(path).expanduser().is_file():
        faults.append(f"{kinds[1]}: there is no file {path!r} on the machine that runs Ansible")
    return faults


def _is_given(variables: Mapping[str, Any], name: str) -> bool:
    if name == "microsoft_automation_managed_identity":
        return truth(variables, name) or bool(GUID.match(given(variables, name)))
    return bool(given(variables, name))
