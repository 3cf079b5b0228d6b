# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One kind over plain create, read, update, delete: what PlaceOS v2 and ACAEngine have in common.

Where a platform or a kind differs, v2.py and acaengine.py say so.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._placeos.platform import Platform
from ansible_collections.placeos.office365.plugins.module_utils._plan import Action, Desired, Kind, Row


class RestResource(ABC):
    """One kind on one server."""

    api: ClassVar[str]
    """Where the kind's collection is mounted."""

    wire: ClassVar[Mapping[str, str]] = {}
    """Field names that the API spells differently."""

    def __init__(self, platform: Platform, kind: Kind) -> None:
        self.platform = platform
        self.kind = kind
        self.http = platform.http
        self.settle = platform.index_lag

    @property
    def path(self) -> str:
        """The collection's path."""
        return f"{self.api}/{self.kind.plural}"

    # -- reading -------------------------------------------------------------------------------------------------

    def rows(self, desired: list[Desired] | None = None, **filters: Any) -> list[Row]:
        """Every row, in as few requests as the server's page size allows."""
        return [self.decode(raw) for raw in self.pages(self.path, filters)]

    @abstractmethod
    def pages(self, path: str, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """All raw rows of a list, page by page."""

    def read(self, row: Row) -> Row | None:
        """One row by id, strongly consistent."""
        try:
            return self.decode(self.http.get(f"{self.path}/{quote(str(row['id']))}").data)
        except HttpError as error:
            if error.status == 404:
                return None
            raise

    def find(self, desired: Desired) -> Row | None:
        """The row that a lost answer or a refused twin may have left behind."""
        rows = self.rows([desired])
        for identity in self.kind.identities:
            key = self.kind.sought(identity, desired.values)
            found = [row for row in rows if key is not None and self.kind.key(identity, row) == key]
            if found:
                return found[0]
        return None

    # -- writing -------------------------------------------------------------------------------------------------

    def create(self, values: dict[str, Any]) -> Row:
        """POST; the answer is the stored object, with its id."""
        return self.decode(self.http.request("POST", self.path, body=self.encode(values)).data)

    def update(self, row: Row, changes: dict[str, Any]) -> Row:
        """PATCH of the changed fields only: an unchanged save is not free, and lists are replaced whole."""
        path = f"{self.path}/{quote(str(row['id']))}"
        return self.decode(
            self.http.request("PATCH", path, query=self.precondition(row), body=self.encode(changes)).data
        )

    def delete(self, row: Row) -> None:
        """DELETE; PlaceOS v2 answers 202 although it is done by then."""
        self.http.request("DELETE", f"{self.path}/{quote(str(row['id']))}")

    def complete(self, order: list[str]) -> dict[str, HttpError]:
        """Nothing is left to write once all objects exist."""
        return {}

    def precondition(self, row: Row) -> dict[str, Any] | None:
        """Query parameters that make an update fail where somebody else wrote meanwhile."""
        return None

    def lane(self, action: Action) -> Hashable | None:
        """Objects of most kinds are independent, but a deletion cascades into systems and modules that others share."""
        return "deletions" if action.verb == "delete" else None

    # -- translation ---------------------------------------------------------------------------------------------

    def encode(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Fields as the API wants them."""
        return {self.wire.get(name, name): value for name, value in values.items()}

    def decode(self, raw: Any) -> Row:
        """A row with our field names; null fields are left out by the server, and stay out."""
        if not isinstance(raw, dict) or "id" not in raw:
            raise HttpError(
                "content", "GET", self.http.url(self.path), f"expected a {self.kind.name}, got {shown(raw)}"
            )
        row = {spec.name: raw[key] for spec in self.kind.fields if (key := self.wire.get(spec.name, spec.name)) in raw}
        row["id"] = raw["id"]
        return row


def a_list(data: Any, url: str) -> list[Any]:
    """The list in an answer; an HttpError where it is something else."""
    if not isinstance(data, list):
        raise HttpError(
            "content", "GET", url, f"expected a list, got {shown(data)}", hint="Is this the URL of a PlaceOS server?"
        )
    return data


def shown(value: Any) -> str:
    """An unexpected answer, short enough for a message."""
    return type(value).__name__ if value is None or isinstance(value, (dict, list)) else repr(str(value)[:80])
