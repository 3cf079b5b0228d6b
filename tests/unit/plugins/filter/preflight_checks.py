# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of the tasks of the role preflight, as its report gets them."""

from __future__ import annotations

from typing import Any

from ansible_collections.placeos.office365.plugins.filter.preflight_report import FilterModule
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.findings import KINDS

report = FilterModule().filters()["preflight_report"]

APP = "66666666-7777-8888-9999-000000000000"
PROVED = {"findings": [], "proof": {"ok": True}, "mailboxes": [{"address": "a@acme.example", "ok": True}]}
UNPROVED = {
    "findings": [
        {
            "id": "mailbox_not_found",
            "severity": "error",
            "about": "scope",
            "message": "no such mailbox",
            "action": "Make it.",
        }
    ],
    "proof": {"ok": False, "reason": "1 mailbox could not be read"},
    "mailboxes": [{"address": "a@acme.example", "ok": False, "state": "not_found"}],
}
GOOD: dict[str, Any] = {
    "client": "acme",
    "url": "https://acme.placeos.example",
    "managed": True,
    "checked": True,
    "waived": False,
    "workplace": {"systems": [{"name": "1", "email": "a@acme.example", "bookable": True}], "bookable": ["1"]},
    "platform": {"platform": "placeos"},
    "administrator": {"platform": "placeos"},
    "app": {"application": {}, "changed": False},
    "access": {"access": [], "changed": False},
    "inspected": PROVED,
    "rooms": {"rooms": [{"email_address": "A@acme.example"}]},
}


def told(**changes: Any) -> tuple[list[str], str]:
    """What stops, and the report as one text."""
    made = report({**GOOD, **changes})
    return made["stops"], "\n".join(made["lines"])


def changing(**changes: list[str]) -> dict[str, Any]:
    """What a module foresees. Not "changed": the tasks of the role have changed_when: false, as they change nothing."""
    return {"application": {}, "access": [], "changed": False, "changes": {"unchanged": ["x"], **changes}}


def finding(kind: str, subject: str = "", severity: str = "error", **more: Any) -> dict[str, Any]:
    """A finding."""
    about = KINDS[kind].about if kind in KINDS else ""
    said = {"id": kind, "severity": severity, "about": about, "subject": subject}
    return {**said, "message": "something", "action": "", **more}


def inspected(*findings: dict[str, Any]) -> dict[str, Any]:
    """What graph_app_check said, without a proof."""
    return {"findings": list(findings), "proof": {"ok": False, "reason": "not as expected"}, "mailboxes": []}
