# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the modules: connection, one object's fields, and the task as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible.module_utils.common.parameters import env_fallback

from ansible_collections.placeos.office365.plugins.module_utils._plan import Kind


def _env(name: str, **spec: Any) -> dict[str, Any]:
    return {**spec, "fallback": (env_fallback, [name])}


def connection_spec() -> dict[str, Any]:
    """How to reach a server; documented in the fragment ``placeos.office365.connection``."""
    return {
        "url": _env("PLACEOS_URL", type="str", required=True),
        "api_key": _env("PLACEOS_API_KEY", type="str", no_log=True),
        "token": _env("PLACEOS_TOKEN", type="str", no_log=True),
        "username": _env("PLACEOS_USERNAME", type="str"),
        "password": _env("PLACEOS_PASSWORD", type="str", no_log=True),
        "client_id": _env("PLACEOS_CLIENT_ID", type="str"),
        "host_header": _env("PLACEOS_HOST_HEADER", type="str"),
        "platform": _env("PLACEOS_PLATFORM", type="str", choices=["auto", "placeos", "acaengine"], default="auto"),
        "validate_certs": _env("PLACEOS_VALIDATE_CERTS", type="bool", default=True),
        "ca_path": _env("PLACEOS_CA_PATH", type="path"),
        "timeout": _env("PLACEOS_TIMEOUT", type="float", default=30.0),
        "retry_deadline": {"type": "float", "default": 60.0},
        "index_lag": {"type": "float", "default": 2.0},
        "max_workers": {"type": "int", "default": 8},
    }


def object_spec(kind: Kind, *, omit: Iterable[str] = (), extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The options of one object, made from the table of kinds."""
    spec: dict[str, Any] = {"id": {"type": "str"}}
    for field in kind.fields:
        if field.name in omit:
            continue
        option: dict[str, Any] = {"type": field.type}
        if field.elements:
            option["elements"] = field.elements
        if field.options:
            option["options"] = {name: dict(suboption) for name, suboption in field.options.items()}
        if field.choices:
            option["choices"] = list(field.choices)
        if field.default is not None:
            option["default"] = field.default
        # Said for secrets, and denied where a name only sounds like one.
        if field.secret:
            option["no_log"] = True
        spec[field.name] = option
    spec.update(extra or {})
    spec["state"] = {"type": "str", "choices": ["present", "absent"], "default": "present"}
    if any(identity == ("parent", "name") for identity in kind.identities):
        del spec["id"]
    return spec


def policy_spec(kind: Kind, *, secrets: bool = False) -> dict[str, Any]:
    """Options of the task as a whole; documented in the fragment ``placeos.office365.policy``."""
    scopes: dict[str, Any] = {
        name: {"type": "list", "elements": "str"} if name in kind.list_scopes else {"type": "str"}
        for name in kind.scopes
    }
    spec: dict[str, Any] = {
        "purge": {"type": "bool", "default": False},
        "purge_scope": {"type": "dict", "options": scopes},
        "purge_max_share": {"type": "float", "default": 0.1},
        "force": {"type": "bool", "default": False},
    }
    if secrets:
        spec["update_secret"] = {
            "type": "str",
            "choices": ["on_change", "on_create", "always"],
            "default": "on_change",
            "no_log": False,
        }
    return spec
