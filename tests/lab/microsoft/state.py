# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything one tenant knows, and the switches of the lab.

Rooms are rows with the properties of a place and the id of their user; room lists have ``_rooms``, the addresses of
their rooms. Mailboxes are known by their address, and by whatever else a user is known by (mailbox_of).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

from .clock import Clock
from .exchange.state import Exchange
from .signin.keys import SigningKey
from .table import Row, Table

TOKEN_LIFETIME = 3599.0


@dataclass(slots=True)
class Options:
    """Switches that can be changed while the server runs; times are seconds.

    ``directory_lag``: how long other replicas miss a write. ``grant_lag``: how long new tokens miss a grant.
    ``policy_delay``: how long Graph ignores a change of a mailbox policy. ``policy_lifetime``: longest life of a secret in
    days (0: any). ``policy_type``: no secrets at all. ``conditional_access``: no tokens at all. ``secrets_expire``: every
    secret is past its end. ``exchange_throttle``: InvokeCommand refuses. ``places_next_link``: lists of places have links.
    ``mailbox_seconds``: how long a call occupies its mailbox.
    """

    directory_lag: float = 0.0
    grant_lag: float = 0.0
    policy_delay: float = 0.0
    exchange_throttle: bool = False
    places_next_link: bool = False
    mailbox_seconds: float = 0.003
    token_lifetime: float = TOKEN_LIFETIME
    secrets_expire: bool = False
    policy_lifetime: float = 0.0
    policy_type: bool = False
    conditional_access: bool = False


@dataclass(slots=True)
class Mailbox:
    """A mailbox in Exchange. ``enabled`` false: the user exists, the mailbox does not (MailboxNotEnabledForRESTAPI)."""

    address: str
    kind: str
    """UserMailbox, RoomMailbox, SharedMailbox or EquipmentMailbox."""
    user_id: str
    display_name: str
    enabled: bool = True
    aliases: list[str] = field(default_factory=list)
    events: dict[str, Row] = field(default_factory=dict)


class Tenant:
    """One tenant. ``reset`` brings the seed state back; switches and signing key stay."""

    def __init__(
        self, options: Options | None = None, *, empty: bool = False, certificate: bytes | None = None
    ) -> None:
        self.options = options or Options()
        self.empty = empty
        self.certificate = certificate
        """DER of the automation application's certificate."""
        self.signing_key = SigningKey()
        self.reset()

    def reset(self) -> None:
        """Return to the seed state."""
        from .seed import plant

        self.clock = Clock()
        now = self.clock.now
        self.organization: Row = {}
        self.domains: list[str] = []
        self.users = Table(now)
        self.groups = Table(now)
        """``_members``: ids of users, groups and service principals; ``_sid``: its SID; ``_kind``: see seed_groups.KINDS."""
        self.applications = Table(now)
        """``_secrets``: keyId to secret text; ``_owners``: ids of service principals and users."""
        self.service_principals = Table(now)
        self.assignments = Table(now)
        self.permission_grants = Table(now)
        self.deleted = Table(now)
        self.rooms = Table(now)
        self.room_lists = Table(now)
        self.exchange = Exchange(now)
        self.mailboxes: dict[str, Mailbox] = {}
        """By lower-case address."""
        self._reads: Counter[str] = Counter()
        plant(self)

    def now(self) -> dt.datetime:
        """Return the tenant's time, in UTC."""
        return self.clock.utc()

    @property
    def id(self) -> str:
        """The tenant's id."""
        return str(self.organization["id"])

    # -- replicas --------------------------------------------------------------------------------------------------

    def replica(self, service: str = "graph") -> float:
        """Return the lag of the replica that answers a read of a service: every other one is stale, the first one too."""
        if self.options.directory_lag <= 0:
            return 0.0
        self._reads[service] += 1
        return self.options.directory_lag if self._reads[service] % 2 else 0.0

    @property
    def lag(self) -> float:
        """The lag of whatever a write refers to."""
        return self.options.directory_lag

    # -- look-ups --------------------------------------------------------------------------------------------------

    def user_by(self, key: str, lag: float = 0.0) -> Row | None:
        """Return a user by id or userPrincipalName (not by mail: that is how the directory does it)."""
        wanted = key.lower()
        return self.users.as_of(wanted, lag) or self.users.find(
            lambda row: str(row.get("userPrincipalName")).lower() == wanted, lag
        )

    def application_by(self, app_id: str, lag: float = 0.0) -> Row | None:
        """Return an application by its appId."""
        return self.applications.find(lambda row: row["appId"].lower() == app_id.lower(), lag)

    def principal_by(self, app_id: str, lag: float = 0.0) -> Row | None:
        """Return a service principal by its appId."""
        return self.service_principals.find(lambda row: row["appId"].lower() == app_id.lower(), lag)

    def mailbox_of(self, key: str) -> Mailbox | None:
        """Return a mailbox by address, alias, userPrincipalName or user id."""
        wanted = key.lower()
        found = self.mailboxes.get(wanted)
        if found is None and (user := self.user_by(wanted)) is not None:
            found = self.mailboxes.get(str(user.get("mail") or "").lower())
        if found is None:
            found = next((box for box in self.mailboxes.values() if wanted in map(str.lower, box.aliases)), None)
        return found

    def group_by_mail(self, address: str) -> Row | None:
        """Return a group by its address."""
        return self.groups.find(lambda row: str(row.get("mail")).lower() == address.lower())

    def members_of(self, group: Row, *, transitive: bool, lag: float = 0.0) -> list[Row]:
        """Return the members of a group (users, groups, service principals), nested ones only if asked for."""
        found: dict[str, Row] = {}
        waiting = list(group.get("_members", []))
        while waiting:
            row = self.object_by(waiting.pop(0), lag)
            if row is None or row["id"] in found:
                continue
            found[row["id"]] = row
            if transitive:
                waiting += row.get("_members", [])
        return list(found.values())

    def groups_of(self, member_id: str, *, transitive: bool, lag: float = 0.0) -> list[Row]:
        """Return the groups that something is a member of."""
        found: dict[str, Row] = {}
        waiting = [member_id]
        while waiting:
            wanted = waiting.pop(0)
            for group in self.groups.all_as_of(lag):
                if wanted in group.get("_members", []) and group["id"] not in found:
                    found[group["id"]] = group
                    if transitive:
                        waiting.append(group["id"])
        return list(found.values())

    def object_by(self, object_id: str, lag: float = 0.0) -> Row | None:
        """Return a user, group, service principal or application by id."""
        tables = (self.users, self.groups, self.service_principals, self.applications)
        return next((row for table in tables if (row := table.as_of(object_id, lag)) is not None), None)

    def roles_of(self, principal_id: str, resource_id: str) -> list[str]:
        """Return the role values that new tokens carry: grants and revocations reach them after ``grant_lag``."""
        resource = self.service_principals.get(resource_id)
        values = {role["id"]: role["value"] for role in resource["appRoles"]} if resource else {}
        rows = self.assignments.all_as_of(self.options.grant_lag)
        mine = [row for row in rows if row["principalId"] == principal_id and row["resourceId"] == resource_id]
        return sorted(values[row["appRoleId"]] for row in mine if row["appRoleId"] in values)
