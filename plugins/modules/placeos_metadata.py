#!/usr/bin/python
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manage metadata of zones and systems of a PlaceOS server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: placeos_metadata
short_description: Manage metadata of zones and systems of a PlaceOS server
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Creates, changes and deletes metadata, the documents that PlaceOS applications read.
  - A document is found by its parent and name.
extends_documentation_fragment:
  - placeos.office365.attributes
  - placeos.office365.attributes.group
  - placeos.office365.attributes.configuration
  - placeos.office365.connection
  - placeos.office365.policy
options:
  metadata:
    description:
      - The metadata documents, each with the options of a single one.
    type: list
    elements: dict
    suboptions: &metadata
      name:
        description:
          - Name of the document.
        type: str
      parent:
        description:
          - Name or id of what the document belongs to.
        type: str
      parent_kind:
        description:
          - Kind of the parent, where it is named and not given by its id.
        type: str
        choices: [zone, system]
        default: zone
      description:
        description:
          - Description.
        type: str
      details:
        description:
          - The document.
        type: raw
      mode:
        description:
          - Whether the document is merged into the stored one, where C(null) removes a key, or replaces it.
        type: str
        choices: [merge, replace]
        default: merge
      editors:
        description:
          - Roles of the users that may change the document.
        type: list
        elements: str
      state:
        description:
          - Whether the document is to exist.
        type: str
        choices: [present, absent]
        default: present
  purge_scope:
    description: What a purge may look at; needed with O(purge).
    type: dict
    suboptions:
      parent:
        description:
          - Documents of this parent, by the name or id of a zone. A purge needs it.
        type: str
      name:
        description:
          - Documents whose name matches this shell pattern.
        type: str
  <<: *metadata
seealso:
  - module: placeos.office365.placeos_zone
  - module: placeos.office365.placeos_settings
"""

EXAMPLES = r"""
- name: What rooms of a building can offer
  placeos.office365.placeos_metadata:
    url: https://acme.placeos.example
    api_key: "{{ placeos_api_key }}"
    parent: Sydney
    name: workplace_app
    description: Settings of the workplace application
    details:
      features: [video_conference]
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
metadata:
  description: The documents as they are on the server now; in check mode as they were.
  returned: always
  type: list
  elements: dict
  sample:
    - id: zone-L5-ZMqr3pr/workplace_app
      name: workplace_app of Sydney
      parent: zone-L5-ZMqr3pr
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
        "metadata",
        extra={
            "parent_kind": {"type": "str", "choices": ["zone", "system"], "default": "zone"},
            "mode": {"type": "str", "choices": ["merge", "replace"], "default": "merge"},
        },
        identified_by=("name",),
    )


if __name__ == "__main__":
    main()
