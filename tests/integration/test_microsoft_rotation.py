# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""rotate_secret.yml: killed after any of its steps, the client is never locked out, and the next run finishes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from integration.support.microsoft_client import Client
from tools.lab_process import running_lab

ROTATE = "playbooks/rotate_secret.yml"
STEPS = {
    "stored": "The secret gets a token",
    "proved": "booking_driver : Validating arguments",
    "before the driver": "Settings of the drivers, with the credentials",
    "before the staff API": "Tenant of the staff API",
    "before the rooms": "Every bookable room reads its calendar",
    "before the removal": "Former client secrets",
    "before the end": "Read what is left in the file",
}
"""What has just been done, and the task that is about to begin then."""


@pytest.fixture(scope="module")
def of_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The client of this module's tests."""
    with running_lab(tmp_path_factory.mktemp("lab"), "--tls", "--tenant", "empty") as lab:
        yield Client(lab, tmp_path_factory.mktemp("home"))


@pytest.fixture
def client(of_module: Client) -> Client:
    """Which is rolled out; anew only where the test before has left anything unfinished, as that takes its time."""
    if not is_settled(of_module):
        of_module.start()
        of_module.good()
    return of_module


def is_settled(client: Client) -> bool:
    """Is there one secret, the same one in the file, in Entra and on the platform?"""
    kept = client.kept()
    return (
        bool(kept)
        and not kept.get("microsoft_client_secret_previous")
        and client.key_ids() == [kept["microsoft_client_secret_key_id"]]
        and client.delivered().get("client_secret") == kept["microsoft_client_secret"]
    )


def rooms_answer(client: Client) -> bool:
    """Does the platform sign in, and do its rooms read their calendars?"""
    return client.platform_signs_in() and client.run(playbook="playbooks/verify.yml").status == 0


def test_a_rotation_replaces_the_secret_and_removes_only_the_old_one(client: Client) -> None:
    old = client.kept()
    foreign = client.microsoft.api(
        "POST",
        f"/v1.0/applications(appId='{old['microsoft_client_id']}')/addPassword",
        {"passwordCredential": {"displayName": "Somebody else's"}},
    ).json()["keyId"]
    run = client.good(playbook=ROTATE)
    new = client.kept()
    assert new["microsoft_client_secret_key_id"] != old["microsoft_client_secret_key_id"]
    assert sorted(client.key_ids()) == sorted([new["microsoft_client_secret_key_id"], foreign])
    assert client.delivered()["client_secret"] == new["microsoft_client_secret"]
    assert rooms_answer(client)
    for secret in (old["microsoft_client_secret"], new["microsoft_client_secret"]):
        assert secret not in run.output


@pytest.mark.parametrize("step", STEPS)
def test_killed_after_a_step_the_client_is_not_locked_out_and_the_next_run_finishes(client: Client, step: str) -> None:
    old = client.kept()["microsoft_client_secret_key_id"]
    client.killed_before(STEPS[step], ROTATE)
    assert rooms_answer(client)
    renewed = client.kept()["microsoft_client_secret_key_id"]
    assert renewed != old, "the new one was stored before it was used"

    client.good(playbook=ROTATE)
    kept = client.kept()
    # With the old one removed it is done; the next run is the next rotation.
    finished = step == "before the end"
    assert (kept["microsoft_client_secret_key_id"] != renewed) == finished, "an unfinished rotation was begun anew"
    assert client.key_ids() == [kept["microsoft_client_secret_key_id"]]
    assert not kept.get("microsoft_client_secret_previous")
    assert client.delivered()["client_secret"] == kept["microsoft_client_secret"]
    # Its rooms answered with it before the old one was removed: that ends the run otherwise.
    assert client.platform_signs_in()


def test_a_new_secret_that_gets_no_token_is_not_handed_over_and_the_old_one_stays(client: Client) -> None:
    old = client.kept()
    held = client.delivered()
    tokens = f"/{client.microsoft.tenant}/oauth2/v2.0/token"
    client.killed_before(STEPS["stored"], ROTATE)
    client.microsoft.fault(tokens, status=503, times=100)
    refused = client.run("-e", "graph_app_wait=1", "-e", "microsoft_retry_deadline=1", playbook=ROTATE)
    client.microsoft.control("faults", method="DELETE")
    assert refused.status != 0
    assert client.delivered() == held
    assert old["microsoft_client_secret_key_id"] in client.key_ids()


def test_a_secret_that_lives_long_enough_is_left_alone(client: Client) -> None:
    before = client.file.read_bytes()
    mark = client.microsoft.mark()
    run = client.good("-e", "rotate_secret_after_days=30", playbook=ROTATE)
    assert "only replaced in its last 30 days" in run.output.replace("\n", " ")
    assert client.microsoft.since(mark) == []
    assert client.file.read_bytes() == before


def test_a_room_that_does_not_answer_keeps_the_old_secret(client: Client) -> None:
    old = client.kept()["microsoft_client_secret_key_id"]
    module = next(row for row in client.server.rows("modules") if row["name"] == "Bookings")
    client.server.api("POST", f"/api/engine/v2/modules/{module['id']}/stop")
    # The role would start it again; here it does not come to that.
    refused = client.run("-e", "verify_module=Missing_1", playbook=ROTATE)
    assert refused.status != 0
    assert old in client.key_ids()
    client.good(playbook=ROTATE)
    assert old not in client.key_ids()


def test_check_mode_replaces_nothing(client: Client) -> None:
    before, keys = client.file.read_bytes(), client.key_ids()
    client.good("--check", playbook=ROTATE)
    assert (client.file.read_bytes(), client.key_ids()) == (before, keys)


def test_a_secret_that_a_person_added_is_handed_over_and_the_last_line_says_which_to_keep(client: Client) -> None:
    old = client.kept()
    path = f"/v1.0/applications(appId='{old['microsoft_client_id']}')/addPassword"
    added = client.microsoft.api("POST", path, {"passwordCredential": {"displayName": "By hand"}}).json()
    # Nobody manages it any more: the inventory has the secret itself, and the automation only reads.
    client.file.unlink()
    client.write(
        {
            **client.managed(),
            "client_manages_microsoft": False,
            "client_checks_microsoft": True,
            "microsoft_client_id": old["microsoft_client_id"],
            "microsoft_client_secret": added["secretText"],
        }
    )
    run = client.good(playbook=ROTATE)
    assert client.delivered()["client_secret"] == added["secretText"]
    last = run.output.rpartition("How it ended")[2]
    kept, _between, others = last.partition("In Entra these are valid beside it")
    assert added["keyId"] in kept
    assert old["microsoft_client_secret_key_id"] in others
    for secret in (old["microsoft_client_secret"], added["secretText"]):
        assert secret not in run.output
