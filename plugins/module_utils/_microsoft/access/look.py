# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that is read before an application's access is planned, in one session, and after it was changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access import policies as access_policies
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access import rbac
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.grants import regime_notes
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.members import (
    DEEPEST,
    Members,
    filter_command,
    is_no_mailbox,
    member_command,
    member_notes,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.model import (
    ACCESS_POLICY,
    RBAC,
    AccessFaults,
    Note,
    Recipient,
    Wish,
    some,
    warning,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.rbac_rows import (
    assignments_of,
    pointers_of,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.tests import (
    Question,
    Verdict,
    test_command,
    verdict,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import (
    NO_ANSWER,
    Answer,
    Command,
    Exchange,
    ExchangeError,
)

MOST_CONTROLS = 20
LISTS: Mapping[str, str] = {
    "policies": "Get-ApplicationAccessPolicy",
    "principals": "Get-ServicePrincipal",
    "assignments": "Get-ManagementRoleAssignment",
    "scopes": "Get-ManagementScope",
}
"""Each is read as a whole and filtered here: an unknown -Identity of Get-ApplicationAccessPolicy gives all policies."""
NEEDED: Mapping[str, frozenset[str]] = {
    ACCESS_POLICY: frozenset({"policies"}),
    RBAC: frozenset({"principals", "assignments", "scopes"}),
}
"""Lists without which nothing can be planned; the others only serve warnings."""


@dataclass(frozen=True)
class Job:
    """What is to be done. members, unwanted: addresses that must be inside, and outside; questions: for the Test cmdlets."""

    app: rbac.Application
    kind: str
    wishes: Sequence[Wish]
    purge: bool = False
    members: Sequence[str] = ()
    unwanted: Sequence[str] = ()
    questions: Sequence[Question] = ()
    replication_deadline: float = 60.0
    check_mode: bool = False

    @property
    def asks_members(self) -> bool:
        """Must it be known who is inside?"""
        return bool(self.members or self.unwanted)

    @property
    def permissions(self) -> list[str]:
        """All that is wished, each once."""
        return list(dict.fromkeys(name for wish in self.wishes if wish.present for name in wish.permissions))

    @property
    def permissions_everywhere(self) -> frozenset[str]:
        """Those that every place of the list gives, which any mailbox inside must therefore have."""
        given: dict[str, set[str]] = {}
        for wish in self.wishes:
            if wish.present:
                given.setdefault(wish.place.lower(), set()).update(wish.permissions)
        return frozenset(set.intersection(*given.values())) if given else frozenset()


@dataclass
class Seen:
    """All that was read. unread: why lists that only serve warnings are not known, by their names.

    no_mailboxes: unwanted ones that are no mailboxes at all, as far as that was asked.
    """

    lists: dict[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    groups: dict[str, Recipient] = field(default_factory=dict)
    members: Members = field(default_factory=Members)
    verdicts: list[Verdict] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)
    no_mailboxes: list[str] = field(default_factory=list)


class Looking:
    """Reads for one job."""

    def __init__(self, exchange: Exchange, job: Job) -> None:
        self._exchange = exchange
        self.job = job
        self.seen = Seen()

    def look(self) -> None:
        """Everything in one session, and nested groups, level by level, in further ones."""
        job = self.job
        groups = list(dict.fromkeys(wish.group for wish in job.wishes if wish.group))
        filters = {wish.scope: wish.scope_filter for wish in job.wishes if wish.scope_filter and job.asks_members}
        lists = self.list_commands()
        recipients = [Command("Get-Recipient", {"Identity": group}) for group in groups]
        members = [member_command(group) for group in groups]
        filtered = [filter_command(text) for text in filters.values()]
        # A control mailbox that does not exist proves nothing. The proof itself finds out; check mode has to ask.
        controls = list(job.unwanted[:MOST_CONTROLS]) if job.check_mode else []
        asked = [Command("Get-Recipient", {"Identity": address}) for address in controls]
        answers = iter(self._exchange.run([*lists, *recipients, *members, *filtered, *asked, *self.test_commands()]))
        self._take_lists([next(answers) for _list in lists])
        self._take_recipients({group: next(answers) for group in groups})
        for place in [*groups, *filters]:
            self.seen.members.take(place, next(answers))
        self.seen.no_mailboxes = [address for address in controls if is_no_mailbox(next(answers))]
        tests = list(answers)
        silent = next((one.error for one in tests if one.error is not None and one.error.kind in NO_ANSWER), None)
        if silent is not None:
            # What is to be done could not be tested afterwards either.
            raise silent
        self._take_verdicts(tests)
        if job.kind == ACCESS_POLICY and job.asks_members:
            self._look_into_nested_groups()

    def list_commands(self) -> list[Command]:
        """The commands that list what there is."""
        return [Command(LISTS[name]) for name in self._list_names()]

    def test_commands(self) -> list[Command]:
        """The commands that answer the job's questions; none while it is not known who they are about."""
        job = self.job
        known = job.app.app_id if job.kind == ACCESS_POLICY else job.app.object_id
        if not known:
            return []
        return [test_command(job.kind, job.app.app_id, job.app.object_id, question) for question in job.questions]

    def take_again(self, answers: Sequence[Answer]) -> None:
        """Remember the answers to list_commands and test_commands."""
        lists = len(self._list_names())
        self._take_lists(answers[:lists])
        self._take_verdicts(answers[lists:])

    def test(self) -> None:
        """Ask the questions in a session of their own."""
        commands = self.test_commands()
        if commands:
            self._take_verdicts(self._exchange.run(commands))

    def known_wishes(self) -> list[Wish]:
        """Without wishes of absence for groups that do not exist at all: nothing can be left of these."""
        return [wish for wish in self.job.wishes if not wish.group or wish.group in self.seen.groups]

    def remarks(self) -> list[Note]:
        """What is to be said of members, and of both ways of scoping at once."""
        job, seen = self.job, self.seen
        own = {address for address, group in seen.groups.items() if group.kind in ("UserMailbox", "MailUser")}
        wishes = self.known_wishes()
        notes = member_notes(job.kind, wishes, seen.members, job.members, own, unwanted=job.unwanted)
        if seen.no_mailboxes:
            notes.append(
                warning(
                    "control_missing", some(seen.no_mailboxes),
                    "It must be refused, but is no mailbox of Exchange Online, so that its refusal proves nothing.",
                    "Name a mailbox that exists, and is in none of the scopes.",
                )
            )  # fmt: skip
        policies = access_policies.policies_of(seen.lists["policies"], job.app.app_id)
        pointers = pointers_of(seen.lists["principals"])
        pointer = next((one for one in pointers if one.app_id == job.app.app_id.lower()), None)
        roles = assignments_of(seen.lists["assignments"], pointer, pointers) if pointer else []
        return notes + regime_notes(
            job.kind,
            job.app.app_id,
            [f"{policy.right} {policy.scope_name}" for policy in policies],
            sorted({one.role.removeprefix("Application ") for one in roles}),
            {LISTS[name]: words for name, words in seen.unread.items()},
        )

    def _list_names(self) -> list[str]:
        """The lists to read: scopes only for those who wish one."""
        return [name for name in LISTS if name != "scopes" or any(wish.scope for wish in self.job.wishes)]

    def _take_lists(self, answers: Sequence[Answer]) -> None:
        for name, answer in zip(self._list_names(), answers, strict=True):
            try:
                self.seen.lists[name] = answer.found()
            except ExchangeError as error:
                if name in NEEDED[self.job.kind] or error.kind in NO_ANSWER:
                    raise
                # It only serves a warning, and the automation identity may lack the right to it.
                self.seen.lists[name] = ()
                self.seen.unread[name] = error.words
            else:
                self.seen.unread.pop(name, None)

    def _take_recipients(self, answers: Mapping[str, Answer]) -> None:
        """Know every group, or say at once of all that are unknown, ambiguous or of the wrong type that they are."""
        wanted = {wish.group for wish in self.job.wishes if wish.present}
        faults = []
        for group, answer in answers.items():
            if answer.error is not None and answer.error.kind != "not_found":
                faults.append(str(answer.error))
            elif len(answer.rows) == 1:
                self.seen.groups[group] = Recipient.of(answer.rows[0])
            elif len(answer.rows) > 1:
                addresses = ", ".join(Recipient.of(row).address for row in answer.rows)
                faults.append(f"{group} means several recipients ({addresses}): give the address of one")
            elif group in wanted:
                faults.append(
                    f"Exchange knows no recipient {group}. Give the mail address of a mail-enabled security group; a plain "
                    "security group of Entra has none, and a new group needs some minutes until Exchange knows it"
                )
        check = access_policies.group_faults if self.job.kind == ACCESS_POLICY else rbac.group_faults
        faults += check(self.job.wishes, self.seen.groups)
        if faults:
            raise AccessFaults(*faults)

    def _look_into_nested_groups(self) -> None:
        for _level in range(DEEPEST):
            unknown = self.seen.members.unknown_groups()
            if not unknown:
                return
            answers = self._exchange.run([member_command(group) for group in unknown])
            for group, answer in zip(unknown, answers, strict=True):
                self.seen.members.take(group, answer)

    def _take_verdicts(self, answers: Sequence[Answer]) -> None:
        job = self.job
        self.seen.verdicts = [
            verdict(job.kind, question, answer, job.permissions, job.permissions_everywhere)
            for question, answer in zip(job.questions, answers, strict=False)
        ]
