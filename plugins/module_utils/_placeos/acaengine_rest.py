# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all kinds of ACAEngine have in common on the wire: lists, and updates that replace what they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._placeos.rest import RestResource, a_list, shown
from ansible_collections.placeos.office365.plugins.module_utils._plan import Row

API = "/control/api"

WINDOW = 10_000
"""Rows of a list that can be reached at all, and the largest page (co-elastic-query; Elasticsearch's own limit)."""

DOCUMENTED_PAGE = 500
"""The largest page by the API's description; servers that keep to it grant no more, whatever is asked for."""


class AcaResource(RestResource):
    """One kind of ACAEngine; what differs for a kind is overridden."""

    api = API

    def pages(self, path: str, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """All raw rows; the server may grant smaller pages than were asked for, so what arrives is counted."""
        seen: set[Any] = set()
        offset = 0
        while True:
            # Offset and limit together must stay inside the window.
            query = {**filters, "limit": WINDOW - offset, "offset": offset or None}
            answer = self.http.get(path, query).data
            rows = self.results(answer, path)
            for raw in rows:
                # Rows move between pages while somebody writes.
                if raw.get("id") not in seen:
                    seen.add(raw.get("id"))
                    yield raw
            offset += len(rows)
            total = int(answer.get("total") or 0)
            # A row that was just deleted is missing in its page, and the total then says that the list ends there.
            cut = DOCUMENTED_PAGE / 2 < len(rows) <= DOCUMENTED_PAGE
            if not rows or (offset >= total and not cut):
                return
            if offset >= WINDOW:
                raise HttpError(
                    "content", "GET", self.http.url(path), f"the list has {total} rows, and shows the first {WINDOW} only",
                    hint="ACAEngine lists no more; what it does not list can't be compared, so nothing was written.",
                )  # fmt: skip

    def results(self, answer: Any, path: str) -> list[Any]:
        """The rows in the answer of a list."""
        if not isinstance(answer, Mapping):
            raise HttpError(
                "content", "GET", self.http.url(path), f"expected a list with its total, got {shown(answer)}",
                hint="Is this the URL of an ACAEngine server?",
            )  # fmt: skip
        return a_list(answer.get("results"), self.http.url(path))

    def update(self, row: Row, changes: dict[str, Any]) -> Row:
        """Change the named fields; an unnamed one stays, a named document or list is replaced whole."""
        return self.put(row, self.encode(changes))

    def put(self, row: Row, body: Mapping[str, Any]) -> Row:
        """Send an update as it is; the answer is the stored object."""
        return self.decode(self.http.request("PUT", f"{self.path}/{quote(str(row['id']))}", body=dict(body)).data)
