# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""site.yml with the Microsoft 365 side: nothing is handed over before the scope is proved, or the proof is waived."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.support.microsoft_client import DIRECTOR, GROUP, ROOMS, SERVICE, Client
from tools.check_powershell import cmdlets_for_a_person, faults
from tools.lab_process import running_lab
from tools.processes import arguments_of_descendants

UNMANAGED = ("client_manages_microsoft", "microsoft_automation_client_id", "microsoft_automation_client_secret")


@pytest.fixture(scope="module")
def of_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The client of this module's tests."""
    with running_lab(tmp_path_factory.mktemp("lab"), "--tls", "--tenant", "empty") as lab:
        yield Client(lab, tmp_path_factory.mktemp("home"))


@pytest.fixture
def client(of_module: Client) -> Client:
    """Whose tenant knows no app yet."""
    of_module.start()
    return of_module


def checked(client: Client, *permissions: str, **variables: object) -> dict[str, str]:
    """Turn the client into one whose app was made by hand, and is only checked; returns the app."""
    app = client.microsoft.made_app(name="PlaceOS", permissions=list(permissions))
    given = {name: value for name, value in client.managed().items() if name not in UNMANAGED}
    client.write(
        {
            **given,
            "client_checks_microsoft": True,
            "microsoft_client_id": app["client_id"],
            "microsoft_client_secret": app["client_secret"],
            **variables,
        }
    )
    return app


ALL = ("Calendars.ReadWrite", "User.Read.All", "GroupMember.Read.All", "Place.Read.All")


def test_from_an_empty_tenant_to_rooms_that_answer_and_no_secret_in_any_output(client: Client) -> None:
    seen: set[str] = set()
    log = client.home / "ansible.log"
    log.unlink(missing_ok=True)
    run = client.good(
        "-vvvv",
        "--diff",
        environment={"ANSIBLE_LOG_PATH": str(log)},
        watch=lambda: seen.update(arguments_of_descendants()),
    )
    kept = client.kept()
    assert client.delivered()["client_secret"] == kept["microsoft_client_secret"]
    assert client.microsoft.granted(kept["microsoft_client_id"]) == sorted(ALL[1:]), "the scoped one is Exchange's"
    assert client.key_ids() == [kept["microsoft_client_secret_key_id"]]
    assert client.file.stat().st_mode & 0o777 == 0o600
    assert client.file.read_text("utf-8").startswith("$ANSIBLE_VAULT")

    secrets = [kept["microsoft_client_secret"], client.microsoft.automation["client_secret"]]
    places = {"output": run.output, "log": log.read_text("utf-8"), "arguments": "\n".join(seen)}
    for secret in secrets:
        assert [name for name, text in places.items() if secret in text] == []
    # The inventory of this test holds the automation's own; the app's secret is in no file at all.
    left = [path for path in client.home.rglob("*") if path.is_file()]
    assert client.file in left
    assert [path for path in left if secrets[0].encode() in path.read_bytes()] == []


def test_a_second_run_changes_nothing_and_proves_the_scope_once(client: Client) -> None:
    client.good()
    before = client.file.read_bytes()
    mark = client.microsoft.mark()
    second = client.good()
    assert second.total("changed") == 0, second.output[-3000:]
    assert client.file.read_bytes() == before
    # Each role that hands the secret over asks for the proof; it is made once. One batch reads 20 mailboxes.
    assert client.microsoft.since(mark).count("POST /v1.0/$batch") == 1


def test_what_would_stop_the_run_after_the_app_is_told_before_it_is_made(client: Client) -> None:
    client.write(
        {**client.managed(), "graph_access_groups": ["unknown@acme.example"], "placeos_api_key": "api_key-none.none"}
    )
    mark = client.microsoft.mark()
    run = client.run()
    assert run.status != 0
    assert "2 check(s) of acme failed; no app was made, nor anything else" in run.output
    for words in ("unknown X-API-Key", "Exchange knows no recipient unknown@acme.example"):
        assert words in run.output
    assert [asked for asked in client.microsoft.since(mark) if "/applications" in asked] == []
    assert not client.file.exists()


def test_check_mode_runs_through_from_an_empty_tenant_and_writes_nothing(client: Client) -> None:
    for server in (client.server, client.microsoft):
        server.control("read-only", {"enabled": True})
    run = client.good("--check", "--diff")
    assert [server.control("violations", method="GET") for server in (client.server, client.microsoft)] == [[], []]
    assert "Check mode: this run would first change the app of acme" in run.output
    assert not client.file.exists()


def test_while_the_scope_is_not_in_force_the_platform_gets_no_secret_whatever_is_run(client: Client) -> None:
    client.good("--tags", "graph_app,estate")
    # The director is let in by somebody's mistake: the scope is there, and too wide.
    client.microsoft.control("groups", {"mail": GROUP, "members": [*ROOMS, SERVICE, DIRECTOR]})
    client.run("--tags", "graph_access")
    unproved = "so the platform does not get the client secret"
    for arguments, words in (
        # With graph_access Exchange's own tests say it before any read.
        ((), DIRECTOR),
        (("--tags", "booking_driver"), unproved),
        (("--tags", "domain"), unproved),
        (("--skip-tags", "graph_access"), unproved),
    ):
        refused = client.run(*arguments)
        assert refused.status != 0, arguments
        assert words in refused.output, arguments
        assert client.delivered() == {}, arguments
        assert client.server.rows("tenants") == [], arguments


def test_a_room_outside_the_scope_is_named(client: Client) -> None:
    client.microsoft.control("groups", {"mail": GROUP, "members": [ROOMS[0], SERVICE]})
    refused = client.run()
    assert refused.status != 0
    assert ROOMS[1] in refused.failure()["msg"]
    assert client.delivered() == {}


def test_a_waived_proof_hands_the_secret_over_and_says_so(client: Client) -> None:
    client.start(graph_access_waived=True, graph_access_groups=[], graph_access_denied_mailboxes=[])
    run = client.good()
    assert "WAIVED: graph_access_waived is true for acme" in run.output
    assert client.delivered()["client_secret"] == client.kept()["microsoft_client_secret"]
    assert "Calendars.ReadWrite" in client.microsoft.granted(client.kept()["microsoft_client_id"])


def test_without_a_mailbox_that_has_to_be_refused_nothing_is_done(client: Client) -> None:
    client.start(graph_access_denied_mailboxes=[])
    marks = client.server.mark(), client.microsoft.mark()
    refused = client.run()
    assert "graph_access_denied_mailboxes: is empty" in refused.failure()["msg"]
    assert client.server.since(marks[0]) + client.microsoft.since(marks[1]) == []


def printed(output: str, role: str, task: str) -> str:
    """What a task printed, as a person copies it from the terminal."""
    return output.partition(f".{role} : {task}] ")[2].partition("\n")[2].partition("ok: [acme]")[0]


def test_where_nothing_is_managed_preflight_prints_clicks_and_powershell_to_be_copied(client: Client) -> None:
    app = checked(client, *ALL[1:3])
    refused = client.run("--check", playbook="playbooks/preflight.yml")
    assert refused.status != 0
    assert refused.total("changed") == 0
    clicks = printed(refused.output, "graph_app", "What a person has to do in Microsoft Entra")
    assert "   - Place.Read.All\n" in clicks
    script = printed(refused.output, "graph_access", "What a person has to do in Exchange Online")
    assert [fault.words for fault in faults(script.encode(), cmdlets_for_a_person())] == []
    principal = client.microsoft.principal(app["client_id"])["id"]
    assert f"\n$ObjectId = '{principal}'\nNew-ServicePrincipal -AppId '{app['client_id']}' " in script
    report = printed(refused.output, "preflight", "Report")
    assert "\nSTOP    app: Place.Read.All: " in report
    assert max(map(len, report.splitlines())) < 80
    assert app["client_secret"] not in refused.output


def test_where_nothing_is_managed_site_prints_the_steps_and_hands_nothing_over(client: Client) -> None:
    app = checked(client, *ALL, graph_access_kind="access_policy")
    refused = client.run()
    assert refused.status != 0
    assert f"\nNew-ApplicationAccessPolicy -AppId '{app['client_id']}' -PolicyScopeGroupId '{GROUP}'" in refused.output
    assert f"-Identity '{DIRECTOR}'\n" in refused.output
    assert app["client_secret"] not in refused.output
    assert client.delivered() == {}


def test_an_app_that_somebody_else_has_limited_is_proved_and_handed_over(client: Client) -> None:
    app = checked(client, *ALL, graph_access_kind="access_policy")
    policy = {"kind": "access_policy", "access": [{"group": GROUP}], "transport": "admin_api"}
    client.microsoft.good("graph_access_policy", app_id=app["client_id"], **policy)
    run = client.good()
    assert client.delivered()["client_secret"] == app["client_secret"]
    assert client.microsoft.automation["client_secret"] not in run.output


def test_with_neither_switch_microsoft_is_not_spoken_to_and_one_line_says_so(client: Client) -> None:
    checked(client, *ALL, client_checks_microsoft=False)
    mark = client.microsoft.mark()
    run = client.good("--skip-tags", "verify")
    assert client.microsoft.since(mark) == []
    assert run.output.count("is neither managed nor proved here") == 1


def test_an_app_can_be_made_before_its_rooms_are_known_and_its_platform_answers(client: Client) -> None:
    client.write({name: value for name, value in client.managed().items() if name != "workplace"})
    mark = client.server.mark()
    client.good("--tags", "graph_app")
    assert client.server.since(mark) == []
    assert client.kept()["microsoft_client_secret"]


def test_a_secret_in_two_places_is_a_fault_that_names_both(client: Client) -> None:
    client.good("--tags", "graph_app")
    place = client.file.parent / "vault.yml"
    place.write_text("microsoft_client_secret: another~worthless~one\n", "utf-8")
    try:
        refused = client.run()
    finally:
        place.unlink()
    message = refused.failure()["msg"]
    assert f"microsoft_client_secret: is set in {place}, and the role graph_app keeps it in {client.file}" in message
    assert "another~worthless~one" not in refused.output


def test_a_permission_that_does_not_exist_is_a_fault_before_the_first_request(client: Client) -> None:
    client.start(graph_app_permissions=["Calendars.ReadWrite", "Contacts.Read.All"])
    mark = client.microsoft.mark()
    refused = client.run()
    assert "graph_app_permissions[1]: Contacts.Read.All does not exist" in refused.failure()["msg"]
    assert client.microsoft.since(mark) == []


def test_preflight_reports_and_writes_nothing(client: Client, tmp_path: Path) -> None:
    client.good()
    for server in (client.server, client.microsoft):
        server.control("read-only", {"enabled": True})
    ready = client.good(playbook="playbooks/preflight.yml")
    assert "acme: nothing would stop site.yml" in ready.output
    for server in (client.server, client.microsoft):
        assert server.control("violations", method="GET") == []
        server.control("read-only", {"enabled": False})

    # Anew, with an app that somebody has made: it can be seen before there is a secret of it that the scope will not hold.
    app = client.kept()["microsoft_client_id"]
    client.microsoft.good("graph_app", app_id=app, permissions=list(ALL))
    client.microsoft.control("users", {"mail": ROOMS[0], "remove": True})
    client.file.unlink()
    client.write({**client.managed(), "microsoft_client_id": app})
    refused = client.run(playbook="playbooks/preflight.yml")
    assert refused.status != 0
    report = " ".join(printed(refused.output, "preflight", "Report").split())
    assert "note app: its secret is not made yet" in report
    assert f"STOP scope in Exchange: {app}: Entra grants it Calendars.ReadWrite for every mailbox" in report
    assert f"STOP scope in Exchange: {ROOMS[0]}: " in report
