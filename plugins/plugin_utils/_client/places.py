# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an inventory sets a variable of a host. Ansible keeps the winner only, and not where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.utils.vars import load_extra_vars

YAML = (".yml", ".yaml", ".json", "")
_EXTRA = "the extra variables (-e)"


class Places:
    """The files and options that set variables of one host, but for one file that is looked at by itself."""

    def __init__(self, loader: Any, variables: Mapping[str, Any], kept_in: Path) -> None:
        self._loader = loader
        self._host = str(variables.get("inventory_hostname", ""))
        self._groups = ["all", *map(str, variables.get("group_names") or ())]
        sources = variables.get("ansible_inventory_sources") or ()
        self._sources = [Path(str(source)) for source in sources if "," not in str(source)]
        self._beside = [source if source.is_dir() else source.parent for source in self._sources]
        if variables.get("playbook_dir"):
            self._beside.append(Path(str(variables["playbook_dir"])))
        self._kept_in = kept_in
        self._found = list(self._all())

    def of(self, name: str) -> list[str]:
        """The places that set a variable to something, in words."""
        return [place for place, values in self._found if values.get(name) not in (None, "")]

    def values(self, name: str) -> list[tuple[str, str]]:
        """The places that set a variable, with the value; without those whose value is made of other variables."""
        found = [(place, str(values[name])) for place, values in self._found if values.get(name) not in (None, "")]
        return [(place, value) for place, value in found if "{{" not in value]

    def kept(self, name: str) -> str:
        """The value in the one file; empty where it has none."""
        return str(self._read(self._kept_in).get(name) or "") if self._kept_in.is_file() else ""

    def _all(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        seen = {self._kept_in.resolve()}
        for folder in self._beside:
            names = [("host_vars", self._host), *(("group_vars", group) for group in self._groups)]
            for kind, name in names:
                for file in _variable_files(folder / kind, name):
                    if file.resolve() not in seen:
                        seen.add(file.resolve())
                        yield str(file), self._read(file)
        for file in self._inventory_files():
            for where, values in _in_inventory(self._read(file), self._host, set(self._groups)):
                yield f"{file} ({where})", values
        yield _EXTRA, load_extra_vars(self._loader)

    def _inventory_files(self) -> Iterator[Path]:
        for source in self._sources:
            files = sorted(source.iterdir()) if source.is_dir() else [source]
            yield from (file for file in files if file.is_file() and file.suffix in YAML and file.name[0] != ".")

    def _read(self, file: Path) -> Mapping[str, Any]:
        """The mapping of a file, decrypted where it has to be; nothing where it holds none, such as an INI file."""
        try:
            found = self._loader.load_from_file(str(file))
        except (AnsibleError, OSError, UnicodeDecodeError):
            return {}
        return found if isinstance(found, Mapping) else {}


def _variable_files(folder: Path, name: str) -> Iterator[Path]:
    """What Ansible reads for one host or group: NAME, NAME.yml, NAME.yaml, NAME.json, or all below a folder NAME."""
    for suffix in YAML:
        path = folder / f"{name}{suffix}"
        if path.is_dir():
            files = sorted(path.rglob("*"))
            yield from (file for file in files if file.is_file() and file.suffix in YAML and file.name[0] != ".")
        elif path.is_file():
            yield path


def _in_inventory(tree: Mapping[str, Any], host: str, groups: set[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The variables that an inventory in YAML sets for a host, and for the groups that it is in."""
    for name, group in tree.items():
        if not isinstance(group, Mapping):
            continue
        if name in groups and isinstance(group.get("vars"), Mapping):
            yield f"group {name}", group["vars"]
        hosts = group.get("hosts")
        if isinstance(hosts, Mapping) and isinstance(hosts.get(host), Mapping):
            yield f"host {host}", hosts[host]
        children = group.get("children")
        if isinstance(children, Mapping):
            yield from _in_inventory(children, host, groups)
