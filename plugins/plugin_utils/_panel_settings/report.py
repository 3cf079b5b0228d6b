# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A settings document while it is looked at, and what is to be told of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

# How the server shows a text that it has encrypted; it is bound to its object and its key (ruby-engine, encryption.rb).
_CIPHERTEXT = "\x1b"


def is_omitted(value: object) -> bool:
    """Is it Ansible's placeholder ``omit``? Filters get to see it, but its type has no public name."""
    return type(value).__name__ == "_OmitType"


@dataclass(slots=True)
class Setting:
    """One value; ``dollar`` when it stands under a key with ``$``."""

    value: Any
    dollar: bool = False

    @property
    def encrypted(self) -> bool:
        """Is it what the server shows in place of the value?"""
        return isinstance(self.value, str) and self.value.startswith(_CIPHERTEXT)


@dataclass(slots=True)
class Report:
    """The settings by their names without ``$``, and the sentences about them, each beginning with the key."""

    settings: dict[str, Setting] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def warn(self, key: str, words: str) -> None:
        """What was changed, or has no effect."""
        self.warnings.append(f"{key}: {words}")

    def fault(self, key: str, words: str) -> None:
        """What only the author of the settings can mend."""
        self.faults.append(f"{key}: {words}")

    def text(self, name: str) -> str | None:
        """The text under that name, if it is one."""
        setting = self.settings.get(name)
        return str(setting.value) if setting and isinstance(setting.value, str) else None

    def document(self, first: Iterable[str] = ()) -> dict[str, Any]:
        """As it is to be stored; the names in ``first`` come first."""
        order = [name for name in first if name in self.settings]
        order += [name for name in self.settings if name not in order]
        return {f"${name}" if self.settings[name].dollar else name: self.settings[name].value for name in order}
