# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame that all modules for Microsoft 365 share: from parameters to Graph, and from errors to a result."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.placeos.office365.plugins.module_utils import _http
from ansible_collections.placeos.office365.plugins.module_utils._http import HttpClient, HttpError, HttpOptions
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.clouds import CLOUDS, GLOBAL_ONLY, Cloud
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.errors import describe, line
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.graph import Graph
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.objects import MalformedAnswer
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_all
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.options import (
    ENDPOINTS,
    UnusableOption,
    endpoint,
    identity_from,
    microsoft_spec,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in import tokens as sign_in
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.tokens import (
    MICROSOFT_HINTS,
    Identity,
    TokenError,
    Tokens,
)


class MicrosoftFrame:
    """One run of a module: parameters in, Graph, result out. Secrets never leave it."""

    def __init__(self, argument_spec: Mapping[str, Any], *, needs_identity: bool = True, **module_options: Any) -> None:
        """needs_identity: a credential must be given; otherwise that is looked at when it is used."""
        self.module = AnsibleModule(
            argument_spec={**microsoft_spec(), **argument_spec}, supports_check_mode=True, **module_options
        )
        self.params: dict[str, Any] = self.module.params
        libraries = {"requests": _http.REQUESTS_IMPORT_ERROR, "msal": sign_in.MSAL_IMPORT_ERROR}
        for library, missing in libraries.items():
            if missing is not None:
                self.module.fail_json(msg=missing_required_lib(library), exception=str(missing))
        self._tokens: dict[Identity, Tokens] = {}
        try:
            self.cloud = self._cloud()
            self._check_options()
            if needs_identity:
                _looked_at = self.identity
        except UnusableOption as error:
            self.module.fail_json(msg=str(error))

    def _cloud(self) -> Cloud:
        """The cloud; tokens are for its resources even where a request goes to another address."""
        cloud = CLOUDS[self.params["cloud"]]
        if cloud.name != "global":
            self.module.warn(GLOBAL_ONLY.format(name=cloud.name))
        self.urls = {name: endpoint(name, self.params[name]) or getattr(cloud, name) for name in ENDPOINTS}
        return cloud

    def _check_options(self) -> None:
        given = self.params
        if given["ca_path"] and not Path(given["ca_path"]).exists():
            raise UnusableOption(
                f"{of_all('ca_path')}: {given['ca_path']} does not exist on the host that runs this task"
            )
        if given["max_workers"] < 1:
            raise UnusableOption(f"{of_all('max_workers')} must be at least 1")
        tenant = given["tenant"]
        if tenant and not all(character.isalnum() or character in "-._" for character in tenant):
            raise UnusableOption(
                f"{of_all('tenant')} must be the id or a domain of the client's tenant, not {tenant!r}"
            )
        if not given["validate_certs"]:
            import urllib3

            # Said once, by us, instead of once per request by urllib3.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
            self.module.warn(
                f"TLS certificates are not verified, since {of_all('validate_certs')} is false; give "
                f"{of_all('ca_path')} instead"
            )

    @cached_property
    def identity(self) -> Identity:
        """Who signs in, by the module's own options. Raises UnusableOption."""
        return identity_from(self.params, self.params["tenant"])

    def other_identity(self, option: str) -> Identity | None:
        """Who signs in by the suboptions of an option, or None where that is not set; ends the module when unusable."""
        if not self.params.get(option):
            return None
        try:
            return identity_from(self.params[option], self.params["tenant"], where=option)
        except UnusableOption as error:
            self.module.fail_json(msg=str(error))

    @property
    def verify(self) -> bool | str:
        """How TLS is verified: True, False, or the path of a CA bundle."""
        return (self.params["ca_path"] or True) if self.params["validate_certs"] else False

    def tokens(self, identity: Identity | None = None) -> Tokens:
        """The tokens of an identity, by default the module's own; the same object for the same identity."""
        try:
            who = identity or self.identity
        except UnusableOption as error:
            self.module.fail_json(msg=str(error))
        if who not in self._tokens:
            self._tokens[who] = Tokens(
                who,
                self.cloud,
                login_url=self.urls["login_url"],
                verify=self.verify,
                timeout=self.params["timeout"],
                retry_deadline=self.params["retry_deadline"],
                on_token=self.hide,
            )
        return self._tokens[who]

    def graph(self, tokens: Tokens | None = None) -> Graph:
        """Graph with these tokens, by default the module's own identity's."""
        return Graph(self.http(self.urls["graph_url"]), tokens or self.tokens(), self.cloud)

    def http(self, base_url: str) -> HttpClient:
        """A session to one of Microsoft's servers, without credentials yet."""
        return HttpClient(
            HttpOptions(
                base_url,
                verify=self.verify,
                timeout=self.params["timeout"],
                retry_deadline=self.params["retry_deadline"],
                pool_size=self.params["max_workers"],
                hints=MICROSOFT_HINTS,
            )
        )

    def hide(self, *secrets: str) -> None:
        """Never show these strings again."""
        self.module.no_log_values.update(secret for secret in secrets if len(secret) > 3)

    def fail(self, error: Exception, **result: Any) -> NoReturn:
        """End the module over one error: one readable message, and the error as data in ``errors``."""
        entry = describe_any(error)
        message = str(error) if isinstance(error, (TokenError, MalformedAnswer)) else line(entry)
        self.module.fail_json(msg=message, errors=[entry], **result)


def describe_any(error: Exception) -> dict[str, Any]:
    """An error of any kind as a result entry."""
    if isinstance(error, HttpError):
        return describe(error)
    if isinstance(error, TokenError):
        method, separator, url = error.url.partition(" ")
        return {
            "kind": error.kind,
            "method": method if separator else "",
            "url": url if separator else error.url,
            "status": error.status,
            "code": f"AADSTS{error.code}" if error.code else "",
            "message": error.words,
            "hint": error.hint,
            **({"request_id": error.request_id} if error.request_id else {}),
        }
    where = {name: getattr(error, name) for name in ("method", "url") if getattr(error, name, "")}
    words = error.words if isinstance(error, MalformedAnswer) else str(error)
    return {
        "kind": getattr(error, "kind", "error"),
        **where,
        "message": words,
        "hint": getattr(error, "hint", "") or "",
    }
