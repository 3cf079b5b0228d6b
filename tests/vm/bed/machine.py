# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts and stops the VM: one process with its own mounts and process ids, and everything that runs below it.

It shares the network with this machine, so all its servers listen on the loopback interface. When the process that
started it ends, however that comes about, the kernel ends the VM.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from . import accounts
from .commands import Commands
from .programs import NAMESPACES, free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST_PROCESS = Path(__file__).parent / "first_process.sh"
FOLDERS = {
    "opt": 0o755,
    "root": 0o700,
    "srv/git": 0o755,
    "tmp": 0o1777,
    "home": 0o755,
    "usr/local": 0o755,
    "log": 0o755,
}
READY_WITHIN = 60.0
# Runs what the git client asks for, and nothing else, whoever owns the repositories.
GIT_SHELL = (
    'GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=* git-shell -c \\"$SSH_ORIGINAL_COMMAND\\"'
)


class MachineError(RuntimeError):
    """The VM did not start; the message ends with what its parts said."""


class Machine:
    """A running VM. Its folders opt, home, root, srv, tmp and etc lie below `state` on this machine."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.commands = Commands(self)
        self.cgroup = f"placeos-vm-{os.getpid()}-{state.name}"
        self.process: subprocess.Popen[bytes] | None = None
        self.pid = 0

    def prepare(self) -> None:
        """Make the folders, accounts, keys and commands."""
        for name, mode in FOLDERS.items():
            (self.state / name).mkdir(parents=True, exist_ok=True)
            (self.state / name).chmod(mode)
        accounts.make_etc(self.state)
        login_port, git_port = free_ports(2)
        self.login = accounts.make_ssh_server(self.state, "vm", accounts.OPERATOR, login_port)
        self.git_login = accounts.make_ssh_server(self.state, "git", accounts.GIT, git_port, command=GIT_SHELL)
        self.commands.prepare()

    def start(self) -> None:
        """Start it and wait until dockerd and sshd answer. Raises MachineError with the reason when they do not."""
        with (self.state / "log" / "first_process").open("wb") as log:
            self.process = subprocess.Popen(
                # The VM must not outlive this process, not even when that is killed.
                ["setpriv", "--pdeathsig", "KILL", *NAMESPACES, str(FIRST_PROCESS), str(self.state), f"/{self.cgroup}"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + READY_WITHIN
        while not self._ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise MachineError(f"the VM did not start\n{self._last_words()}")
            time.sleep(0.05)
        self.commands.restore()

    def _ready(self) -> bool:
        file = self.state / "pid"
        if not file.exists():
            return False
        self.pid = int(file.read_text())
        docker = self.run("docker", "version", check=False).returncode == 0
        servers = [(self.state / "log" / name).read_text() for name in ("sshd", "sshd_git")]
        return docker and all("Server listening" in text for text in servers)

    def _last_words(self) -> str:
        logs = sorted((self.state / "log").iterdir())
        return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-1500:].strip()}" for log in logs)

    def stop(self) -> None:
        """Pull the plug: the kernel ends every process of the VM and drops its mounts."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if self.pid and self.process.poll() is None:
                os.kill(self.pid, signal.SIGKILL)
            else:
                self.process.kill()
        self.process.wait()
        # The kernel keeps control groups until somebody removes them, the innermost first.
        for group in Path("/sys/fs/cgroup").glob(f"**/{self.cgroup}"):
            for folder, _folders, _files in os.walk(group, topdown=False):
                with contextlib.suppress(OSError):
                    Path(folder).rmdir()

    def run(self, *command: str, check: bool = True, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a program on the VM, as root and with an ordinary PATH, without recording it."""
        enter = ["/usr/bin/nsenter", "--target", str(self.pid), "--mount", "--pid", "--wd=/", "--"]
        environment = {"PATH": "/run/real:/usr/sbin", "HOME": "/root", "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            [*enter, *command], check=check, capture_output=True, text=True, input=given, env=environment
        )

    def processes(self) -> dict[int, list[str]]:
        """Return the arguments of each process of the VM, by its id inside the VM."""
        found = {}
        listing = self.run(
            "sh", "-c", 'cd /proc && for p in [0-9]*; do echo "$p"; cat $p/cmdline; echo; done 2>/dev/null'
        )
        lines = listing.stdout.split("\n")
        for number, arguments in zip(lines[::2], lines[1::2], strict=False):
            found[int(number)] = arguments.rstrip("\0").split("\0")
        return found

    def kill_module(self, pid: int, name: str = "python3") -> int:
        """Kill (-9) the Ansible module that has called a process; return the process id of the module.

        It is the nearest ancestor that Python runs: a module that comes through the connection has no other name.
        """
        current = pid
        while current > 1:
            status = self.run("cat", f"/proc/{current}/status").stdout
            current = int(status.partition("\nPPid:")[2].split()[0])
            if name in self.run("cat", f"/proc/{current}/cmdline").stdout:
                self.run("kill", "-KILL", str(current))
                return current
        raise MachineError(f"no process {name} above {pid}")


@contextmanager
def running_machine(state: Path) -> Iterator[Machine]:
    """Start a VM in an empty folder, and leave nothing of it behind but that folder."""
    machine = Machine(state)
    try:
        machine.prepare()
        machine.start()
        yield machine
    finally:
        machine.stop()
