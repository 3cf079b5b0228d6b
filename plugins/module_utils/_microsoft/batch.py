# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many requests of Graph in few: ``POST /$batch`` with 20 each (Graph documentation, concepts/json-batching)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError, seconds
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.consistency import delays

BATCH_SIZE = 20
NOT_NOW = frozenset({429, 502, 503, 504})


@dataclass(frozen=True)
class BatchRequest:
    """One request of a batch; url without the version: /users/x/calendar."""

    method: str
    url: str
    body: Any = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True)
class BatchAnswer:
    """Its answer; the names of the headers are in lower case."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Post = Callable[[Any, bool], Any]
Odd = Callable[[str], HttpError]


def run_batches(
    requests: Sequence[BatchRequest],
    post: Post,
    odd: Odd,
    *,
    workers: int,
    deadline: float,
    sleep: Callable[[float], None],
) -> list[BatchAnswer]:
    """Answers to all requests, in their order.

    post: sends one batch (its body, does it only read?); odd: makes the error of an answer of the wrong shape;
    deadline: seconds for which throttled requests are repeated.
    """
    answers: dict[int, BatchAnswer] = {}
    open_requests = list(range(len(requests)))
    waits, waited = delays(), 0.0
    while open_requests:
        chunks = [open_requests[i : i + BATCH_SIZE] for i in range(0, len(open_requests), BATCH_SIZE)]
        with ThreadPoolExecutor(max_workers=max(1, min(workers, len(chunks)))) as pool:
            for answered in pool.map(lambda chunk: _chunk(requests, chunk, post, odd), chunks):
                answers.update(answered)
        open_requests = [at for at in open_requests if _again(requests[at], answers[at])]
        if not open_requests:
            break
        asked = [seconds(answers[at].headers.get("retry-after")) for at in open_requests]
        back_off = next(waits)
        # Who asks for no pause at all gets one nevertheless.
        wait = max(value or back_off for value in asked)
        if waited + wait > deadline:
            break
        waited += wait
        sleep(wait)
    return [answers[at] for at in range(len(requests))]


def _again(request: BatchRequest, answer: BatchAnswer) -> bool:
    """Would it help to send this again, and is that harmless? Only a 429 was surely not carried out."""
    return answer.status == 429 or (answer.status in NOT_NOW and request.method == "GET")


def _chunk(requests: Sequence[BatchRequest], chunk: list[int], post: Post, odd: Odd) -> dict[int, BatchAnswer]:
    """Send one batch; answers by the position of their requests. Answers may come in any order."""
    steps = list(_steps(requests, chunk))
    data = post({"requests": steps}, all(requests[at].method == "GET" for at in chunk))
    given = data.get("responses") if isinstance(data, dict) else None
    if not isinstance(given, list):
        raise odd("the answer of the batch has no list of responses")
    by_id = {str(entry["id"]): entry for entry in given if isinstance(entry, dict) and "id" in entry}
    answers = {}
    for number, at in enumerate(chunk, 1):
        entry = by_id.get(str(number))
        request = requests[at]
        if entry is None:
            raise odd(f"the answer of the batch lacks the response to {request.method} {request.url}")
        answers[at] = _answer(entry, request, odd)
    return answers


def _steps(requests: Sequence[BatchRequest], chunk: list[int]) -> Iterator[dict[str, Any]]:
    for number, at in enumerate(chunk, 1):
        request = requests[at]
        headers = dict(request.headers or {})
        if request.body is not None:
            headers.setdefault("Content-Type", "application/json")
        step: dict[str, Any] = {"id": str(number), "method": request.method, "url": request.url}
        if headers:
            step["headers"] = headers
        if request.body is not None:
            step["body"] = request.body
        yield step


def _answer(entry: Mapping[str, Any], request: BatchRequest, odd: Odd) -> BatchAnswer:
    status = entry.get("status")
    if isinstance(status, str) and status.isdecimal():
        status = int(status)
    if isinstance(status, bool) or not isinstance(status, int):
        raise odd(f"the response to {request.method} {request.url} in the batch has no status")
    headers = entry.get("headers")
    named = headers.items() if isinstance(headers, dict) else ()
    return BatchAnswer(status, entry.get("body"), {str(name).lower(): str(value) for name, value in named})
