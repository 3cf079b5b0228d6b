# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to sign in to Microsoft 365: options of every module of the action group microsoft."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of microsoft_spec in module_utils/_microsoft/options.py."""

    DOCUMENTATION = r"""
options:
  tenant:
    description:
      - Id of the client's Entra tenant, or one of its domains, for example V(acme.onmicrosoft.com).
      - Needed unless O(access_token) is given.
      - If not set, the environment variable E(AZURE_TENANT_ID) is used.
    type: str
    aliases: [tenant_id]
  client_id:
    description:
      - Application (client) id of the application that signs in. This is not its object id.
      - If not set, the environment variable E(AZURE_CLIENT_ID) is used.
    type: str
  client_secret:
    description:
      - Value of a client secret of O(client_id). Entra shows the value once, beside an id, which is not the secret.
      - Exactly one of O(client_secret), O(certificate), O(certificate_path) and O(access_token) is used. What the task
        says goes before what the environment says.
      - This is the only credential PlaceOS itself can use. For the identity that manages Entra and Exchange prefer a
        certificate.
      - If not set, the environment variable E(AZURE_CLIENT_SECRET) is used.
    type: str
  certificate:
    description:
      - A private key and its certificate, both as PEM in one text. The key must be an RSA key.
      - Use this where the text comes from a vault, and O(certificate_path) where it lies in a file.
    type: str
  certificate_path:
    description:
      - File with a private key and its certificate, PEM or PKCS#12 (C(.pfx)), on the host that runs the task.
      - The application signs its requests with it (PS256); the key itself never leaves that host.
      - If not set, the environment variable E(AZURE_CLIENT_CERTIFICATE_PATH) is used.
    type: path
  certificate_passphrase:
    description:
      - Passphrase of the key in O(certificate) or O(certificate_path), where it is encrypted.
      - If not set, the environment variable E(AZURE_CLIENT_CERTIFICATE_PASSWORD) is used.
    type: str
  access_token:
    description:
      - A ready access token for Microsoft Graph, used as it is. It is not renewed, so that a run must end before it does.
      - Use this where a pipeline or a managed identity signs in. A token for another resource, or one that has ended,
        is refused before the first request.
    type: str
  cloud:
    description:
      - Microsoft's cloud of the tenant. GCC tenants are in V(global).
      - PlaceOS itself knows the global cloud only; another one gives a warning.
    type: str
    choices: [global, gcc-high, dod, china]
    default: global
  login_url:
    description:
      - Address of the sign-in instead of the cloud's, C(https://host[:port]) without a path. The credential goes there.
      - The resource for which a token is asked stays the cloud's.
      - If not set, the environment variable E(AZURE_AUTHORITY_HOST) is used.
    type: str
  graph_url:
    description:
      - Address of Microsoft Graph instead of the cloud's, C(https://host[:port]) without a path. The token goes there.
    type: str
  exchange_url:
    description:
      - Address of Exchange Online instead of the cloud's, C(https://host[:port]) without a path.
    type: str
  ca_path:
    description:
      - File with the certificates of the authorities to trust, where a proxy opens TLS connections on the way.
      - It goes before the environment variable E(REQUESTS_CA_BUNDLE).
    type: path
  validate_certs:
    description:
      - Whether to verify the TLS certificates of Microsoft's servers. Prefer O(ca_path) to switching this off.
    type: bool
    default: true
  timeout:
    description:
      - Seconds to wait for a connection, and for an answer.
    type: float
    default: 30.0
  retry_deadline:
    description:
      - Seconds for which a request is tried again while Microsoft limits requests (429) or is briefly unavailable
        (502, 503, 504). A C(Retry-After) is kept to.
      - A write whose answer was lost is never simply repeated.
    type: float
    default: 60.0
  max_workers:
    description:
      - How many requests may be under way at once. Exchange serves four at once per application and mailbox.
    type: int
    default: 4
notes:
  - Which permissions each part needs, and how few they can be, is told in the collection's
    C(docs/reference/microsoft-permissions.md).
  - Proxies are taken from the environment variables E(https_proxy) and E(no_proxy) of the host that runs the task.
requirements:
  - msal
  - requests
"""
