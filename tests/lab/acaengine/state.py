# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything one ACAEngine server knows: documents, tokens, running modules, and the switches of the lab."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import Crash, not_found
from .hosts import domain_key
from .store import Row, Table, by_age, by_lower_name
from .tokens import LIFETIME, Tokens

if TYPE_CHECKING:
    from ..microsoft.outside import Outside
    from .engine import Engine

LIST_CAP = 10_000
SCAN_PAUSE = 10.0


@dataclass(slots=True)
class Options:
    """Switches that can be changed while the server runs.

    ``index_lag``: seconds by which lists are behind. ``list_cap``: most rows of a list (EQ: 10 000; the Swagger text of RE
    says 500). ``exec_timeout``: every call takes longer than the server waits. ``token_cache``: the panel driver keeps its
    Graph token. ``token_lifetime``: seconds an issued token is good for. ``scan_pause``: seconds between two scans.
    ``microsoft``: the tenant of the lab, where there is one.
    """

    index_lag: float = 0.0
    list_cap: int = LIST_CAP
    exec_timeout: bool = False
    token_cache: bool = False
    token_lifetime: float = LIFETIME
    scan_pause: float = SCAN_PAUSE
    microsoft: Outside | None = None


def name_key(name: Any) -> str:
    """Key of a unique name (RE zone.rb:24-26, control_system.rb:67-69)."""
    return str(name if name is not None else "").strip().lower()


def _name(row: Row) -> list[str]:
    return [name_key(row["name"])]


def _has(name: str) -> Callable[[Row], list[str]]:
    return lambda row: [row[name]] if row[name] else []


@dataclass(slots=True)
class Tables:
    """The tables, and the same by the design document that ids begin with."""

    zones: Table = field(default_factory=lambda: Table("zone", order=by_lower_name, indexes={"name": _name}))
    systems: Table = field(
        default_factory=lambda: Table(
            "sys",
            order=by_lower_name,
            indexes={"name": _name, "zone": lambda r: r["zones"], "module": lambda r: r["modules"]},
        )
    )
    modules: Table = field(
        default_factory=lambda: Table("mod", order=by_age, indexes={"dependency": _has("dependency_id")})
    )
    dependencies: Table = field(default_factory=lambda: Table("dep", order=by_lower_name))
    discoveries: Table = field(default_factory=lambda: Table("disc", order=by_lower_name))
    domains: Table = field(
        default_factory=lambda: Table("sgrp", order=by_lower_name, indexes={"dom": lambda r: [domain_key(r["dom"])]})
    )
    users: Table = field(
        default_factory=lambda: Table(
            "user", order=by_age, indexes={"email": lambda r: [f"{r['authority_id']}-{name_key(r['email'])}"]}
        )
    )
    edges: Table = field(default_factory=lambda: Table("edge", order=by_lower_name))
    by_design: dict[str, Table] = field(default_factory=dict)

    def __post_init__(self) -> None:
        everything = (
            self.zones,
            self.systems,
            self.modules,
            self.dependencies,
            self.discoveries,
            self.domains,
            self.users,
            self.edges,
        )
        self.by_design = {table.name: table for table in everything}


class State:
    """One server. ``reset`` brings the seed state back; the switches stay."""

    tables: Tables
    tokens: Tokens
    engine: Engine
    client_id: str
    client_secret: str

    def __init__(self, options: Options | None = None, domain: str = "localhost") -> None:
        self.options = options or Options()
        self.domain = domain
        self.reset()

    def reset(self) -> None:
        """Return to the seed state."""
        from .engine import Engine  # these need the state's types
        from .seed import plant

        self.tables = Tables()
        self.tokens = Tokens()
        self.engine = Engine(self)
        plant(self)

    def authority_of(self, host: str) -> Row | None:
        """Return the authority of a host (CA authority.rb:27-30, current_authority_helper.rb)."""
        found = self.tables.domains.find("dom", domain_key(host))
        return found[0] if found else None

    def find(self, table: Table, row_id: str) -> Row:
        """Return a document by id: 404 when there is none (CA base.rb:30-34).

        A blank id, or that of a document of another kind, is an error nobody rescues (CO base.rb, find, initialize).
        """
        if not row_id.strip():
            raise Crash("no id(s) provided (EmptyKey)")
        row = table.get(row_id)
        if row is None:
            self.refuse_other_kinds(table, row_id)
            raise not_found()
        return row

    def refuse_other_kinds(self, table: Table, row_id: str) -> None:
        """Crash when an id is that of a document of another kind."""
        other = self.tables.by_design.get(row_id.partition("-")[0])
        if other is not None and other is not table and other.get(row_id) is not None:
            raise Crash(f"document type mismatch, {other.name} != {table.name}")

    def find_all(self, table: Table, ids: list[str]) -> list[Row]:
        """Return the documents of a list of ids in its order, without those that are gone (find_by_id)."""
        return [row for row_id in ids if (row := table.get(str(row_id))) is not None]
