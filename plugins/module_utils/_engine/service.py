# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes one service of a Compose project run with given files, or leaves everything as it was."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from ansible_collections.placeos.office365.plugins.module_utils._engine.compose import (
    find_compose,
    read_project,
    unread,
)
from ansible_collections.placeos.office365.plugins.module_utils._engine.docker import (
    Container,
    containers,
    inspect,
    last_lines,
)
from ansible_collections.placeos.office365.plugins.module_utils._engine.files import Content, Folder, same
from ansible_collections.placeos.office365.plugins.module_utils._engine.health import Health, wait_healthy
from ansible_collections.placeos.office365.plugins.module_utils._engine.journal import (
    COPIES,
    Journal,
    Proven,
    leftovers,
    read_journal,
)
from ansible_collections.placeos.office365.plugins.module_utils._engine.lock import lock_within
from ansible_collections.placeos.office365.plugins.module_utils._engine.masking import MARK, Secrets, shown
from ansible_collections.placeos.office365.plugins.module_utils._engine.run import EngineError, Programs

_SUFFIXES = (".yml", ".yaml")


@dataclass(frozen=True)
class Wish:
    """What the task asks for."""

    project_dir: Path
    service: str
    # In the order in which they are to be written.
    files: Mapping[str, Content]
    health: Health
    log_lines: int = 40
    command: Sequence[str] | None = None
    secrets: Sequence[str] = ()


@dataclass
class Outcome:
    """What was done."""

    files: dict[str, list[str]]
    before: str | None = None
    after: str | None = None
    recreated: bool = False
    started: bool = False
    was_running: bool = False
    rolled_back: bool = False
    fault: str = ""
    log: list[str] = field(default_factory=list)
    compose: dict[str, str] = field(default_factory=dict)
    diff: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether a file or the container differs from before."""
        files = any(names for done, names in self.files.items() if done != "unchanged")
        return files or self.recreated or self.started

    def saw(self, found: Sequence[Container]) -> None:
        """Note the container that is there now."""
        self.after = found[0].id if found else None
        self.recreated = self.before is not None and self.after != self.before
        self.started = not self.was_running and bool(found) and found[0].running

    def result(self) -> dict[str, Any]:
        """As the module returns it."""
        container = {"before": self.before, "after": self.after, "recreated": self.recreated}
        result: dict[str, Any] = {
            "changed": self.changed,
            "files": self.files,
            "container": container,
            "compose": self.compose,
            "rolled_back": self.rolled_back,
        }
        return {**result, "log": self.log} if self.log else result


class Service:
    """One service of one project, for one task."""

    def __init__(self, wish: Wish, environment: Mapping[str, str] | None = None) -> None:
        self.wish = wish
        self.environment = dict(os.environ if environment is None else environment)
        self.programs = Programs(wish.project_dir, self.environment)
        self.secrets = Secrets(wish.secrets)
        for content in wish.files.values():
            self.secrets.add_file(content.text)

    def converge(self, check_mode: bool = False) -> Outcome:
        """Carry the wish out.

        Raises:
            EngineError: it could not be; nothing was changed.
        """
        self.folder = Folder(self.wish.project_dir)
        try:
            self.compose = find_compose(self.programs, self.wish.command)
            self._check_project()
            if check_mode:
                return self._look()[0]
            patience = 2 * self.wish.health.timeout + 60
            with exclusive(self.programs, self.folder.real, patience):
                return self._converge()
        except EngineError as error:
            raise EngineError(self.secrets.hide(str(error))) from None
        except OSError as error:
            raise EngineError(f"{error.filename or self.folder.path}: {error.strerror}") from None

    def _check_project(self) -> None:
        with suppress(OSError):
            self.secrets.add_settings((self.folder.real / ".env").read_text(errors="replace"))
        # Env files of ours that this task has nothing to say about.
        for place in self.folder.real.glob("*.env"):
            with suppress(OSError):
                text = place.read_text(errors="replace")
                self.secrets.add_file(text if text.startswith(MARK) else "")
        coming = [name for name, content in self.wish.files.items() if content.data is not None]
        project = read_project(self.folder.path, self.environment, self.compose.is_v1, coming)
        for name in coming:
            fault = unread(project, self.folder.path, name) if name.endswith(_SUFFIXES) else ""
            if fault:
                raise EngineError(fault)

    def _look(self) -> tuple[Outcome, Journal, dict[str, Content]]:
        """What is there, and what would be done. Nothing is changed."""
        journal = read_journal(self.folder)
        present = {name: self.folder.read(name) for name in self.wish.files}
        for content in (*present.values(), *journal.before.values()):
            self.secrets.add_file(content.text)
        outcome = Outcome({done: [] for done in ("created", "updated", "unchanged", "removed")})
        outcome.compose = {"command": self.compose.name, "version": self.compose.version}
        for name, wanted in self.wish.files.items():
            done = _done(present[name], wanted)
            outcome.files[done].append(name)
            if done != "unchanged":
                outcome.diff.append(_diff(name, present[name], wanted))
        found = containers(self.compose, self.wish.service)
        outcome.before = outcome.after = found[0].id if found else None
        outcome.was_running = bool(found) and found[0].running
        if not self._settled(found, journal, bool(outcome.diff)):
            outcome.started = not outcome.was_running
            outcome.recreated = bool(found) and (outcome.was_running or bool(outcome.diff))
        return outcome, journal, present

    def _settled(self, found: list[Container], journal: Journal, files_change: bool) -> bool:
        """Whether the container is as the files say."""
        if files_change or not found or not all(container.running for container in found):
            return False
        if self.compose.is_v1:
            expected = self.compose.config_hash(self.wish.service)
            return all(container.config_hash == expected for container in found)
        # Version 2 hashes a service differently for "config --hash" and for the label where it has an env_file or
        # depends_on (docker/compose issues 9211, 10907, 14001), so its whole configuration is compared with the one
        # that the container was proven with.
        configuration = self._configuration()
        return configuration != "" and journal.proven == Proven(found[0].id, configuration)

    def _configuration(self) -> str:
        config = None if self.compose.is_v1 else self.compose.config()
        return "" if config is None else hashlib.sha256(config.encode()).hexdigest()

    def _converge(self) -> Outcome:
        journal = read_journal(self.folder)
        names = [*self.wish.files, *(name for name in journal.before if name not in self.wish.files)]
        self.folder.sweep(leftovers(names) if (self.folder.real / COPIES).is_dir() else names)
        outcome, journal, present = self._look()
        interrupted, files_change = journal.changing, bool(outcome.diff)
        if interrupted:
            outcome.warnings.append(
                f"an earlier run was interrupted while it changed {', '.join(journal.before)}; its change is completed "
                "or replaced now"
            )
        if files_change:
            journal.begin(present)
            self._write_all(journal, present, interrupted)
        if files_change or interrupted or outcome.recreated or outcome.started:
            fault = self._invalid()
            if fault:
                self._refuse(journal, present, files_change, interrupted, fault)
        fault = self._run_and_wait(outcome, journal)
        if not fault:
            self._note_good(journal, outcome.after, names)
            return outcome
        return self._give_up(outcome, journal, fault)

    def _write_all(self, journal: Journal, present: Mapping[str, Content], interrupted: bool) -> None:
        """Write the files, all or none: the disk may be full."""
        try:
            self._write(self.wish.files)
        except OSError:
            self._write(present)
            if not interrupted:
                journal.unchanged()
            raise

    def _refuse(
        self, journal: Journal, present: Mapping[str, Content], files_change: bool, interrupted: bool, fault: str
    ) -> NoReturn:
        """Put back what Compose does not understand, and end."""
        self._write(present)
        if files_change and not interrupted:
            journal.unchanged()
        said = "; they were put back, and nothing was restarted" if files_change else ""
        hint = (
            "\nIt refuses them without this task's change too: the fault is the project's own."
            if self._invalid()
            else ""
        )
        raise EngineError(f"Compose refuses the files of {self.folder.path}{said}:\n{fault}{hint}")

    def _run_and_wait(self, outcome: Outcome, journal: Journal | None) -> str:
        """Let the container follow the files, unless it is as they say, and wait until it is healthy."""
        try:
            found = containers(self.compose, self.wish.service)
            if journal is None or not self._settled(found, journal, files_change=False):
                ran = self.compose.up(self.wish.service)
                found = containers(self.compose, self.wish.service)
                outcome.saw(found)
                if ran.rc != 0:
                    return f"{self.compose.name} up failed:\n{self.secrets.hide(ran.words)}"
            outcome.saw(found)
            return self._unhealthy(outcome.after)
        except EngineError as error:
            return self.secrets.hide(str(error))

    def _write(self, files: Mapping[str, Content]) -> None:
        """Write the files: first those that are to be there, since others may name them."""
        for name, content in sorted(files.items(), key=lambda item: item[1].data is None):
            if not same(self.folder.read(name), content):
                self.folder.write(name, content)

    def _invalid(self) -> str:
        fault = self.compose.check()
        if not fault and self.wish.service not in self.compose.services():
            fault = f"there is no service {self.wish.service}; there is {', '.join(self.compose.services())}"
        return self.secrets.hide(fault)

    def _unhealthy(self, container: str | None) -> str:
        def look() -> Container | None:
            found = inspect(self.programs, [container] if container else [])
            return found[0] if found else None

        return self.secrets.hide(wait_healthy(self.wish.health, look))

    def _note_good(self, journal: Journal, container: str | None, names: Sequence[str]) -> None:
        proven = Proven(container or "", self._configuration())
        journal.good(proven, {name: self.folder.read(name) for name in names})

    def _give_up(self, outcome: Outcome, journal: Journal, fault: str) -> Outcome:
        """Take the way back where there is one, and say what has happened."""
        if outcome.after:
            with suppress(EngineError):
                for container in inspect(self.programs, [outcome.after]):
                    self.secrets.add_settings("\n".join(container.variables))
            lines = last_lines(self.programs, outcome.after, self.wish.log_lines)
            outcome.log = self.secrets.hide("\n".join(lines)).splitlines()
        said = [f"{self.wish.service} did not become healthy: {fault}"]
        if journal.changing:
            said.extend(self._roll_back(outcome, journal))
        else:
            said.append("No file was changed, so there is nothing to put back.")
        if outcome.log:
            said.append(f"The last lines of the log of the container that failed:\n{chr(10).join(outcome.log)}")
        outcome.fault = "\n".join(said)
        return outcome

    def _roll_back(self, outcome: Outcome, journal: Journal) -> list[str]:
        names = ", ".join(journal.before)
        self._write(journal.before)
        outcome.rolled_back = True
        outcome.files = {**{done: [] for done in outcome.files}, "unchanged": list(self.wish.files)}
        if outcome.before is None:
            self.compose.remove(self.wish.service)
            outcome.after, outcome.started = None, False
            journal.unchanged()
            return [
                f"As before again: {names}. {self.wish.service} had no container before, so the new one was removed."
            ]
        fault = self._run_and_wait(outcome, None)
        if fault:
            journal.unchanged()
            said = f"As before again: {names}. {self.wish.service} is not healthy with them either: {fault}"
            return [
                said,
                "If its application is the reason, put that right first (role engine_app: --tags engine_app).",
            ]
        self._note_good(journal, outcome.after, list(journal.before))
        return [f"As before again: {names}. {self.wish.service} runs with them again, and is healthy."]


def _done(present: Content, wanted: Content) -> str:
    if same(present, wanted):
        return "unchanged"
    if wanted.data is None:
        return "removed"
    return "created" if present.data is None else "updated"


def _diff(name: str, present: Content, wanted: Content) -> dict[str, str]:
    before, after = (
        shown(content.text, other.text, mark) + (f"mode {content.mode:04o}\n" if content.data is not None else "")
        for content, other, mark in ((present, wanted, False), (wanted, present, True))
    )
    return {"before_header": name, "after_header": name, "before": before, "after": after}


@contextmanager
def exclusive(programs: Programs, folder: Path, patience: float) -> Iterator[None]:
    """Work on a project folder alone.

    The lock is on the folder itself, so no file is left behind. Programs inherit it: one that outlives a killed module,
    such as Compose re-creating a container, is waited for.

    Raises:
        EngineError: somebody else has had it for too long.
    """
    descriptor = os.open(str(folder), os.O_RDONLY | os.O_DIRECTORY)
    try:
        if not lock_within(descriptor, patience, pause=0.5):
            raise EngineError(
                f"another run, or a Compose command that it has left, has been at work on {folder} "
                f"for more than {patience:g} seconds"
            )
        programs.lock = descriptor
        yield
    finally:
        programs.lock = None
        os.close(descriptor)
