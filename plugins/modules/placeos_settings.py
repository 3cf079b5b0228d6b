#!/usr/bin/python
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manage settings of zones, systems, drivers and modules."""

from __future__ import annotations

DOCUMENTATION = r"""
module: placeos_settings
short_description: Manage settings of zones, systems, drivers and modules of a PlaceOS server
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - "Creates, changes and deletes settings: one document per parent and encryption level."
  - Documents are compared as data, so formatting and the order of keys do not count. A document that is changed
    loses its comments.
  - "The level of a stored document is never changed: the server would lose its content. A document at another
    level is another document."
  - "ACAEngine keeps one document per object, without levels. There, texts under a key that begins with C($) are
    encrypted when they are saved, and a level above V(none) makes secrets of all texts at the top of the document. The
    rest of the document, other secrets included, is carried along unchanged."
extends_documentation_fragment:
  - placeos.office365.attributes
  - placeos.office365.attributes.group
  - placeos.office365.attributes.configuration
  - placeos.office365.connection
  - placeos.office365.policy
  - placeos.office365.policy.secrets
options:
  settings:
    description:
      - The settings documents, each with the options of a single one.
    type: list
    elements: dict
    suboptions: &settings
      id:
        description:
          - Id of an existing settings document; only needed where nothing else can tell it.
        type: str
      parent:
        description:
          - Name or id of what the settings belong to. Needed unless O(id) is given.
        type: str
      parent_kind:
        description:
          - Kind of the parent, where it is named and not given by its id.
        type: str
        choices: [zone, system, driver, module]
        default: driver
      parent_id:
        description:
          - Id of the parent, where an earlier task has told it. It spares looking O(parent) up, which then only
            names the parent in messages.
        type: str
      encryption_level:
        description:
          - Who may read the document back. Needed unless O(id) is given.
          - What an administrator may read (V(none), V(support), V(admin)) is compared; for V(never_display) see
            O(update_secret).
          - On ACAEngine, every level above V(none) means encrypted.
        type: str
        choices: [none, support, admin, never_display]
      document:
        description:
          - The settings. Their values are not shown in diffs, unless the level is V(none).
        type: dict
      mode:
        description:
          - Whether the document is merged into the stored one, where C(null) removes a key, or replaces it.
        type: str
        choices: [merge, replace]
        default: merge
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
  <<: *settings
seealso:
  - module: placeos.office365.placeos_driver
  - module: placeos.office365.placeos_metadata
"""

EXAMPLES = r"""
- name: Credentials that an administrator can read back
  placeos.office365.placeos_settings:
    url: https://acme.placeos.example
    api_key: "{{ placeos_api_key }}"
    parent: Microsoft Graph API
    parent_kind: driver
    encryption_level: admin
    document:
      calendar_config:
        tenant: 11111111-2222-3333-4444-555555555555
        client_id: 66666666-7777-8888-9999-000000000000
        client_secret: "{{ microsoft_client_secret }}"
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
settings:
  description: The documents as they are on the server now, without the content of encrypted ones; in check mode as they were.
  returned: always
  type: list
  elements: dict
  sample:
    - id: sets-L5-b1-7DMP
      name: admin settings of Microsoft Graph API
      parent: driver-L5-XB-RA-Z
      encryption_level: admin
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
from ansible_collections.placeos.office365.plugins.module_utils._placeos import dollar_secrets


def _hide_encrypted(frame: Any, flow: Any, items: list[dict[str, Any]]) -> None:
    for item in items:
        if item["encryption_level"] != "none":
            frame.hide(item["document"])
        else:
            frame.hide(list(dollar_secrets.secrets(item["document"]).values()))


def main() -> None:
    """Entry point."""
    configure(
        "settings",
        extra={
            "parent_id": {"type": "str"},
            "parent_kind": {"type": "str", "choices": ["zone", "system", "driver", "module"], "default": "driver"},
            "mode": {"type": "str", "choices": ["merge", "replace"], "default": "merge"},
        },
        identified_by=("parent", "id"),
        prepare=_hide_encrypted,
    )


if __name__ == "__main__":
    main()
