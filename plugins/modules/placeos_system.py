#!/usr/bin/python
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manage systems (rooms) of a PlaceOS server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: placeos_system
short_description: Manage systems (rooms) of a PlaceOS or ACAEngine server
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Creates, changes and deletes systems; one with its own options, or many with O(systems).
  - A system is found by its id, else by its e-mail address, else by its name. So a room that is renamed keeps its
    system, and with it its modules and bookings.
  - Names are unique over the whole installation.
extends_documentation_fragment:
  - placeos.office365.attributes
  - placeos.office365.attributes.group
  - placeos.office365.attributes.configuration
  - placeos.office365.connection
  - placeos.office365.policy
options:
  systems:
    description:
      - The systems, each with the options of a single one.
    type: list
    elements: dict
    suboptions: &system
      id:
        description:
          - Id of an existing system; only needed where nothing else can tell it.
        type: str
      name:
        description:
          - Name, unique over the whole installation. Needed unless O(id) is given.
        type: str
      email:
        description:
          - The room's mailbox. An empty string clears it.
        type: str
      zones:
        description:
          - "Names or ids of the zones that the system is in, the most general first: organisation, building,
            level. Settings of a later zone win over those of an earlier one. ACAEngine gets them in the reverse
            order, which has the same effect there."
          - The list replaces the system's own.
        type: list
        elements: str
      display_name:
        description:
          - Short name that people see.
        type: str
      description:
        description:
          - Description.
        type: str
      code:
        description:
          - Code.
        type: str
      type:
        description:
          - Type.
        type: str
      capacity:
        description:
          - How many people the room holds.
        type: int
      bookable:
        description:
          - Whether people can book the room.
        type: bool
      public:
        description:
          - Whether guests without an account may see the room.
        type: bool
      approval:
        description:
          - Whether bookings need an approval.
        type: bool
      features:
        description:
          - What the room offers. Order does not count.
        type: list
        elements: str
      map_id:
        description:
          - Id of the room in the map of its level.
        type: str
      timezone:
        description:
          - Time zone by its IANA name.
        type: str
      images:
        description:
          - URLs of pictures.
        type: list
        elements: str
      support_url:
        description:
          - URL of the control panel, absolute.
        type: str
      timetable_url:
        description:
          - URL of the timetable.
        type: str
      room_booking_url:
        description:
          - URL of the booking panel.
        type: str
      camera_url:
        description:
          - URL of the camera.
        type: str
      camera_snapshot_urls:
        description:
          - Absolute URLs of camera pictures.
        type: list
        elements: str
      installed_ui_devices:
        description:
          - How many panels are installed.
        type: int
      state:
        description:
          - Whether the system is to exist. Its own logic modules are deleted with it; that of other modules,
            which no other system uses, needs O(force).
        type: str
        choices: [present, absent]
        default: present
  purge_scope:
    description: What a purge may look at; needed with O(purge).
    type: dict
    suboptions:
      zone:
        description:
          - Systems in this zone, by its name or id.
        type: str
      name:
        description:
          - Systems whose name matches this shell pattern.
        type: str
  <<: *system
seealso:
  - module: placeos.office365.placeos_zone
  - module: placeos.office365.placeos_module
"""

EXAMPLES = r"""
- name: Two rooms
  placeos.office365.placeos_system:
    url: https://acme.placeos.example
    api_key: "{{ placeos_api_key }}"
    systems:
      - name: Sydney - 27.01
        display_name: "27.01"
        email: syd-27.01@acme.example
        bookable: true
        capacity: 8
        map_id: "27.01"
        features: [video_conference]
        zones: [Acme, Sydney, Sydney - Level 27]
      - name: Sydney - Store room
        zones: [Acme, Sydney, Sydney - Level 27]

- name: Rename a room; its mailbox tells which one it is
  placeos.office365.placeos_system:
    url: https://acme.placeos.example
    api_key: "{{ placeos_api_key }}"
    name: Sydney - Opera
    email: syd-27.01@acme.example
"""

RETURN = r"""
changes:
  description: Names of the objects by what was done with them, or would be in check mode.
  returned: always
  type: dict
  contains:
    created:
      description: Created objects.
      type: list
      elements: str
    updated:
      description: Changed objects.
      type: list
      elements: str
    deleted:
      description: Deleted objects.
      type: list
      elements: str
    unchanged:
      description: Objects that were as desired already.
      type: list
      elements: str
systems:
  description: The systems as they are on the server now, with their ids; in check mode as they were.
  returned: always
  type: list
  elements: dict
  sample:
    - id: sys-L5-V0DV_Ap
      name: Sydney - 27.01
      email: syd-27.01@acme.example
      bookable: true
errors:
  description:
    - One entry per object that could not be made right; all others were.
    - The keys are those of the same result of M(placeos.office365.placeos_zone).
  returned: on failure
  type: list
  elements: dict
"""

from ansible_collections.placeos.office365.plugins.module_utils._module import configure


def main() -> None:
    """Entry point."""
    configure("system")


if __name__ == "__main__":
    main()
