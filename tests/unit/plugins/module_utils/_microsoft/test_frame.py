# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all modules for Microsoft 365 do alike: options, environment, credentials, errors."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from ansible_collections.placeos.office365.plugins.doc_fragments.microsoft import ModuleDocFragment
from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.frame import MicrosoftFrame
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.options import (
    ENVIRONMENT,
    identity_suboptions,
    microsoft_spec,
)
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in import tokens as sign_in
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.tokens import TokenError
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_entra import (
    CLIENT,
    GRAPH,
    SECRET,
    TENANT,
    FakeEntra,
    fake_jwt,
    refusal,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils.fake_http_server import Play
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import Ran, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_authority import (
        FakeCertificate,
    )

WITH_SECRET = {"tenant": TENANT, "client_id": CLIENT, "client_secret": SECRET}
PASSPHRASE = "fake-passphrase-0123"


@pytest.fixture
def play(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a module that consists of the frame and this body."""

    def start(arguments: dict[str, Any], body: Callable[[MicrosoftFrame], Any] = lambda frame: {}, **how: Any) -> Ran:
        def main() -> None:
            frame = MicrosoftFrame(how.pop("spec", {}), **how)
            try:
                result = body(frame)
            except (HttpError, TokenError) as error:
                frame.fail(error)
            frame.module.exit_json(changed=False, **result)

        ran = run(main, arguments, lambda: capsys.readouterr().out, connection={})
        assert SECRET not in ran.printed
        assert PASSPHRASE not in ran.printed
        assert "PRIVATE KEY" not in ran.printed
        return ran

    return start


def message(ran: Ran) -> str:
    assert ran.result.get("failed"), ran.printed
    return str(ran.result["msg"])


def who(frame: MicrosoftFrame) -> dict[str, Any]:
    identity = frame.identity
    return {
        "tenant": identity.tenant,
        "client_id": identity.client_id,
        "by": next(
            (name for name in ("client_secret", "certificate", "access_token") if getattr(identity, name)), None
        ),
    }


# -- documentation ---------------------------------------------------------------------------------------------------


def test_the_fragment_documents_the_options_as_they_are() -> None:
    documented = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    spec = microsoft_spec()
    assert list(documented) == list(spec)
    for name, option in spec.items():
        for key in ("type", "default", "choices", "aliases"):
            assert documented[name].get(key) == option.get(key), name
        said = " ".join(documented[name]["description"])
        assert (f"E({ENVIRONMENT.get(name)}) is used" in said) is (name in ENVIRONMENT)


def test_every_secret_option_is_marked_so() -> None:
    secrets = {"client_secret", "certificate", "certificate_passphrase", "access_token"}
    for spec in (microsoft_spec(), identity_suboptions()):
        assert {name for name, option in spec.items() if option.get("no_log")} == secrets


# -- who signs in ----------------------------------------------------------------------------------------------------


def test_the_task_says_who_signs_in(play: Any) -> None:
    ran = play(WITH_SECRET, who)
    assert (ran.result["tenant"], ran.result["client_id"], ran.result["by"]) == (TENANT, CLIENT, "client_secret")


def test_the_environment_stands_in(play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TENANT_ID", TENANT), ("CLIENT_ID", CLIENT), ("CLIENT_SECRET", SECRET)):
        monkeypatch.setenv(f"AZURE_{name}", value)
    assert play({}, who).result["by"] == "client_secret"


def test_a_certificate_file_and_its_passphrase_stand_in(
    play: Any, monkeypatch: pytest.MonkeyPatch, app_certificate: FakeCertificate, tmp_path: Path
) -> None:
    path = tmp_path / "fake.pfx"
    path.write_bytes(app_certificate.pfx(PASSPHRASE))
    monkeypatch.setenv("AZURE_CLIENT_CERTIFICATE_PATH", str(path))
    monkeypatch.setenv("AZURE_CLIENT_CERTIFICATE_PASSWORD", PASSPHRASE)
    assert play({"tenant": TENANT, "client_id": CLIENT}, who).result["by"] == "certificate"


def test_what_the_task_says_goes_before_the_environment(
    play: Any, monkeypatch: pytest.MonkeyPatch, app_certificate: FakeCertificate
) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", SECRET)
    given = {"tenant": TENANT, "client_id": CLIENT, "certificate": app_certificate.pem()}
    assert play(given, who).result["by"] == "certificate"


def test_a_ready_token_needs_no_tenant(play: Any) -> None:
    assert play({"access_token": "fake-token"}, who).result["by"] == "access_token"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {},
            "no credential: give client_secret, certificate_path, certificate or access_token (or AZURE_CLIENT_SECRET",
        ),
        ({"tenant": TENANT, "client_secret": SECRET}, "client_id is missing: client_secret needs the application"),
        (
            {"client_id": CLIENT, "client_secret": SECRET},
            "tenant (in an inventory microsoft_tenant_id) is missing, as is AZURE_TENANT_ID",
        ),
        ({**WITH_SECRET, "access_token": "fake"}, "client_secret and access_token exclude each other"),
        (
            {**WITH_SECRET, "tenant": "acme/example"},
            "tenant (in an inventory microsoft_tenant_id) must be the id or a domain",
        ),
        (
            {**WITH_SECRET, "login_url": "http://login.example"},
            "login_url (in an inventory microsoft_login_url) must be an https address such as https://login",
        ),
        (
            {**WITH_SECRET, "graph_url": "https://graph.microsoft.com/v1.0"},
            "microsoft_graph_url) must end after the host",
        ),
        (
            {**WITH_SECRET, "exchange_url": "https://me@outlook.example"},
            "microsoft_exchange_url) must be an https address",
        ),
        ({**WITH_SECRET, "graph_url": "https://["}, "microsoft_graph_url) must be an https address"),
        (
            {**WITH_SECRET, "ca_path": "/nowhere/ca.pem"},
            "microsoft_ca_path): /nowhere/ca.pem does not exist on the host",
        ),
        ({**WITH_SECRET, "max_workers": 0}, "max_workers (in an inventory microsoft_max_workers) must be at least 1"),
        (
            {"tenant": TENANT, "client_id": CLIENT, "certificate_path": "/nowhere/fake.pem"},
            "microsoft_automation_certificate_path): /nowhere/fake.pem cannot be read on the host that runs this task: No such",
        ),
        (
            {"tenant": TENANT, "client_id": CLIENT, "certificate": "fake-content"},
            "certificate cannot be used: it is neither PEM",
        ),
    ],
)
def test_an_option_that_cannot_be_used_is_named(play: Any, given: dict[str, Any], words: str) -> None:
    assert words in message(play(given))


def test_a_wrong_passphrase_names_the_file_and_the_option(
    play: Any, app_certificate: FakeCertificate, tmp_path: Path
) -> None:
    path = tmp_path / "fake.pem"
    path.write_text(app_certificate.pem(PASSPHRASE))
    ran = play(
        {"tenant": TENANT, "client_id": CLIENT, "certificate_path": str(path), "certificate_passphrase": "fake-x"}
    )
    assert message(ran) == (
        f"certificate_path ({path}) cannot be used: the passphrase does not open its private key; "
        "see certificate_passphrase (in an inventory microsoft_automation_certificate_passphrase)"
    )


def test_a_module_may_do_without_a_credential_until_it_signs_in(play: Any) -> None:
    ran = play({"tenant": TENANT}, lambda frame: {"tenant": frame.params["tenant"]}, needs_identity=False)
    assert not ran.result.get("failed")
    assert "no credential" in message(play({"tenant": TENANT}, lambda frame: frame.tokens(), needs_identity=False))


OTHER = {"app": {"type": "dict", "options": identity_suboptions()}}


def test_a_second_identity_is_of_the_same_tenant(play: Any) -> None:
    given = {**WITH_SECRET, "app": {"client_id": "fake-app", "client_secret": "fake-other-secret"}}

    def second(frame: MicrosoftFrame) -> dict[str, Any]:
        other = frame.other_identity("app")
        assert other is not None
        assert frame.tokens(other) is frame.tokens(other)
        assert frame.tokens(other) is not frame.tokens()
        return {"seen": [other.tenant, other.client_id]}

    assert play(given, second, spec=OTHER).result["seen"] == [TENANT, "fake-app"]


def test_the_environment_does_not_speak_for_a_second_identity(play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_CLIENT_SECRET", SECRET)
    given = {**WITH_SECRET, "app": {"client_id": "fake-app"}}
    ran = play(given, lambda frame: frame.other_identity("app"), spec=OTHER)
    assert message(ran) == (
        "no credential: give app.client_secret, app.certificate_path, app.certificate or app.access_token"
    )


def test_no_second_identity_is_none(play: Any) -> None:
    assert play(WITH_SECRET, lambda frame: {"none": frame.other_identity("app") is None}, spec=OTHER).result["none"]


# -- clouds and endpoints --------------------------------------------------------------------------------------------


def test_a_national_cloud_gives_a_warning_that_placeos_does_not_know_it(play: Any) -> None:
    ran = play({**WITH_SECRET, "cloud": "china"}, lambda frame: {"urls": frame.urls})
    assert "PlaceOS itself knows Microsoft's global cloud only" in ran.warnings[0]
    assert ran.result["urls"]["graph_url"] == "https://microsoftgraph.chinacloudapi.cn"
    assert not play(WITH_SECRET).warnings


def test_an_endpoint_may_be_given_with_a_slash_and_from_the_environment_without_scheme(
    play: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", "login.example:8443")
    ran = play({**WITH_SECRET, "graph_url": "https://graph.example/"}, lambda frame: {"urls": frame.urls})
    assert ran.result["urls"] == {
        "login_url": "https://login.example:8443",
        "graph_url": "https://graph.example",
        "exchange_url": "https://outlook.office365.com",
    }


def test_switching_verification_off_gives_one_warning(play: Any) -> None:
    ran = play({**WITH_SECRET, "validate_certs": False}, lambda frame: {"verify": frame.verify})
    assert ran.result["verify"] is False
    words = (
        "TLS certificates are not verified, since validate_certs (in an inventory microsoft_validate_certs) is false; "
        "give ca_path (in an inventory microsoft_ca_path) instead"
    )
    assert ran.warnings == (words,)


# -- errors ----------------------------------------------------------------------------------------------------------


def test_a_refused_sign_in_is_one_message_and_one_entry(
    play: Any, entra: FakeEntra, server_certificate: tuple[str, str]
) -> None:
    entra.plays = [Play(401, refusal(7000215, sentence="Invalid client secret provided."))]
    given = {**WITH_SECRET, "login_url": entra.server.url, "ca_path": server_certificate[0]}
    ran = play(given, lambda frame: {"token": frame.tokens().get(GRAPH)})
    assert message(ran).startswith(f"no token for application {CLIENT}: POST https://127.0.0.1")
    (entry,) = ran.result["errors"]
    assert (entry["kind"], entry["code"], entry["status"], entry["method"]) == (
        "bad_credential", "AADSTS7000215", 401, "POST",
    )  # fmt: skip


def test_a_refused_call_is_one_message_and_one_entry(
    play: Any, entra: FakeEntra, server_certificate: tuple[str, str]
) -> None:
    body = {"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges."}}
    entra.server.answer = lambda asked: Play(403, body, {"request-id": "5e6f"})
    given = {"access_token": fake_jwt(aud=GRAPH), "graph_url": entra.server.url, "ca_path": server_certificate[0]}
    ran = play(given, lambda frame: frame.graph().get("/v1.0/applications"))
    assert "answered 403: Authorization_RequestDenied: Insufficient privileges [request id 5e6f]. The app" in message(
        ran
    )
    assert ran.result["errors"][0]["kind"] == "missing_consent"


def test_a_token_that_was_got_is_never_shown(play: Any, entra: FakeEntra, server_certificate: tuple[str, str]) -> None:
    given = {**WITH_SECRET, "login_url": entra.server.url, "ca_path": server_certificate[0]}
    ran = play(given, lambda frame: {"note": f"it is {frame.tokens().get(GRAPH)}"})
    assert entra.issued
    assert entra.issued[0] not in ran.printed
    assert "********" in ran.result["note"]


def test_a_missing_library_is_named(play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "MSAL_IMPORT_ERROR", ImportError("No module named 'msal'"))
    assert "msal" in message(play(WITH_SECRET))


def test_everything_imports_without_the_libraries() -> None:
    """So that a module can say which one is missing."""
    import ansible_collections

    code = (
        "import sys\n"
        "for name in ('msal', 'requests', 'urllib3', 'cryptography'): sys.modules[name] = None\n"
        "import ansible_collections.placeos.office365.plugins.module_utils._microsoft.frame as frame\n"
        "print(frame.sign_in.MSAL_IMPORT_ERROR is not None)\n"
    )
    path = ":".join([*(str(Path(place).parent) for place in ansible_collections.__path__), *filter(None, sys.path)])
    ran = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert ran.stdout == "True\n", ran.stderr
