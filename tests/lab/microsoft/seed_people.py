# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""People and groups of the seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .directory import build
from .seed_rooms import MAIL_DOMAIN

if TYPE_CHECKING:
    from .state import Tenant
    from .table import Row

SERVICE = f"placeos@{MAIL_DOMAIN}"
DIRECTOR = f"dana.marsh@{MAIL_DOMAIN}"
UNLICENSED = f"uma.lane@{MAIL_DOMAIN}"
SHARED = f"reception@{MAIL_DOMAIN}"
EQUIPMENT = f"projector-1@{MAIL_DOMAIN}"
ROOMS_GROUP = f"placeos-rooms@{MAIL_DOMAIN}"
STAFF_GROUP = f"placeos-staff@{MAIL_DOMAIN}"
STAFF = (
    "Ada Byrne",
    "Ben Castle",
    "Cleo Dorn",
    "Dev Eames",
    "Ella Frost",
    "Finn Grant",
    "Gus Harper",
    "Hana Irwin",
    "Ivo Jensen",
    "Jade Keller",
    "Kit Lowe",
    "Lena Moss",
    "Milo Nash",
    "Nora Oakes",
    "Omar Pratt",
    "Pia Quill",
    "Quinn Reyes",
    "Rosa Stone",
    "Sam Tate",
    "Tara Usher",
    "Uri Voss",
    "Vera Wilde",
    "Wes Young",
    "Zoe Adler",
)
ASSISTANTS = ("Max Ford", "Ines Park")
"""They work for the director and are in no group of PlaceOS."""


def address_of(name: str) -> str:
    """Return the address of a person."""
    return name.lower().replace(" ", ".") + f"@{MAIL_DOMAIN}"


def plant(tenant: Tenant) -> dict[str, Row]:
    """Plant the people; returns their rows by address."""
    director = person(tenant, "Dana Marsh", jobTitle="Director", department="Board")
    made = [director]
    for number, name in enumerate(STAFF):
        # The last one signs in with the initial domain: address and userPrincipalName differ.
        upn = "zoe.adler@acme.onmicrosoft.com" if name == STAFF[-1] else None
        more: dict[str, Any] = {
            "department": ("Sales", "IT", "Finance")[number % 3],
            "_manager": director["id"] if number < 3 else made[1 + number % 3]["id"],
        }
        if upn:
            more["userPrincipalName"] = upn
        made.append(person(tenant, name, **more))
    made += [person(tenant, name, department="Board", _manager=director["id"]) for name in ASSISTANTS]
    made.append(person(tenant, "Uma Lane", enabled=False))
    made.append(mailbox(tenant, SERVICE, "PlaceOS", "UserMailbox"))
    made.append(mailbox(tenant, SHARED, "Reception", "SharedMailbox", accountEnabled=False))
    made.append(mailbox(tenant, EQUIPMENT, "Projector 1", "EquipmentMailbox", accountEnabled=False))
    return {row["mail"]: row for row in made}


def person(tenant: Tenant, name: str, *, enabled: bool = True, **values: object) -> Row:
    """Plant a person with a mailbox."""
    given, _blank, surname = name.partition(" ")
    more = {"givenName": given, "surname": surname, "usageLocation": "AU", **values}
    return mailbox(tenant, address_of(name), name, "UserMailbox", enabled=enabled, **more)


def mailbox(tenant: Tenant, address: str, name: str, kind: str, *, enabled: bool = True, **values: object) -> Row:
    """Plant a user and its mailbox; ``enabled`` false: Exchange Online has no mailbox for it (yet)."""
    from .state import Mailbox

    user = tenant.users.plant(build.user(tenant, address, name, **values))
    tenant.mailboxes[address.lower()] = Mailbox(address, kind, user["id"], name, enabled)
    return user


def plant_groups(tenant: Tenant, people: dict[str, Row], rooms: dict[str, list[str]]) -> dict[str, Row]:
    """Plant the groups; returns those that PlaceOS is scoped to."""
    staff = [people[address_of(name)]["id"] for name in STAFF]
    everybody = [row["id"] for row in people.values()]

    def add(name: str, title: str, kind: str, members: list[str]) -> Row:
        return tenant.groups.plant(build.group(tenant, f"{name}@{MAIL_DOMAIN}", title, kind, members))

    for code, users in rooms.items():
        add(f"rooms-{code}", f"Rooms {code.upper()}", "mail-enabled-security", users)
    nested = [row["id"] for code in rooms if (row := tenant.group_by_mail(f"rooms-{code}@{MAIL_DOMAIN}"))]
    add("rooms-nested", "Rooms of all buildings (nested)", "mail-enabled-security", nested)
    add("everyone", "Everyone", "distribution", everybody)
    add("project", "Project X", "microsoft365", staff[:5])
    add("it-admins", "IT administrators", "security", staff[1:4])
    add("sales", "Sales (dynamic)", "dynamic", staff[::3])
    return {
        "rooms": add(
            "placeos-rooms", "PlaceOS rooms", "mail-enabled-security", [one for ids in rooms.values() for one in ids]
        ),
        "staff": add("placeos-staff", "PlaceOS staff", "mail-enabled-security", [*staff, people[SERVICE]["id"]]),
    }
