# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state a tenant starts from.

Ids, addresses and secrets are constants so that a demonstration inventory can hold them. They open nothing but the lab,
which listens on this machine only: they are worthless and no secrets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import seed_apps, seed_people, seed_rooms

if TYPE_CHECKING:
    from .state import Tenant

TENANT_ID = "11112222-3333-4444-5555-666677778888"
INITIAL_DOMAIN = "acme.onmicrosoft.com"
MAIL_DOMAIN = seed_rooms.MAIL_DOMAIN
CAPABILITIES = "Email, OfficeCommunicationsOnline"


def plant(tenant: Tenant) -> None:
    """Fill the empty tables of a tenant."""
    tenant.domains = [INITIAL_DOMAIN, MAIL_DOMAIN]
    tenant.organization = {
        "id": TENANT_ID,
        "deletedDateTime": None,
        "assignedPlans": [],
        "countryLetterCode": "AU",
        "createdDateTime": "2024-02-05T00:58:10Z",
        "defaultUsageLocation": None,
        "displayName": "Acme",
        "onPremisesSyncEnabled": None,
        "preferredLanguage": "en",
        "tenantType": "AAD",
        "verifiedDomains": [
            {"capabilities": CAPABILITIES, "isDefault": name == MAIL_DOMAIN, "isInitial": name == INITIAL_DOMAIN}
            | {"name": name, "type": "Managed"}
            for name in tenant.domains
        ],
    }
    seed_apps.plant_resources(tenant)
    seed_apps.plant_automation(tenant)
    if tenant.empty:
        return
    rooms = seed_rooms.plant(tenant)
    people = seed_people.plant(tenant)
    groups = seed_people.plant_groups(tenant, people, rooms)
    seed_apps.plant_placeos(tenant)
    tenant.exchange.add_policy(seed_apps.PLACEOS_ID, groups["rooms"]["id"], "PlaceOS: rooms")
    tenant.exchange.add_policy(seed_apps.PLACEOS_ID, groups["staff"]["id"], "PlaceOS: staff and service account")
