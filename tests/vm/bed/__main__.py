# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a VM by hand, with a client's project and a repository, until Ctrl-C: `python -m vm.bed FOLDER`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from .git_servers import git_daemon, git_https
from .image import import_image
from .machine import MachineError, running_machine
from .playbook import Controller
from .programs import free_ports, why_not
from .project import Project
from .repository import Repository

USAGE = """\
The VM runs. Its folders are below {state}: opt, home, root, srv, tmp, etc; /opt/aca is the compose project.
  inventory          {inventory}   (host acme, become with sudo)
  a root shell       nsenter --target {pid} --mount --pid --wd=/ -- bash
  calls of git, ssh, docker, docker-compose: {state}/usr/local/calls
  the engine answers {health}
  repositories       {git}/o365-engine.git
                     {https}/o365-engine.git   (trusted by the VM; no token asked)
                     ssh://git@127.0.0.1:{git_port}/srv/git/o365-engine.git
  deploy key         {deploy_key}
  known_hosts line   {known_hosts}
  versions           {versions}
Ctrl-C ends it.
"""


def main() -> int:
    """Run until a signal comes."""
    parser = argparse.ArgumentParser(prog="vm.bed", description=__doc__)
    parser.add_argument("folder", type=Path, help="an empty or new folder that keeps all of the VM")
    parser.add_argument("--form", choices=("list", "map"), default="list", help="of the client's environment")
    parser.add_argument("--by-hand", action="store_true", help="the check-list's variables are in the client's file")
    parser.add_argument("--typo", action="store_true", help="the check-list's mistyped mount is in the client's file")
    parser.add_argument("--facts", type=Path, help="a file to write what a program needs to know, once all is ready")
    arguments = parser.parse_args()
    if reason := why_not():
        print(reason, file=sys.stderr)
        return 1
    state: Path = arguments.folder.resolve()
    state.mkdir(parents=True, exist_ok=True)
    if any(state.iterdir()):
        print(f"{state} is not empty", file=sys.stderr)
        return 1
    ended = threading.Event()
    for sig in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sig, lambda *_: ended.set())
    try:
        with running_machine(state) as machine, git_daemon(machine) as git, git_https(machine) as https:
            import_image(machine)
            project = Project(machine, free_ports(1)[0], arguments.form)
            project = project.by_hand() if arguments.by_hand else project.with_typo() if arguments.typo else project
            project.write()
            project.up(well=not arguments.typo)
            repository = Repository(state / "srv/git")
            repository.create()
            versions = [f"{tag} {repository.release(tag)}" for tag in ("v1.0.0", "v1.1.0")]
            versions.append(f"v1.2.0 {repository.release_without_answer('v1.2.0')} (does not answer)")
            versions.append(f"v1.3.0 {repository.release_that_ends('v1.3.0')} (ends at once)")
            home = state / "controller"
            home.mkdir()
            deploy_key = home / "deploy_key"
            deploy_key.touch(mode=0o600)
            deploy_key.write_text(machine.git_login.private_key)
            reach = {"engine_environment_directory": project.path, "engine_environment_health_url": project.health_url}
            print(
                USAGE.format(
                    state=state,
                    inventory=Controller(machine, home, reach).write_inventory(),
                    pid=machine.pid,
                    health=project.health_url,
                    git=git,
                    https=https.url,
                    git_port=machine.git_login.port,
                    deploy_key=deploy_key,
                    known_hosts=machine.git_login.known_hosts.strip(),
                    versions="\n                     ".join(versions),
                ),
                flush=True,
            )
            if arguments.facts:
                facts = {
                    "address": "127.0.0.1",
                    "port": machine.login.port,
                    "user": machine.login.user,
                    "key_file": str(home / "operator_key"),
                    "known_hosts_file": str(home / "known_hosts"),
                    "repository": f"ssh://git@127.0.0.1:{machine.git_login.port}/srv/git/o365-engine.git",
                    "deploy_key_file": str(deploy_key),
                    "known_hosts": machine.git_login.known_hosts,
                    **reach,
                }
                unfinished = arguments.facts.with_suffix(".unfinished")
                unfinished.write_text(json.dumps(facts), encoding="utf-8")
                unfinished.replace(arguments.facts)
            ended.wait()
    except MachineError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
