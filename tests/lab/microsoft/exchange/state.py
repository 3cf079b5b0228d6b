# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an administrator configured in Exchange Online, now and some time ago.

A change is visible to the cmdlets at once, also to the Test cmdlets, which bypass the caches; calls through Graph follow
it only after the delay of the switch ``policy-delay`` (auth-limit-mailbox-access.md: more than an hour is possible).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from .evaluation import RESTRICT, Rule

NAMESPACE = uuid.UUID("5f0d0f1c-0000-4000-8000-00000000e5c0")


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """An application access policy: application (or ``*``), right, and the object id of a group or a user."""

    app_id: str
    right: str
    scope_id: str
    description: str

    @property
    def rule(self) -> Rule:
        """What it means."""
        return Rule(self.app_id, self.right, self.scope_id)


@dataclass(frozen=True, slots=True)
class Pointer:
    """Exchange's pointer to a service principal of Entra ID."""

    app_id: str
    object_id: str
    display_name: str
    guid: str
    sid: str


@dataclass(frozen=True, slots=True)
class ManagementScope:
    """A filter over recipients."""

    guid: str
    name: str
    recipient_filter: str
    recipient_root: str = ""
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a role holds: in at most one of these, everywhere without any."""

    custom_scope: str | None = None
    """Guid of a management scope."""
    unit: str | None = None
    """Id of an administrative unit."""
    group: str | None = None
    """Object id of a group; its direct members only."""
    user: str | None = None
    """Object id of one mailbox (a directoryScopeId of Graph)."""


EVERYWHERE = Reach()


@dataclass(frozen=True, slots=True)
class RoleAssignment:
    """A role given to an application."""

    guid: str
    name: str
    role: str
    app: str
    """Object id of the service principal in Entra ID."""
    reach: Reach = EVERYWHERE
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Configuration:
    """All of it at one moment."""

    policies: tuple[AccessPolicy, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    scopes: tuple[ManagementScope, ...] = ()
    assignments: tuple[RoleAssignment, ...] = ()


@dataclass(slots=True)
class AdministrativeUnit:
    """A part of the directory: its own members, no nested ones."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)


class Exchange:
    """The configuration of one organisation and its past; ``now`` tells the time in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.current = Configuration()
        self.past: list[tuple[float, Configuration]] = []
        """What was valid until a moment, oldest first."""
        self.units: dict[str, AdministrativeUnit] = {}
        self.administrators: set[str] = set()
        """Object ids of service principals that hold the directory role Exchange Administrator."""
        self.readers: set[str] = set()
        """Object ids of service principals that hold the directory role Global Reader."""
        self.made = 0
        self.calls = 0
        self.events_made = 0
        self.sent: list[dict[str, Any]] = []
        """Messages that were sent."""
        self.running: dict[tuple[str, str], int] = {}
        """How many calls of an application are in a mailbox right now."""
        self.remaining = 30_000
        """Calls of cmdlets left in this period (a header shows it; nothing happens at zero)."""

    def change(self, **tables: tuple[Any, ...]) -> None:
        """Replace tables of the configuration: ``change(policies=(...))``."""
        self.past.append((self.now(), self.current))
        self.current = replace(self.current, **tables)

    def in_force(self, delay: float) -> Configuration:
        """Return the configuration that calls through Graph see, which lags some seconds behind."""
        if delay <= 0:
            return self.current
        moment = self.now() - delay
        return next((then for until, then in self.past if until > moment), self.current)

    def add_policy(self, app_id: str, group_id: str, description: str, right: str = RESTRICT) -> None:
        """Add a policy that has been in force for long, as the seed does."""
        policy = AccessPolicy(app_id, right, group_id, description)
        self.current = replace(self.current, policies=(*self.current.policies, policy))

    def new_guid(self) -> str:
        """Return a guid which is the same in every run: the n-th of this organisation."""
        self.made += 1
        return str(uuid.uuid5(NAMESPACE, str(self.made)))
