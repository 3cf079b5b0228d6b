# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why PowerShell did not connect: the kinds are told apart by the words that .NET and Microsoft really use."""

from __future__ import annotations

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.cmdlets import NO_ANSWER
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.exchange.connect_errors import (
    CAUSES,
    UNKNOWN,
    connect_cause,
)

INNER = "The SSL connection could not be established, see inner exception."
PROXY = "The proxy on the way refuses"
TLS = "TLS failed"
NAME = "A host name is not known"
NETWORK = "Microsoft cannot be reached"
ROLE = "no usable directory role"


@pytest.mark.parametrize(
    ("words", "kind", "advice"),
    [
        ("The proxy tunnel request to proxy 'http://proxy:3128/' failed with status code '407'.\"", "unreachable", PROXY),
        ("The proxy tunnel request to proxy 'http://proxy:3128/' failed with status code '403'.\"", "unreachable", PROXY),
        ("Response status code does not indicate success: 407 (Proxy Authentication Required).", "unreachable", PROXY),
        (INNER, "unreachable", TLS),
        ("The remote certificate is invalid according to the validation procedure.", "unreachable", TLS),
        (
            f"{INNER} - The remote certificate is invalid because of errors in the certificate chain: PartialChain",
            "unreachable", TLS,
        ),
        ("Authentication failed because the remote party has closed the transport stream.", "unreachable", TLS),
        ("Name or service not known (login.microsoftonline.com:443)", "unreachable", NAME),
        ("An error occurred while sending the request. - Resource temporarily unavailable (x:443)", "unreachable", NAME),
        ("No such host is known. (outlook.office365.com:443)", "unreachable", NAME),
        ("nodename nor servname provided, or not known (login.microsoftonline.com:443)", "unreachable", NAME),
        ("Connection refused (proxy.acme.example:3128)", "unreachable", NETWORK),
        ("No connection could be made because the target machine actively refused it.", "unreachable", NETWORK),
        ("Network is unreachable (outlook.office365.com:443)", "unreachable", NETWORK),
        ("The request was canceled due to the configured HttpClient.Timeout of 100 seconds elapsing.", "unreachable", NETWORK),
        ("One or more errors occurred. (A task was canceled.)", "unreachable", NETWORK),
        ("An error occurred while sending the request.", "unreachable", NETWORK),
        ("Response status code does not indicate success: 503 (Service Unavailable).", "unreachable", "run again"),
        (
            "The role assigned to application aaaabbbb-1111-2222-3333-ccccddddeeee isn't supported in this scenario.",
            "sign_in", ROLE,
        ),
        ("The specified network password is not correct.", "sign_in", "microsoft_automation_certificate_passphrase"),
        ("UnAuthorized", "sign_in", "graph_access_organization"),
        ("AADSTS500011: The resource principal named https://outlook.office365.com", "sign_in", "microsoft_cloud"),
        ("AADSTS7000222: The provided client secret keys are expired.", "sign_in", "has expired"),
    ],
)  # fmt: skip
def test_the_words_tell_what_to_do(words: str, kind: str, advice: str) -> None:
    found, hint = connect_cause(words)
    assert (found, advice in hint) == (kind, True), hint
    assert found in NO_ANSWER


def test_unknown_words_get_the_advice_of_the_network_and_of_the_sign_in() -> None:
    for words in ("", "no reason given", "Es konnte keine Verbindung hergestellt werden."):
        assert connect_cause(words) == ("sign_in", UNKNOWN)
    for part in ("https_proxy", "Exchange.ManageAsApp", "graph_access_organization", "outlook.office365.com"):
        assert part in UNKNOWN


def test_an_id_with_the_digits_of_a_status_is_no_status() -> None:
    assert connect_cause("Something with 40712407-1111-4407-8407-000000000407 failed")[1] == UNKNOWN


def test_words_are_compared_without_their_case() -> None:
    assert not [word for cause in CAUSES for word in cause.words if word != word.casefold()]
