# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do, decided without I/O: current + desired + policy -> plan.

Check mode, diff, reports and purge are all views of the plan made here.
Standard library only; nothing below this module knows about HTTP or Ansible.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Row = dict[str, Any]
"""One object as the server has it, decoded by its platform; always with an ``id`` unless still to be created."""


class _Unreadable:
    """The stored value of a secret that the server never returns."""

    def __repr__(self) -> str:
        return "(not readable)"


UNREADABLE = _Unreadable()


class PartlyReadable(dict[str, Any]):
    """A stored document of which the server shows some values encrypted only."""


@dataclass(frozen=True)
class Pending:
    """A reference to an object that has no id yet, because this plan, or in check mode an earlier task, creates it."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} (id known after creation)"


def exact(value: Any) -> Any:
    """Canonical form of values that are stored as they were sent."""
    if isinstance(value, list):
        return tuple(exact(item) for item in value)
    if isinstance(value, Mapping):
        return tuple(sorted((str(key), exact(item)) for key, item in value.items()))
    return value


@dataclass(frozen=True)
class Field:
    """One field of a kind: how it is offered to users and how two values of it are compared.

    canon: maps a value to a hashable canonical form; equal forms mean that the server would store the same.
    loose: canonical form where the value identifies an object, if the server tells fewer values apart there.
    options: the options of the elements, where they are dictionaries.
    combine: what the field becomes, from (current value, desired value, all desired values); None replaces.
    ref: the kind that the field's ids belong to; the option then holds names (or ids).
    default: what the option is when it is not given; immutable: the server can't change it later; secret: never shown.
    """

    name: str
    type: str = "str"
    canon: Callable[[Any], Any] = exact
    elements: str | None = None
    choices: tuple[str, ...] | None = None
    ref: str | None = None
    required: bool = False
    default: Any = None
    secret: bool = False
    immutable: bool = False
    combine: Callable[[Any, Any, Mapping[str, Any]], Any] | None = None
    loose: Callable[[Any], Any] | None = None
    options: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of object: its fields, what identifies one, and what may contain it.

    identities: strongest first, each a tuple of parts: a field name, ``field?`` where it may be empty, or ``-field``
        for an identity that applies only where that field is not given.
    unique: the server refuses a second object with the same name (so a twin can't be made behind a lagging index).
    parent: field with the id of the containing object of the same kind (creation goes down it, deletion up).
    scopes: purge scopes; name -> (row, scope value, all rows by id) -> is the row inside the scope?
    list_scopes: those of them whose value is a list.
    lacking: options that a platform has no place for, each with the reason.
    """

    name: str
    plural: str
    fields: tuple[Field, ...]
    identities: tuple[tuple[str, ...], ...]
    unique: bool = True
    parent: str | None = None
    scopes: Mapping[str, Callable[[Row, Any, Mapping[str, Row]], bool]] = field(default_factory=dict)
    list_scopes: frozenset[str] = frozenset()
    lacking: Mapping[str, str] = field(default_factory=dict)

    def field(self, name: str) -> Field:
        """The declaration of one field; raises KeyError for a field the kind does not have."""
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        raise KeyError(f"{self.name} has no field {name}")

    def key(self, identity: tuple[str, ...], values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Canonical identity of an object, or None where a part that it needs is not given."""
        parts: list[Any] = []
        for part in identity:
            if part.startswith("-"):
                continue
            name = part.rstrip("?")
            value = values.get(name)
            # Some ids are numbers on the server, while the option is a text.
            canonical = (value and str(value)) if name == "id" else self._identifying(name, value)
            if canonical in ("", None):
                if not part.endswith("?"):
                    return None
                canonical = ""
            parts.append(canonical)
        return tuple(parts)

    def _identifying(self, name: str, value: Any) -> Any:
        spec = self.field(name)
        return (spec.loose or spec.canon)(value)

    def sought(self, identity: tuple[str, ...], values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The key by which an object with these desired values is looked for, or None where it does not apply."""
        if any(part.startswith("-") and values.get(part[1:]) for part in identity):
            return None
        return self.key(identity, values)


@dataclass(frozen=True)
class Desired:
    """One object as the inventory wants it: only what the user set, references already resolved."""

    label: str
    values: dict[str, Any]
    absent: bool = False


@dataclass(frozen=True)
class Change:
    """One field's value before and after."""

    before: Any
    after: Any


@dataclass(frozen=True)
class Action:
    """One object's share of a plan. verb: create, update, delete or keep; actions with one lane run one after another."""

    verb: str
    label: str
    desired: Desired | None
    current: Row | None
    changes: dict[str, Change] = field(default_factory=dict)
    purged: bool = False
    lane: str | None = None

    @property
    def row(self) -> Row:
        """The row that the plan was made with; empty for an object that is still to be created."""
        return self.current or {}

    @property
    def wanted(self) -> Desired:
        """What is desired; nothing for a purged object."""
        return self.desired or Desired(self.label, {})


@dataclass(frozen=True)
class Problem:
    """Something that forbids a plan: several matches, a changed immutable field, too large a purge."""

    label: str
    field: str | None
    text: str


@dataclass(frozen=True)
class Plan:
    """All actions, in an order in which they may be carried out, and what speaks against it."""

    kind: Kind
    actions: tuple[Action, ...]
    problems: tuple[Problem, ...] = ()

    def of(self, *verbs: str) -> list[Action]:
        """The actions with one of the given verbs."""
        return [action for action in self.actions if action.verb in verbs]

    @property
    def changed(self) -> bool:
        """Would carrying out the plan change anything?"""
        return any(action.verb != "keep" for action in self.actions)


@dataclass(frozen=True)
class Purge:
    """Delete what is in scope and not desired, up to max_share (0..1) of what is in scope."""

    scope: Mapping[str, Any]
    max_share: float = 0.1


SameSecret = Callable[[Kind, Desired, Row, str], bool]
"""(kind, desired, current row, field) -> is the unreadable stored value the desired one, as far as can be known?"""


def differences(
    kind: Kind,
    desired: Desired,
    row: Row,
    same_secret: SameSecret | None = None,
    *,
    resend: Collection[str] | None = None,
) -> dict[str, Change]:
    """The fields of row that differ from what is desired, with the value each would get.

    resend: the fields whose unreadable values are to be written, where that is decided already.
    """

    def stale(name: str) -> bool:
        if resend is not None:
            return name in resend
        return same_secret is None or not same_secret(kind, desired, row, name)

    changes: dict[str, Change] = {}
    for spec in kind.fields:
        if spec.name not in desired.values:
            continue
        wanted = desired.values[spec.name]
        before = row.get(spec.name)
        if before is UNREADABLE:
            if stale(spec.name):
                changes[spec.name] = Change(before, wanted)
            continue
        after = spec.combine(before, wanted, desired.values) if spec.combine else wanted
        if spec.canon(before) != spec.canon(after) or (isinstance(before, PartlyReadable) and stale(spec.name)):
            changes[spec.name] = Change(before, after)
    return changes


def make_plan(
    kind: Kind,
    desired: Sequence[Desired],
    current: Sequence[Row],
    *,
    purge: Purge | None = None,
    same_secret: SameSecret | None = None,
) -> Plan:
    """Compare what is desired with what is there; pure, deterministic, independent of the order of current.

    Problems do not stop the planning: all of them are reported together.
    """
    problems: list[Problem] = list(_duplicates(kind, desired))
    matches, match_problems = _match(kind, desired, current)
    problems.extend(match_problems)
    broken = {problem.label for problem in problems}

    actions: list[Action] = []
    for wanted, row in zip(desired, matches, strict=True):
        if wanted.label in broken:
            continue
        if wanted.absent:
            actions.append(Action("delete" if row else "keep", wanted.label, wanted, row))
        elif row is None:
            changes = {name: Change(None, value) for name, value in _created(kind, wanted).items()}
            actions.append(Action("create", wanted.label, wanted, None, changes))
        else:
            changes = differences(kind, wanted, row, same_secret)
            problems.extend(
                Problem(wanted.label, name, _immutable_text(kind, name, change, row))
                for name, change in changes.items()
                if kind.field(name).immutable
            )
            actions.append(Action("update" if changes else "keep", wanted.label, wanted, row, changes))

    if purge is not None:
        claimed = {row["id"] for row in matches if row is not None}
        actions_purged, purge_problems = _purge(kind, purge, current, claimed)
        actions.extend(actions_purged)
        problems.extend(purge_problems)
    return Plan(kind, tuple(_in_order(kind, actions)), tuple(problems))


def _created(kind: Kind, wanted: Desired) -> dict[str, Any]:
    """The values a new object starts with; merged documents start from nothing."""
    values = {}
    for spec in kind.fields:
        if spec.name in wanted.values:
            value = wanted.values[spec.name]
            values[spec.name] = spec.combine(None, value, wanted.values) if spec.combine else value
    return values


def _immutable_text(kind: Kind, name: str, change: Change, row: Row) -> str:
    return (
        f"{name} of {kind.name} {row.get('id')} is {change.before!r} and can't be changed to {change.after!r}; "
        f"remove the object first (state: absent) if it is to be made anew"
    )


def _duplicates(kind: Kind, desired: Sequence[Desired]) -> Iterable[Problem]:
    """Two desired objects with one identity would fight over one object on the server."""
    seen: dict[tuple[Any, ...], str] = {}
    for wanted in desired:
        keys = [(identity, kind.sought(identity, wanted.values)) for identity in kind.identities]
        applying = [(identity, key) for identity, key in keys if key is not None]
        # The strongest identity decides; a name that the server keeps unique can't be shared either way.
        strongest = applying[:1] + [(i, key) for i, key in applying[1:] if kind.unique and i == ("name",)]
        for identity, key in strongest:
            if (identity, key) in seen:
                names = " and ".join(part.rstrip("?") for part in identity)
                text = f"has the same {names} as {seen[identity, key]!r} in the same list"
                yield Problem(wanted.label, identity[0].rstrip("?"), text)
            seen.setdefault((identity, key), wanted.label)


def _match(kind: Kind, desired: Sequence[Desired], current: Sequence[Row]) -> tuple[list[Row | None], list[Problem]]:
    """Find each desired object's row: strongest identity first, for all objects, before a weaker one may claim a row.

    Otherwise a room that took over another's old name would take over that room as well.
    """
    rows: list[Row | None] = [None] * len(desired)
    problems: list[Problem] = []
    claimed: set[str] = set()
    settled = [False] * len(desired)
    for identity in kind.identities:
        index: dict[tuple[Any, ...], list[Row]] = {}
        for row in current:
            key = kind.key(identity, row)
            if key is not None and row["id"] not in claimed:
                index.setdefault(key, []).append(row)
        for position, wanted in enumerate(desired):
            key = kind.sought(identity, wanted.values)
            if settled[position] or key is None:
                continue
            candidates = [row for row in index.get(key, []) if row["id"] not in claimed]
            if wanted.absent:
                candidates = [row for row in candidates if not _is_another(kind, identity, wanted, row)]
            if len(candidates) > 1 and not wanted.absent:
                # What is to go is not guessed: the next run would take the others for it.
                candidates = _narrow(kind, wanted, candidates)
            if len(candidates) > 1:
                settled[position] = True
                problems.append(
                    Problem(wanted.label, identity[0].rstrip("?"), _several_text(kind, identity, candidates))
                )
            elif candidates:
                settled[position] = True
                rows[position] = candidates[0]
                claimed.add(candidates[0]["id"])
            elif identity == ("id",):
                settled[position] = True
                # A row that another of the list has claimed is there; that fault is told by _duplicates.
                if not wanted.absent and key not in index:
                    text = f"there is no {kind.name} with the id {wanted.values['id']}"
                    problems.append(Problem(wanted.label, "id", text))
    return rows, problems


def _is_another(kind: Kind, identity: tuple[str, ...], wanted: Desired, row: Row) -> bool:
    """Does a stronger identity tell a row apart from the one that is to go?

    Or a room would be deleted for having the name of one that had been deleted, by its e-mail, in an earlier run.
    """
    stronger = kind.identities[: kind.identities.index(identity)]
    keys = [(kind.sought(other, wanted.values), kind.key(other, row)) for other in stronger if other != ("id",)]
    return any(sought is not None and held is not None and sought != held for sought, held in keys)


def _narrow(kind: Kind, wanted: Desired, candidates: list[Row]) -> list[Row]:
    """Among several rows with one identity, prefer those that agree in a further one."""
    for identity in kind.identities:
        key = kind.sought(identity, wanted.values)
        if key is None:
            continue
        agreeing = [row for row in candidates if kind.key(identity, row) == key]
        if len(agreeing) == 1:
            return agreeing
    return candidates


def _several_text(kind: Kind, identity: tuple[str, ...], rows: list[Row]) -> str:
    ids = ", ".join(sorted(str(row["id"]) for row in rows))
    return (
        f"{len(rows)} {kind.plural} have this {' and '.join(part.strip('?') for part in identity)}: {ids}; "
        f"name the right one with its id, or remove the others"
    )


def in_scope(kind: Kind, scope: Mapping[str, Any], current: Sequence[Row]) -> list[Row]:
    """The rows inside every one of the named scopes."""
    by_id = {row["id"]: row for row in current}
    inside = list(current)
    for name, value in scope.items():
        test = kind.scopes[name]
        inside = [row for row in inside if test(row, value, by_id)]
    return inside


def _purge(kind: Kind, purge: Purge, current: Sequence[Row], claimed: set[str]) -> tuple[list[Action], list[Problem]]:
    scoped = in_scope(kind, purge.scope, current)
    surplus = sorted((row for row in scoped if row["id"] not in claimed), key=lambda row: str(row.get("name", "")))
    actions = [Action("delete", _purged_label(kind, row), None, row, purged=True) for row in surplus]
    if scoped and len(surplus) / len(scoped) > purge.max_share:
        names = ", ".join(action.label for action in actions[:20]) + (" …" if len(actions) > 20 else "")
        text = (
            f"would delete {len(surplus)} of the {len(scoped)} {kind.plural} in its scope, more than the allowed share "
            f"of {purge.max_share:.0%}: {names}. Look at the list with --check --diff; if it is right, "
            f"raise purge_max_share for this run (estate_purge_max_share, booking_driver_purge_max_share)"
        )
        return actions, [Problem("purge", None, text)]
    return actions, []


def _purged_label(kind: Kind, row: Row) -> str:
    if row.get("label"):
        return str(row["label"])
    name = str(row.get("name") or "")
    return name if name and kind.unique else f"{name} {row['id']}".strip()


def _in_order(kind: Kind, actions: list[Action]) -> list[Action]:
    """Containers are created before and deleted after what they contain; renames before the names are taken again."""
    kept = [action for action in actions if action.verb == "keep"]
    writes = order_renames(kind, [action for action in actions if action.verb in ("create", "update")])
    deletes = [action for action in actions if action.verb == "delete"]
    if kind.parent:
        rows = {action.current["id"]: action.current for action in deletes if action.current}
        deletes.sort(key=lambda action: -_depth(kind.parent or "", action.current or {}, rows))
    return kept + writes + deletes


def _depth(parent: str, row: Row, rows: Mapping[str, Row]) -> int:
    depth, seen = 0, set()
    # A cycle of parents is accepted by the server, so the walk must end by itself.
    while row.get(parent) in rows and row["id"] not in seen:
        seen.add(row["id"])
        row = rows[row[parent]]
        depth += 1
    return depth


def order_renames(kind: Kind, actions: list[Action]) -> list[Action]:
    """Order writes so that a unique name is free before another object takes it.

    Swapped names form a cycle; it is broken by a step that parks one object under a temporary name.
    """
    if not kind.unique or not any(spec.name == "name" for spec in kind.fields):
        return actions
    canon = kind.field("name").canon
    holders: dict[Any, Action] = {}
    for action in actions:
        if action.verb == "update" and "name" in action.changes:
            holders[canon(action.changes["name"].before)] = action
    taken = {canon(action.changes["name"].after) for action in actions if "name" in action.changes}
    ordered: list[Action] = []
    state: dict[int, str] = {}

    def visit(action: Action) -> None:
        if state.get(id(action)) == "done":
            return
        state[id(action)] = "open"
        change = action.changes.get("name")
        holder = holders.get(canon(change.after)) if change else None
        lane = None
        if holder is not None and holder is not action:
            lane = "renames"
            if state.get(id(holder)) == "open":
                # Everybody in the cycle waits for somebody: move the holder out of the way first.
                parked = f"{holder.changes['name'].before} (being renamed)"
                step = Change(holder.changes["name"].before, parked)
                ordered.append(replace(holder, changes={"name": step}, lane=lane))
            else:
                visit(holder)
        freed = change is not None and change.before is not None and canon(change.before) in taken
        ordered.append(replace(action, lane="renames") if lane or freed else action)
        state[id(action)] = "done"

    for action in actions:
        visit(action)
    return ordered
