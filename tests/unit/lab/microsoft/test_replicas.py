# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replication: what was written is not yet known everywhere, with the errors that clients must wait out."""

from __future__ import annotations

from lab.microsoft.facts import GRAPH, role_id
from lab.microsoft.testing import Client
from lab.testing import Answer

LAG = 20


def code_of(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["error"]["code"]


def new_app(ms: Client) -> dict[str, str]:
    answer = ms.post("/v1.0/applications", {"displayName": "Fresh"}, role="automation")
    assert answer.status == 201
    return dict(answer.json)


def old_app(ms: Client) -> dict[str, str]:
    """An application that every replica has known for long."""
    made = new_app(ms)
    ms.advance(LAG + 1)
    return made


def statuses(ms: Client, path: str, times: int = 4) -> list[int]:
    return [ms.get(path, role="automation").status for _time in range(times)]


def test_reads_of_a_new_object_flap_until_every_replica_has_it(ms: Client) -> None:
    ms.signed("automation")
    ms.switch("directory-lag", seconds=LAG)
    path = f"/v1.0/applications/{new_app(ms)['id']}"
    assert statuses(ms, path) == [404, 200, 404, 200]
    ms.advance(LAG + 1)
    assert statuses(ms, path) == [200, 200, 200, 200]


def test_the_refusal_looks_like_that_of_an_object_that_does_not_exist(ms: Client) -> None:
    ms.signed("automation")
    ms.switch("directory-lag", seconds=LAG)
    answer = ms.get(f"/v1.0/applications/{new_app(ms)['id']}", role="automation")
    assert code_of(answer) == (404, "Request_ResourceNotFound")


def test_lists_and_filters_flap_too(ms: Client) -> None:
    ms.signed("automation")
    ms.switch("directory-lag", seconds=LAG)
    app = new_app(ms)
    path = f"/v1.0/applications?$filter=appId%20eq%20'{app['appId']}'"
    assert [len(ms.get(path, role="automation").json["value"]) for _time in range(4)] == [0, 1, 0, 1]


def test_a_change_is_seen_late_as_well(ms: Client) -> None:
    app = old_app(ms)
    ms.switch("directory-lag", seconds=LAG)
    path = f"/v1.0/applications/{app['id']}"
    assert ms.patch(path, {"notes": "new"}, role="automation").status == 204
    assert [ms.get(path, role="automation").json["notes"] for _time in range(4)] == [None, "new", None, "new"]


def test_a_deleted_object_lives_on_in_stale_replicas(ms: Client) -> None:
    app = old_app(ms)
    ms.switch("directory-lag", seconds=LAG)
    path = f"/v1.0/applications/{app['id']}"
    assert ms.delete(path, role="automation").status == 204
    assert statuses(ms, path) == [200, 404, 200, 404]


def test_a_service_principal_must_wait_for_its_application(ms: Client) -> None:
    ms.signed("automation")
    ms.switch("directory-lag", seconds=LAG)
    body = {"appId": new_app(ms)["appId"]}
    early = ms.post("/v1.0/servicePrincipals", body, role="automation")
    assert code_of(early) == (400, "Request_BadRequest")
    assert early.json["error"]["details"][0]["code"] == "NoBackingApplicationObject"
    ms.advance(LAG + 1)
    assert ms.post("/v1.0/servicePrincipals", body, role="automation").status == 201
    assert code_of(ms.post("/v1.0/servicePrincipals", body, role="automation")) == (
        409,
        "Request_MultipleObjectsWithSameKeyValue",
    )


def test_a_grant_must_wait_for_whom_it_is_given_to(ms: Client) -> None:
    graph = ms.get(f"/v1.0/servicePrincipals(appId='{GRAPH}')?$select=id", role="automation").json["id"]
    app = old_app(ms)
    ms.switch("directory-lag", seconds=LAG)
    principal = ms.post("/v1.0/servicePrincipals", {"appId": app["appId"]}, role="automation").json["id"]
    body = {"principalId": principal, "resourceId": graph, "appRoleId": role_id("User.Read.All")}
    own = f"/v1.0/servicePrincipals/{principal}/appRoleAssignments"
    resource = f"/v1.0/servicePrincipals/{graph}/appRoleAssignedTo"
    assert code_of(ms.post(own, body, role="automation")) == (404, "Request_ResourceNotFound")
    early = ms.post(resource, body, role="automation")
    assert (early.status, early.json["error"]["message"]) == (400, "Not a valid reference update.")
    ms.advance(LAG + 1)
    assert ms.post(own, body, role="automation").status == 201


def test_a_secret_must_wait_for_its_application_and_the_sign_in_service_for_the_secret(ms: Client) -> None:
    made = ms.app_with()
    ms.signed("automation")
    ms.switch("directory-lag", seconds=LAG)
    path = f"/v1.0/applications/{made['object_id']}/addPassword"
    secret = ms.post(path, {}, role="automation").json["secretText"]
    codes = [ms.sign_in(client_id=made["client_id"], client_secret=secret).status for _time in range(4)]
    assert codes == [401, 200, 401, 200]
    fresh = f"/v1.0/applications/{new_app(ms)['id']}/addPassword"
    assert code_of(ms.post(fresh, {}, role="automation")) == (404, "Request_ResourceNotFound")


def test_without_the_switch_everything_is_known_at_once(ms: Client) -> None:
    app = new_app(ms)
    assert statuses(ms, f"/v1.0/applications/{app['id']}") == [200] * 4
    assert ms.post("/v1.0/servicePrincipals", {"appId": app["appId"]}, role="automation").status == 201
