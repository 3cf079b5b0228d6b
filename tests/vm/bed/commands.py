# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the VM has in /usr/bin: what this machine has, but programs can be taken away, and some are recorded and held.

Recorded programs are called through recorded_program.sh, which appends each call's arguments to a log, and stops where
a test has put up a gate. The VM's /usr/bin is an overlay, see first_process.sh; the real one is at /run/real there.
"""

from __future__ import annotations

import shutil
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .machine import Machine

HERE = Path(__file__).parent
RECORDED = ("docker", "docker-compose", "git", "ssh", "ssh-add", "ssh-agent")
FIELD, RECORD = "\x1f", "\x1e"


class Commands:
    """The programs of one VM."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.gates = machine.state / "usr/local/gates"
        self.log = machine.state / "usr/local/calls"
        self.plugin = machine.state / "root/.docker/cli-plugins/docker-compose"

    def prepare(self) -> None:
        """Write what the VM needs before it starts."""
        self.gates.mkdir()
        self.plugin.parent.mkdir(parents=True)
        for folder in ("bin", "lib"):
            (self.gates.parent / folder).mkdir()
        recorder = self.gates.parent / "recorded_program.sh"
        shutil.copy(HERE / recorder.name, recorder)
        recorder.chmod(0o755)
        # For the fake of Compose v2, which needs it also where the program was taken away.
        (self.gates.parent / "lib/docker-compose").symlink_to("/usr/local/recorded_program.sh")

    def restore(self) -> None:
        """All programs are there again, nothing is recorded, no gate is left, and Compose is what Debian has."""
        links = [f"/usr/bin/{name}" for name in RECORDED]
        self.machine.run("sh", "-c", 'for link; do ln -sf /usr/local/recorded_program.sh "$link"; done', "sh", *links)
        self.plugin.unlink(missing_ok=True)
        for gate in self.gates.iterdir():
            gate.unlink()
        self.forget()

    def remove(self, name: str) -> None:
        """Take a recorded program away from the VM."""
        self.machine.run("rm", f"/usr/bin/{name}")

    def add_compose_v2(self) -> None:
        """Give the docker client the subcommand `compose`, which a fake translates for docker-compose."""
        shutil.copy(HERE / "fake_docker_compose_v2.sh", self.plugin)
        self.plugin.chmod(0o755)

    def forget(self) -> None:
        """Empty the record of calls."""
        self.log.write_text("")

    def calls(self, *names: str) -> list[list[str]]:
        """Return name and arguments of each recorded call, the first call first."""
        text = self.log.read_text(encoding="utf-8", errors="surrogateescape")
        found = [record.removeprefix(FIELD).removesuffix(FIELD).split(FIELD) for record in text.split(RECORD)]
        return [call for call in found if call[0] and (not names or call[0] in names)]

    def calls_of_compose(self, word: str) -> list[list[str]]:
        """Return the calls of Compose, in whichever form, that have `word` among their arguments."""
        return [call for call in self.calls("docker-compose") if word in call]

    @contextmanager
    def gate(self, pattern: str, when: str = "before") -> Iterator[Gate]:
        """Hold the next call that matches a shell pattern (`docker-compose *up*`), before or after it did its work."""
        gate = Gate(self.gates / f"{uuid.uuid4()}.gate")
        new = gate.file.with_suffix(".new")
        new.write_text(f"{when} {pattern}\n", encoding="utf-8")
        new.rename(gate.file)
        try:
            yield gate
        finally:
            gate.open()


class Gate:
    """Holds one call of a recorded program until it is opened."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def wait(self, within: float = 60.0) -> int:
        """Wait until a call is held, and return its process id inside the VM."""
        reached = self.file.with_suffix(".reached")
        deadline = time.monotonic() + within
        while not reached.exists():
            if time.monotonic() > deadline:
                raise TimeoutError(f"no call came to the gate {self.file.read_text().strip()}")
            time.sleep(0.02)
        return int(reached.read_text(encoding="utf-8"))

    @property
    def reached(self) -> bool:
        """Is, or was, a call held?"""
        return self.file.with_suffix(".reached").exists()

    def open(self) -> None:
        """Let the held call go on, and all later ones pass."""
        self.file.unlink(missing_ok=True)
