#!/usr/bin/python
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manage tenants of the PlaceOS staff API."""

from __future__ import annotations

DOCUMENTATION = r"""
module: placeos_tenant
short_description: Manage tenants of the PlaceOS staff API
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - "Creates, changes and deletes tenants: what the staff API needs to reach the calendars of a domain."
  - A tenant is found by its id, else by domain and e-mail domain.
extends_documentation_fragment:
  - placeos.office365.attributes
  - placeos.office365.attributes.group
  - placeos.office365.attributes.configuration
  - placeos.office365.connection
  - placeos.office365.policy
  - placeos.office365.policy.secrets
options:
  tenants:
    description:
      - The tenants, each with the options of a single one.
    type: list
    elements: dict
    suboptions: &tenant
      id:
        description:
          - Id of an existing tenant; only needed where nothing else can tell it.
        type: str
      domain:
        description:
          - Domain of the PlaceOS server. Needed unless O(id) is given.
        type: str
      email_domain:
        description:
          - E-mail domain, where a domain has several tenants.
        type: str
      name:
        description:
          - Name.
        type: str
      calendar_platform:
        description:
          - Where the calendars are. Needed for a new tenant.
        type: str
        choices: [office365, google]
      delegated:
        description:
          - Whether calendars are read with the rights of the user that is signed in.
        type: bool
      service_account:
        description:
          - Mailbox in whose name bookings are made.
        type: str
      credentials:
        description:
          - For Office 365 C(tenant), C(client_id) and C(client_secret). They are never read back, see
            O(update_secret).
        type: dict
      booking_limits:
        description:
          - How many bookings a person may have, by type.
        type: dict
      outlook_config:
        description:
          - Settings of the Outlook add-in.
        type: dict
      early_checkin:
        description:
          - Seconds before the start of a booking from which people can check in.
        type: int
      state:
        description:
          - Whether the tenant is to exist.
        type: str
        choices: [present, absent]
        default: present
  purge_scope:
    description: What a purge may look at; needed with O(purge).
    type: dict
    suboptions:
      name:
        description:
          - Tenants whose name matches this shell pattern.
        type: str
      domain:
        description:
          - Tenants of this domain.
        type: str
  <<: *tenant
seealso:
  - module: placeos.office365.placeos_domain
"""

EXAMPLES = r"""
- name: The staff API reads calendars of Office 365
  placeos.office365.placeos_tenant:
    url: https://acme.placeos.example
    api_key: "{{ placeos_api_key }}"
    domain: acme.placeos.example
    name: Acme
    calendar_platform: office365
    credentials:
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
tenants:
  description: The tenants as they are on the server now, without credentials; in check mode as they were.
  returned: always
  type: list
  elements: dict
  sample:
    - id: 1
      name: acme.placeos.example
      calendar_platform: office365
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
    configure("tenant", identified_by=("domain", "id"))


if __name__ == "__main__":
    main()
