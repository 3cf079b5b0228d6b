# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach a PlaceOS or ACAEngine server: options of every module of the action group placeos."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of connection_spec in module_utils/_options.py."""

    DOCUMENTATION = r"""
options:
  url:
    description:
      - Address of the server, C(https://host[:port]) without a path.
      - If not set, the environment variable E(PLACEOS_URL) is used.
    type: str
    required: true
  api_key:
    description:
      - API key of an administrator, with the scope C(public). This is the recommended way to sign in to PlaceOS v2;
        ACAEngine has no API keys.
      - If not set, the environment variable E(PLACEOS_API_KEY) is used.
    type: str
  token:
    description:
      - A bearer token.
      - If not set, the environment variable E(PLACEOS_TOKEN) is used.
    type: str
  username:
    description:
      - E-mail address of an administrator, for signing in with O(password) and O(client_id).
      - This is the way to sign in to ACAEngine. On PlaceOS v2 it serves to set up a new server; newer servers have it
        switched off.
      - If not set, the environment variable E(PLACEOS_USERNAME) is used.
    type: str
  password:
    description:
      - Password of O(username).
      - If not set, the environment variable E(PLACEOS_PASSWORD) is used.
    type: str
  client_id:
    description:
      - Id of the OAuth application to sign in through, with O(username) and O(password).
      - If not set, the environment variable E(PLACEOS_CLIENT_ID) is used.
    type: str
  host_header:
    description:
      - Host name to send where it differs from the one in O(url), for example behind a tunnel.
      - The server chooses the client's domain (authority) by it, and refuses credentials of another domain.
      - If not set, the environment variable E(PLACEOS_HOST_HEADER) is used.
    type: str
  platform:
    description:
      - Which server this is. V(auto) asks the server where the credentials do not already tell
        (only PlaceOS has API keys).
      - If not set, the environment variable E(PLACEOS_PLATFORM) is used.
    type: str
    choices: [auto, placeos, acaengine]
    default: auto
  validate_certs:
    description:
      - Whether to verify the server's TLS certificate. Prefer O(ca_path) to switching this off.
      - If not set, the environment variable E(PLACEOS_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - File with the certificates of the authorities to trust, for servers with a private certificate.
      - If not set, the environment variable E(PLACEOS_CA_PATH) is used.
    type: path
  timeout:
    description:
      - Seconds to wait for a connection, and for an answer.
      - If not set, the environment variable E(PLACEOS_TIMEOUT) is used.
    type: float
    default: 30.0
  retry_deadline:
    description:
      - Seconds for which a request is tried again while the server can't be reached, limits requests (429) or is
        briefly unavailable (502, 503, 504). A C(Retry-After) of the server is kept to.
      - A server that has not answered anything yet is given up after a few seconds.
      - A write whose answer was lost is never simply repeated; the object is looked up first.
    type: float
    default: 60.0
  index_lag:
    description:
      - Seconds by which the server's lists may lag behind its writes. ACAEngine, and PlaceOS releases before August
        2026, serve them from a search index.
      - Before something is created that the server would accept twice, the list is read again after this time.
    type: float
    default: 2.0
  max_workers:
    description:
      - How many requests may be under way at once. One system is never written by two of them.
    type: int
    default: 8
requirements:
  - requests
"""
