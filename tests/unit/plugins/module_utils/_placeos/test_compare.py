# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Canonical forms, held against what the real server stored."""

from __future__ import annotations

import html
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.placeos.office365.plugins.module_utils._placeos import compare

# What was sent as a zone's name or description -> what came back. Recorded from PlaceOS rest-api of August 2026.
RECORDED_NAMES: list[tuple[str, str]] = [
    ("R&D Lab", "R&amp;D Lab"),
    ("A &amp; B", "A &amp; B"),
    ("5 < 6", "5 &lt; 6"),
    ("x > y", "x &gt; y"),
    ('"quoted"', "&quot;quoted&quot;"),
    ("it's", "it's"),
    ("<script>x</script>ok", "ok"),
    ("a  b", "a  b"),
    ("tab\there", "tab\there"),
    ("line\nbreak", "line\nbreak"),
    ("é", "é"),
    ("  padded  ", "padded"),
    ("  padded  ", "  padded"),  # the answer to a PUT: only a create trims both ends
    ("&lt;b&gt;", "&lt;b&gt;"),
    ("100% sure", "100% sure"),
    ("a\u00a0b", "a\u00a0b"),
    ("emoji \U0001f600", "emoji \U0001f600"),
    ("C:\\path", "C:\\path"),
    ("<<x>>", "&lt;&gt;"),
    ("a&b;c", "a&amp;b;c"),
]
RECORDED_DESCRIPTIONS: list[tuple[str, str]] = [
    ("a & b", "a &amp; b"),
    ("a < b", "a &lt; b"),
    ("<i>x</i>", "<i>x</i>"),
    ('"q"', "&quot;q&quot;"),
    ("it's", "it's"),
    ("line\nbreak", "line\nbreak"),
    ("a&nbsp;b", "a\u00a0b"),
    ("https://x.org/?a=1&b=2", "https://x.org/?a=1&amp;b=2"),
    ("<p>p</p><br>", "<p>p</p><br/>"),
    ("- list\n- b", "- list\n- b"),
    ("x > y", "x &gt; y"),
    ("© 2020 \u2014 \u201cq\u201d", "© 2020 \u2014 \u201cq\u201d"),
]
# What the recorded server tells apart.
DIFFERENT_NAMES: list[tuple[str, str]] = [
    ("R&D Lab", "RD Lab"),
    ("a  b", "a b"),
    ("a\u00a0b", "a b"),
    ("Level 1", "level 1"),
    ("é", "e"),
    ("line\nbreak", "line break"),
    ('"quoted"', "quoted"),
    ("5 < 6", "5 > 6"),
]
DIFFERENT_DESCRIPTIONS: list[tuple[str, str]] = [
    ("<i>x</i>", "x"),
    ("<i>x</i>", "<b>x</b>"),
    ("<p>a</p><p>b</p>", "<p>ab</p>"),
    ("a<br>b", "ab"),
    ("a & b", "a b"),
]


@pytest.mark.parametrize(("sent", "stored"), RECORDED_NAMES)
def test_a_name_equals_what_the_server_made_of_it(sent: str, stored: str) -> None:
    assert compare.text(sent) == compare.text(stored)


@pytest.mark.parametrize(("sent", "stored"), RECORDED_DESCRIPTIONS)
def test_a_description_equals_what_the_server_made_of_it(sent: str, stored: str) -> None:
    assert compare.markup(sent) == compare.markup(stored)


@pytest.mark.parametrize(("one", "other"), DIFFERENT_NAMES)
def test_names_that_the_server_tells_apart_differ(one: str, other: str) -> None:
    assert compare.text(one) != compare.text(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT_DESCRIPTIONS)
def test_descriptions_that_the_server_tells_apart_differ(one: str, other: str) -> None:
    assert compare.markup(one) != compare.markup(other)


def test_recorded_names_stay_apart_from_each_other() -> None:
    forms = {compare.text(stored) for sent, stored in RECORDED_NAMES}
    assert len(forms) == len({stored.strip() for sent, stored in RECORDED_NAMES})


def test_descriptions_lose_scripts_styles_and_attributes() -> None:
    assert compare.markup("<script>alert(1)</script><style>b</style>ok") == "ok"
    assert compare.markup('<p class="x">a</p>') == compare.markup("<p>a</p>")
    assert compare.markup("a<hr/>b") == compare.markup("a<hr>b")


@pytest.mark.parametrize("canon", [compare.text, compare.markup, compare.email, compare.lower, compare.plain])
def test_an_empty_text_is_null(canon: Any) -> None:
    assert canon("") is None
    assert canon(None) is None


@pytest.mark.parametrize("canon", [compare.text, compare.markup, compare.email, compare.lower])
def test_a_text_of_blanks_is_null(canon: Any) -> None:
    assert canon(" \t ") is None


# -- other values ----------------------------------------------------------------------------------------------------


def test_emails_are_compared_in_lower_case() -> None:
    assert compare.email(" Room.One@Example.ORG ") == "room.one@example.org"


def test_of_a_domain_only_the_host_counts() -> None:
    """Recorded: a domain created as https://Acme.Example.ORG:8443/path is stored as acme.example.org."""
    assert (
        compare.domain("https://Acme.Example.ORG:8443/path") == compare.domain("acme.example.org") == "acme.example.org"
    )
    assert compare.domain("acme.example.org") != compare.domain("acme2.example.org")
    assert compare.domain("") is None
    assert compare.domain(None) is None


def test_an_empty_time_zone_is_utc() -> None:
    assert compare.timezone("") == compare.timezone("UTC")
    assert compare.timezone(None) != compare.timezone("UTC")
    assert compare.timezone("Europe/Berlin") == "Europe/Berlin"


def test_folder_names_are_compared_in_lower_case() -> None:
    assert compare.lower(" Drivers ") == compare.lower("drivers")


def test_map_ids_keep_their_case_and_blanks() -> None:
    assert compare.plain("Area-1") != compare.plain("area-1")
    assert compare.plain(" a") != compare.plain("a")


@pytest.mark.parametrize(
    "same",
    [
        "https://github.com/PlaceOS/drivers",
        "https://github.com/PlaceOS/drivers.git",
        "https://github.com/PlaceOS/drivers/",
        " https://GitHub.com/PlaceOS/drivers.git ",
    ],
)
def test_one_repository_has_many_spellings(same: str) -> None:
    assert compare.git_uri(same) == "https://github.com/PlaceOS/drivers"


def test_other_repositories_are_others() -> None:
    assert compare.git_uri("https://github.com/PlaceOS/drivers") != compare.git_uri(
        "https://github.com/placeos/drivers"
    )
    assert compare.git_uri("https://a.example/x") != compare.git_uri("https://b.example/x")
    assert compare.git_uri("") is None


def test_a_short_hash_of_a_commit_is_the_long_one() -> None:
    long = "0f8a6a3d1c2b3a4f5e6d7c8b9a0f1e2d3c4b5a69"
    assert compare.commit(long) == compare.commit("0F8A6A3") == compare.commit(f"RECOMPILE-{long}")
    assert compare.commit(long) != compare.commit("1f8a6a3")
    assert compare.commit(None) is None


def test_absent_counts_and_flags_are_zero_and_false() -> None:
    assert compare.number(None) == compare.number(0)
    assert compare.number(1) != compare.number(0)
    assert compare.boolean(None) == compare.boolean(False)
    assert compare.boolean(True) != compare.boolean(False)


def test_absent_lists_are_empty() -> None:
    assert compare.text_set(None) == compare.text_set([])
    assert compare.text_list(None) == compare.text_list([])


def test_tags_are_compared_as_the_server_stores_them() -> None:
    assert compare.text_set(["R&D", "org"]) == compare.text_set(["org", "R&amp;D", "org"])
    assert compare.text_set(["org"]) != compare.text_set(["building"])


def test_documents_differ_by_values_and_not_by_the_order_of_keys() -> None:
    assert compare.document({"a": 1, "b": [1, 2]}) == compare.document({"b": (1, 2), "a": 1.0})
    assert compare.document({"a": [1, 2]}) != compare.document({"a": [2, 1]})
    assert compare.document({"a": None}) != compare.document({})
    assert compare.document({"a": True}) != compare.document({"a": 1})
    assert compare.document({"a": "1"}) != compare.document({"a": 1})
    assert compare.document({1: "x"}) == compare.document({"1": "x"})


@pytest.mark.parametrize(
    ("current", "patch", "result"),
    [
        # From the table in appendix A of RFC 7396.
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_documents_are_merged_as_the_standard_says(current: Any, patch: Any, result: Any) -> None:
    assert compare.merged(current, patch) == result


def test_merging_changes_neither_of_its_arguments() -> None:
    current, patch = {"a": {"b": 1}}, {"a": {"c": 2}}
    compare.merged(current, patch)
    assert (current, patch) == ({"a": {"b": 1}}, {"a": {"c": 2}})


# -- properties ------------------------------------------------------------------------------------------------------

FRAGMENTS = ["Level", "1", " ", "&", " < ", " > ", '"', "'", "é", "&amp;", "<b>", "</b>", "<br>", "<script>x</script>"]
TEXTS = st.lists(st.sampled_from(FRAGMENTS), max_size=8).map("".join)


@given(TEXTS)
def test_what_the_server_would_store_of_a_canonical_text_has_that_form_again(value: str) -> None:
    canonical = compare.text(value)
    assert compare.text(html.escape(canonical or "", quote=True)) == canonical


@given(st.text(max_size=20) | st.none())
@pytest.mark.parametrize(
    "canon", [compare.email, compare.lower, compare.plain, compare.timezone, compare.commit, compare.document]
)
def test_a_canonical_form_is_its_own(canon: Any, value: str | None) -> None:
    once = canon(value)
    if canon is not compare.document:
        assert canon(once) == once
    assert hash(once) == hash(canon(value))


@given(st.from_regex(r"https://[a-zA-Z]{1,5}\.example/[a-zA-Z]{1,5}(\.git)?/?", fullmatch=True))
def test_a_canonical_repository_uri_is_its_own(uri: str) -> None:
    assert compare.git_uri(compare.git_uri(uri)) == compare.git_uri(uri)


@given(st.from_regex(r"(https?://)?[a-zA-Z]{1,8}\.example(:[1-9]\d{1,3})?(/[a-z]*)?", fullmatch=True))
def test_a_canonical_domain_is_its_own(value: str) -> None:
    assert compare.domain(compare.domain(value)) == compare.domain(value)


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.text(), max_size=3)))
@pytest.mark.parametrize("canon", [compare.text, compare.markup, compare.plain, compare.document])
def test_every_value_has_a_hashable_form_or_is_a_list_left_as_it_is(canon: Any, value: Any) -> None:
    form = canon(value)
    assert isinstance(form, list) or isinstance(hash(form), int)


@pytest.mark.parametrize("value", [["a", "b"], ["b", "a", "a"], ["b a"], [" a", "b "], ("a", "b")])
def test_words_are_a_set_however_they_are_spaced(value: Any) -> None:
    assert compare.words(value) == {"a", "b"}


@pytest.mark.parametrize("value", [None, [], [""], [" "]])
def test_no_words_are_an_empty_set(value: Any) -> None:
    assert compare.words(value) == frozenset()


def test_features_are_compared_with_their_names_in_any_order() -> None:
    vc, wb = {"id": "vc", "name": "Video"}, {"id": "wb", "name": "Board"}
    assert compare.extras([vc, wb]) == compare.extras([wb, vc])
    assert compare.extras([vc]) != compare.extras([{**vc, "name": "Other"}])
    assert compare.extras(None) == compare.extras([])


@given(
    st.lists(st.fixed_dictionaries({"id": st.sampled_from("abc"), "name": st.sampled_from("xyz")}), max_size=4),
    st.lists(st.fixed_dictionaries({"id": st.sampled_from("abc"), "name": st.sampled_from("xyz")}), max_size=4),
)
def test_merged_features_hold_all_ids_once_with_the_wanted_names(
    current: list[dict[str, str]], wanted: list[dict[str, str]]
) -> None:
    merged = compare.merge_extras(current, wanted, {})
    names = {item["id"]: item["name"] for item in merged}
    assert len(names) == len(merged)
    assert names == {item["id"]: item["name"] for item in [*current, *wanted]}
    assert compare.extras(compare.merge_extras(merged, wanted, {})) == compare.extras(merged)
