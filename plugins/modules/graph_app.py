#!/usr/bin/python
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manage the application in Entra through which PlaceOS reaches Microsoft 365."""

from __future__ import annotations

DOCUMENTATION = r"""
module: graph_app
short_description: Manage an application in Entra with its permissions, consent and client secret
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Looks after an application registration, its service principal, the application permissions it requests, the admin
    consent to them, and its client secret.
  - Everything is read and planned before the first write. Check mode and diff show that plan.
  - The order of writes is application, service principal, consent, removal of old secrets, new secret. Where consent is
    refused, an administrator can give it by hand and the next run goes on from there; no secret is made before.
  - Microsoft's directory copies changes with a delay. Errors that come of it are waited out, and what was written is
    read until three reads in a row show it.
  - A lost answer never leads to a second application, and a secret whose value was lost with the answer is removed.
  - The signed-in application needs C(Application.ReadWrite.OwnedBy) for applications that it makes or owns
    (C(Application.ReadWrite.All) for others), and for consent C(AppRoleAssignment.ReadWrite.All) with
    C(Application.Read.All). C(AppRoleAssignment.ReadWrite.All) lets it grant any permission to any application, so that
    some administrators rather consent by hand; see O(consent).
extends_documentation_fragment:
  - placeos.office365.attributes
  - placeos.office365.attributes.microsoft_group
  - placeos.office365.attributes.configuration
  - placeos.office365.microsoft
options:
  name:
    description:
      - Display name. Needed for a new application; one that is found otherwise is renamed.
      - Display names are not unique. If there are several of this name, and neither O(unique_name) nor O(app_id) tells
        which one is meant, the task fails and names them.
    type: str
  app_id:
    description:
      - Application (client) id of an existing application.
    type: str
  unique_name:
    description:
      - A name that is unique in the tenant and never changes (the property C(uniqueName)). Recommended, since with it
        an application is never made twice.
      - An application that is found otherwise gets it if it has none.
    type: str
  permissions:
    description:
      - The application permissions that the application is to have. If not set, permissions are left alone.
      - Each is the name of a permission of Microsoft Graph, such as V(Calendars.ReadWrite), or a dictionary of
        C(resource) (an application id, V(Microsoft Graph) or V(Office 365 Exchange Online)) and C(value). A dictionary
        without C(value) only puts the resource among those that O(purge) looks after.
      - Their ids are taken from what the resource itself publishes. Names it does not publish are all told at once,
        before anything is written.
      - Delegated permissions and what the application requests of other resources are kept as they are.
    type: list
    elements: raw
  consent:
    description:
      - Whether to give admin consent to the O(permissions). If V(false), the result says which are missing.
    type: bool
    default: true
  purge:
    description:
      - Whether to take away application permissions, requested or granted, that are not in O(permissions). Otherwise
        they are only reported.
      - Looks after Microsoft Graph and those resources that O(permissions) names. Delegated permissions are kept.
      - Refused where it would revoke what the application that signs in has itself, and where the application is known
        by its display name only, since that may be another one's as well.
    type: bool
    default: false
  secret:
    description:
      - The client secret that the application is to have. If not set, none is made.
      - The value of a new one is told by Entra once. With O(secret_file) it is stored there and nowhere else; otherwise
        it is in the variable that the task registers, as RV(secret.value), and the task's output is hidden. A task that
        does not register its result makes no secret. Put the value into a safe place at once.
    type: dict
    suboptions:
      name:
        description: Display name of the secret.
        type: str
        default: PlaceOS (Ansible)
      days:
        description:
          - Life of a new secret, up to two years (V(730)). Tenants often allow less.
        type: int
        default: 180
      key_id:
        description:
          - Id of the secret in use. An empty string says that none is in use yet, so that one is made.
          - If not set, and there is no O(secret_file), a secret of this name counts as the one in use.
          - Where O(secret_file) says which one is in use, that is believed.
        type: str
      previous:
        description:
          - Ids of secrets that were in use before. They are not reported as orphans.
          - What O(secret_file) says is added.
        type: list
        elements: str
        default: []
      renew:
        description:
          - When to make a new secret. V(auto) does so if there is none, if the one in use is not on the application, or
            if it ends soon. V(always) makes one in every run. V(never) makes none.
          - The old one is kept, so that nobody is locked out. Use the new one first, then remove the old one with
            O(remove_secrets).
        type: str
        choices: [auto, always, never]
        default: auto
      renew_before_days:
        description: How many days before its end a secret is renewed.
        type: float
        default: 30.0
  remove_secrets:
    description:
      - Ids of secrets to remove. An id that is not there is fine.
      - The secret in use, and the last one that is still valid, are refused.
    type: list
    elements: str
    default: []
  secret_file:
    description:
      - File on the control node for the secret, as inventory variables, encrypted with Ansible Vault and readable by its
        owner only. It gets C(microsoft_client_id), C(microsoft_client_secret), C(microsoft_client_secret_key_id),
        C(microsoft_client_secret_ends) and C(microsoft_client_secret_previous), the ids of former secrets; other
        variables and comments in it are kept.
      - Whether it can be written, and a vault password is there, is looked at before a secret is made. If storing fails
        all the same, the new secret is removed.
      - Secrets that O(remove_secrets) removes are taken out of C(microsoft_client_secret_previous).
      - A relative path starts at the playbook.
    type: path
  secret_file_vault_id:
    description:
      - Vault id to encrypt O(secret_file) with. If not set, it is that of the file, else Ansible's setting
        C(vault_encrypt_identity), and only where that is not set the run's only one.
    type: str
  state:
    description:
      - Whether the application is to exist. V(absent) needs O(app_id) or O(unique_name), deletes the registration with
        its service principal, grants and secrets, and leaves O(secret_file) alone. Entra keeps it for 30 days, in which
        an administrator can restore it.
    type: str
    choices: [present, absent]
    default: present
  replication_deadline:
    description:
      - Seconds for which each step waits for the copies of Microsoft's directory.
    type: float
    default: 120.0
  _stored:
    description:
      - What O(secret_file) holds, apart from the secret. Set by this module's action plugin; whatever a task says is
        ignored.
    type: dict
seealso:
  - module: placeos.office365.graph_app_check
  - module: placeos.office365.graph_access_policy
"""

EXAMPLES = r"""
- name: PlaceOS's application, with its secret in a vaulted file
  placeos.office365.graph_app:
    tenant: "{{ microsoft_tenant_id }}"
    client_id: "{{ microsoft_automation_client_id }}"
    certificate_path: "{{ microsoft_automation_certificate_path }}"
    name: PlaceOS
    unique_name: placeos-acme
    # Not Calendars.ReadWrite: granted here it opens every mailbox. graph_access_policy has Exchange grant it for the rooms.
    permissions:
      - User.Read.All
      - GroupMember.Read.All
      - Place.Read.All
    secret:
      days: 180
    secret_file: "{{ inventory_dir }}/host_vars/acme/microsoft_app.yml"

- name: Only what an administrator has to consent to
  placeos.office365.graph_app:
    tenant: "{{ microsoft_tenant_id }}"
    client_id: "{{ microsoft_automation_client_id }}"
    client_secret: "{{ microsoft_automation_client_secret }}"
    name: PlaceOS
    unique_name: placeos-acme
    permissions: [User.Read.All, GroupMember.Read.All, Place.Read.All]
    consent: false
  register: app

- name: The former secret goes, now that PlaceOS uses the new one
  placeos.office365.graph_app:
    tenant: "{{ microsoft_tenant_id }}"
    client_id: "{{ microsoft_automation_client_id }}"
    certificate_path: "{{ microsoft_automation_certificate_path }}"
    app_id: "{{ microsoft_client_id }}"
    remove_secrets: "{{ microsoft_client_secret_previous }}"
    secret_file: "{{ inventory_dir }}/host_vars/acme/microsoft_app.yml"
"""

RETURN = r"""
application:
  description: The application; what there is not yet (in check mode) is null.
  returned: if it is to be present
  type: dict
  contains:
    app_id:
      description: Application (client) id.
      type: str
    object_id:
      description: Object id of the registration.
      type: str
    service_principal_id:
      description: Object id of the service principal (enterprise application), which Exchange asks for.
      type: str
    display_name:
      description: Display name.
      type: str
    unique_name:
      description: Unique name.
      type: str
    enabled:
      description: Whether the service principal may sign in.
      type: bool
permissions:
  description: Names of application permissions; those of other resources than Microsoft Graph with their resource.
  returned: if it is to be present
  type: dict
  contains:
    requested:
      description: Requested by the registration. A request grants nothing.
      type: list
      elements: str
    granted:
      description: Granted by admin consent.
      type: list
      elements: str
    missing:
      description: Wanted and not granted.
      type: list
      elements: str
    excess:
      description: Requested or granted, and not wanted.
      type: list
      elements: str
secrets:
  description: The application's client secrets.
  returned: if it is to be present
  type: list
  elements: dict
  contains:
    key_id:
      description: Id of the secret.
      type: str
    name:
      description: Display name.
      type: str
    hint:
      description: Its first three characters.
      type: str
    starts:
      description: Since when it is valid.
      type: str
    ends:
      description: Until when it is valid.
      type: str
    days_left:
      description: Whole days until then; negative if it has ended.
      type: int
    in_use:
      description: Whether it is the one in use; null where that is not known.
      type: bool
orphans:
  description: Ids of secrets of the same name that are neither in use nor were before, as interrupted runs leave them.
  returned: if it is to be present
  type: list
  elements: str
obstacles:
  description:
    - What a person has to do before the application works, such as enabling it; shown as warnings too.
    - In check mode also which rights the application that signs in lacks for what is to be done, by its token.
  returned: if it is to be present
  type: list
  elements: str
secret:
  description: The new secret.
  returned: if one was made
  type: dict
  contains:
    key_id:
      description: Its id.
      type: str
    name:
      description: Its display name.
      type: str
    ends:
      description: Until when it is valid.
      type: str
    value:
      description: The secret itself, which is told this once. Not returned if it was stored in O(secret_file).
      type: str
    stored_in:
      description: The O(secret_file) that holds it now.
      type: str
changes:
  description: Names of the objects by what was done with them, or would be in check mode.
  returned: always
  type: dict
  contains:
    created:
      description: Created objects.
      type: list
      elements: str
    updated:
      description: Changed objects.
      type: list
      elements: str
    deleted:
      description: Deleted objects.
      type: list
      elements: str
    unchanged:
      description: Objects that were as desired already.
      type: list
      elements: str
errors:
  description: What failed, as data.
  returned: on failure
  type: list
  elements: dict
"""

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.module import manage


def main() -> None:
    """Entry point."""
    manage()


if __name__ == "__main__":
    main()
