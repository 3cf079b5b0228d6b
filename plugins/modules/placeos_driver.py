#!/usr/bin/python
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manage drivers of a PlaceOS server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: placeos_driver
short_description: Manage drivers of a PlaceOS or ACAEngine server
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Creates, changes and deletes drivers.
  - "On PlaceOS v2, a driver is a file of a repository: it is found by its id, else by repository and file, else by
    its name. The module waits until it is compiled."
  - "On ACAEngine, a driver (there called dependency) is made from a class that the server has discovered on its disk:
    it is found by its id, else by O(class_name), else by its name. What a new one is not told, its class tells, such
    as its role and the settings that it proposes."
extends_documentation_fragment:
  - placeos.office365.attributes
  - placeos.office365.attributes.group
  - placeos.office365.attributes.configuration
  - placeos.office365.connection
  - placeos.office365.policy
options:
  drivers:
    description:
      - The drivers, each with the options of a single one.
    type: list
    elements: dict
    suboptions: &driver
      id:
        description:
          - Id of an existing driver; only needed where nothing else can tell it.
        type: str
      name:
        description:
          - Name. Needed for a new driver on PlaceOS v2; on ACAEngine a new driver is named as its class proposes.
        type: str
      repository:
        description:
          - Name or id of the repository. Needed for a new driver on PlaceOS v2, and only there.
        type: str
      file_name:
        description:
          - Path of the driver in the repository. Needed for a new driver on PlaceOS v2, and only there.
        type: str
      class_name:
        description:
          - Class of the driver, such as V(::Aca::O365BookingPanel). Needed for a new driver on ACAEngine, and only there;
            can not be changed later.
        type: str
      commit:
        description:
          - Commit to compile, on PlaceOS v2.
          - V(latest) takes the newest commit that touched the file, in every run.
          - Without it, a new driver gets the newest commit, and an existing one keeps its own.
        type: str
      module_name:
        description:
          - Name that modules of this driver have in their systems, such as V(Bookings). Needed for a new
            driver on PlaceOS v2.
        type: str
      role:
        description:
          - What the driver controls. Needed for a new driver on PlaceOS v2; can not be changed later.
        type: str
        choices: [ssh, device, service, websocket, logic]
      description:
        description:
          - Description.
        type: str
      default_uri:
        description:
          - Address for its modules. PlaceOS v2 does not hand it on, but M(placeos.office365.placeos_module)
            does.
        type: str
      default_port:
        description:
          - Port for its modules, in the same way.
        type: int
      ignore_connected:
        description:
          - Whether modules that are not connected are no fault.
        type: bool
      state:
        description:
          - Whether the driver is to exist. Deleting one that has modules deletes them, and needs O(force).
        type: str
        choices: [present, absent]
        default: present
  purge_scope:
    description: What a purge may look at; needed with O(purge).
    type: dict
    suboptions:
      repository:
        description:
          - Drivers of this repository, by its name or id.
        type: str
      name:
        description:
          - Drivers whose name matches this shell pattern.
        type: str
  compile_timeout:
    description:
      - Seconds to wait for the compilation of a new or changed driver. When it fails, the error holds the
        output of the compiler.
      - On ACAEngine, the longest wait (20 seconds at most) for a class that the server is to discover.
    type: float
    default: 300.0
  <<: *driver
seealso:
  - module: placeos.office365.placeos_repository
  - module: placeos.office365.placeos_module
"""

EXAMPLES = r"""
- name: The driver for calendars, at its newest commit when it is first installed
  placeos.office365.placeos_driver:
    url: https://acme.placeos.example
    api_key: "{{ placeos_api_key }}"
    name: Microsoft Graph API
    repository: PlaceOS Drivers
    file_name: drivers/microsoft/graph_api.cr
    module_name: Calendar
    role: service
    default_uri: https://graph.microsoft.com

- name: The driver of room booking panels on ACAEngine
  placeos.office365.placeos_driver:
    url: https://acme.aca.example
    username: admin@acme.example
    password: "{{ placeos_password }}"
    client_id: "{{ placeos_client_id }}"
    class_name: "::Aca::O365BookingPanel"
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
drivers:
  description: The drivers as they are on the server now, with their ids; in check mode as they were.
  returned: always
  type: list
  elements: dict
  sample:
    - id: driver-L5-XB-RA-Z
      name: Microsoft Graph API
      commit: 0f8a6a3
      role: service
errors:
  description:
    - One entry per object that could not be made right; all others were.
    - The keys are those of the same result of M(placeos.office365.placeos_zone).
  returned: on failure
  type: list
  elements: dict
"""

from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._module import configure


def _set_timeout(frame: Any, flow: Any, items: list[dict[str, Any]]) -> None:
    flow.compile_timeout = frame.params["compile_timeout"]


def main() -> None:
    """Entry point."""
    configure(
        "driver",
        task={"compile_timeout": {"type": "float", "default": 300.0}},
        identified_by=("name", "class_name", "id"),
        prepare=_set_timeout,
    )


if __name__ == "__main__":
    main()
