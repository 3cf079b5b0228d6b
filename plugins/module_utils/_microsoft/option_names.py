# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of options in hints: the option, and the variable by which those know it who write an inventory.

A module is told an option, a role a variable, and neither knows of the other: so a hint that says what to set names both.
"""

from __future__ import annotations

from collections.abc import Mapping

_GRAPH_APP = "graph_app"
_GRAPH_APP_CHECK = "graph_app_check"
_GRAPH_ACCESS_POLICY = "graph_access_policy"

VARIABLES: Mapping[str, Mapping[str, str]] = {
    # Of all modules, below "".
    "": {
        "tenant": "microsoft_tenant_id",
        "cloud": "microsoft_cloud",
        "login_url": "microsoft_login_url",
        "graph_url": "microsoft_graph_url",
        "exchange_url": "microsoft_exchange_url",
        "ca_path": "microsoft_ca_path",
        "validate_certs": "microsoft_validate_certs",
        "timeout": "microsoft_timeout",
        "retry_deadline": "microsoft_retry_deadline",
        "max_workers": "microsoft_max_workers",
        # PlaceOS's app signs in with a client secret; these are the automation identity's.
        "access_token": "microsoft_automation_access_token",
        "certificate_path": "microsoft_automation_certificate_path",
        "certificate_passphrase": "microsoft_automation_certificate_passphrase",
    },
    _GRAPH_APP: {
        "app_id": "microsoft_client_id",
        "name": "graph_app_name",
        "unique_name": "graph_app_unique_name",
        "permissions": "graph_app_permissions",
        "purge": "graph_app_purge",
        "secret.days": "graph_app_secret_days",
        "secret_file": "graph_app_secret_file",
        "secret_file_vault_id": "graph_app_vault_id",
        "remove_secrets": "microsoft_client_secret_previous",
    },
    _GRAPH_APP_CHECK: {
        "client_id": "microsoft_client_id",
        "client_secret": "microsoft_client_secret",
        "permissions": "graph_app_permissions",
        "mode": "graph_access_kind",
        "scoped_permissions": "graph_access_permissions",
        "reader": "microsoft_automation_client_id",
        "secret_key_id": "microsoft_client_secret_key_id",
        "allowed_mailboxes": "graph_access_allowed_mailboxes",
        "denied_mailboxes": "graph_access_denied_mailboxes",
        "wait": "graph_access_wait",
    },
    _GRAPH_ACCESS_POLICY: {
        "app_id": "microsoft_client_id",
        "kind": "graph_access_kind",
        "purge": "graph_access_purge",
        "allowed_mailboxes": "graph_access_allowed_mailboxes",
        "denied_mailboxes": "graph_access_denied_mailboxes",
        "transport": "graph_access_transport",
        "pwsh_path": "graph_access_pwsh",
        "pwsh_timeout": "graph_access_pwsh_timeout",
        "organization": "graph_access_organization",
        "managed_identity": "microsoft_automation_managed_identity",
    },
}
"""By module: an option (with a point before a suboption) and the variable of the roles that sets it."""


def of_graph_app(*names: str) -> str:
    """These options of the module graph_app, each known in an inventory, as a sentence names them."""
    return _named(_GRAPH_APP, names)


def of_graph_app_check(*names: str) -> str:
    """The same of graph_app_check."""
    return _named(_GRAPH_APP_CHECK, names)


def of_graph_access_policy(*names: str) -> str:
    """The same of graph_access_policy."""
    return _named(_GRAPH_ACCESS_POLICY, names)


def of_all(*names: str) -> str:
    """The same of those options that all modules for Microsoft 365 have."""
    return _named("", names)


def _named(module: str, names: tuple[str, ...]) -> str:
    """``a and b (in an inventory x and y)``."""
    return f"{_listed(names)} (in an inventory {_listed([VARIABLES[module][name] for name in names])})"


def _listed(names: tuple[str, ...] | list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
