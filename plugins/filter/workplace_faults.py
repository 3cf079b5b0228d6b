# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter ``workplace_faults``: what is wrong with a client's inventory."""

from __future__ import annotations

DOCUMENTATION = r"""
name: workplace_faults
short_description: Lists what is wrong with a client's workplace
version_added: 0.1.0
author:
  - PlaceOS Office 365 collection contributors (@placeos)
description:
  - Makes the same checks as P(placeos.office365.workplace#filter) and returns the faults instead of failing, for
    playbooks that collect faults from several places.
positional: base_dir
options:
  _input:
    description:
      - The workplace, a dictionary. Its keys are described in the reference of the inventory.
    type: dict
    required: true
  base_dir:
    description:
      - The folder that a relative C(rooms_file) is looked for in, usually C(inventory_dir).
      - Needed only when the workplace names a rooms file by a relative path.
    type: path
seealso:
  - plugin: placeos.office365.workplace
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Refuse a faulty workplace before anything is touched
  ansible.builtin.assert:
    that: faults | length == 0
    fail_msg: "{{ faults | join('\n') }}"
  vars:
    faults: "{{ workplace | placeos.office365.workplace_faults(base_dir=inventory_dir) }}"
"""

RETURN = r"""
_value:
  description: The faults, one line each with path, fault and advice; empty when the workplace is good.
  type: list
  elements: str
  sample:
    - >-
      workplace.buildings[0].levels[1].rooms[3].email: "syd-27.01@acme" is not an e-mail address; write it as
      room@company.example
    - 'rooms.csv:14 capacity: "eight" is not a whole number from 0; write one such as 8, or leave the key out'
"""

from typing import TYPE_CHECKING, Any

from ansible.utils.display import Display

from ..plugin_utils._workplace.describe import describe

if TYPE_CHECKING:
    from collections.abc import Callable


def workplace_faults(value: object, base_dir: str | None = None) -> list[str]:
    """The faults of the workplace; empty when it is good."""
    description = describe(value, base_dir)
    for note in description.notes:
        Display().warning(note)
    return description.faults


class FilterModule:
    """The plugin as ansible-core loads it."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by its name."""
        return {"workplace_faults": workplace_faults}
