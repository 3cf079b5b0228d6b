# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must not be shown is not shown, in whatever form it turns up."""

from __future__ import annotations

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._engine import masking
from ansible_collections.placeos.office365.plugins.module_utils._engine.masking import Secrets, secret_names, shown
from ansible_collections.placeos.office365.plugins.plugin_utils._engine import documents

OVERRIDE = """\
{mark} Do not edit.
# Secret: OFFICE_CLIENT_SECRET, OTHER
version: "2.1"
services:
  engine:
    environment:
      INTERNAL_DOMAIN: "acme.example"
      OFFICE_CLIENT_SECRET: "a$$b \\"c\\""
    volumes:
      - "/srv/app:/home/aca-apps/ruby-engine-app"
""".replace("{mark}", masking.MARK)


@pytest.mark.parametrize(
    "said",
    ["a$b/c d", "a$$b/c d", "a%24b%2Fc%20d", "a%24b%2Fc+d"],
)
def test_a_secret_is_hidden_in_every_form(said: str) -> None:
    assert Secrets(["a$b/c d"]).hide(f"before {said} after") == "before ******** after"


def test_a_secret_within_another_is_hidden_with_it() -> None:
    assert Secrets(["abcd", "abcdefgh"]).hide("abcdefgh abcd") == "******** ********"


def test_all_values_of_an_env_file_are_hidden() -> None:
    secrets = Secrets()
    secrets.add_file("# comment\nA=value-1\nexport B='value-2'\n")
    assert secrets.hide("value-1 value-2 comment") == "******** ******** comment"


def test_of_an_override_file_those_values_are_hidden_that_it_says_are_secret() -> None:
    secrets = Secrets()
    secrets.add_file(OVERRIDE)
    assert secrets.hide('acme.example a$b "c"') == "acme.example ********"
    assert secret_names(OVERRIDE) == {"OFFICE_CLIENT_SECRET", "OTHER"}


def test_of_the_projects_settings_those_are_hidden_whose_names_tell() -> None:
    secrets = Secrets()
    secrets.add_settings("TZ=Australia/Sydney\nCB_PASS=couch-pass\nSECRET_KEY_BASE=0123456789\n")
    assert secrets.hide("Australia/Sydney couch-pass 0123456789") == "Australia/Sydney ******** ********"


def test_a_diff_shows_the_override_file_without_values_of_variables() -> None:
    text = shown(OVERRIDE, OVERRIDE.replace("acme.example", "other.example"), mark_changes=True)
    assert text.splitlines()[4:] == [
        "    environment:",
        "      INTERNAL_DOMAIN: ******** (changed)",
        "      OFFICE_CLIENT_SECRET: ********",
        "    volumes:",
        '      - "/srv/app:/home/aca-apps/ruby-engine-app"',
    ]


def test_a_diff_never_holds_a_whole_file_which_ansible_would_mask_as_the_option_s_value() -> None:
    without_variables = OVERRIDE[: OVERRIDE.index("    environment:")]
    assert without_variables not in shown(without_variables, "", mark_changes=False)


def test_a_diff_shows_nothing_of_a_file_of_somebody_else() -> None:
    assert shown("engine:\n  password: x\n", "", mark_changes=False) == "********\n********\n"


def test_both_sides_know_an_override_file_of_ours_by_the_same_words() -> None:
    assert (masking.MARK, masking.SECRET_NAMES) == (documents.MARK, documents.SECRET_NAMES)
