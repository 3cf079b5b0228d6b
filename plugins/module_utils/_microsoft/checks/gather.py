# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gathers the facts: signs in, reads the directory and the calendars. Nothing is changed by any of it.

Requests: the sign-in, at most one for each of registration, enterprise application, consents and API, and one for each
20 mailboxes; what does not change is not read again while waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks import reading
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.calendars import CALENDAR_ROLES
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.facts import (
    FAILED,
    FORBIDDEN,
    NOT_ASKED,
    NOT_FOUND,
    Facts,
    Failure,
    Grant,
    Registration,
    Schedule,
    ServicePrincipal,
    Unread,
    Wanted,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.errors import describe, kind_of
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.graph import Graph, segment
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.mailboxes import (
    MISSING_ROLE,
    READABLE,
    Expected,
    MailboxRead,
    Rounds,
    renew,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import MalformedAnswer, answer_of
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import GRAPH_APP_ID
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.claims import Claims
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.token_error import TokenError

T = TypeVar("T")
_NOBODY = Unread(NOT_ASKED, "nobody could be signed in to ask with")


@dataclass
class _Directory:
    """What of the directory was read."""

    registration: Registration | Unread = _NOBODY
    service_principal: ServicePrincipal | Unread = _NOBODY
    assigned: frozenset[Grant] | Unread = _NOBODY
    published: frozenset[str] | Unread = _NOBODY
    reader: TokenError | None = None
    failure: Failure | None = None


@dataclass
class Gatherer:
    """Gathers the facts about one application, as often as asked.

    graph: with the application's own tokens; reader: with those of an identity that may read the directory, or None.
    """

    wanted: Wanted
    graph: Graph
    reader: Graph | None = None
    workers: int = 4
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _apis: dict[str, reading.Api | Unread] = field(default_factory=dict, init=False)
    _rounds: Rounds | None = field(default=None, init=False)
    _signed_in: bool = field(default=False, init=False)

    def gather(self) -> Facts:
        """All facts at this moment; a fresh token is taken each time. Never raises for what the servers say."""
        sign_in = self._sign_in()
        directory = self._directory(sign_in)
        facts = Facts(
            self.wanted,
            self.clock(),
            sign_in,
            registration=directory.registration,
            service_principal=directory.service_principal,
            assigned=directory.assigned,
            published=directory.published,
            reader=directory.reader,
            graph=directory.failure,
        )
        if facts.claims is None or directory.failure is not None or not (self.wanted.allowed or self.wanted.denied):
            return facts
        return self._with_calendars(facts)

    def _sign_in(self) -> Claims | TokenError:
        fresh, self._signed_in = self._signed_in and self.graph.tokens.renewable, True
        try:
            return self.graph.tokens.claims(self.graph.audience, fresh=fresh)
        except TokenError as error:
            return error

    # -- the directory ---------------------------------------------------------------------------------------------

    def _directory(self, sign_in: Claims | TokenError) -> _Directory:
        found = _Directory()
        if self.reader is not None:
            try:
                self.reader.tokens.get(self.reader.audience)
            except TokenError as error:
                found.reader = error
        reader = self.reader if self.reader is not None and found.reader is None else None
        if reader is None:
            if isinstance(sign_in, TokenError):
                return found
            reader = self.graph
        try:
            self._read_directory(reader, found)
        except HttpError as error:
            found.failure = failure(error)
        except TokenError as error:
            found.reader = error
        return found

    def _read_directory(self, graph: Graph, found: _Directory) -> None:
        key = f"(appId='{segment(self.wanted.client_id)}')"
        row = self._ask(lambda: graph.get(f"/v1.0/applications{key}", {"$select": reading.REGISTRATION}))
        if isinstance(row, Unread):
            found.registration = row
        else:
            where = graph.http.url(f"/v1.0/applications{key}")
            found.registration = self._checked(lambda: self._registration(graph, row), where)
        principal = self._ask(
            lambda: graph.get(f"/v1.0/servicePrincipals{key}", {"$select": reading.SERVICE_PRINCIPAL})
        )
        found.service_principal = (
            principal
            if isinstance(principal, Unread)
            else self._checked(
                lambda: reading.service_principal(principal), graph.http.url(f"/v1.0/servicePrincipals{key}")
            )
        )
        if isinstance(found.service_principal, Unread):
            # Without a service principal there is nothing that anything could be granted to; that is told once.
            found.assigned = found.service_principal
        else:
            path = f"/v1.0/servicePrincipals/{segment(found.service_principal.object_id)}/appRoleAssignments"
            grants = self._ask(lambda: graph.items(path))
            found.assigned = (
                grants
                if isinstance(grants, Unread)
                else self._checked(lambda: self._assigned(graph, grants), graph.http.url(path))
            )
        if not isinstance(found.registration, Unread) or not isinstance(found.assigned, Unread):
            api = self._api(graph, f"(appId='{GRAPH_APP_ID}')")
            found.published = api if isinstance(api, Unread) else api.published or Unread(FAILED, "it has no appRoles")

    def _registration(self, graph: Graph, row: Mapping[str, Any]) -> Registration:
        needed = {app_id for app_id, _identifier, _type in reading.requested(row)}
        return reading.registration(row, self._apis_by(graph, needed, "(appId='{}')"))

    def _assigned(self, graph: Graph, found: list[dict[str, Any]]) -> frozenset[Grant]:
        known = {api.resource.object_id.lower(): api for api in self._apis.values() if not isinstance(api, Unread)}
        needed = {row["resourceId"].lower() for row in found if isinstance(row.get("resourceId"), str)}
        return reading.assigned(found, {**known, **self._apis_by(graph, needed - known.keys(), "/{}")})

    def _apis_by(self, graph: Graph, names: Iterable[str], where: str) -> dict[str, reading.Api]:
        found = {name: self._api(graph, where.format(segment(name))) for name in sorted(names)}
        return {name: api for name, api in found.items() if not isinstance(api, Unread)}

    def _api(self, graph: Graph, where: str) -> reading.Api | Unread:
        """An API of the tenant; read once, since its permissions do not change while a task runs."""
        if isinstance(self._apis.get(where, _NOBODY), Unread):
            path = f"/v1.0/servicePrincipals{where}"
            row = self._ask(lambda: graph.get(path, {"$select": reading.RESOURCE}))
            self._apis[where] = (
                row if isinstance(row, Unread) else self._checked(lambda: reading.Api(row), graph.http.url(path))
            )
        return self._apis[where]

    @staticmethod
    def _ask(read: Callable[[], T]) -> T | Unread:
        """What could be read, or why not. What would keep from reading anything at all is raised."""
        try:
            return read()
        except HttpError as error:
            if error.unreachable or error.status == 401:
                raise
            # Without Graph's own error it may be a proxy that answered, which says nothing about the directory.
            reasons = {403: FORBIDDEN, 404: NOT_FOUND} if error.graph_code else {}
            return Unread(reasons.get(error.status or 0, FAILED), str(error), error.status, error.url)

    @staticmethod
    def _checked(read: Callable[[], T], url: str) -> T | Unread:
        try:
            with answer_of("GET", url):
                return read()
        except MalformedAnswer as error:
            return Unread(FAILED, str(error), url=url)

    # -- the calendars ---------------------------------------------------------------------------------------------

    def _with_calendars(self, facts: Facts) -> Facts:
        expected = Expected(self.wanted.allowed, self.wanted.denied)
        if self._rounds is None:
            self._rounds = Rounds(self.graph, expected, workers=self.workers)
        try:
            reads = self._rounds.read()
            if self._token_is_too_old(facts, reads):
                renew(self.graph, self.graph.tokens)
                reads = self._rounds.read()
                facts = facts.with_(sign_in=self.graph.tokens.claims(self.graph.audience))
        except HttpError as error:
            return facts.with_(graph=failure(error))
        except TokenError as error:
            return facts.with_(sign_in=error)
        return facts.with_(reads=tuple(reads), schedule=self._schedule(expected, reads))

    def _token_is_too_old(self, facts: Facts, reads: list[MailboxRead]) -> bool:
        """Refused for want of a role that is granted: the one cause of a 403 that a fresh token cures."""
        refused = any(read.state == MISSING_ROLE and read.address in self.wanted.allowed for read in reads)
        if not refused or facts.roles is None or isinstance(facts.assigned, Unread):
            return False
        granted = {grant.value for grant in facts.assigned if grant.on_graph}
        return bool(CALENDAR_ROLES & granted) and not CALENDAR_ROLES & facts.roles

    def _schedule(self, expected: Expected, reads: list[MailboxRead]) -> Schedule | None:
        """Free and busy times of some readable mailboxes, as PlaceOS asks for them: at most 20 at a time."""
        readable = [
            read.address for read in reads if read.state == READABLE and expected.of(read.address) == "allowed"
        ][:20]
        if not readable:
            return None
        start = self.clock().replace(microsecond=0)
        body = {
            "schedules": readable,
            "startTime": {"dateTime": f"{start:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"},
            "endTime": {"dateTime": f"{start + timedelta(minutes=30):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"},
            "availabilityViewInterval": 30,
        }
        path = f"/v1.0/users/{segment(readable[0])}/calendar/getSchedule"
        try:
            answer = self.graph.send("POST", path, body, repeatable=True)
        except (HttpError, TokenError) as error:
            return Schedule(readable[0], words=error.words)
        entries = answer.get("value") if isinstance(answer, dict) else None
        if not isinstance(entries, list):
            return Schedule(readable[0], words="the answer has no list of schedules")
        return Schedule(readable[0], errors=dict(filter(None, map(_schedule_error, entries))))


def _schedule_error(entry: Any) -> tuple[str, str] | None:
    error = entry.get("error") if isinstance(entry, dict) else None
    if not error:
        return None
    told = error if isinstance(error, dict) else {"message": error}
    words = f"{told.get('responseCode') or ''} {told.get('message') or ''}".strip()
    return str(entry.get("scheduleId")), words or "an error without words"


def failure(error: HttpError) -> Failure:
    """A request that failed as a whole. Throttling and disturbances pass; a wrong address or authority does not."""
    kind = kind_of(error)
    told = describe(error)
    return Failure(str(error), error.url, error.status, str(told["hint"]), passing=kind in ("throttled", "transient"))
