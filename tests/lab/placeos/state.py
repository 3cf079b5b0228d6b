# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything one PlaceOS server knows: its tables, its core, and the switches of the lab."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .core import Core
from .store import Row, Table
from .tokens import Signer

if TYPE_CHECKING:
    from ..microsoft.outside import Outside


@dataclass(slots=True)
class Options:
    """Switches of the server which can be changed while it runs.

    ``index_lag``: seconds by which index routes are behind. ``races``: reproduce the lost updates of the real server;
    ``race_window``: how long, in seconds, such a request waits between reading and writing.
    ``compile_seconds``: how long a driver takes to build. ``microsoft``: the tenant of the lab, where there is one.
    """

    index_lag: float = 0.0
    races: bool = False
    race_window: float = 0.05
    compile_seconds: float = 0.3
    microsoft: Outside | None = None


def _module_order(row: Row) -> tuple[Any, ...]:
    custom = row["custom_name"]
    return (custom is None, custom or "", row["name"], row["id"])


def _by_id(row: Row) -> tuple[Any, ...]:
    return (row["id"],)


def _present(*values: str | None) -> list[str]:
    return [value for value in values if value]


@dataclass(slots=True)
class Tables:
    """The tables by the names of their routes."""

    zones: Table = field(
        default_factory=lambda: Table(
            "zone",
            searched=("name", "display_name", "code", "type", "description", "location", "tags", "id"),
            indexes={"name": lambda r: [r["name"]], "parent": lambda r: [r["parent_id"] or ""]},
        )
    )
    systems: Table = field(
        default_factory=lambda: Table(
            "sys",
            searched=("name", "display_name", "code", "type", "description", "features", "email", "id"),
            indexes={
                "name": lambda r: [r["name"]],
                "email": lambda r: _present(r["email"]),
                "zone": lambda r: r["zones"],
                "module": lambda r: r["modules"],
            },
        )
    )
    modules: Table = field(
        default_factory=lambda: Table(
            "mod",
            order=_module_order,
            searched=("custom_name", "name", "ip", "uri", "notes", "id"),
            indexes={"driver": lambda r: [r["driver_id"]], "system": lambda r: _present(r["control_system_id"])},
        )
    )
    drivers: Table = field(
        default_factory=lambda: Table(
            "driver",
            searched=("name", "module_name", "file_name", "description", "default_uri", "id"),
            indexes={"repository": lambda r: [r["repository_id"]]},
        )
    )
    repositories: Table = field(
        default_factory=lambda: Table(
            "repo",
            searched=("name", "folder_name", "uri", "description", "branch", "id"),
            indexes={"folder": lambda r: [(r["repo_type"], r["folder_name"])]},
        )
    )
    settings: Table = field(
        default_factory=lambda: Table(
            "sets",
            order=_by_id,
            searched=("keys", "id"),
            indexes={
                "parent": lambda r: [r["parent_id"]] if r["settings_id"] is None else [],
                "owner": lambda r: [r["parent_id"]],
                "history": lambda r: _present(r["settings_id"]),
            },
        )
    )
    metadata: Table = field(
        default_factory=lambda: Table(
            "metadata",
            order=_by_id,
            indexes={
                "parent": lambda r: [r["parent_id"]] if r["metadata_id"] is None else [],
                "owner": lambda r: [r["parent_id"]],
                "history": lambda r: _present(r["metadata_id"]),
            },
        )
    )
    domains: Table = field(
        default_factory=lambda: Table(
            "authority", searched=("name", "domain", "description", "id"), indexes={"domain": lambda r: [r["domain"]]}
        )
    )
    users: Table = field(
        default_factory=lambda: Table(
            "user",
            searched=(
                "name",
                "nickname",
                "email",
                "login_name",
                "staff_id",
                "first_name",
                "last_name",
                "department",
                "id",
            ),
            indexes={"email": lambda r: [r["email"]], "authority": lambda r: [r["authority_id"]]},
        )
    )
    api_keys: Table = field(
        default_factory=lambda: Table(
            "api_key",
            searched=("name", "description", "id"),
            indexes={"name": lambda r: [(r["authority_id"], r["name"])], "user": lambda r: [r["user_id"]]},
        )
    )
    triggers: Table = field(default_factory=lambda: Table("trigger", searched=("name", "description", "id")))
    trigger_instances: Table = field(
        default_factory=lambda: Table(
            "trig",
            order=_by_id,
            indexes={
                "system": lambda r: [r["control_system_id"]],
                "trigger": lambda r: [r["trigger_id"]],
                "zone": lambda r: _present(r["zone_id"]),
            },
        )
    )
    applications: Table = field(
        default_factory=lambda: Table("oauth_applications", searched=("name", "uid", "redirect_uri"))
    )
    tenants: Table = field(default_factory=lambda: Table("tenants", order=_by_id))
    minor: dict[str, Table] = field(default_factory=dict)


class State:
    """One server. ``reset`` brings the seed state back; the switches stay."""

    def __init__(self, options: Options | None = None, domain: str = "localhost") -> None:
        self.options = options or Options()
        self.domain = domain
        self.signer = Signer()
        self.reset()

    def reset(self) -> None:
        """Return to the seed state."""
        from .seed import plant  # the seed needs the models, which need the state's types

        self.tables = Tables()
        self.key_cache: dict[str, str] = {}
        self.refresh_tokens: dict[str, str] = {}
        self.next_tenant = 1
        self.next_application = 1
        self.core = Core(self)
        plant(self)

    def authority_of(self, hostname: str) -> Row | None:
        """Return the authority a Host header selects; the comparison is exact."""
        found = self.tables.domains.find("domain", hostname)
        return found[0] if found else None

    async def race_window(self) -> None:
        """Wait between reading and writing, when races are wanted; otherwise do not even yield."""
        if self.options.races:
            await asyncio.sleep(self.options.race_window)


def now() -> int:
    """Return the time as the server stores it."""
    return int(time.time())
