#!/usr/bin/python
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Look at a service of a Compose project."""

from __future__ import annotations

DOCUMENTATION = r"""
module: engine_compose_info
short_description: Look at a service of a Compose project
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Tells which Compose a host has, which files it reads in a project's folder, and what the container of a service is
    like. Variables of the container are not shown, since there are secrets among them.
  - Runs on the host with the containers, and needs Docker's command line, Compose and Python there, nothing else.
attributes:
  check_mode:
    description: Can run in check mode and return the changed status prediction without modifying the host.
    support: full
    details: This module does not change anything.
  diff_mode:
    description: Returns details on what has changed (or would change) in diff mode.
    support: N/A
    details: This module does not change anything.
  idempotent:
    description: When run twice in a row, with the same arguments, the second invocation changes nothing.
    support: full
    details: This module does not change anything.
  platform:
    description: Target operating systems.
    support: full
    platforms: linux
options:
  project_dir:
    description: Folder of the Compose project.
    type: path
    required: true
  service:
    description: The service to look at.
    type: str
    default: engine
  command:
    description:
      - The command that runs Compose, in words.
      - By default C(docker compose) is tried, then C(docker-compose).
    type: list
    elements: str
seealso:
  - module: placeos.office365.engine_compose
"""

EXAMPLES = r"""
- name: What is mounted into the engine service
  placeos.office365.engine_compose_info:
    project_dir: /opt/aca
  become: true
  register: engine
"""

RETURN = r"""
compose:
  description: Which Compose there is.
  returned: always
  type: dict
  sample: {command: docker-compose, version: 1.29.2}
files:
  description: Files that Compose reads, in the order in which it merges them, relative to O(project_dir).
  returned: always
  type: list
  elements: str
  sample: [docker-compose.yaml, docker-compose.override.yml]
missing:
  description: Files that E(COMPOSE_FILE) lists, but that are not there.
  returned: always
  type: list
  elements: str
container:
  description: The service's container; empty when it has none.
  returned: always
  type: dict
  contains:
    id:
      description: Its id.
      type: str
    status:
      description: What Docker says about it.
      type: str
      sample: running
    health:
      description: What the image's own health check says; empty without one.
      type: str
      sample: healthy
    image:
      description: Name of its image.
      type: str
    mounts:
      description: What is mounted into it.
      type: list
      elements: dict
      contains:
        source:
          description: Path on the host.
          type: str
        destination:
          description: Path in the container.
          type: str
"""

import os
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.placeos.office365.plugins.module_utils._engine.compose import (
    find_compose,
    present_files,
    read_project,
)
from ansible_collections.placeos.office365.plugins.module_utils._engine.docker import Container, containers
from ansible_collections.placeos.office365.plugins.module_utils._engine.run import EngineError, Programs

OPTIONS: dict[str, Any] = {
    "project_dir": {"type": "path", "required": True},
    "service": {"type": "str", "default": "engine"},
    "command": {"type": "list", "elements": "str"},
}


def shown(container: Container) -> dict[str, Any]:
    """A container without its labels and variables."""
    mounts = [{"source": source, "destination": destination} for source, destination in container.mounts]
    about = {name: getattr(container, name) for name in ("id", "status", "health", "image")}
    return {**about, "mounts": mounts}


def main() -> None:
    """Entry point."""
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    folder = Path(module.params["project_dir"])
    programs = Programs(folder, os.environ)
    try:
        compose = find_compose(programs, module.params["command"])
        project = read_project(folder, os.environ, compose.is_v1)
        there, missing = present_files(project, folder)
        found = containers(compose, module.params["service"])
    except EngineError as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=False,
        compose={"command": compose.name, "version": compose.version},
        files=there,
        missing=missing,
        container=shown(found[0]) if found else {},
    )


if __name__ == "__main__":
    main()
