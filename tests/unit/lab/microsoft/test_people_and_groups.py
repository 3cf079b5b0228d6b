# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users, groups and the organisation: what is shown, to whom, in which pages."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest
from lab.microsoft.testing import Client
from lab.testing import Answer

ADVANCED = {"ConsistencyLevel": "eventual"}


def code_of(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["error"]["code"]


def group_id(ms: Client, mail: str) -> str:
    (row,) = ms.get(f"/v1.0/groups?$filter=mail%20eq%20'{mail}'", role="automation").json["value"]
    return str(row["id"])


def mails(answer: Answer) -> set[str]:
    return {row["mail"] for row in answer.json["value"]}


def test_a_user_shows_its_usual_properties_and_no_others(ms: Client) -> None:
    answer = ms.get("/v1.0/users/ada.byrne@acme.example", role="placeos")
    assert answer.json["@odata.context"] == "https://graph.microsoft.com/v1.0/$metadata#users/$entity"
    assert set(answer.json) - {"@odata.context"} == set(
        "businessPhones displayName givenName jobTitle mail mobilePhone officeLocation preferredLanguage surname "
        "userPrincipalName id".split()
    )


def test_a_user_is_found_by_id_and_user_principal_name_but_not_by_another_address(ms: Client) -> None:
    by_name = ms.get("/v1.0/users/Zoe.Adler@acme.onmicrosoft.com", role="placeos").json
    assert by_name["mail"] == "zoe.adler@acme.example"
    assert ms.get(f"/v1.0/users('{by_name['id']}')", role="placeos").json["mail"] == by_name["mail"]
    assert code_of(ms.get("/v1.0/users/zoe.adler@acme.example", role="placeos")) == (404, "Request_ResourceNotFound")


def test_the_filter_of_placeos_finds_either(ms: Client) -> None:
    text = "(mail eq 'ZOE.ADLER@acme.example') or (userPrincipalName eq 'ada.byrne@acme.example')"
    answer = ms.get(f"/v1.0/users?%24filter={quote(text)}", role="placeos")
    assert mails(answer) == {"zoe.adler@acme.example", "ada.byrne@acme.example"}


def test_rooms_are_users_whose_account_is_disabled(ms: Client) -> None:
    text = quote("accountEnabled eq false and startswith(mail,'syd-24')")
    answer = ms.get(f"/v1.0/users?$filter={text}&$select=mail,accountEnabled", role="placeos")
    assert "syd-24.01@acme.example" in mails(answer)
    assert {row["accountEnabled"] for row in answer.json["value"]} == {False}


def test_pages_follow_each_other_until_the_last(ms: Client) -> None:
    found: list[str] = []
    path = "/v1.0/users?$top=100&$select=id"
    pages = 0
    while path:
        answer = ms.get(path, role="placeos")
        found += [row["id"] for row in answer.json["value"]]
        link = urlsplit(answer.json.get("@odata.nextLink", ""))
        assert not link.netloc or link.netloc == "localhost"
        path = f"{link.path}?{link.query}" if link.query else ""
        pages += 1
    assert pages == 3
    assert len(found) == len(set(found)) == 281


@pytest.mark.parametrize("query", ["$skip=5", "$top=0", "$top=1000", "$top=x", "$skiptoken=nonsense", "$nonsense=1"])
def test_options_the_directory_does_not_have_are_refused(ms: Client, query: str) -> None:
    assert ms.get(f"/v1.0/users?{query}", role="placeos").status == 400


@pytest.mark.parametrize("query", ['$search="displayName:Ada"', "$count=true", "$filter=department%20ne%20'IT'"])
def test_advanced_queries_need_their_header(ms: Client, query: str) -> None:
    path = f"/v1.0/users?{query.replace(' ', '%20')}"
    assert code_of(ms.get(path, role="placeos")) == (400, "Request_UnsupportedQuery")
    more = "" if "$count" in query else "&$count=true"
    answer = ms.get(path + more, role="placeos", headers=ADVANCED)
    assert answer.status == 200
    assert answer.json["@odata.count"] >= len(answer.json["value"]) > 0


def test_users_are_counted_as_text(ms: Client) -> None:
    answer = ms.get("/v1.0/users/$count", role="placeos", headers=ADVANCED)
    assert (answer.text, answer.headers["content-type"]) == ("281", "text/plain")


def test_a_manager_is_shown_and_its_absence_is_404(ms: Client) -> None:
    answer = ms.get("/v1.0/users/ada.byrne@acme.example/manager", role="placeos")
    assert answer.json["@odata.type"] == "#microsoft.graph.user"
    assert answer.json["displayName"] == "Dana Marsh"
    assert code_of(ms.get("/v1.0/users/dana.marsh@acme.example/manager", role="placeos")) == (
        404,
        "Request_ResourceNotFound",
    )


def test_an_application_is_nobody(ms: Client) -> None:
    assert ms.get("/v1.0/me", role="placeos").status == 400
    assert ms.get("/v1.0/me/calendar", role="placeos").status == 400


def test_members_of_a_group_are_its_own_unless_nested_ones_are_asked_for(ms: Client) -> None:
    group = group_id(ms, "rooms-nested@acme.example")
    own = ms.get(f"/v1.0/groups/{group}/members", role="placeos").json["value"]
    assert {row["@odata.type"] for row in own} == {"#microsoft.graph.group"}
    path = f"/v1.0/groups/{group}/transitiveMembers/microsoft.graph.user?$top=999&$select=mail"
    assert len(ms.get(path, role="placeos").json["value"]) == 250
    short = path.replace("microsoft.graph.user", "graph.user")
    assert len(ms.get(short, role="placeos").json["value"]) == 250


def test_groups_of_a_user_include_those_around_its_groups_only_where_asked(ms: Client) -> None:
    room = "/v1.0/users/syd-24.01@acme.example"
    every = ms.get(f"{room}/transitiveMemberOf/microsoft.graph.group?$select=mail", role="placeos")
    assert mails(every) == {"rooms-syd@acme.example", "rooms-nested@acme.example", "placeos-rooms@acme.example"}
    own = ms.get(f"{room}/memberOf/microsoft.graph.group?$select=mail", role=ms.bearer_of("Directory.Read.All"))
    assert mails(own) == {"rooms-syd@acme.example", "placeos-rooms@acme.example"}


def test_who_may_not_read_users_sees_members_without_their_names(ms: Client) -> None:
    group = group_id(ms, "placeos-staff@acme.example")
    token = ms.bearer_of("GroupMember.Read.All")
    rows = ms.get(f"/v1.0/groups/{group}/members", role=token).json["value"]
    assert all(row["id"] and row["displayName"] is None and row["mail"] is None for row in rows)


@pytest.mark.parametrize(
    ("mail", "kind"),
    [
        ("placeos-rooms@acme.example", (True, True, [])),
        ("everyone@acme.example", (True, False, [])),
        ("project@acme.example", (True, False, ["Unified"])),
    ],
)
def test_kinds_of_groups_are_told_by_three_properties(
    ms: Client, mail: str, kind: tuple[bool, bool, list[str]]
) -> None:
    row = ms.get(f"/v1.0/groups/{group_id(ms, mail)}", role="placeos").json
    assert (row["mailEnabled"], row["securityEnabled"], row["groupTypes"]) == kind


def test_graph_makes_security_groups_and_leaves_those_with_mail_to_exchange(ms: Client) -> None:
    token = ms.bearer_of("Group.ReadWrite.All", "User.Read.All")
    body = {"displayName": "S", "mailNickname": "s", "mailEnabled": False, "securityEnabled": True}
    made = ms.post("/v1.0/groups", body, role=token)
    assert (made.status, made.json["mail"]) == (201, None)
    assert code_of(ms.post("/v1.0/groups", {**body, "mailEnabled": True}, role=token)) == (400, "Request_BadRequest")
    user = ms.get("/v1.0/users/ada.byrne@acme.example", role=token).json["id"]
    reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{user}"}
    path = f"/v1.0/groups/{made.json['id']}/members"
    assert ms.post(f"{path}/$ref", reference, role=token).status == 204
    assert code_of(ms.post(f"{path}/$ref", reference, role=token)) == (400, "Request_BadRequest")
    assert ms.delete(f"{path}/{user}/$ref", role=token).status == 204
    exchange = f"/v1.0/groups/{group_id(ms, 'placeos-rooms@acme.example')}/members/$ref"
    assert code_of(ms.post(exchange, reference, role=token)) == (400, "Request_BadRequest")


def test_the_organisation_is_one(ms: Client) -> None:
    (row,) = ms.get("/v1.0/organization", role="placeos").json["value"]
    assert row["displayName"] == "Acme"
    assert [domain["name"] for domain in row["verifiedDomains"] if domain["isInitial"]] == ["acme.onmicrosoft.com"]


def test_related_objects_are_shown_inside_where_asked(ms: Client) -> None:
    user = ms.get("/v1.0/users/ada.byrne@acme.example?$select=id&$expand=manager($select=mail)", role="placeos").json
    assert user["manager"] == {"@odata.type": "#microsoft.graph.user", "mail": "dana.marsh@acme.example"}
    group = group_id(ms, "placeos-rooms@acme.example")
    assert len(ms.get(f"/v1.0/groups/{group}?$expand=members", role="placeos").json["members"]) == 20
    path = "/v1.0/servicePrincipals?$expand=appRoleAssignments&$filter=displayName%20eq%20'PlaceOS%20Calendars'"
    (principal,) = ms.get(path, role="automation").json["value"]
    assert len(principal["appRoleAssignments"]) == 4
    assert code_of(ms.get("/v1.0/users?$expand=nonsense", role="placeos")) == (400, "BadRequest")
