# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter ``rooms_inventory``: the rooms of a Microsoft 365 tenant merged into a client's inventory."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rooms_inventory
short_description: Merges the rooms of a Microsoft 365 tenant into a client's workplace
version_added: 0.1.0
author:
  - PlaceOS Office 365 collection contributors (@placeos)
description:
  - Reads the YAML file that holds C(workplace), and the rooms file that it names, merges the rooms into them, and returns
    the new texts and what differs. It writes nothing.
  - A room is found by its e-mail address, whatever the letter case. What is written in the inventory stays, with comments,
    order and quotes; gaps are filled; new rooms are added below their building and level; rooms that the tenant does not
    list are reported and stay.
  - It is the work of the playbook C(import_rooms.yml), which the how-to about importing rooms describes.
positional: workplace_file, base_dir
options:
  _input:
    description:
      - The rooms as M(placeos.office365.graph_room_info) returns them, all of the tenant.
    type: list
    elements: dict
    required: true
  workplace_file:
    description:
      - The YAML file with the variable C(workplace), absolute or relative to O(base_dir). It need not exist.
    type: path
    required: true
  base_dir:
    description:
      - The inventory's folder, usually C(inventory_dir); paths of rooms files begin there.
    type: path
    required: true
  workplace:
    description:
      - The variable as Ansible has evaluated it. Needed where the file holds templates.
    type: dict
  format:
    description:
      - Where new rooms are written. V(yaml) is the workplace's own tree, V(csv) its rooms file. Buildings and levels are
        written in the tree in either case.
    type: str
    choices: [yaml, csv]
    default: yaml
  rooms_file:
    description:
      - The CSV file for new rooms with O(format=csv), where the workplace does not name one yet.
    type: path
  name:
    description:
      - The name of a workplace that is begun by the import.
    type: str
  timezone:
    description:
      - The time zone of a workplace that is begun by the import.
    type: str
  timezones:
    description:
      - Time zones of buildings that the import adds, or has added without one, by the tenant's name of the building.
      - Where neither this nor the workplace has one, C(fill in) is written, which the check of the inventory refuses.
    type: dict
    default: {}
  buildings:
    description:
      - Import the rooms of these buildings only, by the tenant's names.
    type: list
    elements: str
    default: []
  exclude:
    description:
      - Addresses of rooms that are not to be imported, or patterns such as V(board-*).
    type: list
    elements: str
    default: []
  lists_as_buildings:
    description:
      - Take the name of a room's only room list for its building, where the tenant does not tell the building.
    type: bool
    default: false
  overwrite:
    description:
      - Fields of which the tenant's value replaces another one that is in the inventory.
    type: list
    elements: str
    choices: [capacity, description, display_name]
    default: []
  bookable:
    description:
      - Whether new rooms can be booked. Rooms that the tenant does not let people reserve never are.
    type: bool
    default: true
  separate:
    description:
      - Begin a file of its own even where the inventory has its workplace in another one.
    type: bool
    default: false
seealso:
  - module: placeos.office365.graph_room_info
  - plugin: placeos.office365.workplace_faults
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the rooms
  placeos.office365.graph_room_info:
    tenant: "{{ microsoft_tenant_id }}"
    client_id: "{{ microsoft_client_id }}"
    client_secret: "{{ microsoft_client_secret }}"
  register: tenant_rooms

- name: Show what an import would add
  ansible.builtin.debug:
    msg: "{{ merged.summary }}"
  vars:
    merged: >-
      {{ tenant_rooms.rooms | placeos.office365.rooms_inventory('host_vars/acme/workplace.yml', base_dir=inventory_dir,
         workplace=workplace) }}
"""

RETURN = r"""
_value:
  description: What to write, and what to know.
  type: dict
  contains:
    changed:
      description: Whether a file is to be written.
      type: bool
    files:
      description: The files, each with C(path), C(content), C(changed) and C(exists).
      type: list
      elements: dict
    separate:
      description: Whether a file was begun although the inventory has its workplace in another one.
      type: bool
    imported:
      description: How many rooms of the tenant were merged.
      type: int
    added:
      description: New rooms, each with C(room) (the stored name), C(email) and C(level).
      type: list
      elements: dict
    filled:
      description:
        - Gaps that were filled, each with C(room), C(email), C(field) and C(value).
        - For the time zone of a building, C(room) is the building, and C(email) is null.
      type: list
      elements: dict
    overwritten:
      description: Values that were replaced, each with C(room), C(email), C(field), C(inventory) and C(microsoft).
      type: list
      elements: dict
    moved:
      description: Rooms that left C(Unassigned), each with C(before), C(room), C(email) and C(level).
      type: list
      elements: dict
    different:
      description: Values that differ and stay, each with C(room), C(email), C(field), C(inventory) and C(microsoft).
      type: list
      elements: dict
    vanished:
      description: Rooms of the inventory that the tenant does not list, each with C(room) and C(email).
      type: list
      elements: dict
    incomplete:
      description: Imported rooms that lack something, each with C(room), C(email) and C(missing).
      type: list
      elements: dict
    unreadable:
      description: Rooms whose calendar could not be read, each with C(room), C(email) and C(mailbox).
      type: list
      elements: dict
    left_out:
      description: Rooms of the tenant that cannot be imported, each with C(room) and C(reason).
      type: list
      elements: dict
    by_hand:
      description: Rows of an XLSX rooms file that a person must change, each with C(line), C(room) and C(values).
      type: list
      elements: dict
    faults:
      description: What the check of the inventory finds once the files are written.
      type: list
      elements: str
    summary:
      description: All of it in lines for people.
      type: list
      elements: str
"""

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleTemplatePluginError

from ..plugin_utils._rooms.importing import Request, import_rooms
from ..plugin_utils._rooms.known import ImportFault
from ..plugin_utils._rooms.merge import Choices

if TYPE_CHECKING:
    from collections.abc import Callable


def rooms_inventory(rooms: object, workplace_file: str, base_dir: str, **options: Any) -> dict[str, Any]:
    """The result of :func:`..plugin_utils._rooms.importing.import_rooms`.

    Raises AnsibleTemplatePluginError where the inventory cannot be merged into.
    """
    if not isinstance(rooms, (list, tuple)):
        raise AnsibleTemplatePluginError("rooms_inventory takes the list of rooms that graph_room_info returns")
    given = {key: value for key, value in options.items() if value is not None}
    chosen = {key: given.pop(key) for key in ("overwrite", "bookable", "timezones") if key in given}
    try:
        request = Request(str(workplace_file), str(base_dir), choices=Choices(**chosen), **given)
    except TypeError as error:
        raise AnsibleTemplatePluginError(f"rooms_inventory: {error}") from None
    try:
        return import_rooms(rooms, request)
    except ImportFault as fault:
        raise AnsibleTemplatePluginError(str(fault)) from None


class FilterModule:
    """The plugin as ansible-core loads it."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by its name."""
        return {"rooms_inventory": rooms_inventory}
