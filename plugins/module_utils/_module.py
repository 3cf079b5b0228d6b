# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame that all modules share: options with environment fallbacks, result, diff, masking, errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import SplitResult, urlsplit

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible.module_utils.common.parameters import env_fallback

from ansible_collections.placeos.office365.plugins.module_utils import _http
from ansible_collections.placeos.office365.plugins.module_utils._apply import Outcome
from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError, HttpOptions
from ansible_collections.placeos.office365.plugins.module_utils._placeos import settings_text
from ansible_collections.placeos.office365.plugins.module_utils._placeos.connection import (
    Credentials,
    UnsupportedPlatform,
    connect,
)
from ansible_collections.placeos.office365.plugins.module_utils._placeos.flow import Flow, Policy, Report
from ansible_collections.placeos.office365.plugins.module_utils._placeos.flows import FLOWS
from ansible_collections.placeos.office365.plugins.module_utils._placeos.kinds import KINDS
from ansible_collections.placeos.office365.plugins.module_utils._placeos.v2 import V2
from ansible_collections.placeos.office365.plugins.module_utils._plan import (
    MASK,
    UNREADABLE,
    Action,
    Change,
    Kind,
    Pending,
    Problem,
)

SHOWN_ERRORS = 20
"""Failed objects listed in the message; the result's ``errors`` has all of them."""


# -- options ---------------------------------------------------------------------------------------------------------


def _env(name: str, **spec: Any) -> dict[str, Any]:
    return {**spec, "fallback": (env_fallback, [name])}


def connection_spec() -> dict[str, Any]:
    """How to reach a server; documented in the fragment ``placeos.office365.connection``."""
    return {
        "url": _env("PLACEOS_URL", type="str", required=True),
        "api_key": _env("PLACEOS_API_KEY", type="str", no_log=True),
        "token": _env("PLACEOS_TOKEN", type="str", no_log=True),
        "username": _env("PLACEOS_USERNAME", type="str"),
        "password": _env("PLACEOS_PASSWORD", type="str", no_log=True),
        "client_id": _env("PLACEOS_CLIENT_ID", type="str"),
        "host_header": _env("PLACEOS_HOST_HEADER", type="str"),
        "platform": {"type": "str", "choices": ["auto", "placeos", "acaengine"], "default": "auto"},
        "validate_certs": _env("PLACEOS_VALIDATE_CERTS", type="bool", default=True),
        "ca_path": _env("PLACEOS_CA_PATH", type="path"),
        "timeout": _env("PLACEOS_TIMEOUT", type="float", default=30.0),
        "retry_deadline": {"type": "float", "default": 60.0},
        "index_lag": {"type": "float", "default": 2.0},
        "max_workers": {"type": "int", "default": 8},
    }


def object_spec(kind: Kind, *, omit: Iterable[str] = (), extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The options of one object, made from the table of kinds."""
    spec: dict[str, Any] = {"id": {"type": "str"}}
    for field in kind.fields:
        if field.name in omit:
            continue
        option: dict[str, Any] = {"type": field.type}
        if field.elements:
            option["elements"] = field.elements
        if field.choices:
            option["choices"] = list(field.choices)
        if field.default is not None:
            option["default"] = field.default
        # Said for secrets, and denied where a name only sounds like one.
        if field.secret:
            option["no_log"] = True
        spec[field.name] = option
    spec.update(extra or {})
    spec["state"] = {"type": "str", "choices": ["present", "absent"], "default": "present"}
    if any(identity == ("parent", "name") for identity in kind.identities):
        del spec["id"]
    return spec


def policy_spec(kind: Kind, *, secrets: bool = False) -> dict[str, Any]:
    """Options of the task as a whole; documented in the fragment ``placeos.office365.policy``."""
    scopes: dict[str, Any] = {
        name: {"type": "list", "elements": "str"} if name in kind.list_scopes else {"type": "str"}
        for name in kind.scopes
    }
    spec: dict[str, Any] = {
        "purge": {"type": "bool", "default": False},
        "purge_scope": {"type": "dict", "options": scopes},
        "purge_max_share": {"type": "float", "default": 0.1},
        "force": {"type": "bool", "default": False},
    }
    if secrets:
        spec["update_secret"] = {
            "type": "str",
            "choices": ["on_change", "on_create", "always"],
            "default": "on_change",
            "no_log": False,
        }
    return spec


# -- the frame -------------------------------------------------------------------------------------------------------


def _url_parts(url: str) -> SplitResult | None:
    """The parts of a URL, or None where it is none."""
    try:
        parts = urlsplit(url)
        # Looked at, so that a port that is no number is found now.
        _ = parts.port
    except ValueError:
        return None
    return parts


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

    def connect(self) -> V2:
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
        except UnsupportedPlatform as error:
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
        password_grant = given["username"] and given["password"] and given["client_id"]
        if not (given["api_key"] or given["token"] or password_grant):
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

    def fail_request(self, error: HttpError, **result: Any) -> NoReturn:
        """End the module over one request that concerns all objects."""
        entry = describe(error)
        self.module.fail_json(msg=_line(entry), errors=[entry], **result)


# -- configuration modules -------------------------------------------------------------------------------------------


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
    flow = FLOWS.get(name, Flow)(frame.connect(), kind, policy)
    if prepare:
        prepare(frame, flow, items)
    try:
        report = flow.run(items)
    except HttpError as error:
        frame.fail_request(error)
    _finish(frame, kind, flow, report)


def _missing(items: list[dict[str, Any]], required: list[str]) -> list[str]:
    """Objects without what identifies them; an id stands for all of it."""
    return [
        f"{option} is missing in {item.get('name') or f'object {position}'}"
        for position, item in enumerate(items)
        for option in required
        if not item.get("id") and item.get(option) in (None, "")
    ]


def _finish(frame: Frame, kind: Kind, flow: Flow, report: Report) -> NoReturn:
    """Turn the report into the module's result."""
    view = View(kind, flow)
    errors = [view.problem(problem) for problem in report.problems]
    errors.extend(view.failure(outcome) for outcome in report.outcomes if outcome.error is not None)
    for warning in report.warnings + view.assumptions() + view.notes(report):
        frame.module.warn(warning)
    result: dict[str, Any] = view.result(report, frame.module.check_mode)
    if frame.module._diff:  # noqa: SLF001 - there is no other way to ask for it
        result["diff"] = view.diff(report)
    if errors:
        frame.module.fail_json(msg=_summary(kind, errors, report.outcomes), errors=errors, **result)
    frame.module.exit_json(**result)


class View:
    """Plan and outcomes as a person or a later task wants to read them; names instead of ids, secrets masked."""

    def __init__(self, kind: Kind, flow: Flow) -> None:
        self.kind = kind
        self.flow = flow

    def result(self, report: Report, check_mode: bool) -> dict[str, Any]:
        """changed, changes and the objects themselves."""
        names: dict[str, list[str]] = {"created": [], "updated": [], "deleted": [], "unchanged": []}
        past = {"create": "created", "update": "updated", "delete": "deleted", "keep": "unchanged"}
        objects = []
        if report.problems:
            done = []
        elif check_mode:
            # A swap of names takes two steps for one object.
            planned = {(action.label, (action.current or {}).get("id")): action for action in report.plan.actions}
            done = [(action, action.verb, action.current) for action in planned.values()]
        else:
            done = [(o.action, o.verb, o.row) for o in report.outcomes if o.error is None]
        for action, verb, row in done:
            names[past[verb]].append(action.label)
            if verb != "delete" and row is not None:
                objects.append(self.shown(action.label, row))
        # A list that was changed for a module's sake is no object of its own.
        listed = [label for label in report.extra_changes if label not in names["updated"]]
        names["updated"].extend(listed)
        changed = any(names[verb] for verb in ("created", "updated", "deleted")) and not report.problems
        return {"changed": changed, "changes": names, self.kind.plural: objects}

    def shown(self, label: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """One object of the result: its id and those fields that a caller may know."""
        fields = {
            field.name: row[field.name]
            for field in self.kind.fields
            if row.get(field.name) is not None and not self._secret(field.name, row)
        }
        return {"id": row["id"], **fields, "name": label}

    def diff(self, report: Report) -> list[dict[str, Any]]:
        """One entry per changed object, with the changed fields only."""
        entries = [self._diff_entry(a.label, a) for a in report.plan.actions if a.verb != "keep"]
        for label, changes in report.extra_changes.items():
            entries.append(
                {
                    "before_header": label, "after_header": label,
                    "before": {name: change.before for name, change in changes.items()},
                    "after": {name: self.plain(change.after) for name, change in changes.items()},
                }
            )  # fmt: skip
        return entries

    def _diff_entry(self, label: str, action: Action) -> dict[str, Any]:
        header = f"{self.kind.name} {label}"
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        if action.verb == "delete":
            before = {"state": "present", "id": (action.current or {}).get("id")}
            after = {"state": "absent"}
        else:
            values = action.desired.values if action.desired else {}
            for name, change in action.changes.items():
                before[name], after[name] = self._shown_change(name, change, values)
            if action.verb == "create":
                before = {}
        return {"before_header": header, "after_header": header, "before": before, "after": after}

    def _shown_change(self, name: str, change: Change, values: Mapping[str, Any]) -> tuple[Any, Any]:
        """A secret's change is told, its values are not: documents still show which keys they have."""
        if not self._secret(name, values):
            return self.named(name, change.before), self.named(name, change.after)
        return _masked(change.before), _masked(change.after, change.before)

    def _secret(self, name: str, values: Mapping[str, Any]) -> bool:
        if self.kind.name == "settings" and name == "document":
            return values.get("encryption_level") != "none"
        return self.kind.field(name).secret

    def named(self, field: str, value: Any) -> Any:
        """References with the names of what they refer to."""
        if isinstance(value, list):
            return [self.named(field, item) for item in value]
        kind = self.kind.field(field).ref
        # Settings and metadata may belong to objects of several kinds.
        kinds = (kind,) if kind else self.flow.parent_kinds if field == "parent" else ()
        for candidate in kinds:
            value = self.flow.references.name(candidate, value)
        return self.plain(value)

    @staticmethod
    def plain(value: Any) -> Any:
        """A value that JSON knows."""
        if isinstance(value, Pending):
            return str(value)
        if value is UNREADABLE:
            return MASK
        if isinstance(value, list):
            return [View.plain(item) for item in value]
        if isinstance(value, Mapping):
            return {key: View.plain(item) for key, item in value.items()}
        return value

    def assumptions(self) -> list[str]:
        """What check mode took for granted."""
        assumed = sorted(set(self.flow.references.assumed))
        if not assumed:
            return []
        shown = ", ".join(assumed[:5]) + (f" and {len(assumed) - 5} more" if len(assumed) > 5 else "")
        return [f"check mode: not there yet, taken to be created by an earlier task: {shown}"]

    def notes(self, report: Report) -> list[str]:
        """What went differently than planned, but well."""
        return [f"{self.kind.name} {o.action.label}: {note}" for o in report.outcomes for note in o.notes]

    def problem(self, problem: Problem) -> dict[str, Any]:
        """A fault that was found before anything was written."""
        return {"kind": self.kind.name, "name": problem.label, "field": problem.field, "message": problem.text}

    def failure(self, outcome: Outcome) -> dict[str, Any]:
        """An object that could not be made right."""
        entry: dict[str, Any] = {"kind": self.kind.name, "name": outcome.action.label, "action": outcome.action.verb}
        error = outcome.error
        entry.update(describe(error) if isinstance(error, HttpError) else {"message": str(error)})
        return entry


_ABSENT = object()


def _masked(value: Any, before: Any = _ABSENT) -> Any:
    """A secret value without its content; beside the value before, what differs from it is marked as changed."""
    if isinstance(value, Mapping):
        known = before if isinstance(before, Mapping) else {}
        return {key: _masked(item, _ABSENT if before is _ABSENT else known.get(key)) for key, item in value.items()}
    if value is None:
        return None
    return MASK if before is _ABSENT or before is None or before == value else f"{MASK} (changed)"


# -- errors ----------------------------------------------------------------------------------------------------------

_HINTS = {
    401: "The key or token is unknown, expired, or belongs to another domain than the host of the URL: check "
    "placeos_api_key, and placeos_host_header if the URL is not the domain under which the client signs in.",
    403: "The credential's user lacks the right: configuration needs an administrator's key with the scope public.",
    404: "If this happens for every object, the URL is not that of a PlaceOS server.",
    409: "Another client keeps writing this object; run again.",
    413: "The object is too large for the server or the proxy before it.",
    422: "The server refuses the value; correct the named field in the inventory.",
    429: "The server limits requests; lower max_workers or raise retry_deadline.",
    500: "The server failed without saying why; its logs (rest-api, core) have more under this request id.",
    502: "The proxy reaches no server; see whether the PlaceOS services are up.",
    503: "The service is not available; see whether the PlaceOS services are up.",
    504: "The server did not answer its proxy in time; see the logs of rest-api.",
}


def describe(error: HttpError) -> dict[str, Any]:
    """A failed request as a result entry: method, URL, status, the server's words, what to do."""
    hint = error.hint or _HINTS.get(error.status or 0, "")
    if error.status == 401 and "authority" in error.words:
        hint = (
            "The server serves no client under this host name: give the domain under which the client signs in as "
            "the URL, or as host_header (placeos_host_header)."
        )
    entry: dict[str, Any] = {
        "method": error.method,
        "url": error.url,
        "status": error.status,
        "message": error.words,
        "hint": hint,
    }
    fields = [str(failure["field"]) for failure in error.failures if failure.get("field")]
    if fields:
        entry["field"] = ", ".join(dict.fromkeys(fields))
    if error.request_id:
        entry["request_id"] = error.request_id
    return entry


def _line(entry: Mapping[str, Any]) -> str:
    """One error as one readable line."""
    subject = f"{entry['kind']} {entry['name']}: " if entry.get("name") else ""
    if entry.get("kind") and entry.get("name") == "purge":
        subject = "purge "
    field = f"{entry['field']}: " if entry.get("field") and entry["field"] not in entry["message"] else ""
    request = ""
    if entry.get("url"):
        status = f" answered {entry['status']}" if entry.get("status") else " failed"
        request = f"{entry['method']} {entry['url']}{status}: "
    identifier = f" [request id {entry['request_id']}]" if entry.get("request_id") else ""
    hint = f" {entry['hint']}" if entry.get("hint") else ""
    return f"{subject}{request}{field}{entry['message']}{identifier}{'.' if hint else ''}{hint}"


def _summary(kind: Kind, errors: list[dict[str, Any]], outcomes: list[Outcome]) -> str:
    """The message of a failed task: what failed, line by line, and what was done all the same."""
    lines = [f"- {_line(entry)}" for entry in errors[:SHOWN_ERRORS]]
    if len(errors) > SHOWN_ERRORS:
        lines.append(f"- … and {len(errors) - SHOWN_ERRORS} more in the result's errors")
    if not outcomes:
        head = f"{len(errors)} fault{'s' if len(errors) > 1 else ''} in the {kind.plural}; nothing was written"
    else:
        done = sum(1 for outcome in outcomes if outcome.error is None)
        head = f"{len(errors)} of {len(outcomes)} {kind.plural} failed; all others ({done}) are as desired"
    return "\n".join([head, *lines])
