#!/usr/bin/python
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read the rooms of a Microsoft 365 tenant."""

from __future__ import annotations

DOCUMENTATION = r"""
module: graph_room_info
short_description: Read the rooms and room lists of a Microsoft 365 tenant
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Reads all rooms of the tenant through Microsoft Graph, with the room lists that they are in and the state of their
    mailboxes. Nothing is changed.
  - Microsoft knows building, floor and capacity of a room only once they were set in Exchange (C(Set-Place)); any value
    may be null.
  - A new room mailbox appears 24 to 48 hours after it was made.
  - Reading rooms needs the application permission C(Place.Read.All), accounts C(User.Read.All), calendars
    C(Calendars.Read) or C(Calendars.ReadWrite), which PlaceOS's own application has.
  - The playbook C(import_rooms.yml) turns the result into an inventory.
extends_documentation_fragment:
  - placeos.office365.attributes
  - placeos.office365.attributes.microsoft_group
  - placeos.office365.attributes.info
  - placeos.office365.microsoft
options:
  room_lists:
    description:
      - Whether to read the room lists, too.
      - Graph shows at most 100 rooms of one list; a list that shows exactly so many gives a warning.
    type: bool
    default: true
  check_mailboxes:
    description:
      - Whether to look up the account of each room, and to read some minutes of its calendar as PlaceOS does.
      - That takes 54 requests for 1,000 rooms.
    type: bool
    default: true
  building:
    description:
      - Return only rooms of this building, by its name in the tenant, whatever the letter case.
    type: str
  emails:
    description:
      - Return only rooms with these addresses. An address that no room of the tenant has gives a warning.
    type: list
    elements: str
seealso:
  - plugin: placeos.office365.rooms_inventory
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the rooms of the tenant
  placeos.office365.graph_room_info:
    tenant: "{{ microsoft_tenant_id }}"
    client_id: "{{ microsoft_client_id }}"
    client_secret: "{{ microsoft_client_secret }}"
  register: tenant_rooms

- name: Name the rooms that PlaceOS cannot read
  ansible.builtin.debug:
    msg: "{{ item.display_name }}: {{ item.mailbox.state }}"
  loop: "{{ tenant_rooms.rooms | rejectattr('mailbox', 'none') | rejectattr('mailbox.state', 'eq', 'readable') }}"
  loop_control:
    label: "{{ item.email_address }}"

- name: Read the rooms of one building, and nothing about their mailboxes
  placeos.office365.graph_room_info:
    tenant: "{{ microsoft_tenant_id }}"
    client_id: "{{ microsoft_automation_client_id }}"
    certificate_path: "{{ microsoft_automation_certificate_path }}"
    building: Sydney
    check_mailboxes: false
"""

RETURN = r"""
rooms:
  description:
    - The rooms, ordered by building, floor and name. What is not known is null, or an empty list.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Graph's id of the room, which may change.
      type: str
    place_id:
      description: The id that does not change, where the tenant shows it.
      type: str
    parent_id:
      description: The C(place_id) of the floor or section that the room is in.
      type: str
    display_name:
      description: The room's name.
      type: str
    nickname:
      description: Another name.
      type: str
    email_address:
      description: The address of its mailbox.
      type: str
    label:
      description: A text that describes the room.
      type: str
    building:
      description: The name or number of its building.
      type: str
    floor_label:
      description: The name of its floor.
      type: str
    floor_number:
      description: The number of its floor.
      type: int
    capacity:
      description: How many people it is for.
      type: int
    booking_type:
      description: V(standard), or V(reserved) for a room that people cannot reserve.
      type: str
    audio_device_name:
      description: The device for sound.
      type: str
    video_device_name:
      description: The camera.
      type: str
    display_device_name:
      description: The screen.
      type: str
    is_wheel_chair_accessible:
      description: Whether a wheelchair gets in.
      type: bool
    teams_enabled_state:
      description: Whether the room has Teams.
      type: str
    tags:
      description: Other features.
      type: list
      elements: str
    phone:
      description: Its telephone number.
      type: str
    address:
      description: Its postal address, only the members that are known.
      type: dict
    geo_coordinates:
      description: Its coordinates, only the members that are known.
      type: dict
    room_lists:
      description: The names of the room lists that it is in.
      returned: with O(room_lists)
      type: list
      elements: str
    mailbox:
      description: What is known about its mailbox; null for a room without an address.
      returned: with O(check_mailboxes)
      type: dict
      contains:
        state:
          description:
            - What came of reading its calendar. V(denied_by_policy) means outside the scope of the application,
              V(missing_role) that the application may read no calendar.
          type: str
          sample: readable
        status:
          description: The status of that answer.
          type: int
        words:
          description: The server's words, where it refused.
          type: str
        user_id:
          description: The object id of the account.
          type: str
        user_principal_name:
          description: The name of the account.
          type: str
        account_enabled:
          description:
            - Whether one can sign in with the account; null when it was not found. For a room mailbox V(false) is usual
              and no obstacle to booking.
          type: bool
  sample:
    - id: 3162F1E1-C4C0-604B-51D8-91DA78989EB1
      display_name: "27.01"
      email_address: syd-27.01@acme.example
      building: Sydney
      floor_label: null
      floor_number: 27
      capacity: 8
      booking_type: standard
      room_lists: [Sydney rooms]
      mailbox: {state: readable, status: 200, words: null, account_enabled: false}
room_lists:
  description: The room lists, each with C(id), C(display_name), C(email_address) and C(rooms), the addresses of its rooms.
    C(rooms) is null where they could not be read.
  returned: with O(room_lists)
  type: list
  elements: dict
  sample:
    - display_name: Sydney rooms
      email_address: sydney@acme.example
      rooms: [syd-27.01@acme.example]
count:
  description: How many rooms the tenant has, before O(building) and O(emails).
  returned: success
  type: int
  sample: 250
missing:
  description: How many of the returned rooms lack a building, a floor, a capacity, an address.
  returned: success
  type: dict
  sample: {building: 0, floor: 3, capacity: 12, email_address: 0}
"""

from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.frame import MicrosoftFrame
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.rooms.reads import (
    Found,
    read_mailboxes,
    read_room_lists,
    read_rooms,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.rooms.results import missing
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.tokens import TokenError

LATE = "a new room mailbox appears 24 to 48 hours after it was made, and only mailboxes of the kind room appear"


def main() -> None:
    """Entry point."""
    frame = MicrosoftFrame(
        {
            "room_lists": {"type": "bool", "default": True},
            "check_mailboxes": {"type": "bool", "default": True},
            "building": {"type": "str"},
            "emails": {"type": "list", "elements": "str"},
        }
    )
    found = Found()
    try:
        count = _read(frame, found)
    except (HttpError, TokenError) as error:
        frame.fail(error)
    for warning in found.warnings:
        frame.module.warn(warning)
    result: dict[str, Any] = {"rooms": found.rooms, "count": count, "missing": missing(found.rooms)}
    if frame.params["room_lists"]:
        result["room_lists"] = found.room_lists
    frame.module.exit_json(changed=False, **result)


def _read(frame: MicrosoftFrame, found: Found) -> int:
    graph, workers = frame.graph(), frame.params["max_workers"]
    rooms = read_rooms(graph)
    if not rooms:
        found.warnings.append(f"the tenant shows no room; {LATE}")
    found.rooms = _chosen(frame.params, rooms, found)
    if frame.params["room_lists"]:
        read_room_lists(graph, found, workers)
    if frame.params["check_mailboxes"]:
        read_mailboxes(graph, found, workers)
    return len(rooms)


def _chosen(given: dict[str, Any], rooms: list[dict[str, Any]], found: Found) -> list[dict[str, Any]]:
    """The rooms that are asked for."""
    if given["building"]:
        building = given["building"].strip().casefold()
        if rooms and not any((room["building"] or "").casefold() == building for room in rooms):
            found.warnings.append(f"no room of the tenant is in a building {given['building']!r}")
        rooms = [room for room in rooms if (room["building"] or "").casefold() == building]
    if given["emails"] is None:
        return rooms
    wanted = {email.strip().lower() for email in given["emails"]}
    unknown = sorted(wanted - {(room["email_address"] or "").lower() for room in rooms})
    if unknown:
        found.warnings.append(f"not among the rooms: {', '.join(unknown)}; {LATE}")
    return [room for room in rooms if (room["email_address"] or "").lower() in wanted]


if __name__ == "__main__":
    main()
