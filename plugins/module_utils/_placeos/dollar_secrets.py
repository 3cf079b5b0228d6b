# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets inside ACAEngine's settings: texts under a key that begins with ``$``.

The server encrypts such a text when it saves the object, and keeps the ciphertext under the key without ``$``
(ruby-engine lib/orchestrator/encryption.rb: in hashes at any depth, not inside arrays, texts only). It shows the
ciphertext to everybody who may read the object; sent back under the same key of the same object it stays valid.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ansible_collections.placeos.office365.plugins.module_utils._masking import MASK
from ansible_collections.placeos.office365.plugins.module_utils._placeos import compare

_CIPHERTEXT = "\x1b"
_SECRET = "(encrypted)"
_SECRET_NAME = re.compile(r"(secret|password)$", re.IGNORECASE)


def is_ciphertext(value: Any) -> bool:
    """Is this what the server shows of a secret?"""
    return isinstance(value, str) and value.startswith(_CIPHERTEXT)


def holds_ciphertext(document: Any) -> bool:
    """Does the server keep any value of a stored document to itself?"""
    if isinstance(document, Mapping):
        return any(holds_ciphertext(item) for item in document.values())
    return is_ciphertext(document)


def secrets(document: Any) -> dict[str, str]:
    """The texts of a desired document that the server would encrypt, by their path."""
    return {path: value for path, value in _dollar_keys(document, "") if isinstance(value, str)}


def unprotected(document: Any) -> list[str]:
    """Paths of ``$`` keys whose values the server would store as they are: no texts, or inside lists."""
    paths = [path for path, value in _dollar_keys(document, "") if not isinstance(value, str)]
    return paths + [path for path, _value in _dollar_keys_in_lists(document, "")]


def _dollar_keys(document: Any, above: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(document, Mapping):
        return
    for key, value in document.items():
        if str(key).startswith("$"):
            yield f"{above}{key}", value
        else:
            yield from _dollar_keys(value, f"{above}{key}.")


def _dollar_keys_in_lists(document: Any, above: str) -> Iterator[tuple[str, Any]]:
    if isinstance(document, Mapping):
        for key, value in document.items():
            yield from _dollar_keys_in_lists(value, f"{above}{key}.")
    elif isinstance(document, (list, tuple)):
        for position, item in enumerate(document):
            here = f"{above.rstrip('.')}[{position}]."
            yield from _dollar_keys(item, here)
            yield from _dollar_keys_in_lists(item, here)


def exposed(document: Any, stored: Any, above: str = "") -> list[str]:
    """Paths of values that are encrypted on the server, and that a desired document would store readably."""
    if not isinstance(document, Mapping) or not isinstance(stored, Mapping):
        return []
    found = []
    for key, value in document.items():
        here = stored.get(key)
        if is_ciphertext(here) and value is not None and value != here:
            found.append(f"{above}{key}")
        else:
            found.extend(exposed(value, here, f"{above}{key}."))
    return found


def readable(document: Any, above: str = "") -> list[str]:
    """Paths of texts that stand readable in a stored document although they are secrets by their name."""
    if not isinstance(document, Mapping):
        return []
    found = []
    for key, value in document.items():
        found.extend([f"{above}{key}"] if _named_secret(key, value) else readable(value, f"{above}{key}."))
    return found


def _named_secret(key: Any, value: Any) -> bool:
    named = not str(key).startswith("$") and _SECRET_NAME.search(str(key))
    return bool(named and value and isinstance(value, str) and not is_ciphertext(value))


def marked(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document whose top-level texts are all secrets."""
    return {
        f"${key}" if isinstance(value, str) and not str(key).startswith("$") else key: value
        for key, value in document.items()
    }


def carried(document: Any, stored: Any, same: Collection[str] | None = None, above: str = "") -> Any:
    """A desired document with the stored ciphertexts in the places of its secrets, where there are any.

    same: the paths of the secrets that this is right for; all of them without it.
    """
    if not isinstance(document, Mapping):
        return document
    known = stored if isinstance(stored, Mapping) else {}
    result: dict[str, Any] = {}
    for key, value in _without_twins(document).items():
        plain = str(key).removeprefix("$")
        if plain != key and isinstance(value, str) and is_ciphertext(known.get(plain)):
            if same is None or f"{above}{key}" in same:
                result[plain] = known[plain]
            else:
                result[key] = value
        else:
            result[key] = carried(value, known.get(key), same, f"{above}{key}.")
    return result


def merged(current: Any, wanted: Any, values: Mapping[str, Any]) -> Any:
    """As compare.merge_or_replace, with ``$key`` taking the place of ``key``."""
    return _without_twins(compare.merge_or_replace(current, wanted, values))


def _without_twins(document: Any) -> Any:
    if not isinstance(document, Mapping):
        return document
    return {key: _without_twins(value) for key, value in document.items() if f"${key}" not in document}


def hidden(document: Any, after: Any = None) -> Any:
    """A document for showing: without secrets, without what is one by its name, and without what one replaces."""
    if not isinstance(document, Mapping):
        return MASK if is_ciphertext(document) else document
    later = after if isinstance(after, Mapping) else {}
    return {
        key: MASK
        if f"${key}" in later or (str(key).startswith("$") and isinstance(value, str)) or _named_secret(key, value)
        else hidden(value, later.get(key))
        for key, value in document.items()
    }


def canonical(document: Any) -> Any:
    """The canonical form of a document; a secret, written or stored, is one value: whether it is new, others decide."""
    return compare.document(_veiled(document))


def _veiled(document: Any) -> Any:
    if not isinstance(document, Mapping):
        return document
    result = {}
    for key, value in document.items():
        if is_ciphertext(value) or (str(key).startswith("$") and isinstance(value, str)):
            result["$" + str(key).removeprefix("$")] = _SECRET
        else:
            result[str(key)] = _veiled(value)
    return result
