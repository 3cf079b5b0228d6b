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
    description:
      - The host's variables. Those are looked at that begin with C(placeos_), C(microsoft_), C(graph_app_) and
        C(graph_access_).
    type: dict
    required: true
  microsoft:
    description: Whether the credentials of Microsoft 365 are needed.
    type: bool
    default: true
  managed:
    description: Whether Microsoft 365 is managed, so that the automation identity is needed.
    type: bool
    default: false
  checked:
    description: Whether the scope of the app is to be proved, so that a mailbox that must be refused is needed.
    type: bool
    default: false
  made:
    description: Whether this run makes the app and its secret, so that they may be missing.
    type: bool
    default: false
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

from collections.abc import Callable, Mapping
from typing import Any

from ..plugin_utils._client.microsoft import app_faults, automation_faults, endpoint_faults
from ..plugin_utils._client.placeos import placeos_faults
from ..plugin_utils._client.scope import managed_scope_faults, permission_faults, proof_faults


def connection_faults(
    variables: Mapping[str, Any],
    microsoft: bool = True,
    *,
    managed: bool = False,
    checked: bool = False,
    made: bool = False,
) -> list[str]:
    """Every fault of the placeos_* and, where they are needed, microsoft_* variables; never shows a secret."""
    faults = placeos_faults(variables)
    if microsoft:
        faults += app_faults(variables, managed=managed, made=made)
    if microsoft and (managed or checked):
        faults += endpoint_faults(variables) + permission_faults(variables)
    if microsoft and managed:
        faults += automation_faults(variables) + managed_scope_faults(variables)
    if microsoft and checked:
        faults += proof_faults(variables)
    return faults


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"connection_faults": connection_faults}
