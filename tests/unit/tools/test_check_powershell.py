# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check of PowerShell scripts finds what it is there for."""

from __future__ import annotations

import pytest
from tools.check_powershell import ROOT, SCRIPTS, faults, known_cmdlets

(SCRIPT,) = ROOT.glob(SCRIPTS)
GOOD = SCRIPT.read_text(encoding="utf-8")


def found(text: str) -> list[str]:
    return [fault.words for fault in faults(text.encode(), known_cmdlets())]


def test_the_shipped_script_is_in_order() -> None:
    assert found(GOOD) == []


@pytest.mark.parametrize(
    ("part", "broken", "words"),
    [
        ("'Get-Recipient'", "'Get-Recipeint'", "no cmdlet of the table: Get-Recipeint"),
        ("ShowBanner = $false", "ShowBaner = $false", "Connect-ExchangeOnline has no parameter ShowBaner"),
        ("'AccessToken'\n", "'AccesToken'\n", "Connect-ExchangeOnline has no parameter AccesToken"),
        ("$connection['CertificatePassword']", "$connection['Pass']", "Connect-ExchangeOnline has no parameter Pass"),
        ("-Confirm:$false 3>", "-Comfirm:$false 3>", "Disconnect-ExchangeOnline has no parameter -Comfirm"),
        ("-AsHashtable", "-AsHash", "ConvertFrom-Json has no parameter -AsHash"),
        ("-Given $identity", "-Givn $identity", "Connect-WithGivenIdentity has no parameter -Givn"),
        ("Write-Document @{ ok", "Write-Dokument @{ ok", "no function of the script: Write-Dokument"),
        ("& $Name @values", '& "$Name" @values', "something else than a variable"),
        ("& $Name @values", "& { $Name } @values", "something else than a variable"),
        ("Set-StrictMode -Version 3.0", "Invoke-Expression $x", "runs text or other programs: Invoke-Expression"),
        ("Set-StrictMode -Version 3.0", "iex $x", "runs text or other programs: iex"),
        ("Set-StrictMode -Version 3.0", "$x = [ScriptBlock]::Create($y)", "turns text into code"),
        ("Set-StrictMode -Version 3.0", "$ExecutionContext.InvokeCommand.InvokeScript($y)", "turns text into code"),
        ("exit 0\n}", "exit 0\n", "not PowerShell"),
        ("param([string] $Stage,", "param([string] $Stage", "not PowerShell"),
    ],
)
def test_a_mistake_is_found(part: str, broken: str, words: str) -> None:
    assert part in GOOD
    assert any(words in said for said in found(GOOD.replace(part, broken, 1)))
