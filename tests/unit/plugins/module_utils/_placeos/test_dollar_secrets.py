# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in ACAEngine's settings; the encryption is a fake that does what ruby-engine's encryption.rb says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.placeos.office365.plugins.module_utils._masking import MASK
from ansible_collections.placeos.office365.plugins.module_utils._placeos import compare
from ansible_collections.placeos.office365.plugins.module_utils._placeos.dollar_secrets import (
    canonical,
    carried,
    exposed,
    hidden,
    holds_ciphertext,
    is_ciphertext,
    marked,
    merged,
    secrets,
    unprotected,
)

SECRET = "fake-s3cret"
STORED = "\x1b400$8$36$5d1f|aXY=\n|dGFn\n|ZmFrZQ==\n"
OTHER = "\x1b400$8$36$77aa|aXY=\n|dGFn\n|b3RoZXI=\n"
MERGE: dict[str, Any] = {}

NAME = st.sampled_from(["a", "b", "office"])
PLAIN = st.sampled_from([None, True, 1, 1.5, "text", "", ["x", {"k": 1}]])
PART = st.dictionaries(NAME, PLAIN, max_size=2) | st.dictionaries(NAME.map("${}".format), st.just(SECRET), max_size=2)
DOCUMENT = st.builds(
    lambda flat, nested, deep: {**flat, **{k: {**v, **({"deep": deep} if deep else {})} for k, v in nested.items()}},
    st.dictionaries(NAME, PLAIN, max_size=2) | st.dictionaries(NAME.map("${}".format), st.just(SECRET), max_size=3),
    st.dictionaries(st.sampled_from(["one", "two"]), PART, max_size=2),
    PART,
)
STORABLE = st.recursive(PLAIN | st.just(STORED), lambda inner: st.dictionaries(NAME, inner, max_size=3), max_leaves=6)


def fake_encrypted(document: Any) -> Any:
    """What the server keeps: texts under ``$`` keys encrypted, in hashes at any depth, not in arrays."""
    if not isinstance(document, dict):
        return document
    return {
        key[1:] if key.startswith("$") and isinstance(value, str) else key: (
            STORED if key.startswith("$") and isinstance(value, str) else fake_encrypted(value)
        )
        for key, value in document.items()
    }


# -- telling secrets -------------------------------------------------------------------------------------------------


def test_a_ciphertext_is_told_by_its_first_character() -> None:
    assert is_ciphertext(STORED)
    assert not any(map(is_ciphertext, ["", "text", None, 5, ["\x1b"]]))


def test_a_ciphertext_is_found_at_any_depth_of_hashes() -> None:
    assert holds_ciphertext({"a": {"b": {"c": STORED}}})
    assert not holds_ciphertext({"a": {"b": "text"}, "c": 1})


def test_secrets_are_told_by_their_path() -> None:
    document = {"$a": "1", "b": {"$c": "2", "d": "3"}, "$number": 4}
    assert secrets(document) == {"$a": "1", "b.$c": "2"}
    assert secrets(None) == {}


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        ({"$a": 5, "b": {"$c": None}, "$d": "fine"}, ["$a", "b.$c"]),
        ({"$a": {"x": "y"}}, ["$a"]),
        ({"a": [{"$b": "x"}, ["y", {"c": {"$d": "z"}}]]}, ["a[0].$b", "a[1][1].c.$d"]),
        ({"a": {"$b": "x"}, "c": ["$d"]}, []),
    ],
)
def test_what_the_server_would_store_readably_is_told(document: dict[str, Any], paths: list[str]) -> None:
    assert unprotected(document) == paths


def test_a_readable_value_in_the_place_of_a_ciphertext_is_told() -> None:
    stored = {"a": STORED, "b": {"c": STORED}, "d": "text", "e": STORED}
    assert exposed({"a": "new", "b": {"c": 5}, "d": "x", "e": None}, stored) == ["a", "b.c"]
    assert exposed({"$a": "new", "b": {"c": STORED}}, stored) == []


def test_a_document_can_be_marked_as_secret_as_a_whole() -> None:
    document = {"text": "s", "$marked": "s", "number": 1, "list": ["s"], "hash": {"k": "s"}}
    assert marked(document) == {"$text": "s", "$marked": "s", "number": 1, "list": ["s"], "hash": {"k": "s"}}


# -- carrying them along ---------------------------------------------------------------------------------------------


def test_stored_ciphertexts_take_the_places_of_secrets() -> None:
    assert carried({"$a": SECRET, "b": {"$c": SECRET}, "d": 1}, {"a": STORED, "b": {"c": OTHER}}) == {
        "a": STORED,
        "b": {"c": OTHER},
        "d": 1,
    }


@pytest.mark.parametrize("stored", [None, {}, {"a": "readable"}, {"b": STORED}])
def test_a_secret_that_is_not_encrypted_there_yet_stays_to_be_written(stored: Any) -> None:
    assert carried({"$a": SECRET}, stored) == {"$a": SECRET}


@pytest.mark.parametrize("document", [{"$a": SECRET, "a": "x"}, {"a": "x", "$a": SECRET}])
def test_beside_its_secret_a_readable_twin_does_not_count(document: dict[str, Any]) -> None:
    assert carried(document, {"a": STORED}) == {"a": STORED}
    assert merged({}, document, MERGE) == {"$a": SECRET}


@given(DOCUMENT, STORABLE)
def test_what_is_carried_compares_equal(document: dict[str, Any], stored: Any) -> None:
    assert canonical(carried(document, stored)) == canonical(document)


@given(DOCUMENT)
def test_a_document_that_was_stored_is_unchanged_as_a_whole(document: dict[str, Any]) -> None:
    stored = fake_encrypted(compare.merged(None, document))
    assert merged(stored, carried(document, stored), MERGE) == stored
    assert canonical(merged(stored, document, MERGE)) == canonical(stored)


def test_only_the_secrets_that_are_the_same_are_carried() -> None:
    stored = {"a": STORED, "b": {"c": STORED}}
    assert carried({"$a": SECRET, "b": {"$c": SECRET}}, stored, {"b.$c"}) == {"$a": SECRET, "b": {"c": STORED}}


@given(DOCUMENT, DOCUMENT)
def test_merging_twice_is_merging_once(before: dict[str, Any], document: dict[str, Any]) -> None:
    stored = fake_encrypted(compare.merged(None, before))
    once = merged(stored, document, MERGE)
    assert merged(once, document, MERGE) == once
    after = fake_encrypted(once)
    assert canonical(merged(after, document, MERGE)) == canonical(after)


@given(DOCUMENT, STORABLE)
def test_a_secret_never_stands_in_a_canonical_form(document: dict[str, Any], stored: Any) -> None:
    for form in (document, fake_encrypted(document), merged(stored, document, MERGE), carried(document, stored)):
        assert SECRET not in canonical(form)
        assert "5d1f" not in canonical(form)


# -- merging ---------------------------------------------------------------------------------------------------------


def test_a_new_secret_takes_the_place_of_the_stored_one() -> None:
    assert merged({"a": STORED, "b": OTHER, "c": 1}, {"$a": SECRET}, MERGE) == {"b": OTHER, "c": 1, "$a": SECRET}


def test_a_null_removes_a_secret() -> None:
    assert merged({"a": STORED, "b": 1}, {"a": None}, MERGE) == {"b": 1}


def test_replacing_leaves_nothing_else() -> None:
    assert merged({"a": STORED, "b": 1}, {"$c": SECRET}, {"mode": "replace"}) == {"$c": SECRET}


def test_a_secret_and_its_ciphertext_are_one_value_while_others_differ() -> None:
    assert canonical({"$a": SECRET, "b": 1}) == canonical({"b": 1.0, "a": STORED})
    assert canonical({"a": "readable"}) != canonical({"a": STORED})
    assert canonical({}) != canonical({"a": STORED})


# -- showing ---------------------------------------------------------------------------------------------------------


def test_a_document_is_shown_without_its_secrets() -> None:
    document = {"$a": SECRET, "b": {"c": STORED, "$d": SECRET}, "e": ["x"], "$number": 5}
    assert hidden(document) == {"$a": MASK, "b": {"c": MASK, "$d": MASK}, "e": ["x"], "$number": 5}


def test_a_readable_text_that_a_secret_replaces_is_not_shown() -> None:
    assert hidden({"a": "old", "b": {"c": "old", "d": 1}}, {"$a": SECRET, "b": {"$c": SECRET}}) == {
        "a": MASK,
        "b": {"c": MASK, "d": 1},
    }


@given(DOCUMENT, STORABLE)
def test_no_secret_is_ever_shown(document: dict[str, Any], stored: Any) -> None:
    for shown in (hidden(document), hidden(merged(stored, document, MERGE)), hidden(fake_encrypted(document))):
        assert SECRET not in str(shown)
        assert "5d1f" not in str(shown)
