#!/usr/bin/python
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manage zones: organisations, buildings and levels."""

from __future__ import annotations

DOCUMENTATION = r"""
module: placeos_zone
short_description: Manage zones of a PlaceOS or ACAEngine server
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Creates, changes and deletes zones; one with its own options, or many with O(zones).
  - Zones are found by their id or their name, which is unique over the whole installation.
  - Containers are created before what they contain, in one task.
  - "ACAEngine's zones have no parents: there, an organisation lists its buildings and a building its levels in the
    setting C(discovery_info), with their names, maps and orientations. O(parent), O(display_name), O(map_id) and
    O(orientations) are read from and written to these lists, once all zones exist."
extends_documentation_fragment:
  - placeos.office365.attributes
  - placeos.office365.attributes.group
  - placeos.office365.attributes.configuration
  - placeos.office365.connection
  - placeos.office365.policy
options:
  zones:
    description: The zones, each with the options of a single one.
    type: list
    elements: dict
    suboptions: &zone
      id:
        description: Id of an existing zone; only needed where the name can't tell it.
        type: str
      name:
        description: Name, unique over the whole installation. Needed unless O(id) is given.
        type: str
      parent:
        description: Name or id of the zone that contains this one. It may be in the same list.
        type: str
      tags:
        description: What the zone is, usually one of V(org), V(building) and V(level). Order does not count.
        type: list
        elements: str
      display_name:
        description: Short name that people see.
        type: str
      description:
        description: Description.
        type: str
      code:
        description: Code.
        type: str
      type:
        description: Type.
        type: str
      location:
        description: Address or geographic coordinates.
        type: str
      capacity:
        description: How many people the zone holds.
        type: int
      count:
        description: How many items of its type the zone stands for.
        type: int
      map_id:
        description: URL or id of the zone's map.
        type: str
      timezone:
        description: Time zone by its IANA name, such as V(Australia/Sydney).
        type: str
      images:
        description: URLs of pictures.
        type: list
        elements: str
      extras:
        description:
          - What the rooms of a building may offer. Those that the server has besides stay. On ACAEngine only; PlaceOS v2
            keeps the names in metadata.
        type: list
        elements: dict
        suboptions:
          id:
            description: Id of the feature, one word, as the rooms name it.
            type: str
            required: true
          name:
            description: What people read.
            type: str
            required: true
      orientations:
        description: How the maps of a building are turned, as the user interface reads it. On ACAEngine only.
        type: raw
      state:
        description: Whether the zone is to exist. Deleting a zone with zones inside needs O(force).
        type: str
        choices: [present, absent]
        default: present
  purge_scope:
    description: What a purge may look at; needed with O(purge).
    type: dict
    suboptions:
      zone:
        description: Zones below this zone, at any depth, by its name or id.
        type: str
      name:
        description: Zones whose name matches this shell pattern.
        type: str
  <<: *zone
seealso:
  - module: placeos.office365.placeos_system
  - module: placeos.office365.placeos_metadata
"""

EXAMPLES = r"""
- name: An organisation with one building and one level
  placeos.office365.placeos_zone:
    url: https://acme.placeos.example
    api_key: "{{ placeos_api_key }}"
    zones:
      - name: Acme
        tags: [org]
      - name: Sydney
        parent: Acme
        tags: [building]
        timezone: Australia/Sydney
      - name: Sydney - Level 27
        display_name: Level 27
        parent: Sydney
        tags: [level]
        map_id: assets/maps/level_27.svg

- name: Show what would be deleted, since it is not in the inventory any more
  placeos.office365.placeos_zone:
    url: https://acme.placeos.example
    api_key: "{{ placeos_api_key }}"
    zones: "{{ my_zones }}"
    purge: true
    purge_scope:
      zone: Acme
  check_mode: true
  diff: true
"""

RETURN = r"""
changes: &changes
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
  sample:
    created: [Sydney - Level 27]
    updated: []
    deleted: []
    unchanged: [Acme, Sydney]
zones:
  description: The zones as they are on the server now, with their ids; in check mode as they were.
  returned: always
  type: list
  elements: dict
  sample:
    - id: zone-L5-V0jy-2~
      name: Acme
      tags: [org]
errors:
  description: One entry per object that could not be made right. All others were.
  returned: on failure
  type: list
  elements: dict
  contains:
    kind:
      description: Kind of the object.
      type: str
    name:
      description: The object's name in the inventory.
      type: str
    action:
      description: What was tried.
      type: str
    field:
      description: The field that the server complained about.
      type: str
    method:
      description: HTTP method of the failed request.
      type: str
    url:
      description: URL of the failed request.
      type: str
    status:
      description: HTTP status of the answer.
      type: int
    message:
      description: The server's own words.
      type: str
    hint:
      description: What to do.
      type: str
    request_id:
      description: Id under which the server's logs have the request.
      type: str
"""

from ansible_collections.placeos.office365.plugins.module_utils._module import configure


def main() -> None:
    """Entry point."""
    configure("zone")


if __name__ == "__main__":
    main()
