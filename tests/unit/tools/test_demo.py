# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo says of the app's scope, and what it gives its playbooks; tests/package runs its inventory."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from demo.client import furnish, read_client, write_variables
from demo.report import DemoError, show_proved
from demo.servers import Graph
from lab.microsoft.testing import running_microsoft

CLIENT = read_client()
AS_IT_SHOULD_BE = {**dict.fromkeys(CLIENT.allowed, "200"), CLIENT.denied: "403 ErrorAccessDenied"}


def test_the_proof_says_how_many_mailboxes_are_read_and_which_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    show_proved(AS_IT_SHOULD_BE, CLIENT.denied)
    said = capsys.readouterr().out
    assert "reads 43 calendars" in said
    assert f"refused {CLIENT.denied}: 403 ErrorAccessDenied" in said


@pytest.mark.parametrize(
    ("mailbox", "answer"),
    [(CLIENT.denied, "200"), (CLIENT.allowed[0], "403 ErrorAccessDenied"), (CLIENT.denied, "404 ErrorItemNotFound")],
)
def test_any_other_answer_fails_the_demo(mailbox: str, answer: str) -> None:
    with pytest.raises(DemoError, match=f"{mailbox}: {answer}"):
        show_proved({**AS_IT_SHOULD_BE, mailbox: answer}, CLIENT.denied)


def test_an_app_that_nobody_limited_reads_the_denied_mailbox_too(tmp_path: Path) -> None:
    with running_microsoft(tmp_path, tenant="empty") as server:
        graph = Graph(server.client.url, str(server.client.ca))
        furnish(graph, CLIENT)
        app = graph.control("apps", {"name": "PlaceOS", "permissions": ["Calendars.ReadWrite"]})
        graph.sign_in(server.tenant.id, app["client_id"], app["client_secret"])
        answers = {mailbox: graph.read(mailbox) for mailbox in [*CLIENT.allowed, CLIENT.denied]}
        assert answers == dict.fromkeys(answers, "200")
        assert graph.read("nobody@acme.example").startswith("404 ")


def test_nothing_is_written_beside_the_inventory(tmp_path: Path) -> None:
    urls = dict.fromkeys(("login_url", "graph_url", "exchange_url"), "https://localhost:1")
    write_variables(
        tmp_path / "lab.yml", {"placeos": {"url": "https://localhost:2"}, "microsoft": urls, "ca_file": "ca"}
    )
    written = yaml.safe_load((tmp_path / "lab.yml").read_text("utf-8"))
    assert Path(written["graph_app_secret_file"]).parent == tmp_path
