# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Microsoft 365 server as a part of the lab."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from starlette.routing import Route
from starlette.types import ASGIApp

from . import control, seed, seed_apps, seed_people
from .app import Microsoft
from .outage import fault_body
from .signin.keys import pair
from .state import TOKEN_LIFETIME, Options

TENANTS = ("acme", "empty")
CERTIFICATE_FILE = "automation.pem"
SECONDS = {
    "directory-lag": "directory_lag",
    "grant-lag": "grant_lag",
    "policy-delay": "policy_delay",
    "policy-lifetime": "policy_lifetime",
}
TOGGLES = {
    "secrets-expire": "secrets_expire",
    "policy-type": "policy_type",
    "conditional-access": "conditional_access",
    "exchange-throttle": "exchange_throttle",
    "places-next-link": "places_next_link",
}


class NoWrites(Container[str]):
    """Paths whose POST is no write, or which find out by themselves: token, $batch, getSchedule, InvokeCommand."""

    ENDS = ("/oauth2/v2.0/token", "/$batch", "/getschedule", "/invokecommand")

    def __contains__(self, path: object) -> bool:
        return str(path).lower().replace("%24", "$").endswith(self.ENDS)


class MicrosoftPlatform:
    """Name, application and switches of the Microsoft 365 server. It always speaks https: clients refuse anything else."""

    name = "microsoft"
    title = "Microsoft 365"
    sign_in_paths: Container[str] = NoWrites()
    always_tls = True

    def __init__(self, options: Options | None = None, *, tenant: str = "acme", directory: Path | None = None) -> None:
        if tenant not in TENANTS:
            raise ValueError(f"the tenant is one of {', '.join(TENANTS)}")
        self.certificate_file = directory / CERTIFICATE_FILE if directory else None
        certificate = make_certificate(self.certificate_file) if self.certificate_file else None
        self._server = Microsoft(options, empty=tenant == "empty", certificate=certificate)
        self.app: ASGIApp = self._server
        self.tenant = self._server.tenant

    def reset(self) -> None:
        """Return to the seed state; tokens that were issued stay valid."""
        self.tenant.reset()

    def switch(self, name: str, value: float | bool) -> bool:
        """Turn a named fault on or off (false or 0)."""
        options = self.tenant.options
        if name in SECONDS:
            setattr(options, SECONDS[name], float(value))
        elif name in TOGGLES:
            setattr(options, TOGGLES[name], bool(value))
        elif name == "token-lifetime":
            options.token_lifetime = float(value) if value else TOKEN_LIFETIME
        else:
            return False
        return True

    def describe(self, url: str) -> dict[str, Any]:
        """Return this server's part of lab.json."""
        automation = {
            "client_id": seed_apps.AUTOMATION_ID,
            "client_secret": seed_apps.AUTOMATION_SECRET,
            "certificate_path": str(self.certificate_file) if self.certificate_file else None,
        }
        seeded = not self.tenant.empty
        return {
            "login_url": url,
            "graph_url": url,
            "exchange_url": url,
            "tenant_id": self.tenant.id,
            "tenant_domain": seed.INITIAL_DOMAIN,
            "client_id": seed_apps.PLACEOS_ID if seeded else automation["client_id"],
            "client_secret": seed_apps.PLACEOS_SECRET if seeded else automation["client_secret"],
            "mailboxes": {
                "allowed": ["syd-24.01@acme.example", seed_people.SERVICE, "ada.byrne@acme.example"] if seeded else [],
                "denied": [seed_people.DIRECTOR] if seeded else [],
            },
            "automation": automation,
            "groups": {"rooms": seed_people.ROOMS_GROUP, "staff": seed_people.STAFF_GROUP} if seeded else {},
        }

    def fault_body(self, status: int, path: str) -> Any:
        """Return what the service says with a status (tables/errors.json)."""
        return fault_body(self.tenant, status, path)

    def control_routes(self) -> list[Route]:
        """Return the control endpoints only this server has."""
        return control.routes(self.tenant)


def make_certificate(path: Path) -> bytes:
    """Write the automation application's private key and certificate; returns the certificate as DER."""
    key, certificate = pair("lab automation")
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return certificate.public_bytes(serialization.Encoding.DER)
