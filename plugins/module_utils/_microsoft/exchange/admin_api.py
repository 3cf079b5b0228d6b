# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exchange's cmdlets over plain HTTPS: the InvokeCommand endpoint, through which Microsoft's own module works.

Microsoft does not document it. What is known of it comes from the module's traffic and from public tools that use it
(KelvinTegelaar/CIPP-API, New-ExoRequest.ps1), so everything that comes back is looked at before it is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlsplit

from ansible_collections.placeos.office365.plugins.module_utils._http import (
    PASSING_STATUSES,
    HttpClient,
    HttpError,
    Response,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.advice import advice
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import (
    Answer,
    Command,
    ExchangeError,
    checked_rows,
    checked_texts,
    cmdlet_error,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_all

UNDOCUMENTED = (
    "transport admin_api uses an endpoint of Exchange Online that Microsoft does not document and may change at any "
    "time; the supported way is transport powershell"
)
_SYSTEM_MAILBOX = "SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}"
"""The mailbox of an organisation by which requests are routed, the same in every tenant."""
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MOST_PAGES = 1000
_OF_THE_CMDLET = frozenset({400, 404, 409, 500})
"""Statuses with which a cmdlet that ran reports its own failure."""


class AdminApi:
    """Runs cmdlets one by one; reads of one call side by side.

    http: speaks to the Exchange host. token: gives a bearer token for it, a fresh one when asked.
    """

    def __init__(self, http: HttpClient, tenant: str, token: Callable[[bool], str], *, workers: int = 4) -> None:
        self._http = http
        self._path = f"/adminapi/beta/{quote(tenant, safe='')}/InvokeCommand"
        kind = "APP" if _GUID.fullmatch(tenant) else "UPN"
        self._headers = {
            "Prefer": "odata.maxpagesize=1000",
            "X-AnchorMailbox": f"{kind}:{_SYSTEM_MAILBOX}@{tenant}",
            "X-ResponseFormat": "json",
        }
        self._token = token
        self._signed_in = False
        self._workers = max(1, workers)

    def run(self, commands: Sequence[Command], *, stop_on_error: bool = False) -> list[Answer]:
        """Run all commands; see Exchange.run."""
        if not commands:
            return []
        self._sign_in()
        if all(command.reads for command in commands) and not stop_on_error:
            with ThreadPoolExecutor(self._workers) as pool:
                return list(pool.map(self._one, commands))
        answers: list[Answer] = []
        failed = False
        for command in commands:
            answers.append(Answer(skipped=True) if failed else self._one(command))
            failed = failed or (stop_on_error and not command.reads and answers[-1].error is not None)
        return answers

    def _sign_in(self) -> None:
        if not self._signed_in:
            self._http.authorise(_bearer(self._token(False)), lambda _refused: _bearer(self._token(True)))
            self._signed_in = True

    def _one(self, command: Command) -> Answer:
        """Run one cmdlet and read all pages of its answer."""
        # Nobody is there to confirm a removal.
        sure = {"Confirm": False} if command.name.startswith("Remove-") else {}
        body = {"CmdletInput": {"CmdletName": command.name, "Parameters": {**command.parameters, **sure}}}
        headers = {**self._headers, "X-CmdletName": command.name}
        rows: list[dict[str, Any]] = []
        warnings: list[str] = []
        path, seen = self._path, set[str]()
        while path:
            seen.add(path)
            try:
                answer = self._http.request("POST", path, body=body, headers=headers, repeatable=command.reads)
                data = _document(answer, str(command), self._http.url(path))
            except HttpError as error:
                return Answer(rows, warnings, _failed(command, error))
            except ExchangeError as error:
                return Answer(rows, warnings, error)
            rows.extend(checked_rows(data.get("value"), str(command)))
            warnings.extend(checked_texts(data.get("@adminapi.warnings")))
            link, path = data.get("@odata.nextLink"), ""
            if link:
                path = _next(link)
                fault = "" if path else "@odata.nextLink is not the address of a page of this endpoint"
                if path in seen or len(seen) > _MOST_PAGES:
                    fault = "the pages of the answer never end"
                if fault:
                    # Half a list would be taken for the whole one.
                    url = self._http.url(self._path)
                    return Answer(rows, warnings, ExchangeError(str(command), fault, "malformed", url=url))
        return Answer(rows, warnings)


def _next(link: Any) -> str:
    """Path and query of the next page: the same body is posted there again, to our host whatever the link says."""
    try:
        parts = urlsplit(link) if isinstance(link, str) else None
    except ValueError:
        parts = None
    return f"{parts.path}?{parts.query}" if parts and parts.path.startswith("/adminapi/") else ""


def _bearer(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _document(answer: Response, command: str, url: str) -> Mapping[str, Any]:
    """The JSON object of a good answer; a cmdlet without output may answer with nothing."""
    if answer.data is None:
        return {}
    value = answer.data.get("value", []) if isinstance(answer.data, Mapping) else ""
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        words = "the answer is not the list of objects that this endpoint gives"
        hint = f"Does {of_all('exchange_url')} name the Exchange host, without a path?"
        raise ExchangeError(command, words, "malformed", hint, url, answer.status)
    checked: Mapping[str, Any] = answer.data
    return checked


def _failed(command: Command, error: HttpError) -> ExchangeError:
    """A failed request in the vocabulary of cmdlets."""
    where: dict[str, Any] = {"url": error.url, "status": error.status}
    if error.status in _OF_THE_CMDLET and isinstance(error.data, Mapping):
        said = _said(error.data)
        if said:
            return cmdlet_error(command, said[0], *said, **where)
    if error.status == 403:
        # An unknown cmdlet and one without the right to it look alike: an empty body, or one of NUL characters.
        return cmdlet_error(command, "refused without words", "CommandNotFoundException", **where)
    if error.status == 401:
        hint = (
            "The token is not accepted: it must be one for Exchange Online (Office 365 Exchange Online, "
            "Exchange.ManageAsApp) of this tenant."
        )
        return ExchangeError(str(command), "the sign-in is refused", "sign_in", hint, **where)
    if error.reason == "redirect":
        hint = f"Set {of_all('exchange_url')} to that host; tokens are not sent after a redirect."
        return ExchangeError(str(command), error.words, "redirect", hint, **where)
    kind = {"timeout": "timeout", "content": "malformed", "status": "malformed"}.get(error.reason, "unreachable")
    if error.reason == "status" and (error.status in PASSING_STATUSES or (error.status or 0) >= 500):
        kind = "unreachable"
    hint = error.hint
    if not hint and error.status:
        hint = advice("throttled" if error.status == 429 else "transient" if kind == "unreachable" else kind)
    return ExchangeError(str(command), error.words.replace("\x00", "") or "no words", kind, hint, **where)


def _said(body: Mapping[str, Any]) -> list[str]:
    """What an error says, the best text first: details, the exception inside, the error's own message."""
    error = body.get("error")
    if not isinstance(error, Mapping):
        return []
    inner = error.get("innererror")
    cause = inner.get("internalexception") if isinstance(inner, Mapping) else None
    details = error.get("details")
    listed = details if isinstance(details, list) else []
    found = [detail.get("message") for detail in listed if isinstance(detail, Mapping)]
    found.extend(part.get(name) for part in (cause, error) if isinstance(part, Mapping) for name in ("message", "type"))
    return [text for text in found if isinstance(text, str) and text.strip("\x00 ")]
