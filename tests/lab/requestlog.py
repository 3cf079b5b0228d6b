# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of requests: one JSON object a line, without credentials, readable as soon as a request is answered."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TextIO

import orjson

SECRETS = re.compile(r"((?:^|[?&])(?:api-key|bearer_token|access_token|refresh_token|password|client_secret)=)[^&]*")


class RequestLog:
    """Appends to a file; line buffering makes each entry visible at once."""

    def __init__(self, path: Path) -> None:
        self._file: TextIO = path.open("a", buffering=1, encoding="utf-8")

    def note(self, server: str, method: str, path: str, status: int | None, seconds: float) -> None:
        """Write one entry; status null means that the connection was closed without an answer."""
        entry = {
            "server": server,
            "method": method,
            "path": SECRETS.sub(r"\1***", path),
            "status": status,
            "ms": round(seconds * 1000, 2),
        }
        self._file.write(orjson.dumps(entry).decode() + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()
