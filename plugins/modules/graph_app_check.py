#!/usr/bin/python
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check PlaceOS's application in Microsoft Entra: sign-in, permissions, secrets, and real calendar reads."""

from __future__ import annotations

DOCUMENTATION = r"""
module: graph_app_check
short_description: Check PlaceOS's application in Microsoft Entra
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Signs in as PlaceOS does, compares the permissions in the token with what was requested and consented, looks at the
    days that secrets and certificates have left, and reads real calendars, both of mailboxes that PlaceOS must be able
    to read and of mailboxes that must be refused.
  - Says what it found as one list of findings, worst first, each with a stable id, what it rests on, and what to do.
    All ids are listed in the collection's C(docs/reference/findings.md).
  - It only reads. Of appointments their ids are asked for, and of one room, as PlaceOS does, when it is free and busy.
  - What may not be read is reported as unknown, never as good.
extends_documentation_fragment:
  - placeos.office365.attributes
  - placeos.office365.attributes.microsoft_group
  - placeos.office365.attributes.info
  - placeos.office365.microsoft
options:
  reader:
    description:
      - An identity that may read the directory, such as the automation's, with C(Application.Read.All) or more. The
        registration, its secrets and the consents on record are read with it.
      - Without it the application's own token is tried, for which PlaceOS's permissions do not suffice. What can't be
        read is then reported as unknown.
    type: dict
    suboptions:
      client_id:
        description: Application (client) id of the application that signs in.
        type: str
      client_secret:
        description: Value of one of its client secrets.
        type: str
      certificate:
        description: A private key and its certificate, both as PEM in one text.
        type: str
      certificate_path:
        description: File with a private key and its certificate, PEM or PKCS#12, on the host that runs the task.
        type: path
      certificate_passphrase:
        description: Passphrase of the private key.
        type: str
      access_token:
        description: A ready access token for Microsoft Graph.
        type: str
  permissions:
    description:
      - The application permissions of Microsoft Graph that PlaceOS needs; letter case does not matter.
      - A broader permission that includes a needed one is accepted, and reported. What is granted beyond these is
        reported as excess.
      - Add V(Mail.Send) where PlaceOS sends mail.
    type: list
    elements: str
    default: [Calendars.ReadWrite, User.Read.All, GroupMember.Read.All, Place.Read.All]
  mode:
    description:
      - How access to mailboxes is limited. With V(entra) the permissions are granted in Entra, and application access
        policies limit them.
      - With V(rbac) the permissions in O(scoped_permissions) are granted in Exchange (RBAC for Applications), and must
        not be in the token. Whether they work is told by real reads alone.
    type: str
    choices: [entra, rbac]
    default: entra
  scoped_permissions:
    description:
      - With O(mode=rbac), the permissions that Exchange grants. They need not be in O(permissions).
    type: list
    elements: str
    default: [Calendars.ReadWrite]
  allowed_mailboxes:
    description:
      - Addresses of mailboxes whose calendars must be readable, rooms and service account. A thousand of them take some
        50 requests.
    type: list
    elements: str
    default: []
  denied_mailboxes:
    description:
      - Addresses of existing mailboxes that must be refused. One of each side is needed to prove a scope.
    type: list
    elements: str
    default: []
  secret_key_id:
    description:
      - Key id of the client secret in use, where it is known. Otherwise it is recognised by its first three characters,
        which Entra shows, if only one secret begins so.
    type: str
  warn_days:
    description:
      - A secret or certificate in use that ends within so many days is a warning.
    type: int
    default: 30
  fail_days:
    description:
      - A secret or certificate in use that ends within so many days is an error.
    type: int
    default: 7
  wait:
    description:
      - Seconds for which the check is repeated with fresh tokens, while something is wrong that time alone may cure,
        such as a policy that is not yet in force or a consent that tokens do not have yet.
      - There is no waiting where something else fails the task anyhow.
      - A refused sign-in, such as with a secret made a moment ago, is tried again for five minutes at most.
    type: int
    default: 0
  fail_on:
    description:
      - From which severity on the task fails.
    type: str
    choices: [error, warning, never]
    default: error
seealso:
  - module: placeos.office365.graph_app
  - module: placeos.office365.graph_access_policy
"""

EXAMPLES = r"""
- name: Everything that PlaceOS needs is there, and nothing more
  placeos.office365.graph_app_check:
    tenant: "{{ microsoft_tenant_id }}"
    client_id: "{{ microsoft_client_id }}"
    client_secret: "{{ microsoft_client_secret }}"
    reader:
      client_id: "{{ microsoft_automation_client_id }}"
      certificate_path: "{{ microsoft_automation_certificate_path }}"
    mode: rbac
    allowed_mailboxes:
      - placeos@acme.example
      - syd-27.01@acme.example
    denied_mailboxes:
      - ceo@acme.example

- name: The access policies are in force, within twelve hours
  placeos.office365.graph_app_check:
    tenant: "{{ microsoft_tenant_id }}"
    client_id: "{{ microsoft_client_id }}"
    client_secret: "{{ microsoft_client_secret }}"
    mode: entra
    allowed_mailboxes: [placeos@acme.example, syd-27.01@acme.example]
    denied_mailboxes: [ceo@acme.example]
    wait: 43200

- name: Tell the monitoring, but fail for nothing
  placeos.office365.graph_app_check:
    tenant: "{{ microsoft_tenant_id }}"
    client_id: "{{ microsoft_client_id }}"
    client_secret: "{{ microsoft_client_secret }}"
    mode: rbac
    fail_on: never
  register: microsoft
"""

RETURN = r"""
ok:
  description: Whether there is no finding of the severity error.
  returned: always
  type: bool
findings:
  description: All findings, worst first.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Its stable id; see C(docs/reference/findings.md).
      type: str
      sample: secret_expires_soon
    about:
      description:
        - V(service) for whether Microsoft answers the application at all, V(scope) for the mailboxes that it reaches, V(app)
          for all the rest.
      type: str
    severity:
      description: V(error), V(warning) or V(info).
      type: str
    subject:
      description: What it is about.
      type: str
      sample: secret 'PlaceOS (Ansible)', beginning with abc (key id 5d5d5d5d-0000-4000-8000-00000000d001)
    message:
      description: What was found.
      type: str
      sample: the secret in use ends on 2026-12-13 (in 20 days).
    evidence:
      description: What the finding rests on; never a secret or token.
      type: dict
    action:
      description: What to do about it; empty where there is nothing to do.
      type: str
mailboxes:
  description: What came of reading each mailbox.
  returned: always
  type: list
  elements: dict
  contains:
    address:
      description: Its address.
      type: str
    expected:
      description: V(allowed) or V(denied).
      type: str
    ok:
      description: Whether it is as expected.
      type: bool
    state:
      description: V(readable), V(denied_by_policy), V(missing_role), V(not_found), V(no_mailbox), V(throttled) or V(error).
      type: str
    status:
      description: Status of the answer.
      type: int
    words:
      description: Exchange's words.
      type: str
proof:
  description: Whether the scope is in force, by mailboxes of both sides.
  returned: always
  type: dict
  contains:
    ok:
      description: Every allowed mailbox was readable and every denied one refused, and there was at least one of each.
      type: bool
    reason:
      description: What is missing; empty when it is proved.
      type: str
    waited:
      description: Seconds that it took.
      type: float
token:
  description: What the access token says about itself, not verified; empty without one.
  returned: always
  type: dict
  contains:
    roles:
      description: The permissions in it.
      type: list
      elements: str
    app_id:
      description: The application.
      type: str
    object_id:
      description: Object id of its service principal (enterprise application).
      type: str
    tenant_id:
      description: The tenant.
      type: str
    audience:
      description: For what it is.
      type: str
    expires:
      description: When it ends, in seconds since 1970.
      type: int
    credential:
      description: V(secret) or V(certificate), by which it was got.
      type: str
"""

import hashlib
import ssl
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.facts import Wanted
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.gather import Gatherer
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.run import Checked, check
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.findings import failing, report
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.frame import MicrosoftFrame
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.mailboxes import Expected
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_graph_app_check
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.options import identity_suboptions
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.permissions import PLACEOS_PERMISSIONS
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.certificates import key_pair
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.claims import decode
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.tokens import Identity

HINT_LENGTH = 3
"""How many of a secret's first characters Entra shows (passwordCredential resource type, hint)."""

OPTIONS: dict[str, Any] = {
    "reader": {"type": "dict", "options": identity_suboptions()},
    "permissions": {"type": "list", "elements": "str", "default": list(PLACEOS_PERMISSIONS)},
    "mode": {"type": "str", "choices": ["entra", "rbac"], "default": "entra"},
    "scoped_permissions": {"type": "list", "elements": "str", "default": ["Calendars.ReadWrite"]},
    "allowed_mailboxes": {"type": "list", "elements": "str", "default": []},
    "denied_mailboxes": {"type": "list", "elements": "str", "default": []},
    "secret_key_id": {"type": "str", "no_log": False},
    "warn_days": {"type": "int", "default": 30},
    "fail_days": {"type": "int", "default": 7},
    "wait": {"type": "int", "default": 0},
    "fail_on": {"type": "str", "choices": ["error", "warning", "never"], "default": "error"},
}


def faults(given: dict[str, Any]) -> list[str]:
    """Options that contradict each other or make no sense."""
    allowed = {address.casefold() for address in given["allowed_mailboxes"]}
    both = [address for address in given["denied_mailboxes"] if address.casefold() in allowed]
    found = [
        f"{address} is in both of {of_graph_app_check('allowed_mailboxes', 'denied_mailboxes')}" for address in both
    ]
    for option in ("allowed_mailboxes", "denied_mailboxes"):
        odd = [entry for entry in given[option] if "@" not in entry.strip("@") or any(map(str.isspace, entry))]
        found.extend(f"{of_graph_app_check(option)}: {entry!r} is no mail address" for entry in odd)
    found.extend(f"{option} must not be negative" for option in ("warn_days", "fail_days", "wait") if given[option] < 0)
    return found


def credential_of(identity: Identity) -> dict[str, str]:
    """How the application signs in, and by what that credential is recognised in Entra's lists."""
    if identity.access_token:
        return {"credential": "token"}
    if identity.certificate:
        pem = key_pair(identity.certificate, identity.passphrase).certificate
        # Entra lists certificates by this digest; nothing is protected by it.
        digest = hashlib.sha1(ssl.PEM_cert_to_DER_cert(pem), usedforsecurity=False)
        return {"credential": "certificate", "thumbprint": digest.hexdigest().upper()}
    return {"credential": "secret", "hint": (identity.client_secret or "")[:HINT_LENGTH]}


def wanted_of(frame: MicrosoftFrame) -> Wanted:
    """What the options ask for."""
    given, identity = frame.params, frame.identity
    claims = decode(identity.access_token) if identity.access_token else None
    client_id = identity.client_id or (claims.app_id if claims else None)
    if not client_id:
        frame.module.fail_json(
            msg="client_id is missing, and the access_token does not tell of which application it is"
        )
    return Wanted(
        tenant=identity.tenant or (claims.tenant_id if claims else None) or "",
        client_id=client_id,
        permissions=tuple(given["permissions"]),
        mode=given["mode"],
        scoped=tuple(given["scoped_permissions"]) if given["mode"] == "rbac" else (),
        allowed=tuple(dict.fromkeys(given["allowed_mailboxes"])),
        denied=tuple(dict.fromkeys(given["denied_mailboxes"])),
        key_id=given["secret_key_id"] or "",
        warn_days=given["warn_days"],
        fail_days=given["fail_days"],
        cloud=frame.cloud.name,
        audience=frame.cloud.graph_url,
        **credential_of(identity),
    )


def result(done: Checked) -> dict[str, Any]:
    """What came of it, as the module returns it."""
    facts, claims = done.facts, done.facts.claims
    expected = Expected(facts.wanted.allowed, facts.wanted.denied)
    token = {}
    if claims is not None and claims.readable:
        names = ("app_id", "object_id", "tenant_id", "audience", "expires", "credential")
        token = {"roles": sorted(claims.roles), **{name: getattr(claims, name) for name in names}}
    mailboxes = [
        {
            "address": read.address,
            "expected": expected.of(read.address),
            "ok": not expected.wrong(read),
            "state": read.state,
            "status": read.status,
            "words": read.words,
        }
        for read in facts.reads
    ]
    findings = [finding.shown() for finding in done.findings]
    return {"ok": done.ok, "findings": findings, "mailboxes": mailboxes, "proof": done.proof.shown(), "token": token}


def main() -> None:
    """Entry point."""
    frame = MicrosoftFrame(OPTIONS)
    problems = faults(frame.params)
    if problems:
        frame.module.fail_json(msg="\n".join(problems))
    wanted = wanted_of(frame)
    reader = frame.other_identity("reader")
    gatherer = Gatherer(
        wanted,
        frame.graph(),
        frame.graph(frame.tokens(reader)) if reader else None,
        workers=frame.params["max_workers"],
    )
    done = check(gatherer, wait=float(frame.params["wait"]), fail_on=frame.params["fail_on"])
    about = f"application {done.facts.app} in tenant {wanted.tenant or 'unknown'}"
    if done.waited >= 1:
        about += f", after {done.waited:.0f} seconds"
    message = report(done.findings, about=about)
    if failing(done.findings, frame.params["fail_on"]):
        frame.module.fail_json(msg=message, changed=False, **result(done))
    frame.module.exit_json(msg=message, changed=False, **result(done))


if __name__ == "__main__":
    main()
