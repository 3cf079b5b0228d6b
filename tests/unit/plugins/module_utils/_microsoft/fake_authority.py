# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fake certificate authority, and certificates as an administrator makes them for an application."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class FakeCertificate:
    """A self-signed certificate with its key, in all forms in which they are kept."""

    key: Any
    certificate: x509.Certificate

    def pem_key(self, passphrase: str | None = None) -> bytes:
        how = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
        return bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how))

    @property
    def pem_certificate(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def pem(self, passphrase: str | None = None) -> str:
        return (self.pem_key(passphrase) + self.pem_certificate).decode()

    def pfx(self, passphrase: str | None = None) -> bytes:
        how = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
        return pkcs12.serialize_key_and_certificates(b"fake", self.key, self.certificate, None, how)

    @property
    def thumbprint(self) -> bytes:
        return self.certificate.fingerprint(hashes.SHA256())


def fake_certificate(key: Any = None, *hosts: str) -> FakeCertificate:
    """A certificate for these hosts, or for an application; new RSA key unless given."""
    key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fake")])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    if hosts:
        names = [x509.IPAddress(ipaddress.ip_address(h)) if h[0].isdigit() else x509.DNSName(h) for h in hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return FakeCertificate(key, builder.sign(key, hashes.SHA256()))


def written(made: FakeCertificate, folder: Path) -> tuple[str, str]:
    """Paths of (certificate, key) of a fake server."""
    certificate, key = folder / "fake_server.pem", folder / "fake_server.key"
    certificate.write_bytes(made.pem_certificate)
    key.write_bytes(made.pem_key())
    return str(certificate), str(key)
