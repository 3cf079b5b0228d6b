# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call of a cmdlet, and what the cmdlets share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import opath
from .encoding import Row
from .errors import refused
from .recipients import Recipient, Recipients
from .scopes import properties_of

if TYPE_CHECKING:
    from ..state import Tenant
    from .state import Exchange

DEFAULT_RESULTS = 1000
"""Rows of a Get cmdlet without -ResultSize."""
MORE = (
    "There are more results available than are currently displayed. To view them, increase the value for the ResultSize"
    " parameter."
)


@dataclass
class Call:
    """A cmdlet's parameters and where it works; warnings are collected."""

    tenant: Tenant
    given: dict[str, Any]
    warnings: list[str] = field(default_factory=list)

    @property
    def exchange(self) -> Exchange:
        """The configuration of Exchange."""
        return self.tenant.exchange

    @property
    def recipients(self) -> Recipients:
        """The recipients of the tenant."""
        return Recipients(self.tenant)

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter as text."""
        value = self.given.get(name)
        return default if value is None else str(value)

    @property
    def identity(self) -> str:
        """The parameter -Identity."""
        return self.text("Identity")

    @property
    def rehearsal(self) -> bool:
        """-WhatIf was given: nothing is to be changed. That InvokeCommand honours it is inferred."""
        return bool(self.given.get("WhatIf"))

    def unchanged(self, name: str) -> None:
        """Warn that a Set cmdlet had nothing to do (recorded sentence)."""
        self.warnings.append(f"The command completed successfully but no settings of '{name}' have been modified.")

    def limited(self, rows: Sequence[Any]) -> list[Any]:
        """Return as many rows as -ResultSize allows, with the usual warning when there are more."""
        size = self.given.get("ResultSize", DEFAULT_RESULTS)
        if size == "Unlimited" or len(rows) <= int(size):
            return list(rows)
        self.warnings.append(MORE)
        return list(rows[: int(size)])

    def chosen(self, among: frozenset[str] | None) -> list[Recipient]:
        """Return the recipients that -Identity, -RecipientTypeDetails, -Anr and -Filter leave of certain types."""
        if self.identity:
            found = [self.recipients.get(self.identity, among=among)]
        else:
            found = [one for one in self.recipients if among is None or one.details in among]
        details = self.given.get("RecipientTypeDetails")
        if details:
            found = [one for one in found if one.details in details]
        anr = self.text("Anr").lower()
        if anr:
            found = [one for one in found if any(part.startswith(anr) for part in _words(one))]
        if self.text("Filter"):
            wanted = parsed(self.text("Filter"))
            found = [one for one in found if wanted(properties_of(self.tenant, one))]
        return self.limited(found)


def _words(one: Recipient) -> list[str]:
    return [word.lower() for word in (one.alias, one.name, one.address, *one.display_name.split(), one.display_name)]


def parsed(text: str) -> opath.Filter:
    """Return a recipient filter; raises CmdletError for one that does not parse."""
    try:
        return opath.parse(text)
    except opath.BadFilter as problem:
        raise refused(
            f'Cannot bind parameter \'Filter\' to the target. Exception setting "Filter": "{problem}"'
        ) from None


Handler = Callable[[Call], list[Row]]
