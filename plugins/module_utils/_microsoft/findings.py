# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings: what a check has to say, each with a stable id, what it rests on, and what to do about it.

The ids are listed in docs/reference/findings.md. They are kept when wordings change, since inventories and monitoring
match them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

ERROR, WARNING, INFO = "error", "warning", "info"
SEVERITIES = (ERROR, WARNING, INFO)
FAIL_ON: Mapping[str, tuple[str, ...]] = {"error": (ERROR,), "warning": (ERROR, WARNING), "never": ()}
"""Which severities fail a task, by its option fail_on."""

SHOWN_ADDRESSES = 10
"""Mailboxes named in a message; its evidence names all."""


@dataclass(frozen=True)
class Kind:
    """A row of the table of findings. passes: time alone may cure it, so that waiting makes sense."""

    id: str
    severity: str
    passes: bool = False

    @property
    def about(self) -> str:
        """service: whether Microsoft answers at all; scope: which mailboxes are reached; app: the rest.

        Roles go by this: who judges a finding, and in which order things are to be put right.
        """
        return next((about for about, begins in _ABOUT.items() if self.id.startswith(begins)), "app")


_ABOUT: Mapping[str, tuple[str, ...]] = {
    "service": ("token_", "graph_"),
    "scope": ("scope_", "mailbox_", "control_mailbox_", "rbac_", "schedule_", "calendars_"),
}


def _rows(severity: str, names: str, passes: str = "") -> list[Kind]:
    lasting = [Kind(name, severity) for name in names.split()]
    return [Kind(name, severity, passes=True) for name in passes.split()] + lasting


# Within a severity, what stands first is told first: what all the rest follows from, then what is most dangerous.
KINDS: Mapping[str, Kind] = {
    kind.id: kind
    for kind in [
        *_rows(
            ERROR,
            "token_host_unreachable token_tls_refused token_malformed_tenant token_unknown_tenant token_secret_id_given "
            "token_secret_expired token_expired token_application_disabled token_blocked_by_policy token_clock_wrong "
            "token_refused token_answer_unreadable token_other_tenant token_other_application token_other_audience "
            "token_not_app_only",
            # A new secret, application or service principal takes a while to reach all of Entra; throttling ends.
            passes="token_wrong_secret token_certificate_refused token_unknown_application token_no_service_principal "
            "token_throttled token_service_failing",
        ),
        *_rows(
            ERROR,
            "application_disabled permission_nonexistent permission_unknown permission_delegated_only "
            "graph_unusable permission_cannot_be_scoped permission_missing permission_withdrawn secret_expired "
            "certificate_expired secret_expires_very_soon certificate_expires_very_soon control_mailbox_missing",
            passes="graph_failed scope_not_in_force rbac_unscoped_grant service_principal_missing "
            "permission_not_in_token_yet permission_not_consented permission_not_requested mailbox_no_permission "
            "mailbox_grant_not_in_token mailbox_refused_by_policy mailbox_outside_rbac_scope mailbox_refused "
            "mailbox_not_found mailbox_absent mailbox_unproved",
        ),
        *_rows(
            WARNING,
            "permission_dangerous permission_escapes_policies scope_not_proved application_multi_tenant "
            "permission_excess cloud_unknown_to_placeos credential_not_proved secret_expires_soon "
            "certificate_expires_soon secret_may_expire_soon certificate_may_expire_soon secret_key_id_unknown "
            "secret_key_id_mismatch secret_orphans schedule_refused reader_refused directory_unreadable claims_unreadable",
        ),
        *_rows(
            INFO,
            "registration_unknown registration_elsewhere service_principal_unknown assignments_unknown "
            "secret_expiry_unknown certificate_expiry_unknown secret_in_use_unknown secret_valid certificate_valid "
            "secret_others certificate_others secret_leftovers certificate_leftovers secret_long_lived "
            "permission_broader permission_granted permission_scoped_by_rbac permission_lingering "
            "permission_not_on_registration permission_requested_excess scope_proved calendars_readable",
        ),
    ]
}


@dataclass(frozen=True)
class Finding:
    """One thing to say. subject: the object it is about; evidence: what it rests on; action: what to do, or ''."""

    id: str
    subject: str
    message: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    action: str = ""

    @property
    def kind(self) -> Kind:
        """Its row of the table."""
        return KINDS[self.id]

    @property
    def severity(self) -> str:
        """error, warning or info."""
        return self.kind.severity

    def shown(self) -> dict[str, Any]:
        """The finding as a module returns it."""
        return {**entry(self), "about": self.kind.about}


def entry(finding: Any) -> dict[str, Any]:
    """What each finding has in a result, of whichever check."""
    names = ("id", "severity", "subject", "message", "evidence", "action")
    return {name: getattr(finding, name) for name in names}


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Worst first; within one kind as they were found."""
    places = {identifier: place for place, identifier in enumerate(KINDS)}
    return sorted(findings, key=lambda finding: (SEVERITIES.index(finding.severity), places[finding.id]))


def may_pass(findings: Iterable[Finding], fail_on: str = ERROR) -> bool:
    """Is there anything that time alone may cure, and nothing lasting for which the task fails all the same?"""
    told = list(findings)
    hopeless = any(finding.id.startswith("token_") for finding in told if _lasts(finding))
    hopeless = hopeless or any(not finding.kind.passes for finding in failing(told, fail_on))
    return not hopeless and any(finding.kind.passes for finding in told)


def _lasts(finding: Finding) -> bool:
    return finding.severity == ERROR and not finding.kind.passes


def failing(findings: Iterable[Finding], fail_on: str) -> list[Finding]:
    """The findings for which a task fails."""
    return [finding for finding in findings if finding.severity in FAIL_ON[fail_on]]


def line(finding: Finding) -> str:
    """One finding as a person reads it at night."""
    action = f" {finding.action}" if finding.action else ""
    return f"{finding.severity}: {finding.subject}: {finding.message}{action} [{finding.id}]"


def report(findings: Iterable[Finding], *, about: str) -> str:
    """The message of a task: how many of what, then every error and warning, worst first."""
    told = ordered(findings)
    counts = {severity: sum(1 for finding in told if finding.severity == severity) for severity in (ERROR, WARNING)}
    parts = [f"{number} {severity}{'s' if number > 1 else ''}" for severity, number in counts.items() if number]
    if not parts:
        return f"{about}: all checks passed"
    lines = [f"- {line(finding)}" for finding in told if finding.severity != INFO]
    return "\n".join([f"{about}: {' and '.join(parts)}", *lines])


def some(addresses: Iterable[str]) -> str:
    """A few of many names, and how many there are besides."""
    names = list(addresses)
    more = f" and {len(names) - SHOWN_ADDRESSES} more" if len(names) > SHOWN_ADDRESSES else ""
    return ", ".join(names[:SHOWN_ADDRESSES]) + more
