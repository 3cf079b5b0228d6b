# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attribute sanitising: what PlaceOS keeps of HTML in names, descriptions and tags.

The server parses the value as an HTML fragment (libxml2, forgiving) and writes the tree back, so that texts come
back escaped, tags vanish, and trailing blanks are lost. ``text`` keeps no tags, ``common`` keeps harmless ones.
Source: the "sanitise" and "zones_crud" recordings; policies of the shard straight-shoota/sanitize.
"""

from __future__ import annotations

import re
from html.entities import name2codepoint
from urllib.parse import urlsplit

BLOCK_TAGS = frozenset(
    "address article aside audio video blockquote br canvas dd div dl fieldset figcaption figure footer form h1 h2 h3 h4"
    " h5 h6 header hgroup hr noscript ol output p pre section table tfoot ul".split()
)
VOID_TAGS = frozenset("area base br col embed hr img input link meta param source track wbr".split())
RAW_TEXT_TAGS = frozenset(("script", "style"))  # their content is CDATA, which is dropped
GLOBAL_ATTRIBUTES = frozenset(("dir", "lang", "title"))  # "class" is accepted, but no class is valid
COMMON_TAGS: dict[str, frozenset[str]] = {
    **{
        name: frozenset()
        for name in (
            "abbr acronym b code em i strong br h1 h2 h3 h4 h5 h6 hr li pre ul dd details dl dt div kbd ruby rp rt s samp"
            " strike sub summary sup table tbody td tfoot th thead tr tt var"
        ).split()
    },
    "a": frozenset(("href", "hreflang")),
    "blockquote": frozenset(("cite",)),
    "del": frozenset(("cite",)),
    "ins": frozenset(("cite",)),
    "q": frozenset(("cite",)),
    "img": frozenset(("alt", "src", "longdesc", "width", "height", "align")),
    "ol": frozenset(("start",)),
    "p": frozenset(("align",)),
    "time": frozenset(("datetime",)),
}
URL_ATTRIBUTES = frozenset(("src", "href", "cite", "longdesc"))
URL_SCHEMES = frozenset(("", "http", "https", "mailto", "tel"))

PLAIN = re.compile(r'[^<>&"\r\0]*\Z')
ENTITY = re.compile(r"&(?:#(\d+)|#[xX]([0-9a-fA-F]+)|([A-Za-z][A-Za-z0-9]*));")
TAG_NAME = re.compile(r"[A-Za-z][A-Za-z0-9:_.-]*")
ATTRIBUTE = re.compile(r"""[\s/]*([^\s/>=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>]*))?""")


def decode_entities(text: str) -> str:
    """Resolve numeric and HTML 4 entities; unknown ones stay as they are."""

    def replace(match: re.Match[str]) -> str:
        decimal, hexadecimal, name = match.groups()
        if name:
            code = 39 if name == "apos" else name2codepoint.get(name, 0)
        else:
            code = int(decimal) if decimal else int(hexadecimal, 16)
        return chr(code) if 0 < code <= 0x10FFFF else match.group()

    return ENTITY.sub(replace, text)


def escape_text(text: str) -> str:
    """Escape as libxml2's writer does for text nodes."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("\r", "&#13;")


def escape_attribute(text: str) -> str:
    """Escape as libxml2's writer does for attribute values."""
    return escape_text(text).replace("\n", "&#10;").replace("\t", "&#9;")


def clean(value: str, policy: str) -> str:
    """Return ``value`` as the server stores it under a policy, "text" or "common"."""
    if PLAIN.match(value):
        return _finish(value)
    return _finish(_Writer(policy == "common").run(value.replace("\0", " ")))


def _finish(text: str) -> str:
    if not text.strip():
        return ""
    return text if text.endswith("\n") else text.rstrip()


class _Writer:
    """Reads forgiving HTML and writes the part of it which the policy keeps."""

    def __init__(self, keep_common: bool) -> None:
        self.keep_common = keep_common
        self.out: list[str] = []
        self.open: list[tuple[str, bool]] = []  # (tag, written)
        self.pending = ""  # text since the last tag
        self.after_space = True  # the last text ended with white space
        self.stripped_block = False

    def run(self, source: str) -> str:
        position = 0
        while (start := source.find("<", position)) >= 0:
            self.pending += source[position:start]
            position = self._markup(source, start)
        self.pending += source[position:]
        self._flush()
        while self.open:
            self._close(self.open[-1][0])
        return "".join(self.out)

    def _markup(self, source: str, start: int) -> int:
        """Handle what begins with "<" and return where to continue."""
        if source.startswith("<!--", start):
            end = source.find("-->", start)
            return len(source) if end < 0 else end + 3
        if source.startswith(("<!", "<?"), start):
            end = source.find(">", start)
            return len(source) if end < 0 else end + 1
        closing = source.startswith("</", start)
        name = TAG_NAME.match(source, start + (2 if closing else 1))
        if not name:
            self.pending += "<"
            return start + 1
        finish = _tag_end(source, name.end())
        if finish is None:  # an unfinished tag swallows the rest
            return len(source)
        tag = name.group().lower()
        self._flush()
        if closing:
            self._close(tag)
        else:
            self._start(tag, source[name.end() : finish])
            if tag in RAW_TEXT_TAGS:
                stop = re.compile(rf"</{tag}\s*>", re.IGNORECASE).search(source, finish)
                self._close(tag)
                return stop.end() if stop else len(source)
        return finish + 1

    def _flush(self) -> None:
        if not self.pending:
            return
        text, self.pending = decode_entities(self.pending), ""
        if self.stripped_block and not self.after_space and not text[0].isspace():
            self.out.append(" ")
        self.stripped_block = False
        self.out.append(escape_text(text))
        self.after_space = text[-1].isspace()

    def _start(self, tag: str, raw_attributes: str) -> None:
        if tag in BLOCK_TAGS and any(name == "p" for name, _attributes in self.open):
            self._close("p")  # a paragraph ends where a block begins
        if tag == "li" and self.open and self.open[-1][0] == "li":
            self._close("li")
        written = self._accepted(tag, raw_attributes)
        if written is None:
            self.stripped_block = self.stripped_block or tag in BLOCK_TAGS
        else:
            self.stripped_block = False
            self.out.append(f"<{tag}{written}")
            self.out.append("/>" if tag in VOID_TAGS else ">")
        if tag not in VOID_TAGS:
            self.open.append((tag, written is not None))

    def _close(self, tag: str) -> None:
        if not any(name == tag for name, _attributes in self.open):
            return
        while self.open:
            name, written = self.open.pop()
            if written:
                self.stripped_block = False
                if self.out[-1] == ">" and self.out[-2].startswith(f"<{name}"):
                    self.out[-1] = "/>"  # an element without content
                else:
                    self.out.append(f"</{name}>")
            elif name in BLOCK_TAGS:
                self.stripped_block = True
            if name == tag:
                return

    def _accepted(self, tag: str, raw: str) -> str | None:
        """Return the attributes to write, or None when the tag is dropped."""
        allowed = COMMON_TAGS.get(tag) if self.keep_common else None
        if allowed is None:
            return None
        kept: dict[str, str] = {}
        for name, value in ATTRIBUTE.findall(raw.rstrip("/")):
            key = name.lower()
            if key in allowed or key in GLOBAL_ATTRIBUTES:
                text = decode_entities(value[1:-1] if value[:1] in ("'", '"') else value)
                kept.setdefault(key, _safe_url(text) if key in URL_ATTRIBUTES else text)
        if tag == "a":
            if not kept.get("href"):
                return None
            kept["rel"] = "nofollow"
        if tag == "img" and "src" not in kept:
            return None
        return "".join(f' {name}="{escape_attribute(value)}"' for name, value in kept.items())


def _tag_end(source: str, position: int) -> int | None:
    quote = ""
    for index in range(position, len(source)):
        character = source[index]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'" and source[index - 1] == "=":
            quote = character
        elif character == ">":
            return index
    return None


def _safe_url(value: str) -> str:
    try:
        scheme = urlsplit(value.strip()).scheme.lower()
    except ValueError:
        return ""
    return value.strip() if scheme in URL_SCHEMES and value.strip() != "#" else ""
