# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers say when they refuse: the error bodies of PlaceOS, ACAEngine, OAuth and Microsoft Graph as plain words.

Nothing here raises: a body of the wrong shape has no words.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class GraphWords:
    """The error of Microsoft Graph: ``{"error": {"code", "message", "target"?, "details"?: [...], "innerError"?}}``.

    Either of code and message may be empty (Graph documentation, concepts/errors). inner_code: the code of the innermost
    error, where the message is JSON in a string, as /places answers.
    """

    code: str
    message: str
    inner_code: str = ""
    details: list[dict[str, str]] = field(default_factory=list)
    request_id: str | None = None

    @property
    def words(self) -> str:
        """Code and message in one line; the code alone where there is no message."""
        parts = (self.inner_code or self.code, self.message)
        return ": ".join(dict.fromkeys(part for part in parts if part)) or "(no words)"


def text(value: Any) -> str:
    """A string as it is (in one line), a number as text, anything else as nothing."""
    if isinstance(value, str):
        return _one_line(value)
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def graph_words(data: Any) -> GraphWords | None:
    """The error of a Graph answer, or None where this is none."""
    error = data.get("error") if isinstance(data, dict) else None
    if not isinstance(error, dict):
        return None
    code, message = text(error.get("code")), text(error.get("message"))
    inner_code, message = _unfolded(message)
    inner: dict[str, Any] = next(
        (error[key] for key in ("innerError", "innererror") if isinstance(error.get(key), dict)), {}
    )
    details = error.get("details")
    listed = [item for item in details if isinstance(item, dict)] if isinstance(details, list) else []
    return GraphWords(
        code=code,
        message=message,
        inner_code=inner_code,
        details=[{key: text(value) for key, value in item.items() if isinstance(key, str)} for item in listed],
        request_id=text(inner.get("request-id")) or None,
    )


def _unfolded(message: str) -> tuple[str, str]:
    """(code, message) of an error that is JSON inside the message (seen from /places); ("", message) otherwise."""
    if not message.startswith("{"):
        return "", message
    try:
        inner = json.loads(message)
    except (ValueError, RecursionError):
        return "", message
    if not isinstance(inner, dict):
        return "", message
    if isinstance(inner.get("error"), dict):
        inner = inner["error"]
    return text(inner.get("code")), text(inner.get("message")) or message


def failures(data: Any) -> list[dict[str, str]]:
    """Refused values as {field, reason}: PlaceOS lists them so, ACAEngine (Rails) as {field: [reason, ...]}."""
    if not isinstance(data, dict):
        return []
    if isinstance(data.get("failures"), list):
        return [item for item in data["failures"] if isinstance(item, dict)]
    if data and all(isinstance(reasons, list) for reasons in data.values()):
        return [{"field": name, "reason": str(reason)} for name, reasons in data.items() for reason in reasons]
    return []


def words(data: Any, refused: list[dict[str, str]]) -> str:
    """What the server said, in one line: failures by field first, else its error or message."""
    if refused:
        return _one_line("; ".join(f"{item.get('field')} {item.get('reason')}" for item in refused))
    graph = graph_words(data)
    if graph is not None:
        return graph.words
    if isinstance(data, dict):
        parts = [str(data[key]) for key in ("message", "error", "error_description") if data.get(key)]
        return _one_line(": ".join(dict.fromkeys(parts)))
    return _one_line(str(data)) if data else ""


def _one_line(said: str) -> str:
    return " ".join(said.split())
