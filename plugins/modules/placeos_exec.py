#!/usr/bin/python
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run functions of PlaceOS modules."""

from __future__ import annotations

DOCUMENTATION = r"""
module: placeos_exec
short_description: Run functions of modules in PlaceOS or ACAEngine systems
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Runs a function of a module in one system, or in many systems at once.
  - Functions act on the real world, so nothing is run in check mode, and nothing is run twice after a lost answer.
extends_documentation_fragment:
  - placeos.office365.attributes
  - placeos.office365.attributes.group
  - placeos.office365.connection
attributes:
  check_mode:
    support: partial
    details: Nothing is run in check mode; the result says what would be.
  diff_mode:
    support: none
  idempotent:
    support: none
    details: A function is run each time.
options:
  systems:
    description:
      - Names, e-mail addresses or ids of the systems.
    type: list
    elements: str
  system:
    description:
      - Name, e-mail address or id of the system, where it is only one.
    type: str
  module:
    description:
      - Name of the module in the system, with its index where there are several, as in V(Bookings_1).
    type: str
    required: true
  method:
    description:
      - The function.
    type: str
    required: true
  arguments:
    description:
      - Its arguments, in order.
    type: list
    elements: raw
    default: []
  status:
    description:
      - Name of a status value of the same module to read afterwards.
      - The execution fails when the module has not set it.
    type: str
  returns:
    description:
      - What the function must return. V(list) makes everything but a list a failure, as a booking driver's answer is
        right only if it is a list of bookings.
    type: str
    choices: [anything, list]
    default: anything
  reports_change:
    description: Whether running a function counts as a change.
    type: bool
    default: true
seealso:
  - module: placeos.office365.placeos_module
"""

EXAMPLES = r"""
- name: Can the room read its calendar?
  placeos.office365.placeos_exec:
    url: https://acme.placeos.example
    api_key: "{{ placeos_api_key }}"
    system: syd-27.01@acme.example
    module: Bookings_1
    method: poll_events
    status: bookings
    reports_change: false
"""

RETURN = r"""
results:
  description: One entry per system, in order.
  returned: always
  type: list
  elements: dict
  contains:
    system:
      description: The system, as it was given.
      type: str
    email:
      description: The system's e-mail address, if it has one.
      type: str
    module:
      description: The module.
      type: str
    method:
      description: The function.
      type: str
    result:
      description: What the function returned.
      type: raw
    status:
      description: The status value that was asked for.
      type: raw
    failed:
      description: Whether the function could not be run, raised an error, or left the status unset.
      type: bool
    cause:
      description: Why, in plain words.
      type: str
    message:
      description: The server's words.
      type: str
  sample:
    - system: syd-27.01@acme.example
      module: Bookings_1
      method: poll_events
      result:
      status: []
      failed: false
errors:
  description: The failed ones of RV(results), with URL, HTTP status and hint of the request.
  returned: on failure
  type: list
  elements: dict
"""

from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._errors import describe
from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._module import Frame
from ansible_collections.placeos.office365.plugins.module_utils._placeos.execute import (
    Answer,
    Call,
    execute_all,
)


def main() -> None:
    """Entry point."""
    frame = Frame(
        {
            "systems": {"type": "list", "elements": "str"},
            "system": {"type": "str"},
            "module": {"type": "str", "required": True},
            "method": {"type": "str", "required": True},
            "arguments": {"type": "list", "elements": "raw", "default": []},
            "status": {"type": "str"},
            "returns": {"type": "str", "choices": ["anything", "list"], "default": "anything"},
            "reports_change": {"type": "bool", "default": True},
        },
        mutually_exclusive=[["systems", "system"]],
        required_one_of=[["systems", "system"]],
    )
    given = frame.params
    systems = given["systems"] if given["system"] is None else [given["system"]]
    calls = [
        Call(
            system,
            given["module"],
            given["method"],
            tuple(given["arguments"]),
            given["status"],
            expects_list=given["returns"] == "list",
        )
        for system in systems
    ]
    changed = frame.params["reports_change"] and bool(calls)
    if frame.module.check_mode:
        frame.module.exit_json(changed=changed, results=[])
    try:
        answers = execute_all(frame.connect(), calls, frame.params["max_workers"])
    except HttpError as error:
        frame.fail_request(error)
    results = [_shown(answer) for answer in answers]
    errors = [
        # The status of a failure is that of the request; the method stays the function.
        {**shown, **(describe(answer.error) if answer.error else {}), "method": shown["method"]}
        for answer, shown in zip(answers, results, strict=True)
        if shown["failed"]
    ]
    if errors:
        lines = [_line(error) for error in errors]
        head = f"{len(errors)} of {len(answers)} did not answer as they should"
        frame.module.fail_json(msg="\n".join([head, *lines]), changed=changed, results=results, errors=errors)
    frame.module.exit_json(changed=changed, results=results)


def _shown(answer: Answer) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "system": answer.call.system,
        "module": answer.call.module,
        "method": answer.call.method,
        "result": answer.result,
        "failed": answer.cause is not None,
    }
    if answer.email:
        shown["email"] = answer.email
    if answer.call.status:
        shown["status"] = answer.status
    if answer.cause is not None:
        shown["cause"] = answer.cause
        shown["message"] = answer.error.words if answer.error else ""
    return shown


def _line(error: dict[str, Any]) -> str:
    words = f" ({error['message']})" if error.get("message") else ""
    mailbox = f" ({error['email']})" if error.get("email") else ""
    return f"- {error['system']}{mailbox}: {error['module']} {error['method']}: {error['cause']}{words}"


if __name__ == "__main__":
    main()
