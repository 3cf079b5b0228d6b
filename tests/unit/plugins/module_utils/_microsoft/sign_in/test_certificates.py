# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates in the forms in which administrators keep them, and what is said about those that do not work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.certificates import (
    UnusableCertificate,
    key_pair,
)
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_authority import (
    fake_certificate,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_authority import (
        FakeCertificate,
    )

PASSPHRASE = "fake-passphrase-0123"


def test_the_certificate_of_the_key_is_taken_from_a_chain(app_certificate: FakeCertificate) -> None:
    other = fake_certificate()
    text = app_certificate.pem_key() + other.pem_certificate + app_certificate.pem_certificate
    assert key_pair(text).thumbprint == app_certificate.thumbprint.hex().upper()


def test_bag_attributes_and_windows_line_ends_do_not_matter(app_certificate: FakeCertificate) -> None:
    text = "Bag Attributes\n    localKeyID: 01\n" + app_certificate.pem()
    assert key_pair(text.replace("\n", "\r\n")).thumbprint == app_certificate.thumbprint.hex().upper()


def test_a_passphrase_that_is_not_needed_does_no_harm(app_certificate: FakeCertificate) -> None:
    assert key_pair(app_certificate.pem(), PASSPHRASE).thumbprint


def test_the_key_does_not_show_in_what_is_printed(app_certificate: FakeCertificate) -> None:
    assert "PRIVATE KEY" not in repr(key_pair(app_certificate.pem()))


UNUSABLE: dict[str, tuple[Callable[[FakeCertificate], Any], str | None, str]] = {
    "no certificate": (lambda made: made.pem_key(), None, "no certificate beside the private key"),
    "no key": (lambda made: made.pem_certificate, None, "no private key"),
    "other certificate": (
        lambda made: made.pem_key() + fake_certificate().pem_certificate, None, "does not belong to its private key",
    ),
    "no passphrase": (lambda made: made.pem(PASSPHRASE), None, "encrypted and there is no passphrase"),
    "wrong passphrase": (lambda made: made.pem(PASSPHRASE), "fake-other", "passphrase does not open its private key"),
    "PFX without passphrase": (lambda made: made.pfx(PASSPHRASE), None, "encrypted and there is no passphrase"),
    "PFX with wrong passphrase": (lambda made: made.pfx(PASSPHRASE), "fake-other", "passphrase does not open it"),
    "neither": (lambda made: b"fake-content", None, "neither PEM text nor a PKCS#12"),
    "empty": (lambda made: b"", None, "neither PEM text nor a PKCS#12"),
    "elliptic key": (
        lambda made: fake_certificate(ec.generate_private_key(ec.SECP256R1())).pem(), None, "not an RSA key",
    ),
    "cut key": (
        lambda made: made.pem_key().replace(b"\nMII", b"\nfake", 1) + made.pem_certificate, None, "key cannot be read",
    ),
    "cut certificate": (
        lambda made: made.pem_key() + made.pem_certificate.replace(b"\nMII", b"\nfake", 1), None,
        "certificate cannot be read",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", UNUSABLE)
def test_an_unusable_certificate_says_why_and_never_what_is_in_it(app_certificate: FakeCertificate, case: str) -> None:
    make, passphrase, words = UNUSABLE[case]
    with pytest.raises(UnusableCertificate) as caught:
        key_pair(make(app_certificate), passphrase)
    assert words in str(caught.value)
    for secret in (PASSPHRASE, "fake-other", "fake-content", "BEGIN"):
        assert secret not in str(caught.value)
