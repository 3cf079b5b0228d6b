# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan and outcomes as results and diffs: names instead of ids, secrets masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._apply import Outcome
from ansible_collections.placeos.office365.plugins.module_utils._errors import describe
from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._masking import MASK
from ansible_collections.placeos.office365.plugins.module_utils._placeos import dollar_secrets
from ansible_collections.placeos.office365.plugins.module_utils._placeos.flow import Flow, Report
from ansible_collections.placeos.office365.plugins.module_utils._plan import (
    UNREADABLE,
    Action,
    Change,
    Kind,
    Pending,
    Problem,
)

VERBS = {"create": "created", "update": "updated", "delete": "deleted", "keep": "unchanged"}
"""What was done with an object, in a result's words."""


class View:
    """Plan and outcomes as a person or a later task wants to read them; names instead of ids, secrets masked."""

    def __init__(self, flow: Flow) -> None:
        self.kind: Kind = flow.kind
        self.flow = flow

    def result(self, report: Report, check_mode: bool) -> dict[str, Any]:
        """changed, changes and the objects themselves."""
        names: dict[str, list[str]] = {verb: [] for verb in VERBS.values()}
        objects = []
        if report.problems:
            done = []
        elif check_mode:
            # A swap of names takes two steps for one object.
            planned = {(action.label, (action.current or {}).get("id")): action for action in report.plan.actions}
            done = [(action, action.verb, action.current) for action in planned.values()]
        else:
            done = [(o.action, o.verb, o.row) for o in report.outcomes if o.error is None]
        for action, verb, row in done:
            names[VERBS[verb]].append(action.label)
            if verb != "delete" and row is not None:
                objects.append(self.shown(action.label, row))
        # A list that was changed for a module's sake is no object of its own.
        listed = [label for label in report.extra_changes if label not in names["updated"]]
        names["updated"].extend(listed)
        changed = any(names[verb] for verb in ("created", "updated", "deleted")) and not report.problems
        result = {"changed": changed, "changes": names, self.kind.plural: objects}
        if report.unsupported:
            result["unsupported"] = [
                {"option": option, "reason": reason, "objects": len(labels)}
                for (option, reason), labels in sorted(report.unsupported.items())
            ]
        return result

    def shown(self, label: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """One object of the result: its id and those fields that a caller may know."""
        fields = {
            field.name: self.plain(self._readable(field.name, row[field.name]))
            for field in self.kind.fields
            if row.get(field.name) is not None and not self._secret(field.name, row)
        }
        return {"id": row["id"], **fields, "name": label}

    def diff(self, report: Report) -> list[dict[str, Any]]:
        """One entry per changed object, with the changed fields only."""
        entries = [self._diff_entry(a.label, a) for a in report.plan.actions if a.verb != "keep"]
        for label, changes in report.extra_changes.items():
            entries.append(
                {
                    "before_header": label, "after_header": label,
                    "before": {name: change.before for name, change in changes.items()},
                    "after": {name: self.plain(change.after) for name, change in changes.items()},
                }
            )  # fmt: skip
        return entries

    def _diff_entry(self, label: str, action: Action) -> dict[str, Any]:
        header = f"{self.kind.name} {label}"
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        if action.verb == "delete":
            before = {"state": "present", "id": (action.current or {}).get("id")}
            after = {"state": "absent"}
        else:
            values = action.desired.values if action.desired else {}
            for name, change in action.changes.items():
                before[name], after[name] = self._shown_change(name, change, values)
            if action.verb == "create":
                before = {}
        return {"before_header": header, "after_header": header, "before": before, "after": after}

    def _shown_change(self, name: str, change: Change, values: Mapping[str, Any]) -> tuple[Any, Any]:
        """A secret's change is told, its values are not: documents still show which keys they have."""
        if not self._secret(name, values):
            before = self._readable(name, change.before, change.after)
            return self.named(name, before), self.named(name, self._readable(name, change.after))
        return _masked(change.before), _masked(change.after, change.before)

    def _readable(self, name: str, value: Any, after: Any = None) -> Any:
        """A value as it may be shown; texts under $ keys are secrets in settings only."""
        return dollar_secrets.hidden(value, after) if (self.kind.name, name) == ("settings", "document") else value

    def _secret(self, name: str, values: Mapping[str, Any]) -> bool:
        if self.kind.name == "settings" and name == "document":
            return values.get("encryption_level") != "none"
        return self.kind.field(name).secret

    def named(self, field: str, value: Any) -> Any:
        """References with the names of what they refer to."""
        if isinstance(value, list):
            return [self.named(field, item) for item in value]
        kind = self.kind.field(field).ref
        # Settings and metadata may belong to objects of several kinds.
        kinds = (kind,) if kind else self.flow.parent_kinds if field == "parent" else ()
        for candidate in kinds:
            value = self.flow.references.name(candidate, value)
        return self.plain(value)

    @staticmethod
    def plain(value: Any) -> Any:
        """A value that JSON knows."""
        if isinstance(value, Pending):
            return str(value)
        if value is UNREADABLE:
            return MASK
        if isinstance(value, list):
            return [View.plain(item) for item in value]
        if isinstance(value, Mapping):
            return {key: View.plain(item) for key, item in value.items()}
        return MASK if dollar_secrets.is_ciphertext(value) else value

    def assumptions(self) -> list[str]:
        """What check mode took for granted."""
        assumed = sorted(set(self.flow.references.assumed))
        if not assumed:
            return []
        shown = ", ".join(assumed[:5]) + (f" and {len(assumed) - 5} more" if len(assumed) > 5 else "")
        return [f"check mode: not there yet, taken to be created by an earlier task: {shown}"]

    def notes(self, report: Report) -> list[str]:
        """What went differently than planned, but well."""
        return [f"{self.kind.name} {o.action.label}: {note}" for o in report.outcomes for note in o.notes]

    def problem(self, problem: Problem) -> dict[str, Any]:
        """A fault that was found before anything was written."""
        return {"kind": self.kind.name, "name": problem.label, "field": problem.field, "message": problem.text}

    def failure(self, outcome: Outcome) -> dict[str, Any]:
        """An object that could not be made right."""
        entry: dict[str, Any] = {"kind": self.kind.name, "name": outcome.action.label, "action": outcome.action.verb}
        error = outcome.error
        entry.update(describe(error) if isinstance(error, HttpError) else {"message": str(error)})
        return entry


_ABSENT = object()


def _masked(value: Any, before: Any = _ABSENT) -> Any:
    """A secret value without its content; beside the value before, what differs from it is marked as changed."""
    if isinstance(value, Mapping):
        known = before if isinstance(before, Mapping) else {}
        return {key: _masked(item, _ABSENT if before is _ABSENT else known.get(key)) for key, item in value.items()}
    if value is None:
        return None
    return MASK if before is _ABSENT or before is None or before == value else f"{MASK} (changed)"
