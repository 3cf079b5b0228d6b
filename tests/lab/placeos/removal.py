# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deleting rows with everything that goes with them (models: dependent, before_destroy)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .rows import patch

if TYPE_CHECKING:
    from .state import State
    from .store import Row


def remove_owned(state: State, parent_id: str) -> None:
    """Delete settings and metadata of a parent, history included."""
    for table in (state.tables.settings, state.tables.metadata):
        for row in table.find("owner", parent_id):
            table.remove(row["id"])
    state.core.settings_epoch += 1


def remove_zone(state: State, zone: Row) -> None:
    """Delete a zone and all zones below it; a cycle (which crashes the real server) ends where it began."""
    pending, order, seen = [zone["id"]], [], set()
    while pending:
        zone_id = pending.pop()
        if zone_id not in seen:
            seen.add(zone_id)
            order.append(zone_id)
            pending += [child["id"] for child in state.tables.zones.find("parent", zone_id)]
    for zone_id in reversed(order):
        for system in state.tables.systems.find("zone", zone_id):
            left = [other for other in system["zones"] if other != zone_id]
            patch(state.tables.systems, system, zones=left, version=system["version"] + 1)
        for instance in state.tables.trigger_instances.find("zone", zone_id):
            state.tables.trigger_instances.remove(instance["id"])
        remove_owned(state, zone_id)
        state.tables.zones.remove(zone_id)


def remove_module(state: State, module: Row) -> None:
    """Delete a module; systems which list it lose it and get a new version."""
    module_id = module["id"]
    for system in state.tables.systems.find("module", module_id):
        drop_module(state, system, module)
    remove_owned(state, module_id)
    state.tables.modules.remove(module_id)
    state.core.module_removed(module_id)


def drop_module(state: State, system: Row, module: Row | None, module_id: str = "") -> Row:
    """Take a module out of one system, with its names out of the features; the version rises."""
    gone = module["id"] if module else module_id
    names = {module["custom_name"], module["name"]} if module else set()
    return patch(
        state.tables.systems,
        system,
        modules=[other for other in system["modules"] if other != gone],
        features=[feature for feature in system["features"] if feature not in names],
        version=system["version"] + 1,
    )


def remove_system(state: State, system: Row) -> None:
    """Delete a system and the modules which are in no other system."""
    state.tables.systems.remove(system["id"])
    for module_id in dict.fromkeys(system["modules"]):
        module = state.tables.modules.get(module_id)
        if module and not state.tables.systems.find("module", module_id):
            remove_module(state, module)
    for instance in state.tables.trigger_instances.find("system", system["id"]):
        state.tables.trigger_instances.remove(instance["id"])
    remove_owned(state, system["id"])


def remove_driver(state: State, driver: Row) -> None:
    """Delete a driver and all its modules."""
    for module in state.tables.modules.find("driver", driver["id"]):
        remove_module(state, module)
    remove_owned(state, driver["id"])
    state.tables.drivers.remove(driver["id"])
    state.core.driver_removed(driver["id"])


def remove_repository(state: State, repository: Row) -> None:
    """Delete a repository, its drivers and their modules."""
    for driver in state.tables.drivers.find("repository", repository["id"]):
        remove_driver(state, driver)
    state.tables.repositories.remove(repository["id"])


def remove_domain(state: State, domain: Row) -> None:
    """Delete an authority with its users and their keys."""
    for user in state.tables.users.find("authority", domain["id"]):
        remove_user(state, user)
    state.tables.domains.remove(domain["id"])


def remove_user(state: State, user: Row) -> None:
    """Delete a user with keys and metadata."""
    for key in state.tables.api_keys.find("user", user["id"]):
        state.tables.api_keys.remove(key["id"])
    remove_owned(state, user["id"])
    state.tables.users.remove(user["id"])
