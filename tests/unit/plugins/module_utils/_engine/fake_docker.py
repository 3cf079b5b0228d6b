# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fake of Docker's command line and of both generations of Compose, run as a program of its own.

It answers in the words and with the exit codes of docker-compose 1.29.2 (seen), of the plugin as documented in
docs.docker.com/reference/cli/docker/compose and in docker/compose's issues (named below), and of docker 20.10 (seen).
Containers live in a JSON file. What a container is like depends on the files that it was made from:

- ``BROKEN`` in one of them: Compose refuses them
- ``CANNOT_START``: ``up`` fails after the old container is gone
- ``SICK``: the container runs, but does not answer
- ``ENDS``: the container ends at once
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any


class Failed(Exception):
    """The program ends with a fault."""


class FakeDocker:
    """Everything the two programs know; `folder` is the one they are called in."""

    def __init__(self, state: Path, folder: Path) -> None:
        self.place = state
        self.folder = folder
        self.state: dict[str, Any] = json.loads(state.read_text())
        self.containers: list[dict[str, Any]] = self.state["containers"]
        self.out = ""
        self.err = ""

    def save(self) -> None:
        self.place.write_text(json.dumps(self.state))

    def say(self, text: str) -> None:
        self.out += text + "\n"

    def play(self, name: str, words: list[str]) -> int:
        """Play a program; the answer is its exit code."""
        with self.place.with_name("calls").open("a") as calls:
            calls.write(" ".join([name, *words]) + "\n")
        try:
            if name == "docker":
                self.docker(words)
            else:
                self.compose(words, v1=True)
        except Failed as failed:
            self.err += f"{failed}\n"
            return 1
        return 0

    # -- docker ------------------------------------------------------------------------------------------------------

    def docker(self, words: list[str]) -> None:
        if self.state["engine_down"] and words[0] != "compose":
            raise Failed(
                "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
            )
        if words[0] == "compose":
            if not self.state["v2"]:
                raise Failed("docker: 'compose' is not a docker command.\nSee 'docker --help'")
            self.compose(words[1:], v1=False)
        elif words[0] == "ps":
            for container in self.containers:
                self.say(container["Id"])
        elif words[:3] == ["inspect", "--type", "container"]:
            found = [c for c in self.containers if c["Id"] in words[3:]]
            self.say(json.dumps(found))
            for missing in set(words[3:]) - {c["Id"] for c in found}:
                raise Failed(f"Error: No such container: {missing}")
        elif words[0] == "logs":
            self.logs(int(words[3]), words[4])

    def logs(self, count: int, container: str) -> None:
        files = next(c for c in self.containers if c["Id"] == container)["FakeFiles"]
        said = ["booting", *(f"with {line}" for text in files.values() for line in text.splitlines())]
        said += ["it went wrong for client~pass", "ending"]
        for number, line in list(enumerate(said))[-count:]:
            stamped = f"2026-08-01T10:00:00.{number:09d}Z {line}\n"
            if "went wrong" in line:
                self.err += stamped
            else:
                self.out += stamped

    # -- compose -----------------------------------------------------------------------------------------------------

    def files(self) -> dict[str, str]:
        return {p.name: p.read_text() for p in sorted(self.folder.iterdir()) if p.suffix in (".yml", ".yaml", ".env")}

    def digest(self, *, env_files: bool) -> str:
        # Version 2.22 and later leave env files out of "config --hash" (docker/compose issue 14001).
        known = {n: t for n, t in self.files().items() if env_files or not n.endswith(".env")}
        return hashlib.sha256(json.dumps(known).encode()).hexdigest()

    def compose(self, words: list[str], *, v1: bool) -> None:
        if words[:2] == ["version", "--short"]:
            self.say("1.29.2" if v1 else "2.27.0")
            return
        if any("BROKEN" in text for text in self.files().values()):
            broken = next(text for text in self.files().values() if "BROKEN" in text)
            raise Failed(f"The Compose file is invalid because:\nUnsupported config option: {broken.strip()}")
        if words == ["config", "-q"]:
            return
        if words == ["config", "--services"]:
            self.say("couch\nengine")
        elif words == ["config"]:
            self.say(json.dumps(self.files()))
        elif words[:2] == ["config", "--hash"]:
            self.say(f"{words[2]} {self.digest(env_files=v1)}")
        elif words[0] == "ps":
            # Version 1 lists stopped containers without being asked, version 2 with -a only.
            for container in self.containers:
                if v1 or "-a" in words or container["State"]["Status"] == "running":
                    self.say(container["Id"])
        elif words[:3] == ["up", "-d", "--no-deps"]:
            self.up()
        elif words[:3] == ["rm", "-s", "-f"]:
            self.containers.clear()
            self.save()

    def up(self) -> None:
        time.sleep(self.state["up_seconds"])
        files = self.files()
        texts = " ".join(files.values())
        digest = self.digest(env_files=True)
        if self.containers and self.containers[0]["Config"]["Labels"]["com.docker.compose.config-hash"] == digest:
            self.containers[0]["State"]["Status"] = "running"
            self.save()
            return
        self.containers.clear()
        if "CANNOT_START" in texts:
            self.save()
            raise Failed("ERROR: for engine  Cannot start service engine: driver failed")
        self.state["made"] += 1
        labels = {
            "com.docker.compose.service": "engine",
            "com.docker.compose.oneoff": "False",
            "com.docker.compose.config-hash": digest,
            "com.docker.compose.project.working_dir": str(self.folder),
        }
        self.containers.append(
            {
                "Id": f"container-{self.state['made']}",
                "State": {
                    "Status": "exited" if "ENDS" in texts else "running",
                    "ExitCode": 7 if "ENDS" in texts else 0,
                },
                "RestartCount": 0,
                "Config": {"Image": "aca0/engine:stable", "Labels": labels, "Env": ["DB_PASSWORD=client~pass"]},
                "Mounts": [{"Source": "/srv/app", "Destination": "/home/aca-apps/ruby-engine-app"}],
                "FakeFiles": files,
            }
        )
        self.save()


def main() -> None:
    """Play the program that it was called as."""
    fake = FakeDocker(Path(os.environ["FAKE_DOCKER_STATE"]), Path.cwd())
    code = fake.play(sys.argv[1], sys.argv[2:])
    sys.stdout.write(fake.out)
    sys.stderr.write(fake.err)
    sys.exit(code)


if __name__ == "__main__":
    main()
