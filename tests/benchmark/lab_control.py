# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders to the running lab."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.lab_process import Lab


def control(lab: Lab, order: str, body: dict[str, Any] | None = None) -> Any:
    """Post an order to the lab's control endpoint."""
    request = urllib.request.Request(
        f"{lab.info['placeos']['url']}/_lab/{order}",
        data=json.dumps(body or {}).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=60) as answer:
        return json.load(answer)
