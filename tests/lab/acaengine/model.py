# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Models and how they are saved (CO lib/couchbase-orm/{base,persistence}.rb, utilities/{index,ensure_unique}.rb)."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .encryption import encrypt_settings
from .errors import Invalid
from .ids import new_id
from .params import Params, blank, boolean, integer, to_s
from .store import Document, Row, Table

if TYPE_CHECKING:
    from .state import State

BLANK = "can't be blank"
TAKEN = "has already been taken"

Errors = dict[str, list[str]]


def anything(value: Any) -> Any:
    """An attribute without type."""
    return value


def now() -> int:
    """Default of created_at: seconds."""
    return int(time.time())


@dataclass(frozen=True, slots=True)
class Attribute:
    """Conversion of every value but null (base.rb, write_attribute), and the default, called when it can be."""

    convert: Callable[[Any], Any] = to_s
    default: Any = None

    def initial(self) -> Any:
        """Return a fresh default."""
        return self.default() if callable(self.default) else copy.deepcopy(self.default)


TEXT = Attribute()
REFERENCE = Attribute(anything)
LIST = Attribute(anything, [])
HASH = Attribute(anything, {})
NO = Attribute(boolean, False)
CREATED = Attribute(integer, now)


def nothing(state: State, row: Document, old: Row | None) -> None:
    """A callback that does nothing."""


def no_errors(state: State, row: Document, errors: Errors) -> None:
    """A validation that finds nothing."""


def nothing_destroyed(state: State, row: Row) -> None:
    """A callback before a document goes."""


@dataclass(frozen=True)
class Model:
    """A kind of document.

    ``present`` lists the attributes that must not be blank, in the order of their validations and as often as they are
    validated: a name that must be unique is checked by the unique index and once more by the model, which gives the
    message twice. ``unique`` names an attribute and how its value becomes the key.
    """

    design: str
    attributes: dict[str, Attribute]
    present: tuple[str, ...] = ()
    unique: tuple[str, Callable[[Any], str]] | None = None
    secretive: bool = False
    validate: Callable[[State, Document, Errors], None] = no_errors
    before_save: Callable[[State, Document, Row | None], None] = nothing
    after_save: Callable[[State, Document, Row | None], None] = nothing
    before_destroy: Callable[[State, Row], None] = nothing_destroyed

    def table(self, state: State) -> Table:
        """Return the table of this kind."""
        return state.tables.by_design[self.design]

    def build(self, values: Params) -> Document:
        """Return a new document without id."""
        row = Document({name: attribute.initial() for name, attribute in self.attributes.items()})
        return self.assign(row, values)

    def assign(self, row: Document, values: Params) -> Document:
        """Assign attributes in place and return the document."""
        for name, value in values.items():
            row[name] = None if value is None else self.attributes[name].convert(value)
        return row

    def errors_of(self, state: State, row: Document) -> Errors:
        """Return what is wrong with a document; validations may complete it on the way."""
        errors: Errors = {}
        for name in self.present[: 1 if self.unique else 0]:
            _require(row, name, errors)
        if self.unique:
            name, key = self.unique
            holders = self.table(state).find(name, key(row[name]))
            if any(holder["id"] != row.get("id") for holder in holders):
                errors.setdefault(name, []).append(TAKEN)
        for name in self.present[1 if self.unique else 0 :]:
            _require(row, name, errors)
        self.validate(state, row, errors)
        return errors


def _require(row: Document, name: str, errors: Errors) -> None:
    if blank(row[name]):
        errors.setdefault(name, []).append(BLANK)


def save(state: State, model: Model, row: Document) -> Document:
    """Store a new or changed document.

    Raises Invalid. One without changes is neither written nor followed by callbacks (persistence.rb:221-223).
    Secrets are encrypted only when the settings changed (encryption.rb:17).
    """
    table = model.table(state)
    errors = model.errors_of(state, row)
    if errors:
        raise Invalid(errors)
    old = table.get(row.get("id"))
    if old is not None and old == row:
        return row
    owner = row.get("id") or new_id(model.design)
    if model.secretive and row["settings"] != (old["settings"] if old is not None else {}):
        row["settings"] = encrypt_settings(owner, row["settings"])
    model.before_save(state, row, old)
    row["id"] = owner
    table.put(row)
    model.after_save(state, row, old)
    return row


def destroy(state: State, model: Model, row: Row) -> None:
    """Delete a document with its callbacks (persistence.rb, destroy)."""
    model.before_destroy(state, row)
    model.table(state).remove(row["id"])
