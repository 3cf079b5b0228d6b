# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do next about each kind of refusal, in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.option_names import of_all

ADVICE: Mapping[str, str] = {
    # Signing in
    "bad_credential": "The application's secret or certificate is not one of those that Entra has for it: compare the "
    "key ids and thumbprints under Certificates and secrets. An inventory has the secret of PlaceOS's app in "
    "microsoft_client_secret, that of the automation identity in microsoft_automation_client_secret. A new one needs a minute "
    "or two until all of Entra knows it.",
    "secret_id_pasted": "The client secret looks like a secret ID (a GUID): Entra shows the ID beside the value, and the "
    "value only once. Give the value (in an inventory microsoft_client_secret, for the automation identity "
    "microsoft_automation_client_secret); if it was not kept, add a new secret.",
    "unusable_certificate": "Give one file or text with the private key and its certificate: certificate, or "
    f"{of_all('certificate_path')}; besides {of_all('certificate_passphrase')} where it is encrypted.",
    "expired_credential": "The secret or certificate has expired: add a new one, give that, then remove the old one. For "
    "PlaceOS's app playbooks/rotate_secret.yml does it in this order. For the automation identity, which that playbook signs "
    "in with, an administrator does it in Entra (App registrations, Certificates and secrets); an inventory has it in "
    "microsoft_automation_client_secret.",
    "unknown_application": "Check the client id (the Application ID, not the object ID; in an inventory microsoft_client_id, "
    f"for the automation identity microsoft_automation_client_id) and {of_all('tenant')}. An application that was registered "
    "minutes ago may not be known everywhere yet.",
    "unknown_tenant": f"Check {of_all('tenant', 'cloud')}: the id is the Directory (tenant) ID in the overview of Microsoft "
    "Entra, and each national cloud has its own tenants.",
    "policy_denial": "A Conditional Access policy or another policy of the tenant refuses the sign-in; the credential is "
    "not the reason. An Entra administrator finds the policy in the sign-in logs (Service principal sign-ins), and has to let "
    "the application in from the address of this machine.",
    "application_disabled": "Ask who disabled the application, and why; then switch it on in Entra: Enterprise applications, "
    "the application, Properties, Enabled for users to sign-in.",
    "missing_service_principal": "The application is registered but has no enterprise application (service principal) "
    "in this tenant: run the role graph_app for PlaceOS's app, or grant admin consent in Entra, which creates it. Right after "
    "its creation, wait a few minutes.",
    "clock": "The clock of the machine that runs this differs from Microsoft's; set it (timedatectl, chronyc tracking).",
    # Tokens
    "token_missing": "No token was sent; this is a defect of the collection, please report it.",
    "token_invalid": "The token is not accepted: it may be cut, of another tenant or for another resource.",
    "token_expired": "The token has ended; give a new one, or give a credential, with which tokens are renewed.",
    "wrong_audience": "The token is for another resource; get one for the address named above.",
    # Answers of Graph and Exchange
    "missing_consent": "The application lacks a permission for this call, or its token is older than the grant: see "
    "which permissions are granted with admin consent, and run again a few minutes later.",
    "policy_denied": "A policy of the tenant forbids it, not a missing permission. For a mailbox: it is outside the "
    "groups of the application access policy, or the policy has not reached it yet (up to hours). For a credential: "
    "the tenant's application management policy limits its kind or life; give it a shorter one, or have this application "
    "exempted.",
    "forbidden": "The refusal has not Graph's form: it may come from a proxy or gateway on the way.",
    "mailbox_not_found": "There is no such mailbox in Exchange Online: check the address and the license; a new "
    "mailbox needs up to some hours, and one on premises cannot be reached this way.",
    "not_found": "It does not exist in this tenant, or was deleted; check the name or id.",
    "replication_lag": "Microsoft's directory has not copied an earlier change everywhere yet; run again in some minutes.",
    "conflict_refetch": "It exists already or was changed at the same time; run again, so that its present state is read.",
    "already_done": "It is as desired already.",
    "throttled": "Microsoft limits the requests; run again in some minutes. If it lasts, lower "
    f"{of_all('max_workers')}, or raise {of_all('retry_deadline')}.",
    "transient": "Microsoft's service or the way to it is disturbed; run again in some minutes.",
    "dependency_failed": "A request on which this one depends failed; see that one.",
    "schedule_error": "The schedule of one address could not be read; see the answer's entry for it.",
    "unreachable": "Check the network, the proxy variables (https_proxy, no_proxy) and, where set, "
    f"{of_all('login_url', 'graph_url', 'exchange_url')}.",
    "malformed": "What answered is not the Microsoft service: a proxy, a login page, or a wrong address in "
    f"{of_all('login_url', 'graph_url', 'exchange_url')}.",
    "client_bug": "The request itself is refused; correct the named value, or report a defect of the collection.",
}


def advice(kind: str) -> str:
    """What to do next about an error of this kind; empty for an unknown kind."""
    return ADVICE.get(kind, "")
