# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How ACAEngine's zones know each other: the document ``discovery_info`` in their settings.

ACAEngine's zones have no parents. An organisation lists its buildings, and a building its levels and the features
that its rooms may have, as the user interfaces read them:

    org:      {"buildings": [{"zone_id", "name", "orientations"}]}
    building: {"levels": [{"level_id", "level_name", "map_url"}], "extras": [{"extra_id", "extra_name"}]}

Pure functions; keys and entries that are not ours stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

KEY = "discovery_info"


@dataclass(frozen=True)
class Listing:
    """A list of zones in the document of the zone above them; fields: our name -> key of an entry."""

    name: str
    id_key: str
    name_key: str
    fields: Mapping[str, str]


LISTINGS: Mapping[str, Listing] = {
    "building": Listing("buildings", "zone_id", "name", {"display_name": "name", "orientations": "orientations"}),
    "level": Listing("levels", "level_id", "level_name", {"display_name": "level_name", "map_id": "map_url"}),
}
"""By the tag of the listed zone."""

PLACED_FIELDS = ("parent", "display_name", "map_id", "orientations")
"""Fields of a zone that stand in the document of the zone above it."""


def listing_for(tags: Iterable[str]) -> Listing | None:
    """Where a zone with these tags is listed."""
    return next((LISTINGS[tag] for tag in tags if tag in LISTINGS), None)


def document(settings: Any) -> dict[str, Any]:
    """The discovery document in a zone's settings; empty where there is none."""
    found = settings.get(KEY) if isinstance(settings, Mapping) else None
    return dict(found) if isinstance(found, Mapping) else {}


def children(info: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(zone id, the fields that its entry holds) of every zone listed in a document."""
    for identifier, listing, entry in _listed(info):
        yield identifier, {name: entry[key] for name, key in listing.fields.items() if key in entry}


def entry_of(info: Mapping[str, Any], identifier: str) -> dict[str, Any]:
    """All that a zone's entry holds, foreign keys included; empty where it is not listed."""
    return next((dict(entry) for listed, _listing, entry in _listed(info) if listed == identifier), {})


def with_child(
    info: Mapping[str, Any],
    listing: Listing,
    identifier: str,
    values: Mapping[str, Any],
    *,
    name: str,
    known: Collection[str],
    former: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The document with a zone's entry made or changed.

    name: shown where values has no display_name; known: ids of all zones: an entry of the same name with another id
    was made by hand for a zone that is gone or was never filled in, and is taken over; former: the entry that the zone
    had in another document, with which a new one starts.
    """
    entries = list(_raw_entries(info, listing.name))
    base = dict(former) if former and listing.id_key in former else {}
    shown = str(values.get("display_name") or base.get(listing.name_key) or name)
    position = _position(entries, listing, identifier, shown, known)
    entry = dict(entries[position]) if position is not None else base
    entry.setdefault(listing.name_key, shown)
    entry[listing.id_key] = identifier
    entry.update({key: values[name] for name, key in listing.fields.items() if name in values})
    if position is None:
        entries.append(entry)
    else:
        entries[position] = entry
    return {**info, listing.name: entries}


def without_child(info: Mapping[str, Any], identifier: str) -> dict[str, Any]:
    """The document without a zone's entry."""
    result = dict(info)
    for listing in LISTINGS.values():
        if isinstance(info.get(listing.name), list):
            kept = [e for e in _raw_entries(info, listing.name) if not _is(e, listing.id_key, identifier)]
            result[listing.name] = kept
    return result


def extras(info: Mapping[str, Any]) -> list[dict[str, str]]:
    """The features that a building's rooms may have, as {id, name}; one that stands there twice is told once."""
    found: dict[str, str] = {}
    for entry in _entries(info, "extras"):
        if entry.get("extra_id"):
            found.setdefault(str(entry["extra_id"]), str(entry.get("extra_name") or ""))
    return [{"id": identifier, "name": name} for identifier, name in found.items()]


def with_extras(info: Mapping[str, Any], wanted: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """The document with these features; the order and the other keys of known entries are kept."""
    names = {item["id"]: item["name"] for item in wanted}
    present: set[str] = set()
    entries = []
    for entry in _raw_entries(info, "extras"):
        # Ids made by hand may be numbers.
        identifier = str(entry.get("extra_id") or "") if isinstance(entry, Mapping) else ""
        present.add(identifier)
        entries.append({**entry, "extra_name": names[identifier]} if identifier in names else entry)
    entries.extend({"extra_id": key, "extra_name": name} for key, name in names.items() if key not in present)
    return {**info, "extras": entries}


def _raw_entries(info: Mapping[str, Any], name: str) -> list[Any]:
    found = info.get(name)
    return list(found) if isinstance(found, list) else []


def _entries(info: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [entry for entry in _raw_entries(info, name) if isinstance(entry, Mapping)]


def _listed(info: Mapping[str, Any]) -> Iterator[tuple[str, Listing, Mapping[str, Any]]]:
    """(zone id, where, entry) of every listed zone; of one that is listed twice, the entry that would be changed."""
    for listing in LISTINGS.values():
        seen: set[str] = set()
        for entry in _entries(info, listing.name):
            identifier = entry.get(listing.id_key)
            if isinstance(identifier, str) and identifier not in seen:
                seen.add(identifier)
                yield identifier, listing, entry


def _is(entry: Any, key: str, value: str) -> bool:
    return isinstance(entry, Mapping) and entry.get(key) == value


def _position(entries: list[Any], listing: Listing, identifier: str, shown: str, known: Collection[str]) -> int | None:
    for position, entry in enumerate(entries):
        if _is(entry, listing.id_key, identifier):
            return position
    for position, entry in enumerate(entries):
        if _is(entry, listing.name_key, shown) and str(entry.get(listing.id_key)) not in known:
            return position
    return None
