# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame that all modules share: from parameters to a platform, and from a report to a result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import SplitResult, urlsplit

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.placeos.office365.plugins.module_utils import _http
from ansible_collections.placeos.office365.plugins.module_utils._errors import describe, line, summary
from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError, HttpOptions
from ansible_collections.placeos.office365.plugins.module_utils._options import (
    connection_spec,
    object_spec,
    policy_spec,
)
from ansible_collections.placeos.office365.plugins.module_utils._placeos import settings_text
from ansible_collections.placeos.office365.plugins.module_utils._placeos.connection import (
    Credentials,
    UnusableCredentials,
    connect,
)
from ansible_collections.placeos.office365.plugins.module_utils._placeos.flow import Flow, Policy, Report
from ansible_collections.placeos.office365.plugins.module_utils._placeos.flows import FLOWS
from ansible_collections.placeos.office365.plugins.module_utils._placeos.flows_acaengine import ACAENGINE_FLOWS
from ansible_collections.placeos.office365.plugins.module_utils._placeos.kinds import KINDS
from ansible_collections.placeos.office365.plugins.module_utils._placeos.kinds_acaengine import LACKS
from ansible_collections.placeos.office365.plugins.module_utils._placeos.platform import Platform
from ansible_collections.placeos.office365.plugins.module_utils._plan import Kind
from ansible_collections.placeos.office365.plugins.module_utils._view import VERBS, View


def _url_parts(url: str) -> SplitResult | None:
    """The parts of a URL, or None where it is none."""
    try:
        parts = urlsplit(url)
        # Asking for the port finds one that is no number.
        usable = parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if usable else None


class Frame:
    """One run of a module: parameters in, platform, result out. Secrets never leave it."""

    def __init__(self, argument_spec: Mapping[str, Any], **module_options: Any) -> None:
        self.module = AnsibleModule(
            argument_spec={**connection_spec(), **argument_spec},
            supports_check_mode=True,
            **module_options,
        )
        self.params: dict[str, Any] = self.module.params
        libraries = {"requests": _http.REQUESTS_IMPORT_ERROR, "PyYAML": settings_text.YAML_IMPORT_ERROR}
        for library, missing in libraries.items():
            if missing is not None:
                self.module.fail_json(msg=missing_required_lib(library), exception=str(missing))

    def connect(self) -> Platform:
        """Sign in; ends the module with a clear message where that fails."""
        given = self.params
        self._check_options()
        options = HttpOptions(
            base_url=given["url"].rstrip("/"),
            host_header=given["host_header"],
            verify=(given["ca_path"] or True) if given["validate_certs"] else False,
            timeout=given["timeout"],
            retry_deadline=given["retry_deadline"],
            pool_size=max(1, given["max_workers"]),
        )
        if not given["validate_certs"]:
            import urllib3

            # Said once, by us, instead of once per request by urllib3.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
            self.module.warn("TLS certificates are not verified (validate_certs: false); give ca_path instead")
        credentials = Credentials(
            given["api_key"], given["token"], given["username"], given["password"], given["client_id"]
        )
        try:
            return connect(options, credentials, platform=given["platform"], index_lag=given["index_lag"])
        except HttpError as error:
            self.fail_request(error)
        except UnusableCredentials as error:
            self.module.fail_json(msg=str(error))

    def _check_options(self) -> None:
        given = self.params
        parts = _url_parts(given["url"])
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
            self.module.fail_json(
                msg=f"url must be an absolute https URL such as https://acme.example, not {given['url']!r}"
            )
        if parts.path.strip("/"):
            self.module.fail_json(
                msg=f"url must end after the host, without a path: {parts.scheme}://{parts.netloc}, not {given['url']}"
            )
        if given["ca_path"] and not Path(given["ca_path"]).exists():
            self.module.fail_json(msg=f"ca_path {given['ca_path']} does not exist on the host that runs this task")
        password_grant = {name: given[name] for name in ("username", "password", "client_id")}
        lacking = [name for name, value in password_grant.items() if not value]
        if not (given["api_key"] or given["token"]) and lacking:
            if given["username"] or given["password"]:
                self.module.fail_json(
                    msg=f"no credentials: {' and '.join(lacking)} missing; to sign in, username, password and client_id "
                    f"are needed, the last being that of an OAuth application of the client's domain"
                )
            self.module.fail_json(
                msg="no credentials: give api_key (or PLACEOS_API_KEY), token, or username, password and client_id"
            )
        if given["max_workers"] < 1:
            self.module.fail_json(msg="max_workers must be at least 1")

    @property
    def host(self) -> str:
        """The name under which the server knows itself."""
        parts = _url_parts(self.params["url"])
        return self.params["host_header"] or (parts and parts.hostname) or ""

    def items(self, plural: str, spec: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The objects of the set form, or the single one as a list of one."""
        if self.params.get(plural) is not None:
            return list(self.params[plural])
        return [{name: self.params[name] for name in spec}]

    def hide(self, value: Any) -> None:
        """Never show these strings again: for secrets inside documents, which no_log does not know."""
        if isinstance(value, Mapping):
            for item in value.values():
                self.hide(item)
        elif isinstance(value, (list, tuple)):
            for item in value:
                self.hide(item)
        elif isinstance(value, str) and len(value) > 3:
            self.module.no_log_values.add(value)

    def leave_out(self, kind: Kind, reason: str) -> NoReturn:
        """End the module without having done anything, since the platform has nothing of this kind."""
        unsupported = [{"option": kind.plural, "reason": reason, "objects": len(self.items(kind.plural, {}))}]
        self.module.exit_json(
            changed=False, skipped=True, skip_reason=reason, msg=reason, unsupported=unsupported,
            changes={verb: [] for verb in VERBS.values()}, **{kind.plural: []},
        )  # fmt: skip

    def fail_request(self, error: HttpError, **result: Any) -> NoReturn:
        """End the module over one request that concerns all objects."""
        entry = describe(error)
        self.module.fail_json(msg=line(entry), errors=[entry], **result)


def configure(
    name: str,
    *,
    omit: Iterable[str] = (),
    extra: Mapping[str, Any] | None = None,
    task: Mapping[str, Any] | None = None,
    identified_by: tuple[str, ...] = ("name", "id"),
    prepare: Callable[[Frame, Flow, list[dict[str, Any]]], None] | None = None,
) -> None:
    """The whole of a configuration module: single and set form, plan, check mode, diff, apply, result.

    omit, extra: fields that are no options, and options that are no fields; task: options of the task as a whole;
    identified_by: options of which an object needs one; prepare: last changes to the flow before it runs.
    """
    kind = KINDS[name]
    spec = object_spec(kind, omit=omit, extra=extra)
    required = [field.name for field in kind.fields if field.required and field.name not in omit]
    secrets = kind.name == "settings" or any(field.secret for field in kind.fields)
    set_spec = {key: dict(option) for key, option in spec.items()}
    plural = kind.plural
    elements: dict[str, Any] = {"type": "list", "elements": "dict", "options": set_spec}
    if len(identified_by) > 1:
        elements["required_one_of"] = [list(identified_by)]
    frame = Frame(
        {plural: elements, **spec, **policy_spec(kind, secrets=secrets), **(task or {})},
        mutually_exclusive=[[plural, option] for option in identified_by],
        required_one_of=[[plural, *identified_by]],
        required_if=[["purge", True, ["purge_scope"]]],
    )
    items = frame.items(plural, spec)
    missing = _missing(items, required)
    if missing:
        frame.module.fail_json(msg="\n".join(missing))
    policy = Policy(
        check_mode=frame.module.check_mode,
        workers=frame.params["max_workers"],
        purge=frame.params["purge"],
        purge_scope={k: v for k, v in (frame.params["purge_scope"] or {}).items() if v is not None},
        purge_max_share=frame.params["purge_max_share"],
        force=frame.params["force"],
        update_secret=frame.params.get("update_secret", "on_change"),
        host=frame.host,
    )
    if frame.params["platform"] == "acaengine" and name in LACKS:
        # Known without signing in.
        frame.leave_out(kind, LACKS[name])
    platform = frame.connect()
    if name in platform.lacks:
        frame.leave_out(kind, platform.lacks[name])
    flows = FLOWS if platform.name == "placeos" else ACAENGINE_FLOWS
    flow = flows.get(name, Flow)(platform, name, policy)
    if prepare:
        prepare(frame, flow, items)
    try:
        report = flow.run(items)
    except HttpError as error:
        frame.fail_request(error)
    _finish(frame, flow, report)


def _missing(items: list[dict[str, Any]], required: list[str]) -> list[str]:
    """Objects without what identifies them; an id stands for all of it."""
    return [
        f"{option} is missing in {item.get('name') or f'object {position}'}"
        for position, item in enumerate(items)
        for option in required
        if not item.get("id") and item.get(option) in (None, "")
    ]


def _finish(frame: Frame, flow: Flow, report: Report) -> NoReturn:
    """Turn the report into the module's result."""
    view = View(flow)
    errors = [view.problem(problem) for problem in report.problems]
    errors.extend(view.failure(outcome) for outcome in report.outcomes if outcome.error is not None)
    for warning in report.warnings + view.assumptions() + view.notes(report):
        frame.module.warn(warning)
    result: dict[str, Any] = view.result(report, frame.module.check_mode)
    if frame.module._diff:  # noqa: SLF001 - there is no other way to ask for it
        result["diff"] = view.diff(report)
    if errors:
        frame.module.fail_json(msg=summary(flow.kind, errors, report.outcomes), errors=errors, **result)
    frame.module.exit_json(**result)
