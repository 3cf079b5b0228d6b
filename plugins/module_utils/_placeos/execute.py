# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs functions of modules in many systems at once, and says in plain words why one did not answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._apply import run_lanes
from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._placeos.platform import Platform
from ansible_collections.placeos.office365.plugins.module_utils._placeos.references import References, Unresolved


@dataclass(frozen=True)
class Call:
    """One function to run, and the status value to read afterwards. module: name with index, as in Bookings_1."""

    system: str
    module: str
    method: str
    arguments: tuple[Any, ...] = ()
    status: str | None = None
    expects_list: bool = False


@dataclass
class Answer:
    """What a function returned, the status after it, or why there is neither."""

    call: Call
    email: str | None = None
    result: Any = None
    status: Any = None
    cause: str | None = None
    error: HttpError | None = None


_CAUSES: tuple[tuple[str, str], ...] = (
    (
        r"undefined method .get_bookings. for nil",
        "the driver has no token URL and no tenant in its settings; run the role booking_driver",
    ),
    (
        r"undefined method .each. for nil",
        "Microsoft 365 gave no bookings: check the e-mail address, the mailbox, and the application's right to read it",
    ),
    (
        r"Wait time exceeded",
        "no answer within the 15 seconds that ACAEngine waits; it may still be carried out, see the engine's log",
    ),
    (
        r"could not find module|module not found",
        "the room has no module of this name; run the role booking_driver for it",
    ),
    (
        r"module is not available at this time",
        "the room has no such module, or it is switched off; run the role booking_driver for it",
    ),
    (
        r"it is stopped|is currently stopped|not running",
        "the module is switched off; run the role booking_driver, or start it in backoffice",
    ),
    (r"could not find function", "the driver has no such function; is it the right driver, at the right commit?"),
    (r"AADSTS7000215", "Microsoft refuses the client secret: give its value, not its id, as microsoft_client_secret"),
    (r"AADSTS7000222", "the client secret has expired; make a new one and update microsoft_client_secret"),
    (r"AADSTS700016", "Microsoft does not know the application in this tenant; check client id and tenant id"),
    (r"AADSTS90002|AADSTS900023", "Microsoft does not know the tenant; check microsoft_tenant_id"),
    (r"ErrorAccessDenied", "the application may not read this mailbox; check its permissions and access policies"),
    (
        r"ErrorItemNotFound|ErrorNonExistentMailbox|MailboxNotEnabledForRESTAPI|ResourceNotFound",
        "there is no such mailbox in Microsoft 365; check the room's e-mail address",
    ),
    (
        r"Calendar_\d+|Calendar\b.*undefined|undefined.*Calendar",
        "the room has no calendar service; run the role booking_driver",
    ),
    (r"Nil assertion failed", "the system has no e-mail address, or a setting is missing; give the room its mailbox"),
    (r"calendar_config|Missing hash key", "a setting of the driver is missing; run the role booking_driver"),
)
"""What drivers and Microsoft say -> what it means for an operator. First match counts."""


_NO_ADDRESS = "the system has no e-mail address; give the room its mailbox"


def cause_of(words: str, status: int | None, *, method: str = "", has_email: bool = True) -> str:
    """The probable cause of a failed call. method: the function; has_email: does the system have an address?"""
    if not has_email and re.search(r"undefined method .(each|\[\]). for nil", words):
        return _NO_ADDRESS
    if method and re.search(rf"undefined method .{re.escape(method)}. for #<", words):
        return "the driver has no such function; is it the right driver?"
    if status == 500 and not words:
        return (
            "the driver failed without a word, as when its token URL is not of the form /<tenant>/oauth2/v2.0/token; "
            "run the role booking_driver"
        )
    for pattern, cause in _CAUSES:
        if re.search(pattern, words, re.IGNORECASE):
            return cause
    if status == 401:
        return "the credential's user may not call this function"
    return "see the server's words, and the logs of core (ACAEngine: engine)"


def _kind_of(value: Any) -> str:
    return "nothing" if value is None else repr(value)[:200] if isinstance(value, str) else f"a {type(value).__name__}"


def execute_all(platform: Platform, calls: list[Call], workers: int) -> list[Answer]:
    """Run everything, concurrently; never raises for a single system. Answers come in the order of the calls."""
    references = References(platform)
    answers = [Answer(call) for call in calls]

    def run(answer: Answer) -> None:
        call = answer.call
        try:
            system = references.resolve("system", call.system)
            answer.email = emails.get(system)
            answer.result = platform.execute(str(system), call.module, call.method, list(call.arguments))
            if call.expects_list and not isinstance(answer.result, list):
                answer.cause = f"{call.method} returned {_kind_of(answer.result)} instead of a list"
            elif call.status:
                answer.status = platform.status(str(system), call.module, call.status)
                if answer.status is None:
                    answer.cause = f"{call.method} was accepted, but the status {call.status} is not set"
        except Unresolved as error:
            answer.cause = str(error)
        except HttpError as error:
            answer.error = error
            answer.cause = cause_of(
                error.words, error.status, method=call.method, has_email=answer.email not in (None, "")
            )

    # One thread reads the list; the others find it read.
    emails = {row["id"]: row.get("email") for row in references.rows("system")}
    run_lanes(answers, lambda answer: None, run, workers)
    return answers
