# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does a finding stop the playbook site? That depends on what its roles judge, and on what they change before they do.

docs/reference/findings.md lists the findings. The proof of the scope (role graph_access) looks at sign-in and scope only;
the check of an app that nobody manages (role graph_app) at all the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

GOOD, NOTE, WARNING, STOP = "ok", "note", "warning", "STOP"

COUNTED: Mapping[str, tuple[str, ...]] = {"error": ("error",), "warning": ("error", "warning"), "never": ()}
"""Severities for which the role graph_app ends, by graph_app_fail_on."""

# Where Microsoft is managed, only the proof judges the app; these are looked after by the role graph_app, or may wait.
_NOT_JUDGED_WHERE_MANAGED = ("permission_", "secret_expires_", "certificate_")
_OF_MEMBERS = ("member_outside", "member_denied", "denied_inside", "control_missing")
UNSCOPED = "rbac_unscoped_grant"
ESCAPED = "policies_escaped"
"""A permission in Entra that the scope does not limit, by the kind of the scope."""

_BY_NEW_SECRET = ("token_wrong_secret", "token_secret_expired", "token_secret_id_given", "secret_expired")
_BY_NEW_PRINCIPAL = ("token_no_service_principal", "service_principal_missing")
_BY_NEW_SCOPE = ("mailbox_no_permission", "mailbox_refused_by_policy", "mailbox_outside_rbac_scope", "mailbox_refused")


@dataclass(frozen=True)
class Situation:
    """What the playbook is told to do, and what it would change.

    app, access: names of what would be done, by "created", "updated" and "deleted"; proved: the scope is in force now.
    """

    managed: bool = False
    waived: bool = False
    proved: bool = False
    fail_on: str = "error"
    app: Mapping[str, list[str]] = field(default_factory=dict)
    access: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def pending(self) -> bool:
        """Is anything to be changed?"""
        return bool(self.app or self.access)

    def mark(self, finding: Mapping[str, Any]) -> str:
        """The mark of a finding of graph_app_check."""
        severity, kind = finding.get("severity"), str(finding.get("id"))
        if severity not in ("error", "warning"):
            # What somebody may do something about, or what could not be seen, is not simply good.
            return NOTE if finding.get("action") else GOOD
        if finding.get("about") == "scope":
            stops = severity == "error" and not self.waived
        elif self.managed:
            stops = severity == "error" and not kind.startswith(_NOT_JUDGED_WHERE_MANAGED)
        else:
            needed = severity == "error" and finding.get("about") == "service" and not self.waived
            stops = needed or severity in COUNTED.get(self.fail_on, COUNTED["error"])
        return STOP if stops and not self._cured(kind, str(finding.get("subject"))) else WARNING

    def mark_of_scope(self, finding: Mapping[str, Any]) -> str:
        """The mark of a finding of graph_access_policy, which is about what will be once its changes are made."""
        kind = str(finding.get("id"))
        if finding.get("severity") not in ("error", "warning"):
            return NOTE if finding.get("action") else GOOD
        if self.waived:
            return WARNING
        if kind in (UNSCOPED, ESCAPED) and self.revokes(finding):
            return NOTE
        # An address may be another one of a mailbox that is inside, which is known once it can be read. A grant beside
        # roles stops the proof whatever can be read.
        return STOP if kind == UNSCOPED or (kind in (ESCAPED, *_OF_MEMBERS) and not self.proved) else WARNING

    def revokes(self, finding: Mapping[str, Any]) -> bool:
        """Is everything revoked that a finding says is granted beside the scope?"""
        evidence = finding.get("evidence")
        names = evidence.get("permissions") if isinstance(evidence, Mapping) else None
        return bool(names) and isinstance(names, list) and {str(name) for name in names} <= self._done("deleted")

    def _cured(self, kind: str, subject: str) -> bool:
        """Does the playbook change what is behind a finding, before it judges?"""
        if kind in _BY_NEW_SECRET:
            return any(name.startswith("secret ") for name in self.app.get("created", ()))
        if kind in _BY_NEW_PRINCIPAL:
            return any(name.startswith("service principal ") for name in self.app.get("created", ()))
        if kind == "token_unknown_application":
            return any(name.startswith("application ") for name in self.app.get("created", ()))
        if kind == UNSCOPED:
            return subject.partition(" ")[0] in self._done("deleted")
        if kind == "scope_not_in_force":
            return bool(self.access) or bool(self._done("deleted"))
        return kind in _BY_NEW_SCOPE and (bool(self.access) or bool(self._done("created")))

    def _done(self, what: str) -> set[str]:
        """The permissions that are given or taken in Entra, without the names of their APIs."""
        named = [name.removeprefix("permission ") for name in self.app.get(what, ()) if name.startswith("permission ")]
        return {name.partition(" ")[0] for name in named}
