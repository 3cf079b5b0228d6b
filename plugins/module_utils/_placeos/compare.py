# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Canonical forms of PlaceOS values: two values with one form are stored as the same by the server.

The server strips and sanitises texts, lower-cases e-mails and domains and turns "" into null (seen on the recorded
server: `R&D` comes back as `R&amp;D`, `<script>x</script>ok` as `ok`, `<br>` as `<br/>`). Here both sides are brought
to one form, instead of imitating the sanitiser; what differs only in a way that the server removes is equal.
Every function maps any value, also None, to something hashable.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

_DROPPED_WITH_CONTENT = ("script", "style")
_TAG = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>|</?[A-Za-z][^<>]*>", re.IGNORECASE | re.DOTALL)


def text(value: Any) -> Any:
    """Plain texts (names, codes): trimmed, without tags, entities decoded; "" and null are one."""
    if not isinstance(value, str):
        return value
    if "<" in value:
        value = _TAG.sub("", value)
    if "&" in value:
        value = html.unescape(value)
    # What is left of nested tags, as in <<x>>, is treated the same once more after decoding.
    if "<" in value and ">" in value:
        value = _TAG.sub("", value)
    return value.strip() or None


def stored_text(value: str) -> str:
    """A plain text as the server spells it, for look-ups that compare the stored spelling: & < > and " are escaped."""
    return html.escape(text(value) or "", quote=False).replace('"', "&quot;")


class _Markup(HTMLParser):
    """Collects texts and tags without attributes; skips the elements that the server drops with their content."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._dropping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED_WITH_CONTENT:
            self._dropping += 1
        else:
            self.parts.append(f"\0{tag}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts.append(f"\0{tag}")

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED_WITH_CONTENT:
            self._dropping = max(0, self._dropping - 1)
        elif tag not in ("br", "hr", "img"):
            self.parts.append(f"\0/{tag}")

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self.parts.append(data)


def markup(value: Any) -> Any:
    """Descriptions: common tags stay, so they count; attributes, entity spelling and dropped elements do not."""
    if not isinstance(value, str) or ("<" not in value and "&" not in value):
        return (value.strip() or None) if isinstance(value, str) else value
    parser = _Markup()
    parser.feed(value)
    parser.close()
    return "".join(parser.parts).strip() or None


def email(value: Any) -> Any:
    """E-mail addresses: trimmed and lower-cased; "" is none."""
    return (value.strip().lower() or None) if isinstance(value, str) else value


def domain(value: Any) -> Any:
    """Domains: any URL is reduced to its lower-cased host."""
    if not isinstance(value, str):
        return value
    host = urlsplit(value if "//" in value else f"//{value}").hostname or ""
    return host or None


def lower(value: Any) -> Any:
    """Names that the server stores lower-cased (folder names)."""
    return (value.strip().lower() or None) if isinstance(value, str) else value


def timezone(value: Any) -> Any:
    """Time zones; the server stores "" as UTC."""
    return "UTC" if value == "" else value


def plain(value: Any) -> Any:
    """Values stored verbatim, where "" and null are one (URIs, map ids)."""
    return None if value == "" else value


def git_uri(value: Any) -> Any:
    """Repository URIs: the ending .git, a last slash and the case of the host do not count."""
    if not isinstance(value, str) or not value:
        return None
    parts = urlsplit(value.strip())
    return parts._replace(netloc=parts.netloc.lower(), path=parts.path.rstrip("/").removesuffix(".git")).geturl()


def commit(value: Any) -> Any:
    """Commits: a short and a long hash of one commit are equal; the mark of a running recompilation does not count."""
    return value.removeprefix("RECOMPILE-")[:7].lower() if isinstance(value, str) else value


def number(value: Any) -> Any:
    """Counts and ports, 0 where absent."""
    return 0 if value is None else value


def boolean(value: Any) -> Any:
    """Flags, false where absent."""
    return bool(value)


def text_set(value: Any) -> Any:
    """Tags and features: order and repetition do not count."""
    return frozenset(text(item) for item in value or ())


def words(value: Any) -> Any:
    """Tags and features that are kept in one text, with spaces between them."""
    return frozenset(word for item in value or () for word in str(item).split())


def extras(value: Any) -> Any:
    """Features with their names; order does not count."""
    return frozenset((item.get("id"), item.get("name")) for item in value or ())


def merge_extras(current: Any, wanted: Any, values: Mapping[str, Any]) -> Any:
    """Features by their id: those that are not wanted stay as they are."""
    named = {item["id"]: item for item in [*(current or ()), *(wanted or ())]}
    return list(named.values())


def text_list(value: Any) -> Any:
    """Ordered lists of texts, ids or URLs."""
    return tuple(plain(item) for item in value or ())


def document(value: Any) -> Any:
    """Parsed YAML or JSON: key order does not count, 1 and 1.0 are one number."""
    return json.dumps(_plain_document(value), sort_keys=True, ensure_ascii=False)


def _plain_document(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain_document(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain_document(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, (int, str)):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return str(value)


def merged(current: Any, wanted: Any) -> Any:
    """JSON merge patch (RFC 7396): mappings are merged key by key, null removes a key, all else replaces."""
    if not isinstance(wanted, Mapping):
        return wanted
    result = dict(current) if isinstance(current, Mapping) else {}
    for key, value in wanted.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def merge_or_replace(current: Any, wanted: Any, values: Mapping[str, Any]) -> Any:
    """Documents with a ``mode`` beside them: merged into what is there unless the mode is replace."""
    return wanted if values.get("mode") == "replace" else merged(current, wanted)
