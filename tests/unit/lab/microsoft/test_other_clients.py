# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that know nothing of this lab sign in and read, unmodified: they decide what a real service looks like.

Those for Node are tried where Node.js and the packages of third_party.mjs are found below .build/node.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from lab.microsoft.seed import INITIAL_DOMAIN, TENANT_ID
from lab.microsoft.seed_apps import AUTOMATION_ID, PLACEOS_ID, PLACEOS_KEY, PLACEOS_SECRET
from lab.microsoft.testing import GRAPH_SCOPE, Client, Running

HERE = Path(__file__).parent
NODE_PACKAGES = HERE.parents[3] / ".build" / "node" / "node_modules"


@pytest.fixture(autouse=True)
def _trust(monkeypatch: pytest.MonkeyPatch, ms: Client) -> None:
    """Requests lets this variable win over a client's own setting."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ms.ca))
    monkeypatch.setenv("NO_PROXY", "localhost")


@pytest.fixture
def certificate(running_ms: Running) -> Path:
    file = running_ms.platform.certificate_file
    assert file is not None
    return file


def works(ms: Client, token: str) -> bool:
    return ms.get("/v1.0/organization", role=token).status == 200


@pytest.mark.parametrize("tenant", [TENANT_ID, INITIAL_DOMAIN])
def test_msal_signs_in_with_a_secret(ms: Client, tenant: str) -> None:
    msal = pytest.importorskip("msal", reason="msal is not installed")
    app = msal.ConfidentialClientApplication(
        PLACEOS_ID, authority=f"{ms.url}/{tenant}", client_credential=PLACEOS_SECRET, instance_discovery=False
    )
    assert works(ms, app.acquire_token_for_client([GRAPH_SCOPE])["access_token"])
    assert app.acquire_token_for_client([GRAPH_SCOPE])["token_source"] == "cache"


def test_msal_accepts_the_issuer(ms: Client) -> None:
    msal = pytest.importorskip("msal", reason="msal is not installed")
    app = msal.ConfidentialClientApplication(
        PLACEOS_ID, oidc_authority=f"{ms.url}/{TENANT_ID}/v2.0", client_credential=PLACEOS_SECRET
    )
    assert works(ms, app.acquire_token_for_client([GRAPH_SCOPE])["access_token"])


def test_msal_signs_in_with_a_certificate(ms: Client, certificate: Path) -> None:
    msal = pytest.importorskip("msal", reason="msal is not installed")
    text = certificate.read_text("utf-8")
    credential = {"private_key": text, "public_certificate": text[text.index("-----BEGIN CERTIFICATE") :]}
    app = msal.ConfidentialClientApplication(
        AUTOMATION_ID, authority=f"{ms.url}/{TENANT_ID}", client_credential=credential, instance_discovery=False
    )
    assert works(ms, app.acquire_token_for_client([GRAPH_SCOPE])["access_token"])


def test_msal_reports_a_wrong_secret_and_an_unknown_tenant_as_it_does_in_the_world(ms: Client) -> None:
    msal = pytest.importorskip("msal", reason="msal is not installed")
    app = msal.ConfidentialClientApplication(
        PLACEOS_ID, authority=f"{ms.url}/{TENANT_ID}", client_credential=PLACEOS_KEY, instance_discovery=False
    )
    assert app.acquire_token_for_client([GRAPH_SCOPE])["error_codes"] == [7000215]
    unknown = f"{ms.url}/99998888-7777-4666-8555-444433332222"
    with pytest.raises(ValueError, match="Unable to get authority configuration"):
        msal.ConfidentialClientApplication(
            PLACEOS_ID, authority=unknown, client_credential="x", instance_discovery=False
        )


def test_azure_identity_signs_in_with_a_secret_and_a_certificate(ms: Client, certificate: Path) -> None:
    identity = pytest.importorskip("azure.identity", reason="azure-identity is not installed")
    place = {"authority": ms.url, "disable_instance_discovery": True}
    secret = identity.ClientSecretCredential(TENANT_ID, PLACEOS_ID, PLACEOS_SECRET, **place)
    assert works(ms, secret.get_token(GRAPH_SCOPE).token)
    by_key = identity.CertificateCredential(TENANT_ID, AUTOMATION_ID, certificate_path=str(certificate), **place)
    assert works(ms, by_key.get_token(GRAPH_SCOPE).token)


def test_azure_identity_names_the_code_of_a_refusal(ms: Client) -> None:
    identity = pytest.importorskip("azure.identity", reason="azure-identity is not installed")
    errors = pytest.importorskip("azure.core.exceptions")
    wrong = identity.ClientSecretCredential(
        TENANT_ID, PLACEOS_ID, "wrong", authority=ms.url, disable_instance_discovery=True
    )
    with pytest.raises(errors.ClientAuthenticationError, match="AADSTS7000215"):
        wrong.get_token(GRAPH_SCOPE)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
@pytest.mark.skipif(not NODE_PACKAGES.is_dir(), reason=f"the packages of third_party.mjs are not below {NODE_PACKAGES}")
def test_clients_for_node_sign_in_read_page_and_batch(ms: Client, certificate: Path) -> None:
    order = {
        "packages": str(NODE_PACKAGES),
        "url": ms.url,
        "tenant": TENANT_ID,
        "app": {"id": PLACEOS_ID, "secret": PLACEOS_SECRET},
        "certified": {"id": AUTOMATION_ID, "file": str(certificate)},
    }
    done = subprocess.run(
        ["node", str(HERE / "third_party.mjs")],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={"PATH": str(Path(shutil.which("node") or "").parent), "NODE_EXTRA_CA_CERTS": str(ms.ca)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout) == {
        "msal_secret": True,
        "msal_certificate": True,
        "msal_wrong_secret": 7000215,
        "identity_secret": True,
        "identity_certificate": True,
        "graph_organization": "Acme",
        "graph_users": 281,
        "graph_batch": [200, 404],
        "graph_error": "Authorization_RequestDenied",
    }
