# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft Graph: reads with all their pages, writes, and batches, over one checked HTTP session.

Every answer is looked at before it is used: a page of the wrong shape is an HttpError, never a traceback.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpClient, HttpError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.batch import (
    BatchAnswer,
    BatchRequest,
    run_batches,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.clouds import Cloud
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_all
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.tokens import Tokens

__all__ = ["BatchAnswer", "BatchRequest", "Graph", "segment"]

VERSIONS = ("/v1.0", "/beta")
MAX_PAGES = 10_000
"""A list that has not ended after so many pages will not end."""

NOT_GRAPH = f"This is not an answer of Microsoft Graph; check {of_all('graph_url')} and the proxy before it."


def segment(text: str) -> str:
    """One part of a path: an address or name, quoted."""
    return quote(text, safe="@")


class Graph:
    """One tenant's Graph. Safe for use by several threads."""

    def __init__(
        self, http: HttpClient, tokens: Tokens, cloud: Cloud, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.http = http
        self.tokens = tokens
        self.audience = cloud.graph_url
        self._sleep = sleep

    def get(
        self, path: str, query: Mapping[str, Any] | None = None, *, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Read one object, or one page; path begins with /v1.0 or /beta."""
        data = self._request("GET", path, query=query, headers=headers)
        if not isinstance(data, dict):
            raise self._odd("GET", path, f"expected an object, got {_kind(data)}")
        return data

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        repeatable: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Write; returns the object of the answer, or None where it is empty (204).

        repeatable: a POST that only reads (getSchedule, a batch of reads), repeated as reads are.
        """
        data = self._request(method, path, body=body, headers=headers, repeatable=repeatable)
        if data is not None and not isinstance(data, dict):
            raise self._odd(method, path, f"expected an object, got {_kind(data)}", maybe_done=not repeatable)
        return data

    def items(
        self, path: str, query: Mapping[str, Any] | None = None, *, headers: Mapping[str, str] | None = None
    ) -> list[dict[str, Any]]:
        """All objects of a list, following @odata.nextLink, of which only path and query are used.

        Source: Graph documentation, concepts/paging; a page may be empty and yet have a next one.
        """
        found: list[dict[str, Any]] = []
        for page, _more in self._pages(path, query, headers):
            found.extend(page)
        return found

    def places(self, path: str, query: Mapping[str, Any] | None = None, *, page: int = 100) -> list[dict[str, Any]]:
        """All places of a list, each once.

        /places gives 100 objects and often no nextLink although there are more, so it is asked with $top and $skip
        until nothing new comes. A server that gives links is believed, and one that ignores $skip repeats itself,
        which ends the list as well.
        """
        found: dict[str, dict[str, Any]] = {}
        skip = 0
        while True:
            linked, received, known = False, 0, len(found)
            # Without $skip at first: some servers refuse a zero, none needs it.
            asked = {**(query or {}), "$top": page, "$skip": skip or None}
            for items, more in self._pages(path, asked, None):
                linked = linked or more
                received += len(items)
                for item in items:
                    found.setdefault(_identity(item), item)
            if linked or len(found) == known or skip > MAX_PAGES * page:
                return list(found.values())
            skip += received

    def batch(self, requests: Sequence[BatchRequest], *, workers: int = 4, version: str = "/v1.0") -> list[BatchAnswer]:
        """Any number of requests in batches of 20, at most `workers` of them at once; answers in the same order.

        Requests that were throttled or met a passing failure are repeated alone, after the longest pause that they
        asked for; what is still so after the client's retry_deadline is returned as it is.
        """

        def post(body: Any, reads_only: bool) -> Any:
            return self.send("POST", f"{version}/$batch", body, repeatable=reads_only)

        def odd(words: str) -> HttpError:
            return self._odd("POST", f"{version}/$batch", words)

        return run_batches(
            requests, post, odd, workers=workers, deadline=self.http.options.retry_deadline, sleep=self._sleep
        )

    def _pages(
        self, path: str, query: Mapping[str, Any] | None, headers: Mapping[str, str] | None
    ) -> Iterator[tuple[list[dict[str, Any]], bool]]:
        """(objects of a page, is there a next one) for each page."""
        at, asked, seen = path, query, set[str]()
        for _page in range(MAX_PAGES):
            data = self.get(at, asked, headers=headers)
            link = data.get("@odata.nextLink")
            following = self._following(at, link) if link else ""
            yield self._objects(at, data), bool(following)
            if not following:
                return
            if following in seen:
                raise self._odd("GET", at, "the pages go round in a circle: the next one was read before")
            seen.add(following)
            at, asked = following, None
        raise self._odd("GET", path, f"the list has not ended after {MAX_PAGES} pages")

    def _following(self, at: str, link: Any) -> str:
        """Path and query of the next page: the token goes to our own host alone, whatever the link names."""
        try:
            parts = urlsplit(link) if isinstance(link, str) else None
        except ValueError:
            parts = None
        if parts is None or not parts.path.startswith(tuple(f"{version}/" for version in VERSIONS)):
            raise self._odd("GET", at, "@odata.nextLink is not the address of a page of Graph")
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def _objects(self, at: str, data: Mapping[str, Any]) -> list[dict[str, Any]]:
        objects = data.get("value")
        if not isinstance(objects, list) or not all(isinstance(item, dict) for item in objects):
            raise self._odd("GET", at, f"expected a list of objects as value, got {_kind(objects)}")
        return objects

    def _request(self, method: str, path: str, **how: Any) -> Any:
        if not path.startswith(tuple(f"{version}/" for version in VERSIONS)):
            raise ValueError(f"a path of Graph begins with /v1.0/ or /beta/, not {path}")
        token = self.tokens.get(self.audience)
        self.http.authorise({"Authorization": f"Bearer {token}"}, self._renew if self.tokens.renewable else None)
        return self.http.request(method, path, **how).data

    def _renew(self, refused: Mapping[str, str]) -> Mapping[str, str]:
        """A new token after a 401, unless another thread has got one in the meantime."""
        token = self.tokens.get(self.audience)
        if refused.get("Authorization") == f"Bearer {token}":
            token = self.tokens.get(self.audience, fresh=True)
        return {"Authorization": f"Bearer {token}"}

    def _odd(self, method: str, path: str, words: str, *, maybe_done: bool = False) -> HttpError:
        return HttpError("content", method, self.http.url(path), words, maybe_done=maybe_done, hint=NOT_GRAPH)


def _kind(value: Any) -> str:
    names = {type(None): "nothing", dict: "an object", list: "a list", str: "text", bool: "a truth value"}
    if isinstance(value, list) and value:
        return "a list with something else in it"
    return names.get(type(value), "a number")


def _identity(item: Mapping[str, Any]) -> str:
    """What tells one place from another: its id, else its address, else all of it."""
    for key in ("id", "emailAddress"):
        if isinstance(item.get(key), str) and item[key]:
            return f"{key} {item[key].lower()}"
    return json.dumps(item, sort_keys=True)
