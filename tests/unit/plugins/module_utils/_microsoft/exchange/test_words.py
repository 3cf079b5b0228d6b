# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cmdlets say when they fail, in both forms in which it arrives."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange import cmdlets as exchange
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import (
    CMDLETS,
    Answer,
    Command,
    ExchangeError,
    checked_rows,
    cmdlet_error,
    human_words,
    text_of,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_exchange import (
    NOT_FOUND,
    cmdlets,
    failing,
)

SCRIPT = Path(exchange.__file__).parents[3] / "plugin_utils" / "_microsoft" / "exchange_online.ps1"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (NOT_FOUND, NOT_FOUND.rpartition("|")[2]),
        ("|Microsoft.Exchange.X|a | b", "a | b"),
        ('{"Message": "Ex1|A.B|The object exists.", "TypeName": "x"}', "The object exists."),
        ('{"Message": 7}', '{"Message": 7}'),
        ("{broken", "{broken"),
        ("a filter -or | pipe", "a filter -or | pipe"),
        ("\x00\x00", ""),
    ],
)
def test_the_readable_part_is_shown(text: str, words: str) -> None:
    assert human_words(text) == words


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ((NOT_FOUND,), "not_found"),
        (("The operation couldn't be performed because object 'rg' couldn't be found.",), "not_found"),
        (
            ("The object 'CN=rg' already exists.", "Microsoft.Exchange.Data.Directory.ADObjectAlreadyExistsException"),
            "exists",
        ),
        (("x AADServicePrincipalNotFound y", "ManagementObjectNotFoundException"), "principal_not_found"),
        (("The total size of App Access Policies exceeded the limit.",), "too_many_policies"),
        (("no", "System.Management.Automation.CommandNotFoundException"), "missing_right"),
        (("UnAuthorized",), "sign_in"),
        (("something else",), "failed"),
    ],
)
def test_an_error_is_known_by_its_words_or_its_type(said: tuple[str, ...], kind: str) -> None:
    error = cmdlet_error(Command("Get-Recipient", {"Identity": "x"}), *said)
    assert error.kind == kind
    assert str(error).startswith("Get-Recipient -Identity 'x': ")


def test_no_policy_at_all_is_an_empty_list() -> None:
    assert failing().found() == ()
    with pytest.raises(ExchangeError, match="boom"):
        failing("boom").found()


def test_the_type_companions_of_a_row_are_left_out() -> None:
    row = {"Guid@data.type": "System.Guid", "Guid@odata.type": "#Guid", "Guid": "1"}
    assert checked_rows([row], "x") == [{"Guid": "1"}]
    assert checked_rows(row, "x") == [{"Guid": "1"}]
    assert checked_rows(None, "x") == []


@pytest.mark.parametrize("value", ["text", 7, [1], [None], [["a"]]])
def test_rows_of_another_kind_are_refused_in_words(value: Any) -> None:
    with pytest.raises(ExchangeError, match="expected a list of objects"):
        checked_rows(value, "Get-Recipient")


def test_fields_of_any_kind_are_read_as_text() -> None:
    row = {"a": None, "b": ["x"], "c": ["x", "y"], "d": True, "e": 7}
    assert [text_of(row, name) for name in "abcdef"] == ["", "x", "", "True", "7", ""]


def test_the_script_runs_exactly_the_cmdlets_that_the_module_sends_and_the_table_has_them_all() -> None:
    text = SCRIPT.read_text()
    listed = {
        name
        for part in ("ReadingCmdlets", "WritingCmdlets")
        for name in re.findall(r"'([\w-]+)'", text.partition(f"${part} = @(")[2].partition(")")[0])
    }
    assert listed == CMDLETS
    assert set(cmdlets()) >= CMDLETS


def test_an_answer_without_error_has_its_rows() -> None:
    assert Answer(({"a": 1},)).found() == ({"a": 1},)
