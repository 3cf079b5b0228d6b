# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""site.yml on inventories made for a question: a thousand rooms, and many faults at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.support.playbook import run_playbook
from integration.support.server import Server
from integration.support.site import large_workplace, room


def write_inventory(folder: Path, server: Server, workplace: dict[str, Any], **more: Any) -> Path:
    """One client, with the lab's key."""
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "placeos_api_key": server.credentials["admin"],
        "microsoft_tenant_id": "11111111-2222-3333-4444-555555555555",
        "microsoft_client_id": "66666666-7777-8888-9999-000000000000",
        "microsoft_client_secret": "worthless-secret",
        "workplace": workplace,
        **more,
    }
    path = folder / "hosts.yml"
    path.write_text(yaml.safe_dump({"all": {"hosts": {"acme": variables}}}), "utf-8")
    return path


def test_a_thousand_rooms_unchanged_take_at_most_15_reads_and_no_write(server: Server, tmp_path: Path) -> None:
    inventory = write_inventory(tmp_path, server, large_workplace(1000), placeos_index_lag=0)
    built = run_playbook(server, tmp_path, "--skip-tags", "verify", inventory=inventory)
    assert built.status == 0, built.output[-3000:]
    assert len(server.names("systems")) == 1000

    mark = server.mark()
    again = run_playbook(server, tmp_path, "--skip-tags", "verify", inventory=inventory)
    assert (again.status, again.total("changed")) == (0, 0), again.output[-3000:]
    counts = server.counts(mark)
    assert counts["writes"] == 0
    assert counts["reads"] <= 15, server.since(mark)


def test_every_fault_is_told_at_once_and_nothing_reaches_the_server(server: Server, tmp_path: Path) -> None:
    workplace = {
        "name": "Acme",
        "colour": "blue",
        "buildings": [
            {
                "name": "Sydney",
                "timezone": "Australia/Sidney",
                "levels": [
                    {
                        "name": "Level 1",
                        "rooms": [
                            {"name": "1.01", "bookable": True},
                            room("1.02", capacity="many"),
                            room("1.03", email="no address"),
                            room("1.04", features=["hologram"]),
                            room("1.02"),
                        ],
                    }
                ],
            }
        ],
    }
    inventory = write_inventory(tmp_path, server, workplace, microsoft_tenant_id="acme")
    mark = server.mark()
    refused = run_playbook(server, tmp_path, inventory=inventory)
    assert refused.status != 0
    assert server.since(mark) == []
    message = refused.failure()["msg"]
    rooms = "workplace.buildings[0].levels[0].rooms"
    for path in (
        "microsoft_tenant_id",
        "workplace.colour",
        "workplace.buildings[0].timezone",
        f"{rooms}[0].email",
        f"{rooms}[1].capacity",
        f"{rooms}[2].email",
        f"{rooms}[3].features",
        f"{rooms}[4].name",
    ):
        assert path in message, message
    assert "nothing was written" in message


@pytest.mark.parametrize("tag", ["estate", "verify"])
def test_the_faults_are_told_whichever_part_is_run(server: Server, tmp_path: Path, tag: str) -> None:
    inventory = write_inventory(tmp_path, server, {"name": "Acme", "buildings": [{"timezone": "UTC"}]})
    mark = server.mark()
    refused = run_playbook(server, tmp_path, "--tags", tag, inventory=inventory)
    assert refused.status != 0
    assert server.since(mark) == []
    assert "workplace.buildings[0].name" in refused.failure()["msg"]


def test_estate_and_verify_need_no_credentials_of_microsoft(server: Server, tmp_path: Path) -> None:
    inventory = write_inventory(tmp_path, server, large_workplace(2), microsoft_client_secret="")
    built = run_playbook(server, tmp_path, "--tags", "estate", inventory=inventory)
    assert built.status == 0, built.output[-3000:]
    mark = server.mark()
    refused = run_playbook(server, tmp_path, "--tags", "booking_driver", inventory=inventory)
    assert "microsoft_client_secret" in refused.failure()["msg"]
    assert server.since(mark) == []
