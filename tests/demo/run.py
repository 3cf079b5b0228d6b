# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo behind `make demo`: starts the lab, runs site.yml against it twice, tells what was built, stops the lab.

Ends with 0 when both runs succeeded and the second one changed nothing. Needs nothing beyond the standard library and
an ansible-playbook beside the Python that runs it (or on PATH).
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import socket
import ssl
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.lab_process import Lab, LabError, start_lab
from tools.processes import end_descendants, inherit_orphans, run_shown
from tools.recap import recaps, total

ROOT = Path(__file__).resolve().parents[2]
PORT = 18443  # the one in inventories/demo
PAGE = 500
ZONE_KINDS = ("org", "region", "building", "level", "area")
interrupted = threading.Event()


class DemoError(RuntimeError):
    """Something in the demo went wrong; the message is for the person who watches."""


class StoppedError(RuntimeError):
    """The person pressed Ctrl-C."""


@dataclass
class Run:
    """One run of the playbook."""

    changed: int
    seconds: float
    requests: Counter[str]


def say(text: str = "") -> None:
    """Print at once, in order with what the programs print."""
    print(text, flush=True)


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


def ansible_playbook() -> str:
    """Find the ansible-playbook that belongs to this Python."""
    beside = Path(sys.executable).parent / "ansible-playbook"
    if beside.exists():
        # Short when it is in the clone, since it is shown to be typed.
        return str(beside.relative_to(ROOT)) if beside.is_relative_to(ROOT) else str(beside)
    found = shutil.which("ansible-playbook")
    if not found:
        raise DemoError("ansible-playbook was not found. `make setup` installs it into .venv.")
    return found


def environment() -> dict[str, str]:
    """Give the playbook the caller's environment, without a proxy in front of the lab."""
    # The configuration of the clone, whatever the caller uses elsewhere: it opens the demo inventory's vault.
    env = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
    for name in ("NO_PROXY", "no_proxy"):
        env[name] = ",".join(filter(None, [env.get(name), "localhost", "127.0.0.1"]))
    env["ANSIBLE_STDOUT_CALLBACK"] = "ansible.builtin.default"  # its recap is read below
    env["PYTHONUNBUFFERED"] = "1"
    if sys.stdout.isatty() and "NO_COLOR" not in env:
        env["ANSIBLE_FORCE_COLOR"] = "1"
    return env


def play(command: list[str], lab: Lab) -> Run:
    """Run the playbook once, show what it prints as it prints it, and read its recap."""
    say(f"\n$ {shlex.join(command)}\n")
    before, started = len(lab.requests()), time.monotonic()
    status, text = run_shown(command, cwd=ROOT, env=environment(), cancelled=interrupted.is_set)
    if status is None:
        raise StoppedError
    if status:
        raise DemoError(f"ansible-playbook ended with status {status}; the reason stands above.")
    recap = next(iter(recaps(text)[-1:]), {})
    if not total(recap, "ok"):
        raise DemoError("the playbook ran no task: no host of the inventory was matched.")
    if bad := total(recap, "failed") + total(recap, "unreachable"):
        raise DemoError(f"{bad} task(s) failed.")
    return Run(total(recap, "changed"), time.monotonic() - started, lab.methods(before))


class Api:
    """Just enough of a PlaceOS client to count what stands on the server."""

    def __init__(self, info: dict[str, Any]) -> None:
        self.base = str(info["placeos"]["url"]).rstrip("/")
        self.headers = {"X-API-Key": info["placeos"]["credentials"]["admin"], "Accept": "application/json"}
        if host := info["placeos"].get("host_header"):
            self.headers["Host"] = host
        context = ssl.create_default_context(cafile=info.get("ca_file")) if self.base.startswith("https") else None
        handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
        if context:
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self.opener = urllib.request.build_opener(*handlers)

    def rows(self, path: str) -> list[dict[str, Any]]:
        """Return all rows of a list, page by page."""
        found: list[dict[str, Any]] = []
        while True:
            mark = "&" if "?" in path else "?"
            url = f"{self.base}{path}{mark}limit={PAGE}&offset={len(found)}"
            with self.opener.open(urllib.request.Request(url, headers=self.headers), timeout=30) as answer:
                page: list[dict[str, Any]] = json.load(answer)
                everything = int(answer.headers.get("X-Total-Count") or 0)
            found += page
            if not page or len(found) >= everything:
                return found


def describe(api: Api) -> list[tuple[str, int, str]]:
    """Return what stands on the server: noun, number, details."""
    zones = api.rows("/api/engine/v2/zones")
    tags = Counter(tag for zone in zones for tag in zone.get("tags") or ())
    kinds = ", ".join(f"{tags[kind]} {kind}{'s' if tags[kind] > 1 else ''}" for kind in ZONE_KINDS if tags[kind])
    systems = api.rows("/api/engine/v2/systems")
    bookable = sum(bool(system.get("bookable")) for system in systems)
    drivers = api.rows("/api/engine/v2/drivers")
    modules = api.rows("/api/engine/v2/modules")
    running = sum(bool(module.get("running")) for module in modules)
    tenants = api.rows("/api/staff/v1/tenants")
    return [
        ("zones", len(zones), kinds),
        ("systems", len(systems), f"{bookable} bookable"),
        ("drivers", len(drivers), ", ".join(sorted(str(driver.get("name")) for driver in drivers))),
        ("modules", len(modules), f"{running} running"),
        ("tenants", len(tenants), ", ".join(sorted(str(tenant.get("name")) for tenant in tenants))),
    ]


def requests_in_words(requests: Counter[str]) -> str:
    """Put a count of requests into words."""
    each = ", ".join(f"{number} {method}" for method, number in sorted(requests.items()))
    return f"{requests.total()} requests ({each})" if requests else "no request"


def report(built: list[tuple[str, int, str]], first: Run, second: Run) -> None:
    """Say in plain words what happened."""
    say("\nWhat stands on the server now, as its API tells it")
    for noun, number, details in built:
        say(f"  {number:5} {noun if number != 1 else noun[:-1]:<8} {details}".rstrip())
    say("\nWhat the two runs did")
    say(
        f"  first   {first.changed} tasks changed something, {requests_in_words(first.requests)}, {first.seconds:.0f} s"
    )
    say(f"  second  changed=0: nothing was left to do, {requests_in_words(second.requests)}, {second.seconds:.0f} s")
    say("\nWhere to look next")
    say("  inventories/demo   the workplace that was built: change a room and run again")
    say("  docs/              tutorial, how-to, reference")
    say("  make demo KEEP=1   the same, and the lab stays until Ctrl-C, for commands of your own")
    say("  make help          everything else")


def hold(lab: Lab, command: list[str]) -> None:
    """Leave the lab running until Ctrl-C."""
    placeos = lab.info["placeos"]
    say("\nThe lab keeps running until you press Ctrl-C. In another terminal:")
    say(f"  cd {shlex.quote(str(ROOT))} && {shlex.join(command)}")
    host = f" -H {shlex.quote('Host: ' + placeos['host_header'])}" if placeos.get("host_header") else ""
    key = shlex.quote("X-API-Key: " + placeos["credentials"]["admin"])
    say(f"  curl --cacert {lab.info['ca_file']}{host} -H {key} {placeos['url']}/api/engine/v2/systems?limit=3")
    say(f"  addresses and credentials: {lab.state / 'lab.json'}")
    while not interrupted.is_set() and lab.process.poll() is None:
        interrupted.wait(0.5)
    if not interrupted.is_set():
        raise DemoError(f"the lab ended by itself.\n{lab.last_words()}")
    say("\nStopping the lab.")


def demo(options: argparse.Namespace, lab: Lab, *, usual_port: bool) -> None:
    """Run the demo against a lab that has just been started."""
    lab.wait_ready(cancelled=interrupted.is_set)
    if interrupted.is_set():
        raise StoppedError
    say(f"The lab answers at {lab.info['placeos']['url']} (process {lab.pid}).")
    command = [ansible_playbook(), options.playbook, "-i", options.inventory]
    command += ["-e", f"placeos_ca_path={lab.info['ca_file']}"]
    if not usual_port:
        command += ["-e", f"placeos_url={lab.info['placeos']['url']}"]
    first = play(command, lab)
    if not first.changed:
        raise DemoError("the first run changed nothing, although the lab was empty.")
    second = play(command, lab)
    if second.changed:
        raise DemoError(f"the second run changed something in {second.changed} task(s); it should change nothing.")
    report(describe(Api(lab.info)), first, second)
    if options.keep:
        hold(lab, command)


def main() -> int:
    """Run the demo and clean up after it, whatever happens."""
    parser = argparse.ArgumentParser(description="Runs site.yml twice against the lab.")
    parser.add_argument("--keep", action="store_true", help="leave the lab running until Ctrl-C")
    parser.add_argument("--playbook", default="site.yml")
    parser.add_argument("--inventory", default="inventories/demo")
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
            say(f"Port {PORT} is taken; the lab uses a free one and the playbook is told its address.")
        lab = start_lab(state / "lab", "--tls", *(["--placeos-port", str(PORT)] if usual else []))
        demo(options, lab, usual_port=usual)
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
