# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole way of an import: read the inventory's files, merge the tenant's rooms, and say what is to be written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .._workplace.describe import describe
from .known import ImportFault, Inventory, read_inventory
from .merge import OVERWRITABLE, Choices, merge
from .sheet import Sheet, locate, read_sheet
from .summary import summarise
from .tenant import read_tenant
from .tree_text import TreeText
from .write import write

FORMATS = ("yaml", "csv")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    workplace_file: the YAML file with the variable ``workplace``; base_dir: the inventory's folder; workplace: the value
    of the variable as Ansible has evaluated it, if it is defined; rooms_file: where new rooms go with format csv;
    separate: begin a file of its own although the workplace stands in another one.
    """

    workplace_file: str
    base_dir: str
    workplace: Any = None
    format: str = "yaml"
    rooms_file: str | None = None
    name: str | None = None
    timezone: str | None = None
    buildings: Iterable[str] = ()
    exclude: Iterable[str] = ()
    lists_as_buildings: bool = False
    separate: bool = False
    choices: Choices = field(default_factory=Choices)


def import_rooms(rooms: Iterable[Any], request: Request) -> dict[str, Any]:
    """Merge the tenant's rooms into the inventory's files, without writing them.

    Returns ``files`` ({path, content, changed, exists}), the lists of :class:`.merge.Merged`, the ``faults`` of the inventory
    once the files are written, and ``summary``, lines for people. Raises ImportFault.
    """
    _check(request)
    path = locate(request.workplace_file, request.base_dir)
    text = TreeText(_read(path), str(path))
    tree = _tree(text, request)
    sheet_name = _sheet_name(tree, request)
    sheet = read_sheet(sheet_name, request.base_dir) if sheet_name else None
    if request.format == "csv" and sheet is not None and not sheet.writable:
        raise ImportFault(f"{sheet_name} is a workbook, which is read but not written; use the format yaml")
    inventory = read_inventory(tree, sheet)
    _look_at_the_writing(text, inventory)
    tenant = read_tenant(
        rooms, buildings=request.buildings, exclude=request.exclude, lists_as_buildings=request.lists_as_buildings
    )
    merged = merge(inventory, tenant, request.choices)
    if sheet_name and any(room.new for _building, _level, room in inventory.homes()):
        inventory.fields.setdefault("rooms_file", sheet_name)
    by_hand = _leave_workbook(inventory, sheet)
    written = write(text, inventory, sheet, rows=request.format == "csv")
    files = [_file(path, text.text, written.tree_text)]
    if sheet_name and sheet is not None and sheet.text is not None:
        files.append(_file(locate(sheet_name, request.base_dir), sheet.text, written.sheet_text or ""))
    evaluated = evaluate(written.tree, request.workplace)
    faults = _faults(evaluated, sheet_name, files, request.base_dir) if written.tree else []
    result = {**asdict(merged), "by_hand": by_hand, "files": files, "faults": faults, "imported": len(tenant.rooms)}
    # Somebody named a new file although there is a workplace.
    result["separate"] = request.workplace is not None and not isinstance(text.value().get("workplace"), Mapping)
    result["changed"] = any(file["changed"] for file in files)
    result["summary"] = summarise(result)
    return result


def _check(request: Request) -> None:
    if request.format not in FORMATS:
        raise ImportFault(f"format {request.format!r} is unknown; use one of {', '.join(FORMATS)}")
    unknown = sorted(set(request.choices.overwrite) - set(OVERWRITABLE))
    if unknown:
        raise ImportFault(f"{', '.join(unknown)} cannot be overwritten, only {', '.join(OVERWRITABLE)}")


def _read(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ImportFault(f"{path} cannot be read: {error.strerror}") from None
    if content.startswith(b"$ANSIBLE_VAULT"):
        raise ImportFault(
            f"{path} is encrypted with ansible-vault, and rooms are no secrets; keep workplace in a file of its own"
        )
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ImportFault(f"{path} is not UTF-8 (byte {error.start})") from None


def _tree(text: TreeText, request: Request) -> dict[str, Any]:
    """The workplace as the file has it, templates evaluated; a first one where there is none yet."""
    found = text.value().get("workplace")
    if isinstance(found, Mapping):
        return dict(evaluate(found, request.workplace).items())
    if found is not None:
        raise ImportFault(f"workplace is not written as a mapping in {text.where}, so nothing can be merged into it")
    if request.workplace is not None and not request.separate:
        raise ImportFault(
            f"the inventory has a workplace already, but not in {text.where}; name its file with import_rooms_file"
            " (import_rooms_workplace_file for the format csv)"
        )
    fields: dict[str, Any] = {"name": request.name or "Workplace"}
    if request.timezone:
        fields["timezone"] = request.timezone
    return fields


def evaluate(raw: Any, known: Any) -> Any:
    """The raw value of a variables file with its templates replaced by what Ansible made of them, place by place."""
    if isinstance(raw, str) and ("{{" in raw or "{%" in raw):
        return raw if known is None else known
    if isinstance(raw, Mapping):
        values = known if isinstance(known, Mapping) else {}
        return {key: evaluate(value, values.get(key)) for key, value in raw.items()}
    if isinstance(raw, list):
        items = list(known) if isinstance(known, (list, tuple)) else []
        return [evaluate(value, items[index] if index < len(items) else None) for index, value in enumerate(raw)]
    return raw


def _sheet_name(tree: Mapping[str, Any], request: Request) -> str | None:
    """The rooms file: that of the inventory, or with format csv the one that is asked for."""
    named = str(tree["rooms_file"]) if tree.get("rooms_file") else None
    if request.format == "yaml":
        return named
    asked = request.rooms_file
    if asked and Path(asked).is_relative_to(request.base_dir):
        asked = str(Path(asked).relative_to(request.base_dir))
    if named and asked and locate(named, request.base_dir) != locate(asked, request.base_dir):
        raise ImportFault(
            f"workplace.rooms_file is {named} already, and a workplace has one rooms file; leave {asked} out"
        )
    if not (named or asked):
        raise ImportFault("the format csv needs the name of a rooms file")
    if asked and Path(asked).suffix.lower() != ".csv":
        raise ImportFault(f"{asked} does not end in .csv, as the name of a rooms file that is written must")
    return named or asked


def _look_at_the_writing(text: TreeText, inventory: Inventory) -> None:
    """Which rooms cannot be moved, and where nothing can be moved to, because of how the tree is written."""
    for building in inventory.buildings:
        building.compact = building.path is not None and text.compact(building.path, "levels")
        for level in building.levels:
            level.compact = level.path is not None and text.compact(level.path, "rooms")
            for room in level.rooms:
                room.fixed = room.path is not None and not text.movable(room.path)


def _leave_workbook(inventory: Inventory, sheet: Sheet | None) -> list[dict[str, Any]]:
    """What would have to be written into a workbook is left to a person."""
    if sheet is None or sheet.writable:
        return []
    left = []
    for building, level, room in inventory.homes():
        if room.line is not None and (room.changes or room.moved):
            place = {"building": building.name, "level": level.name} if room.moved else {}
            values = {**room.changes, **place}
            left.append({"room": room.name, "email": room.email, "line": room.line, "values": values})
            room.changes, room.moved = {}, False
    return left


def _file(path: Path, before: str, after: str) -> dict[str, Any]:
    return {"path": str(path), "content": after, "changed": after != before, "exists": path.exists()}


def _faults(tree: dict[str, Any], sheet_name: str | None, files: list[dict[str, Any]], base_dir: str) -> list[str]:
    """What the check of the inventory will say once the files are written."""
    sheet = files[1] if len(files) > 1 else None
    if not sheet_name or sheet is None or not sheet["changed"]:
        return describe(tree, base_dir).faults
    with tempfile.TemporaryDirectory() as folder:
        # The same name in the faults, another folder.
        name = sheet_name.lstrip("/~")
        copy = Path(folder) / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(sheet["content"], encoding="utf-8", newline="")
        return describe({**tree, "rooms_file": name}, folder).faults
