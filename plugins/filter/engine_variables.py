# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter ``engine_variables``: what the engine service is to find in its environment."""

from __future__ import annotations

DOCUMENTATION = r"""
name: engine_variables
short_description: Makes the variables of the engine service from those of the inventory
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Checks the variables of the role P(placeos.office365.engine_environment#role) as a whole, and makes from them what
    the engine service is to find in its environment.
  - A token URL that is the bare tenant id, as an old check-list has it, is corrected to the path, with a warning.
options:
  _input:
    description: The variables by their full names.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Nothing is wrong with the variables
  ansible.builtin.assert:
    that: (hostvars[inventory_hostname] | placeos.office365.engine_variables).faults | length == 0
"""

RETURN = r"""
_value:
  description: The variables, and what is wrong with them.
  type: dict
  contains:
    environment:
      description: Variables that are not secret.
      type: dict
    secrets:
      description: Variables that are secret.
      type: dict
    faults:
      description: One sentence per fault, beginning with the inventory's variable; empty when all is well.
      type: list
      elements: str
"""

from typing import TYPE_CHECKING, Any

from ansible.utils.display import Display

from ..plugin_utils._engine.variables import read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def engine_variables(given: Mapping[str, Any]) -> dict[str, Any]:
    """Variables of the service, and every fault of the inventory's; faults never show a secret."""
    result = read(given)
    for warning in result.warnings:
        Display().warning(warning)
    return {"environment": result.environment, "secrets": result.secrets, "faults": result.faults}


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"engine_variables": engine_variables}
