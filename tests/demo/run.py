# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo behind `make demo`: starts the lab, sets up a client of Microsoft 365 and PlaceOS, tells what came of it.

Looks first (preflight.yml), runs site.yml twice, and asks both servers itself what stands there. Ends with 0 when all
runs succeeded, looking wrote nothing, the last run changed nothing, and the app reads the rooms' calendars and is refused
the director's. Needs what the collection and the lab need, and an ansible-playbook beside the Python that runs it (or on
PATH).
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "collections"))

from tools.lab_process import Lab, LabError, start_lab
from tools.processes import end_descendants, inherit_orphans, run_shown
from tools.recap import recaps, total

from demo.client import INVENTORY, ROOT, SECRET_FILE, Client, furnish, read_client, write_variables
from demo.report import DemoError, Run, say, show_built, show_proved, show_runs, standing_on
from demo.servers import Graph, PlaceOS, Server

PORT = 18443  # the one in inventories/demo
interrupted = threading.Event()


class StoppedError(RuntimeError):
    """The person pressed Ctrl-C."""


def port_is_free(port: int) -> bool:
    """Tell whether a server could listen on `port` of this machine now."""
    with socket.socket() as probe:
        # As servers do, so that connections of the last demo which are still closing do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def program(name: str) -> str:
    """Find the program of Ansible that belongs to this Python."""
    beside = Path(sys.executable).parent / name
    if beside.exists():
        # Short when it is in the clone, since it is shown to be typed.
        return str(beside.relative_to(ROOT)) if beside.is_relative_to(ROOT) else str(beside)
    found = shutil.which(name)
    if not found:
        raise DemoError(f"{name} was not found. `make setup` installs it into .venv.")
    return found


def environment() -> dict[str, str]:
    """Give the playbooks the caller's environment, without a proxy in front of the lab."""
    # The configuration of the clone, whatever the caller uses elsewhere: it opens the demo inventory's vault.
    env = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
    for name in ("NO_PROXY", "no_proxy"):
        env[name] = ",".join(filter(None, [env.get(name), "localhost", "127.0.0.1"]))
    env["ANSIBLE_STDOUT_CALLBACK"] = "ansible.builtin.default"  # its recap is read below
    # Tasks for ACAEngine, its VM, and clients without rights in Entra are of no interest here.
    env["ANSIBLE_DISPLAY_SKIPPED_HOSTS"] = "false"
    env["PYTHONUNBUFFERED"] = "1"
    if sys.stdout.isatty() and "NO_COLOR" not in env:
        env["ANSIBLE_FORCE_COLOR"] = "1"
    return env


def play(command: list[str], lab: Lab, *, shown_from: str = "") -> Run:
    """Run a playbook, show what it prints as it prints it, and read its recap."""
    say(f"$ {shlex.join(command)}" + (f" | sed -n '/^{shown_from}/,$p'\n" if shown_from else ""))
    before, started = len(lab.requests()), time.monotonic()
    status, text = run_shown(command, cwd=ROOT, env=environment(), cancelled=interrupted.is_set, shown_from=shown_from)
    if status is None:
        raise StoppedError
    if status:
        raise DemoError(f"ansible-playbook ended with status {status}; the reason stands above.")
    recap = next(iter(recaps(text)[-1:]), {})
    if not total(recap, "ok"):
        raise DemoError("the playbook ran no task: no host of the inventory was matched.")
    if bad := total(recap, "failed") + total(recap, "unreachable"):
        raise DemoError(f"{bad} task(s) failed.")
    asked = Counter(str(entry["server"]) for entry in lab.requests()[before:])
    return Run(total(recap, "changed"), time.monotonic() - started, asked, text)


def look(command: list[str], lab: Lab, servers: list[Server]) -> Run:
    """Run a playbook that must not write anything, on servers that would refuse and record it; show its report."""
    for server in servers:
        server.control("read-only", {"enabled": True})
    run = play(command, lab, shown_from="demo: ")
    for server in servers:
        if refused := server.control("violations"):
            raise DemoError(f"looking tried to write: {refused}")
        server.control("read-only", {"enabled": False})
    return run


def prove(runs: list[Run], lab: Lab, placeos: PlaceOS, graph: Graph, client: Client) -> None:
    """Ask Microsoft Graph as PlaceOS would, with what PlaceOS has; and look for the secret where it must not be."""
    held = placeos.credentials()
    secret = held["client_secret"]
    if any(secret in run.output for run in runs) or any(secret in str(entry) for entry in lab.requests()):
        raise DemoError("the client secret was printed, or was in the address of a request.")
    graph.sign_in(held["tenant"], held["client_id"], secret)
    answers = {mailbox: graph.read(mailbox) for mailbox in [*client.allowed, client.denied]}
    show_proved(answers, client.denied)


def hold(lab: Lab, state: Path, given: list[str]) -> None:
    """Leave the lab running until Ctrl-C."""
    placeos = lab.info["placeos"]
    key = shlex.quote("X-API-Key: " + placeos["credentials"]["admin"])
    say("\nThe lab keeps running until you press Ctrl-C. In another terminal:")
    say(f"  cd {shlex.quote(str(ROOT))}")
    for playbook in ("site.yml", "playbooks/rotate_secret.yml"):
        say(f"  {shlex.join([program('ansible-playbook'), playbook, *given])}")
    say(f"  {shlex.join([program('ansible-vault'), 'view', str(state / SECRET_FILE)])}")
    say(f"  curl --cacert {lab.info['ca_file']} -H {key} {placeos['url']}/api/engine/v2/systems?limit=3")
    say(f"addresses and credentials: {lab.state / 'lab.json'}")
    while not interrupted.is_set() and lab.process.poll() is None:
        interrupted.wait(0.5)
    if not interrupted.is_set():
        raise DemoError(f"the lab ended by itself.\n{lab.last_words()}")
    say("\nStopping the lab.")


def demo(lab: Lab, state: Path, *, keep: bool) -> None:
    """Run the demo against a lab that has just been started."""
    lab.wait_ready(cancelled=interrupted.is_set)
    if interrupted.is_set():
        raise StoppedError
    placeos = PlaceOS(lab.info)
    graph = Graph(lab.info["microsoft"]["graph_url"], lab.info["ca_file"])
    client, variables = read_client(), state / "lab.yml"
    furnish(graph, client)
    write_variables(variables, lab.info)
    say("A lab on this machine plays both sides:")
    say(f"  PlaceOS        {placeos.url}, empty")
    say(f"  Microsoft 365  {graph.url}, with {len(client.rooms)} rooms, a service account, a director")
    say("                 and a group, but no app; Exchange is spoken to without PowerShell")
    given = ["-i", str(INVENTORY), "-e", f"@{variables}"]
    site = [program("ansible-playbook"), "site.yml", *given]
    say("\n1. Look: what would be done, and what would stop it. Nothing may be written.\n")
    seen = look([program("ansible-playbook"), "playbooks/preflight.yml", *given], lab, [placeos, graph])
    say("2. Do it: the app, its limits and the proof of them first, then PlaceOS.\n")
    first = play(site, lab)
    if not first.changed:
        raise DemoError("the first run changed nothing, although the lab was empty.")
    say("3. Do it again. All is checked as before, and nothing may change.\n")
    second = play(site, lab, shown_from="PLAY RECAP")
    if second.changed:
        raise DemoError(f"the second run changed something in {second.changed} task(s); it should change nothing.")
    show_built(standing_on(placeos))
    show_runs(seen, first, second)
    prove([seen, first, second], lab, placeos, graph, client)
    say("\nWhere to look next")
    say("  inventories/demo   the client that was set up: change a room and run again")
    say("  docs/              tutorial, how-to, reference")
    say("  make demo KEEP=1   the same, and the lab stays until Ctrl-C for your commands")
    say("  make help          everything else")
    if keep:
        hold(lab, state, given)


def main() -> int:
    """Run the demo and clean up after it, whatever happens."""
    parser = argparse.ArgumentParser(description="Sets up the demo client on the lab, twice.")
    parser.add_argument("--keep", action="store_true", help="leave the lab running until Ctrl-C")
    options = parser.parse_args()
    # A flag, not an exception: an exception could come between the start of a process and the note of its id.
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, lambda *_: interrupted.set())
    inherit_orphans()
    state = Path(tempfile.mkdtemp(prefix="placeos-demo-"))
    lab: Lab | None = None
    try:
        usual = port_is_free(PORT)
        if not usual:
            say(f"Port {PORT} is taken; the lab uses a free one and the playbooks are told its address.")
        port = ["--placeos-port", str(PORT)] if usual else []
        lab = start_lab(state / "lab", "--tls", "--tenant", "empty", *port)
        demo(lab, state, keep=options.keep)
    except StoppedError:
        say("\nStopped.")
        return 130
    except (DemoError, LabError) as error:
        say(f"\nThe demo failed: {error}")
        return 1
    finally:
        end_descendants(spare={lab.pid} if lab else set())
        if lab:
            lab.stop()
        end_descendants()
        shutil.rmtree(state, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
