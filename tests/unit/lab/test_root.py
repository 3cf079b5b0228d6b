# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What belongs to no resource, after rest-api root.cr, cluster.cr and spec/controllers/root_spec.cr."""

from __future__ import annotations

import pytest
from lab.testing import Client


def test_the_versions_of_all_services_are_told(lab: Client) -> None:
    services = [row["service"] for row in lab.get("/cluster/versions", role="user").json]
    assert services == ["core", "dispatch", "frontend_loader", "rest_api", "source", "triggers"]


def test_the_core_nodes_are_for_administrators(lab: Client) -> None:
    (node,) = lab.get("/cluster").json
    assert node.keys() == {"id", "uri"}
    assert lab.get("/cluster", role="support").status == 403


def test_a_signal_needs_a_channel(lab: Client) -> None:
    assert lab.post("/signal", {}).json["parameter"] == "channel"
    assert lab.post("/signal?channel=a/b", {}).status == 200


@pytest.mark.parametrize("name", ["reindex", "backfill"])
def test_filling_the_index_again_does_nothing(lab: Client, name: str) -> None:
    assert lab.post(f"/{name}").status == 200
    assert lab.post(f"/{name}", role="support").status == 403
