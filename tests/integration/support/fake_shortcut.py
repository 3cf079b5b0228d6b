# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fake end of the wire inside the module's own process: what FakeMiddleman does, without a server and TLS of its own.

For tests that run a module many hundred times. What a broken connection or a certificate looks like on a real wire is
proved through FakeMiddleman.
"""

from __future__ import annotations

from http import HTTPStatus
from io import BytesIO
from typing import Any

import pytest
import requests
import urllib3
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import ProtocolError

from ansible_collections.placeos.office365.plugins.module_utils import _http

from .fake_middleman import Asked, Rule, Said
from .microsoft import Microsoft

_OF_THE_CONNECTION = frozenset({"connection", "content-length", "content-encoding", "transfer-encoding", "keep-alive"})


class FakeShortcut(Microsoft):
    """The lab's Microsoft 365 as modules of this process see it: what ``rule`` does not answer, the lab does."""

    def __init__(self, microsoft: Microsoft, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(microsoft.lab)
        self.rule: Rule = lambda _asked: None
        self.asked: list[Asked] = []
        self.wrote = True
        self._read: dict[tuple[str, str, str, bytes], Said] = {}
        self._lab = urllib3.PoolManager(maxsize=8, ca_certs=self.ca_path, retries=False)
        monkeypatch.setattr(_http, "HTTPAdapter", lambda **_pool: _Adapter(self))

    def start(self, rule: Rule = lambda _asked: None) -> None:
        """Forget what was asked, and follow another rule."""
        self.asked, self.rule = [], rule

    def asked_for(self) -> list[str]:
        """What was asked for, each once, in the order of the first time."""
        return list(dict.fromkeys(asked.endpoint for asked in self.asked))

    def reset(self) -> None:
        """Back to the seed state, where anything was written since the last time."""
        if self.wrote:
            super().reset()
            self.wrote = False
            self._read.clear()

    def passed_on(self, asked: Asked) -> Said:
        """What the lab answers; while nothing is written, it is asked the same thing once."""
        self.wrote = self.wrote or asked.writes
        known = (asked.cmdlet, asked.method, asked.path, asked.body)
        if self.wrote or known not in self._read:
            sent = {name: value for name, value in asked.headers.items() if name not in _OF_THE_CONNECTION}
            answer = self._lab.request(
                asked.method, f"{self.url}{asked.path}", body=asked.body, headers=sent, redirect=False
            )
            given = {name: value for name, value in answer.headers.items() if name.lower() not in _OF_THE_CONNECTION}
            said = Said(answer.status, answer.data, given)
            if self.wrote:
                return said
            self._read[known] = said
        return self._read[known]

    def answered_to(self, request: requests.PreparedRequest) -> requests.Response:
        """The answer to a request as requests would give it; raises what requests would raise."""
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        headers = {name.lower(): str(value) for name, value in request.headers.items()}
        asked = Asked(str(request.method), request.path_url, headers, body)
        self.asked.append(asked)
        said = self.rule(asked) or self.passed_on(asked)
        if said.drop:
            reset = ConnectionResetError(104, "Connection reset by peer")
            raise requests.exceptions.ConnectionError(ProtocolError("Connection aborted.", reset), request=request)
        answer = requests.Response()
        answer.status_code, answer.reason = said.status, HTTPStatus(said.status).phrase
        answer.headers = CaseInsensitiveDict(said.headers)
        answer.raw, answer.request, answer.url = BytesIO(said.body), request, str(request.url)
        answer.encoding = requests.utils.get_encoding_from_headers(answer.headers)
        return answer


class _Adapter(BaseAdapter):
    """What a session of requests sends through."""

    def __init__(self, shortcut: FakeShortcut) -> None:
        super().__init__()
        self._shortcut = shortcut

    def send(self, request: requests.PreparedRequest, *_how: Any, **_more: Any) -> requests.Response:
        return self._shortcut.answered_to(request)

    def close(self) -> None:
        """Nothing is open."""
