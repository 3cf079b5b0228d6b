# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ACAEngine looks like on the wire, here and in acaengine_*.py, and nowhere else: paths, fields, status codes.

Read from ruby-engine a3c55b7, coauth f0d0336 and co-elastic-query 54a300f; no server was recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpClient, HttpError
from ansible_collections.placeos.office365.plugins.module_utils._placeos.acaengine_modules import Drivers, Modules
from ansible_collections.placeos.office365.plugins.module_utils._placeos.acaengine_rest import API, AcaResource
from ansible_collections.placeos.office365.plugins.module_utils._placeos.acaengine_settings import Settings
from ansible_collections.placeos.office365.plugins.module_utils._placeos.acaengine_systems import Systems
from ansible_collections.placeos.office365.plugins.module_utils._placeos.acaengine_zones import Zones
from ansible_collections.placeos.office365.plugins.module_utils._placeos.kinds_acaengine import (
    ACAENGINE_KINDS,
    LACKS,
)
from ansible_collections.placeos.office365.plugins.module_utils._placeos.rest import a_list

WAITED_TOO_LONG = "Wait time exceeded"
"""How the sentence begins that stands for the result of a function after 15 seconds, with status 200."""


class ACAEngine:
    """An ACAEngine server; index_lag is the number of seconds by which its lists may lag behind its writes."""

    name = "acaengine"
    any_case = True
    lacks = LACKS

    def __init__(self, http: HttpClient, *, index_lag: float = 2.0) -> None:
        self.http = http
        self.index_lag = index_lag
        self._resources: dict[str, AcaResource] = {}

    def resource(self, kind: str) -> Any:
        """The resource of a kind; one instance per kind and task, so that a list is read once."""
        if kind not in self._resources:
            classes: dict[str, type[AcaResource]] = {
                "zone": Zones,
                "system": Systems,
                "driver": Drivers,
                "module": Modules,
                "settings": Settings,
                "domain": Domains,
            }
            self._resources[kind] = classes[kind](self, ACAENGINE_KINDS[kind])
        return self._resources[kind]

    def execute(self, system_id: str, module: str, method: str, arguments: list[Any]) -> Any:
        """Run a function of a system's module and return its result. Never repeated: it may act on the real world."""
        name, index = _slug(module)
        path = f"{API}/systems/{quote(system_id)}/exec"
        body = {"module": name, "index": index, "method": method, "args": arguments}
        try:
            answer = self.http.request("POST", path, body=body, final=(500,)).data
        except HttpError as error:
            if isinstance(error.data, list) and error.data:
                # ["message\nbacktrace"]
                error.words = str(error.data[0]).split("\n", 1)[0]
            raise
        result = a_list(answer, self.http.url(path))[0] if answer else None
        if isinstance(result, str) and result.startswith(WAITED_TOO_LONG):
            raise HttpError("timeout", "POST", self.http.url(path), result, maybe_done=True)
        return result

    def status(self, system_id: str, module: str, key: str) -> Any:
        """One status value of a system's module; None where the module has not set it."""
        name, index = _slug(module)
        path = f"{API}/systems/{quote(system_id)}/state"
        try:
            return self.http.get(path, {"module": name, "index": index, "lookup": key}).data
        except HttpError as error:
            if error.reason == "content" and error.status == 200:
                # A text comes as it is, without quotes.
                return error.words
            raise


def _slug(module: str) -> tuple[str, int]:
    """``Bookings_2`` -> (``Bookings``, 2); the index is 1 where none is given."""
    name, _line, index = module.rpartition("_")
    return (name, int(index)) if name and index.isdigit() else (module, 1)


class Domains(AcaResource):
    """Domains belong to the sign-in service; the host name is called dom."""

    api = "/auth/api"
    wire: ClassVar[Mapping[str, str]] = {"domain": "dom"}
