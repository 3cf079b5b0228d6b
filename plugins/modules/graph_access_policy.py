#!/usr/bin/python
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Limit an application to certain mailboxes of Exchange Online, and prove that the limit is in force."""

from __future__ import annotations

DOCUMENTATION = r"""
module: graph_access_policy
short_description: Limit an application to certain mailboxes of Exchange Online and prove it
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - A calendar permission that Entra grants to an application opens every mailbox of the tenant. This module limits it to
    the mailboxes of groups, asks Exchange itself whether the limit is right, and reads real calendars with the
    application's own credentials until the limit is in force.
  - With O(kind=rbac) Exchange grants the permissions itself, each for a scope (RBAC for Applications, Microsoft's
    present way). Do not grant the same permission in Entra besides, since both add up and the scope would limit nothing.
  - With O(kind=access_policy) application access policies limit what Entra grants. Microsoft advises against new ones.
    A V(DenyAccess) policy always wins; otherwise a mailbox can be used if any V(RestrictAccess) policy of the
    application holds it, or if there is no V(RestrictAccess) policy at all. So several of them are a union, and with the
    first one everything outside it is closed. All new policies are created back to back, before others are removed.
  - The right, application and group of a policy cannot be changed. Where the right for a group changes, the new policy
    is created first, then the old one is removed.
  - Everything is read and planned in one session before the first write, and all faults of the list are told at once.
  - Exchange takes time to put a change in force, 30 minutes to some hours, though its test cmdlets answer at once.
    Until then the task fails with what is known, or waits with O(wait); a later run goes on from there.
  - A policy whose application is C(*), and policies and roles of other applications, are never touched.
  - The automation identity needs the application permission C(Exchange.ManageAsApp) of Office 365 Exchange Online and a
    directory role such as Exchange Administrator. To look for grants in Entra and to find the service principal it
    needs C(Application.Read.All); without it the service principal has to be given.
extends_documentation_fragment:
  - placeos.office365.attributes
  - placeos.office365.attributes.microsoft_group
  - placeos.office365.attributes.configuration
  - placeos.office365.microsoft
options:
  app_id:
    description:
      - Application (client) id of the application to limit, that is PlaceOS's.
      - May be empty in check mode, for an application that is not made yet.
    type: str
    required: true
  service_principal_id:
    description:
      - Object id of its service principal, as shown under Enterprise applications in Entra. This is not the object id
        of the app registration.
      - Needed for O(kind=rbac) where the automation identity may not read it from the directory.
    type: str
  display_name:
    description: Name that Exchange shows for the application, with O(kind=rbac).
    type: str
    default: PlaceOS
  kind:
    description:
      - How access is limited, see above.
      - Going from V(access_policy) to V(rbac) is done in this order. Grant the roles with V(rbac), remove the
        permission from the application in Entra, wait for the proof, then remove the policies with V(access_policy) and
        O(access[].state=absent). The other way round opens every mailbox.
    type: str
    choices: [rbac, access_policy]
    default: rbac
  access:
    description: The mailboxes that the application may use, or not.
    type: list
    elements: dict
    required: true
    suboptions:
      group:
        description:
          - Mail address of a mail-enabled security group with the rooms and the service account as members.
          - For O(kind=access_policy) a user mailbox or mail user is possible too, other types are refused by Exchange;
            members of nested groups count.
          - For O(kind=rbac) only direct members count, and groups of other types give a warning.
        type: str
      scope:
        description: Name of a management scope, for O(kind=rbac).
        type: str
      scope_filter:
        description:
          - Filter of the recipients in O(access[].scope), in OPATH, for example V(CustomAttribute1 -eq 'PlaceOS').
          - If set, the scope is created, or changed to have this filter. If not set, the scope has to exist.
          - A scope is never removed.
        type: str
      administrative_unit:
        description: Id or name of an administrative unit, for O(kind=rbac).
        type: str
      right:
        description: What an access policy does with the mailboxes of the group. O(kind=rbac) can only grant.
        type: str
        choices: [RestrictAccess, DenyAccess]
        default: RestrictAccess
      permissions:
        description: Permissions to grant for these mailboxes. For O(kind=rbac); policies hold for all permissions.
        type: list
        elements: str
        default: [Calendars.ReadWrite]
      description:
        description:
          - Description of an access policy; if not set, Exchange writes one, and an existing one is kept.
          - With one blank as description a tenant can hold about 300 policies instead of 100.
        type: str
      state:
        description: Whether this policy, or these role assignments, are to exist.
        type: str
        choices: [present, absent]
        default: present
  purge:
    description:
      - Whether to remove the other access policies (with O(kind=access_policy)) or role assignments (with
        O(kind=rbac)) of this application. Check mode names them.
      - Refused where O(access) has nothing that is to be present. What is to go without anything staying is named there,
        each with its O(access[].state).
    type: bool
    default: false
  allowed_mailboxes:
    description: Addresses that the application must be able to use, usually all bookable rooms and the service account.
    type: list
    elements: str
    default: []
  denied_mailboxes:
    description:
      - Addresses that it must not be able to use. At least one of them makes a proof.
      - A control mailbox made for this purpose is best, since a mistake opens it first.
    type: list
    elements: str
    default: []
  members:
    description:
      - Addresses that must be inside a scope. Those outside all of them give one warning that names them.
      - They are looked for among the members of the groups, by any of their addresses or by sign-in name.
    type: list
    elements: str
    default: []
  max_tests:
    description:
      - How many mailboxes to ask Exchange's test cmdlets about, the denied ones first, then allowed ones from all over
        the list. Each takes a second or so.
      - Real reads prove all of them, whatever their number.
    type: int
    default: 20
  app:
    description:
      - Credentials of the application itself, for real reads of O(allowed_mailboxes) and O(denied_mailboxes).
      - If not set, the limit is configured and not proved.
    type: dict
    suboptions:
      client_id:
        description: Application (client) id, if it is not taken from O(app_id).
        type: str
      client_secret:
        description: Client secret.
        type: str
      certificate:
        description: Private key and certificate as PEM in one text.
        type: str
      certificate_path:
        description: File with a private key and its certificate, PEM or PKCS#12.
        type: path
      certificate_passphrase:
        description: Passphrase of the key.
        type: str
      access_token:
        description: A ready access token for Microsoft Graph.
        type: str
  wait:
    description:
      - Seconds for which reads are repeated until the limit is in force. In check mode there is no waiting.
    type: float
    default: 0.0
  replication_deadline:
    description: Seconds to wait until Exchange knows a new application or object.
    type: float
    default: 60.0
  transport:
    description:
      - V(powershell) runs Microsoft's module ExchangeOnlineManagement 3.1 or later in PowerShell 7, on the host of the
        task. Install it with C(Install-Module ExchangeOnlineManagement). Version 3.10 and later need PowerShell 7.6,
        3.5 to 3.9.2 need 7.4, older ones 7.2. One static script is run, which gets data and secrets on its standard
        input.
      - V(admin_api) sends the same commands to an endpoint of Exchange Online over HTTPS. Nothing has to be installed,
        but Microsoft does not document that endpoint and may change it at any time.
    type: str
    choices: [powershell, admin_api]
    default: powershell
  organization:
    description:
      - The tenant's primary C(.onmicrosoft.com) domain, for O(transport=powershell).
      - If not set, it is O(tenant) where that is such a domain, else what Graph says, for which the automation identity
        needs C(Organization.Read.All).
    type: str
  managed_identity:
    description: Whether the host's managed identity signs in to Exchange. For O(transport=powershell).
    type: bool
    default: false
  managed_identity_id:
    description: Client id of a user-assigned managed identity.
    type: str
  exchange_access_token:
    description:
      - A ready access token for Exchange Online. It is used instead of a token of O(client_id).
      - A client secret or a PEM certificate of O(client_id) works with both transports, since a token is got with it. A
        PKCS#12 certificate is given to PowerShell as it is.
    type: str
  pwsh_path:
    description: Name or path of PowerShell.
    type: str
    default: pwsh
  pwsh_timeout:
    description: Seconds after which one session of PowerShell is stopped, with all that it started.
    type: float
    default: 600.0
  _script:
    description:
      - Where the script for PowerShell lies on this host. Set by this module's action plugin; whatever a task says is
        ignored.
    type: path
seealso:
  - module: placeos.office365.graph_app
  - module: placeos.office365.graph_app_check
"""

EXAMPLES = r"""
- name: PlaceOS may use the calendars of the rooms and of its service account, and no others
  placeos.office365.graph_access_policy:
    tenant: "{{ microsoft_tenant_id }}"
    client_id: "{{ microsoft_automation_client_id }}"
    certificate_path: "{{ microsoft_automation_certificate_path }}"
    organization: acme.onmicrosoft.com
    app_id: "{{ microsoft_client_id }}"
    access:
      - group: placeos-rooms@acme.example
      - group: placeos-service@acme.example
        permissions: [Calendars.ReadWrite, Mail.Send]
    members: [syd-27.01@acme.example, placeos@acme.example]
    allowed_mailboxes: [syd-27.01@acme.example, placeos@acme.example]
    denied_mailboxes: [placeos-control@acme.example]
    app:
      client_secret: "{{ microsoft_client_secret }}"
    wait: 3600

- name: The same with access policies, and without PowerShell
  placeos.office365.graph_access_policy:
    tenant: "{{ microsoft_tenant_id }}"
    client_id: "{{ microsoft_automation_client_id }}"
    client_secret: "{{ microsoft_automation_client_secret }}"
    app_id: "{{ microsoft_client_id }}"
    kind: access_policy
    transport: admin_api
    access:
      - group: placeos-rooms@acme.example
        description: PlaceOS reaches rooms and its service account only
    purge: true

- name: All mailboxes with a mark
  placeos.office365.graph_access_policy:
    tenant: acme.onmicrosoft.com
    client_id: "{{ microsoft_automation_client_id }}"
    certificate_path: /etc/ansible/automation.pfx
    certificate_passphrase: "{{ vault_automation_passphrase }}"
    app_id: "{{ microsoft_client_id }}"
    access:
      - scope: PlaceOS rooms
        scope_filter: CustomAttribute1 -eq 'PlaceOS'
"""

RETURN = r"""
access:
  description: What the application has, or would have in check mode, as far as it is in O(access).
  returned: always
  type: list
  elements: dict
  contains:
    kind:
      description: V(access_policy), V(rbac), V(scope) or V(service_principal).
      type: str
    group:
      description: Address of the group of a policy.
      type: str
    group_id:
      description: Its object id.
      type: str
    right:
      description: The policy's right.
      type: str
    description:
      description: The policy's description.
      type: str
    identity:
      description: The policy's identity in Exchange; null while it does not exist.
      type: str
    permission:
      description: Permission of a role assignment.
      type: str
    scope:
      description: For which mailboxes it is granted.
      type: str
    name:
      description: Name of the role assignment or of the scope.
      type: str
    filter:
      description: Filter of the scope.
      type: str
    app_id:
      description: Application id of the service principal; null in check mode while the application does not exist.
      type: str
    object_id:
      description: Object id of the service principal; null in check mode while it does not exist.
      type: str
changes:
  description: What was done, or would be in check mode.
  returned: always
  type: dict
  contains:
    created:
      description: What was created.
      type: list
      elements: str
    updated:
      description: What was changed.
      type: list
      elements: str
    deleted:
      description: What was removed, replaced policies included.
      type: list
      elements: str
    unchanged:
      description: What was as desired already.
      type: list
      elements: str
tests:
  description:
    - Answers of Exchange's test cmdlets. They tell what is configured, not whether it is in force.
    - Empty in check mode when something would be changed.
  returned: always
  type: list
  elements: dict
  contains:
    mailbox:
      description: The address.
      type: str
    expected:
      description: V(allowed) or V(denied).
      type: str
    result:
      description: V(granted), V(denied) or V(unknown).
      type: str
    ok:
      description: Whether it is as expected.
      type: bool
    words:
      description: What the answer rests on.
      type: str
proof:
  description: What came of real reads with the application's own credentials.
  returned: always
  type: dict
  contains:
    done:
      description: Whether mailboxes were read.
      type: bool
    ok:
      description: Whether every allowed mailbox could be read and every denied one was refused.
      type: bool
    reason:
      description: What is missing for a proof.
      type: str
    waited:
      description: Seconds until the last read.
      type: float
    wrong:
      description: Mailboxes that are not as they should be, each with address, expected, state and the server's words.
      type: list
      elements: dict
findings:
  description: What else an administrator should know. Those of severity V(warning) are shown as warnings too.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description:
        - Stable name, one of V(access_not_restricted), V(access_policies_deprecated), V(access_policies_other),
          V(admin_api_undocumented), V(both_regimes), V(control_missing), V(denied_inside), V(entra_grants_unknown),
          V(group_not_security), V(member_denied), V(member_outside), V(members_unknown), V(not_settled),
          V(other_regime_unknown), V(policies_escaped), V(rbac_nested_group), V(rbac_other_assignments), V(rbac_scope_unrecognised),
          V(rbac_unscoped_grant), V(scope_not_proved) and V(unscoped_mailbox_permission).
      type: str
    severity:
      description: V(warning) or V(info).
      type: str
    subject:
      description: What it is about.
      type: str
    message:
      description: What was found.
      type: str
    evidence:
      description: What it rests on, such as C(permissions), the names of those that defeat the scope.
      type: dict
    action:
      description: What to do about it.
      type: str
errors:
  description: What failed, as data.
  returned: on failure
  type: list
  elements: dict
"""

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.access.module import manage


def main() -> None:
    """Entry point."""
    manage()


if __name__ == "__main__":
    main()
