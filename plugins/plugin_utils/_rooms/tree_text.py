# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A YAML text that is changed in few places and keeps every other character: comments, order, quotes, line ends.

The text is read with the parser that Ansible reads it with, which says where each part stands; only the parts that
change are written. Reading a text into objects and writing it anew would reformat what people have written by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from . import scalars
from .known import ImportFault, Path, spell

_MERGE = "tag:yaml.org,2002:merge"

Edit = tuple[int, int, str]
Items = Sequence[Mapping[str, Any] | scalars.Raw]


class TreeText:
    """The text of a variables file, its value, and the changes that are to be made."""

    def __init__(self, text: str, where: str) -> None:
        self.text = text
        self.where = where
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.edits: list[Edit] = []
        try:
            self._loader = _Loader(text)
            self.root = self._loader.get_single_node()
        except yaml.YAMLError as error:
            raise ImportFault(f"{where} is not YAML that can be read: {error}") from None
        if self.root is not None and _is_null(self.root):
            self.root = None
        if self.root is not None and not isinstance(self.root, MappingNode):
            raise ImportFault(f"{where} holds no variables: it must be a mapping with the key workplace")
        self._seen: set[int] = set()
        self._shared: set[int] = set()
        if self.root is not None:
            self._count(self.root)

    def value(self) -> dict[str, Any]:
        """All variables of the file, unevaluated."""
        return {} if self.root is None else dict(self._value(self.root))

    def set_key(self, path: Path, key: str, value: Any) -> None:
        """Write a value of the mapping at that path: a new key behind one that is there, or in place of the old one."""
        mapping = self._mapping(path)
        pair = _pair(mapping, key)
        if pair and not _is_null(pair[1]):
            self._replace(pair[1], scalars.scalar(value))
        elif pair:
            start = self._behind_colon(pair[0])
            self.edits.append((start, max(start, pair[1].end_mark.index), f" {scalars.scalar(value)}"))
        elif mapping.flow_style:
            end = self._pair_end(*mapping.value[-1])
            self.edits.append((end, end, f", {key}: {scalars.scalar(value)}"))
        else:
            anchor_key, anchor = self._one_line_pair(mapping, path)
            line = " " * anchor_key.start_mark.column + f"{key}: {scalars.scalar(value)}"
            end = self._line_end(max(anchor.end_mark.index, anchor_key.end_mark.index))
            self.edits.append((end, end, self.newline + line))

    def append(self, path: Path, key: str, items: Items) -> None:
        """Add items to the list under a key of the mapping at that path; raw ones are as :meth:`cut` gave them."""
        mapping = self._mapping(path)
        pair = _pair(mapping, key)
        if pair is None:
            self._append_key(mapping, key, items)
        elif _is_null(pair[1]) or (isinstance(pair[1], SequenceNode) and not pair[1].value):
            self._check_shared(pair[1], (*path, key))
            self._fill_empty(mapping, *pair, items)
        elif isinstance(pair[1], SequenceNode):
            self._check_shared(pair[1], (*path, key))
            self._extend(pair[1], items)
        else:
            raise ImportFault(f"{spell((*path, key))} is not written as a list in {self.where}")

    def add_variable(self, key: str, fields: Mapping[str, Any]) -> None:
        """Add a variable at the end of the file, or give a value to one that has none."""
        lines = [f"{key}:", *(f"  {line}" for line in scalars.block(fields))]
        pair = _pair(self.root, key) if isinstance(self.root, MappingNode) else None
        if pair:
            end = self._line_end(max(pair[1].end_mark.index, pair[0].end_mark.index))
            self.edits.append((pair[0].start_mark.index, pair[1].end_mark.index, f"{key}:"))
            self.edits.append((end, end, "".join(self.newline + line for line in lines[1:])))
            return
        before = self.text if not self.text or self.text.endswith("\n") else self.text + self.newline
        self.edits.append((0, len(self.text), before + self.newline.join(lines) + self.newline))

    def movable(self, path: Path) -> bool:
        """Does the item of a list stand on lines of its own?"""
        try:
            parent, item = self._node(path[:-1]), self._node(path)
        except ImportFault:
            return False
        if not isinstance(parent, SequenceNode) or parent.flow_style or not isinstance(item, MappingNode):
            return False
        dash = self.text.rindex("-", 0, item.start_mark.index)
        return not self.text[self.text.rfind("\n", 0, dash) + 1 : dash].strip()

    def compact(self, path: Path, key: str) -> bool:
        """Would items that are added to the list under that key of a mapping stand on one line?"""
        try:
            node = self._node(path)
        except ImportFault:
            # A fault only once something is to be written there.
            return True
        items = _at(node, key)
        return bool(isinstance(node, MappingNode) and node.flow_style) or bool(
            isinstance(items, SequenceNode) and items.value and items.flow_style
        )

    def cut(self, path: Path) -> scalars.Raw:
        """Take an item that is movable out, and return its lines with the dash in the first column."""
        item = self._node(path)
        dash = self.text.rindex("-", 0, item.start_mark.index)
        start, end = self.text.rfind("\n", 0, dash) + 1, self._leaf_end(item)
        # What is put at its end belongs to it; what is taken away from there on is the next one.
        inner = [edit for edit in self.edits if start <= edit[0] and edit[1] <= end]
        self.edits = [edit for edit in self.edits if edit not in inner]
        taken = _apply(self.text[start:end], [(at - start, to - start, new) for at, to, new in inner])
        # With the line end before it, so that the last line of a file can go too.
        before = start - len(self.newline) if self.text[:start].endswith(self.newline) else start
        self.edits.append((before, end, ""))
        column = dash - start
        lines = [line[column:] if not line[:column].strip() else line for line in taken.splitlines()]
        return scalars.Raw("\n".join(lines))

    def result(self) -> str:
        """The text with all changes."""
        return _apply(self.text, self.edits)

    # Finding places

    def _node(self, path: Path) -> Node:
        node: Node | None = _at(self.root, "workplace")
        done: Path = ()
        for part in path:
            done = (*done, part)
            node = _at(node, part)
            if node is None:
                raise ImportFault(f"{spell(done)} is not written out in {self.where}; write it there, and run again")
            self._check_shared(node, done)
        if node is None:
            raise ImportFault(f"{self.where} holds no workplace")
        return node

    def _mapping(self, path: Path) -> MappingNode:
        node = self._node(path)
        if not isinstance(node, MappingNode) or not node.value:
            raise ImportFault(f"{spell(path)} is not written as a mapping in {self.where}")
        return node

    def _check_shared(self, node: Node, path: Path) -> None:
        if id(node) in self._shared:
            raise ImportFault(
                f"{spell(path)} is shared by a YAML anchor in {self.where}, so a change would have an effect in several"
                " places; write it out"
            )

    def _count(self, node: Node) -> None:
        if id(node) in self._seen:
            self._shared.add(id(node))
            return
        self._seen.add(id(node))
        for child in _children(node):
            self._count(child)

    def _one_line_pair(self, mapping: MappingNode, path: Path) -> tuple[Node, Node]:
        good = [(key, value) for key, value in mapping.value if _is_one_line(key, value)]
        for name in ("email", "name"):
            for key, value in good:
                if key.value == name:
                    return key, value
        if not good:
            raise ImportFault(f"{spell(path)} has no simple key in {self.where} behind which another could be written")
        return good[0]

    def _behind_colon(self, key: Node) -> int:
        return self.text.index(":", key.end_mark.index) + 1

    def _line_end(self, index: int) -> int:
        end = self.text.find("\n", index)
        if end < 0:
            return len(self.text)
        return end - 1 if end > index and self.text[end - 1] == "\r" else end

    def _pair_end(self, key: Node, value: Node) -> int:
        """The end of a pair in braces; an alias is the node of its anchor, which stands elsewhere."""
        if value.start_mark.index >= key.end_mark.index:
            return max(key.end_mark.index, int(value.end_mark.index))
        start = self._behind_colon(key)
        while self.text[start : start + 1].isspace():
            start += 1
        while self.text[start : start + 1].strip(",}]"):
            start += 1
        return start

    def _leaf_end(self, node: Node) -> int:
        """The end of the last line of a node, with a comment on that line."""
        if isinstance(node, ScalarNode) and node.style in ("|", ">"):
            # Its mark is the beginning of what follows it.
            return self._line_end(len(self.text[: node.end_mark.index].rstrip()))
        if isinstance(node, (SequenceNode, MappingNode)) and not node.flow_style and node.value:
            last = node.value[-1]
            if not isinstance(node, MappingNode):
                return self._leaf_end(last)
            key, value = last
            # An alias is the node of its anchor, which stands elsewhere.
            alias = value.start_mark.index < key.end_mark.index
            return self._line_end(key.end_mark.index) if alias else max(self._leaf_end(key), self._leaf_end(value))
        return self._line_end(node.end_mark.index)

    # Making changes

    def _replace(self, node: Node, text: str) -> None:
        if isinstance(node, ScalarNode) and node.style not in ("|", ">") and id(node) not in self._shared:
            self.edits.append((node.start_mark.index, node.end_mark.index, text))
            return
        line = node.start_mark.line + 1
        raise ImportFault(f"a value in line {line} of {self.where} cannot be replaced; change it by hand")

    def _append_key(self, mapping: MappingNode, key: str, items: Items) -> None:
        if mapping.flow_style:
            end = self._pair_end(*mapping.value[-1])
            self.edits.append((end, end, f", {key}: [{self._flow(items)}]"))
            return
        column, end = mapping.value[0][0].start_mark.column, self._leaf_end(mapping)
        self.edits.append((end, end, self._block([f"{key}:"], column) + self._items(items, column + 2)))

    def _fill_empty(self, mapping: MappingNode, key: Node, value: Node, items: Items) -> None:
        start = self._behind_colon(key)
        written = max(start, value.end_mark.index)
        if mapping.flow_style:
            self.edits.append((start, written, f" [{self._flow(items)}]"))
            return
        self.edits.append((start, written, ""))
        end = self._line_end(written)
        self.edits.append((end, end, self._items(items, key.start_mark.column + 2)))

    def _extend(self, sequence: SequenceNode, items: Items) -> None:
        last = sequence.value[-1]
        if sequence.flow_style:
            self.edits.append((last.end_mark.index, last.end_mark.index, f", {self._flow(items)}"))
            return
        first = sequence.value[0].start_mark.index
        dash = self.text.rindex("-", 0, first)
        column = dash - self.text.rfind("\n", 0, dash) - 1
        end = self._leaf_end(last)
        compact = isinstance(last, MappingNode) and bool(last.flow_style)
        self.edits.append((end, end, self._items(items, column, compact=compact)))

    def _items(self, items: Items, column: int, *, compact: bool = False) -> str:
        lines: list[str] = []
        for item in items:
            # Levels with rooms in them do not fit on one line.
            if compact and isinstance(item, Mapping) and not any(isinstance(value, list) for value in item.values()):
                lines.append(f"- {scalars.flow(item)}")
            else:
                lines += scalars.block_item(item)
        return self._block(lines, column)

    def _block(self, lines: Sequence[str], column: int) -> str:
        return "".join(self.newline + (" " * column + line if line else line) for line in lines)

    def _flow(self, items: Items) -> str:
        return ", ".join(scalars.flow(_cooked(item)) for item in items)

    def _value(self, node: Node) -> Any:
        """The node's value; ``construct_mapping`` of PyYAML would rearrange merged keys in the nodes."""
        if isinstance(node, SequenceNode):
            return [self._value(item) for item in node.value]
        if not isinstance(node, MappingNode):
            return self._loader.construct_object(node)
        merged: dict[Any, Any] = {}
        for key, value in node.value:
            if key.tag == _MERGE:
                for source in value.value if isinstance(value, SequenceNode) else [value]:
                    merged = {**self._value(source), **merged}
        return {**merged, **{self._value(key): self._value(value) for key, value in node.value if key.tag != _MERGE}}


class _Loader(yaml.SafeLoader):
    """Takes Ansible's tags, such as ``!vault`` and ``!unsafe``, for the plain values that they stand before."""


def _plain(loader: Any, _suffix: str, node: Node) -> Any:
    return loader.construct_scalar(node) if isinstance(node, ScalarNode) else None


_Loader.add_multi_constructor("!", _plain)


def _cooked(item: Any) -> Any:
    """An item whose raw parts are values again, for a list on one line."""
    if isinstance(item, scalars.Raw):
        return yaml.load(item, _Loader)[0]  # noqa: S506 - a SafeLoader
    if isinstance(item, Mapping):
        return {key: _cooked(value) for key, value in item.items()}
    return [_cooked(value) for value in item] if isinstance(item, list) else item


def _apply(text: str, edits: Sequence[Edit]) -> str:
    """Later places first, so that the earlier ones stay where they are; what is put in one place keeps its order."""
    ordered = sorted(enumerate(edits), key=lambda pair: (pair[1][0], pair[0]), reverse=True)
    for _order, (start, end, new) in ordered:
        text = text[:start] + new + text[end:]
    return text


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, SequenceNode):
        yield from node.value
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            yield key
            yield value


def _is_null(node: Node) -> bool:
    return bool(node.tag == "tag:yaml.org,2002:null")


def _is_one_line(key: Node, value: Node) -> bool:
    return (
        isinstance(value, ScalarNode)
        and key.tag != _MERGE
        and value.style not in ("|", ">")
        and value.start_mark.index >= key.end_mark.index
        and key.start_mark.line == value.end_mark.line
    )


def _pair(mapping: MappingNode, key: str) -> tuple[Node, Node] | None:
    """The last pair of that key, which is the one that counts."""
    return next((pair for pair in reversed(mapping.value) if pair[0].value == key), None)


def _at(node: Node | None, part: str | int) -> Node | None:
    if isinstance(part, int):
        return node.value[part] if isinstance(node, SequenceNode) and 0 <= part < len(node.value) else None
    pair = _pair(node, part) if isinstance(node, MappingNode) else None
    return pair[1] if pair else None
