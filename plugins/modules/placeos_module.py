#!/usr/bin/python
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manage modules of a PlaceOS server and their place in systems."""

from __future__ import annotations

DOCUMENTATION = r"""
module: placeos_module
short_description: Manage modules of a PlaceOS server and their place in systems
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Creates, changes, starts, stops and deletes modules, and puts them into systems.
  - A logic driver has a module of its own in each of O(systems); a module of any other driver is one that all of
    its systems share.
  - A module is found by its id, else by its driver, its custom name and, for logic, its system.
  - What was started is looked at until it runs, since the server can lose a start.
extends_documentation_fragment:
  - placeos.office365.attributes
  - placeos.office365.attributes.group
  - placeos.office365.attributes.configuration
  - placeos.office365.connection
  - placeos.office365.policy
options:
  modules:
    description:
      - The modules, each with the options of a single one. Within a system, modules keep the order of this list.
    type: list
    elements: dict
    suboptions: &module
      id:
        description:
          - Id of an existing module; only needed where nothing else can tell it.
        type: str
      driver:
        description:
          - Name or id of the driver. Needed unless O(id) is given.
        type: str
      systems:
        description:
          - Names, e-mail addresses or ids of the systems that have the module.
          - Systems that are not listed are left alone, unless O(purge) is set with the driver as scope.
        type: list
        elements: str
      custom_name:
        description:
          - Name in place of the module name of the driver.
        type: str
      uri:
        description:
          - Address, for services and websockets. The driver's default is used for a new module.
        type: str
      ip:
        description:
          - Address or host name, for devices and SSH.
        type: str
      port:
        description:
          - Port, for devices and SSH. The driver's default is used for a new module.
        type: int
      tls:
        description:
          - Whether to use TLS, for devices.
        type: bool
      udp:
        description:
          - Whether to use UDP, for devices.
        type: bool
      makebreak:
        description:
          - Whether to connect for each command only, for devices.
        type: bool
      notes:
        description:
          - Notes.
        type: str
      ignore_connected:
        description:
          - Whether not being connected is no fault.
        type: bool
      ignore_startstop:
        description:
          - Whether starting and stopping the system leaves the module alone.
        type: bool
      running:
        description:
          - Whether the module runs. Without it, nothing is started or stopped.
        type: bool
      state:
        description:
          - Whether the module is to exist. A shared module with O(systems) only leaves these systems, and is
            deleted by the server when it was in no other.
        type: str
        choices: [present, absent]
        default: present
  purge_scope:
    description: What a purge may look at; needed with O(purge).
    type: dict
    suboptions:
      driver:
        description:
          - Modules of these drivers, by their names or ids. A shared module then also leaves systems that are
            not listed.
        type: list
        elements: str
      system:
        description:
          - Modules of this system, by its name or id.
        type: str
      zone:
        description:
          - Modules of the systems in this zone, by its name or id.
        type: str
  <<: *module
seealso:
  - module: placeos.office365.placeos_driver
  - module: placeos.office365.placeos_system
  - module: placeos.office365.placeos_exec
"""

EXAMPLES = r"""
- name: One calendar service for all rooms, and booking logic in each
  placeos.office365.placeos_module:
    url: https://acme.placeos.example
    api_key: "{{ placeos_api_key }}"
    modules:
      - driver: Microsoft Graph API
        uri: https://graph.microsoft.com
        systems: "{{ my_rooms }}"
        running: true
      - driver: PlaceOS Bookings
        systems: "{{ my_rooms }}"
        running: true
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
modules:
  description: The modules as they are on the server now, with their ids; in check mode as they were. A logic module is named after its driver and system.
  returned: always
  type: list
  elements: dict
  sample:
    - id: mod-L5-XELF2X8
      name: PlaceOS Bookings in Sydney - 27.01
      driver: driver-L5-XEcWE7D
      system: sys-L5-XEzG04U
      running: true
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
    configure(
        "module",
        omit=("system",),
        extra={"systems": {"type": "list", "elements": "str"}},
        identified_by=("driver", "id"),
    )


if __name__ == "__main__":
    main()
