#!/usr/bin/python
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manage domains (authorities) of a PlaceOS server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: placeos_domain
short_description: Manage domains (authorities) of a PlaceOS or ACAEngine server
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Creates, changes and deletes domains, which the PlaceOS API also calls authorities.
  - O(config) and O(internals) are read, merged and written, so that keys of others stay.
extends_documentation_fragment:
  - placeos.office365.attributes
  - placeos.office365.attributes.group
  - placeos.office365.attributes.configuration
  - placeos.office365.connection
  - placeos.office365.policy
options:
  domains:
    description:
      - The domains, each with the options of a single one.
    type: list
    elements: dict
    suboptions: &domain
      id:
        description:
          - Id of an existing domain; only needed where nothing else can tell it.
        type: str
      domain:
        description:
          - Host name. Of a URL, the host is taken. Needed unless O(id) is given.
        type: str
      name:
        description:
          - Name. Needed for a new domain.
        type: str
      description:
        description:
          - Description.
        type: str
      login_url:
        description:
          - Where to sign in.
        type: str
      logout_url:
        description:
          - Where to sign out.
        type: str
      email_domains:
        description:
          - E-mail domains of its users.
        type: list
        elements: str
      config:
        description:
          - Settings that applications read. Everybody can read them.
        type: dict
      internals:
        description:
          - Settings of the server itself.
        type: dict
      org_zone:
        description:
          - Name or id of the organisation that applications show; its id becomes the key C(org_zone) of
            O(config). On PlaceOS v2 only.
        type: str
      o365_driver:
        description:
          - Name or id of the driver whose credentials the staff API uses; its id becomes the key C(o365_driver) of
            O(config). On ACAEngine only.
        type: str
      mode:
        description:
          - Whether O(config) and O(internals) are merged into the stored ones, where C(null) removes a key, or
            replace them.
        type: str
        choices: [merge, replace]
        default: merge
      state:
        description:
          - Whether the domain is to exist. Deleting one deletes its users and sign-in methods, and needs
            O(force).
        type: str
        choices: [present, absent]
        default: present
  purge_scope:
    description: What a purge may look at; needed with O(purge).
    type: dict
    suboptions:
      name:
        description:
          - Domains whose name matches this shell pattern.
        type: str
  <<: *domain
seealso:
  - module: placeos.office365.placeos_tenant
"""

EXAMPLES = r"""
- name: The organisation that the applications show
  placeos.office365.placeos_domain:
    url: https://acme.placeos.example
    api_key: "{{ placeos_api_key }}"
    domain: acme.placeos.example
    org_zone: Acme
    config:
      default_app: /workplace/
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
domains:
  description: The domains as they are on the server now; in check mode as they were.
  returned: always
  type: list
  elements: dict
  sample:
    - id: authority-L5-ZQYAuMx
      name: acme.placeos.example
      domain: acme.placeos.example
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
        "domain",
        extra={
            "org_zone": {"type": "str"},
            "o365_driver": {"type": "str"},
            "mode": {"type": "str", "choices": ["merge", "replace"], "default": "merge"},
        },
        identified_by=("domain", "id"),
    )


if __name__ == "__main__":
    main()
