#!/usr/bin/python
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make a service of a Compose project run with given files, or leave everything as it was."""

from __future__ import annotations

DOCUMENTATION = r"""
module: engine_compose
short_description: Make a service of a Compose project run with given files, or leave everything as it was
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Writes files into the folder of a Compose project, lets Compose validate the whole, re-creates the container of one
    service if it is not as the files say, and waits until it is healthy.
  - If the files are not valid they are put back, and nothing is restarted. If the service does not become healthy they
    are put back, the container is re-created from them, and the task fails with the last lines of its log.
  - Runs on the host with the containers, and needs Docker's command line, Compose and Python there, nothing else. Works
    with C(docker compose) and with C(docker-compose).
  - A run that is killed is completed or undone by the next one. What that takes is kept in the folder
    C(.placeos_office365) below O(project_dir), readable by its owner only; the journal is
    C(.placeos_office365/engine_compose.json).
attributes:
  check_mode:
    description: Can run in check mode and return the changed status prediction without modifying the host.
    support: full
    details: Files that would be written are not validated by Compose then.
  diff_mode:
    description: Returns details on what has changed (or would change) in diff mode.
    support: full
    details: Names of files and variables, and which values differ; never the values themselves.
  idempotent:
    description: When run twice in a row, with the same arguments, the second invocation changes nothing.
    support: full
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
    description: The service to look after. Others are never touched.
    type: str
    default: engine
  files:
    description: Files that the service depends on, in the order in which they are to be written.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Path relative to O(project_dir). Links are not followed.
        type: str
        required: true
      content:
        description: What the file is to say; needed unless it is to be absent.
        type: str
      mode:
        description: Its mode, as an octal number in quotes.
        type: str
        default: '0600'
      state:
        description: Whether the file is to exist.
        type: str
        choices: [present, absent]
        default: present
  secrets:
    description:
      - Values that are never to be shown in messages and log lines.
      - Values in O(files) that are lines such as C(NAME=value) are hidden by themselves.
    type: list
    elements: str
    default: []
  health:
    description: When the service counts as healthy.
    type: dict
    default: {}
    suboptions:
      url:
        description: Address on the host that has to answer 2xx. Redirects are not followed.
        type: str
        default: http://127.0.0.1:8080/auth/authority
      host_header:
        description: Host name to send with it, where the service tells its clients apart by that.
        type: str
      validate_certs:
        description: Whether to verify the certificate of an C(https) address.
        type: bool
        default: true
      timeout:
        description: Seconds after which the service counts as not healthy.
        type: float
        default: 300
      interval:
        description: Seconds between two questions.
        type: float
        default: 2
  log_lines:
    description: How many lines of the log of a container that failed to show.
    type: int
    default: 40
  command:
    description:
      - The command that runs Compose, in words.
      - By default C(docker compose) is tried, then C(docker-compose).
    type: list
    elements: str
seealso:
  - module: placeos.office365.engine_compose_info
"""

EXAMPLES = r"""
- name: The engine service with its variables
  placeos.office365.engine_compose:
    project_dir: /opt/aca
    files:
      - path: engine_environment.env
        content: |
          OFFICE_CLIENT_SECRET={{ microsoft_client_secret }}
      - path: docker-compose.override.yml
        content: |
          version: "2.1"
          services:
            engine:
              env_file: [engine_environment.env]
    health:
      host_header: acme.placeos.example
  become: true
"""

RETURN = r"""
files:
  description: The files by what was done with them, or would be in check mode.
  returned: always
  type: dict
  contains:
    created:
      description: Files that were not there.
      type: list
      elements: str
    updated:
      description: Files with another content, mode or owner.
      type: list
      elements: str
    unchanged:
      description: Files that were as desired already.
      type: list
      elements: str
    removed:
      description: Files that are gone.
      type: list
      elements: str
container:
  description: The service's container.
  returned: always
  type: dict
  contains:
    before:
      description: Id of the container that was there, if any.
      type: str
    after:
      description: Id of the container that is there now, if any.
      type: str
    recreated:
      description: Whether it was replaced, or would be in check mode.
      type: bool
compose:
  description: Which Compose was used.
  returned: always
  type: dict
  sample: {command: docker compose, version: 2.27.0}
rolled_back:
  description: Whether the files were put back because the service did not become healthy with them.
  returned: always
  type: bool
log:
  description: The last lines of the log of the container that failed, without secrets.
  returned: when the service did not become healthy
  type: list
  elements: str
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.placeos.office365.plugins.module_utils._engine.files import ABSENT, Content
from ansible_collections.placeos.office365.plugins.module_utils._engine.health import Health
from ansible_collections.placeos.office365.plugins.module_utils._engine.run import EngineError
from ansible_collections.placeos.office365.plugins.module_utils._engine.service import Service, Wish

HEALTH: dict[str, Any] = {
    "url": {"type": "str", "default": "http://127.0.0.1:8080/auth/authority"},
    "host_header": {"type": "str"},
    "validate_certs": {"type": "bool", "default": True},
    "timeout": {"type": "float", "default": 300.0},
    "interval": {"type": "float", "default": 2.0},
}
FILE: dict[str, Any] = {
    "path": {"type": "str", "required": True},
    "content": {"type": "str", "no_log": True},
    "mode": {"type": "str", "default": "0600"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
OPTIONS: dict[str, Any] = {
    "project_dir": {"type": "path", "required": True},
    "service": {"type": "str", "default": "engine"},
    "files": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": FILE,
        "required_if": [["state", "present", ["content"]]],
    },
    "secrets": {"type": "list", "elements": "str", "default": [], "no_log": True},
    "health": {"type": "dict", "default": {}, "options": HEALTH, "apply_defaults": True},
    "log_lines": {"type": "int", "default": 40},
    "command": {"type": "list", "elements": "str"},
}


def wish(params: dict[str, Any]) -> Wish:
    """What the options ask for.

    Raises:
        EngineError: an option is not usable.
    """
    files = {}
    for file in params["files"]:
        try:
            mode = int(file["mode"], 8)
        except ValueError:
            raise EngineError(f"files: mode of {file['path']} is not an octal number such as '0600'") from None
        present = file["state"] == "present"
        files[file["path"]] = Content(file["content"].encode(), mode) if present else ABSENT
    health = params["health"]
    if not health["url"].startswith(("http://", "https://")):
        raise EngineError(f"health: url {health['url']!r} is no http or https address")
    if health["timeout"] <= 0 or health["interval"] <= 0:
        raise EngineError("health: timeout and interval must be more than 0")
    return Wish(
        project_dir=Path(params["project_dir"]),
        service=params["service"],
        files=files,
        health=Health(**{name: health[name] for name in HEALTH}),
        log_lines=params["log_lines"],
        command=params["command"],
        secrets=params["secrets"],
    )


def main() -> None:
    """Entry point."""
    # no_log: the host's syslog would get the options as one text, in which Ansible does not find secrets of several
    # lines to mask them.
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True, no_log=True)
    try:
        outcome = Service(wish(module.params)).converge(module.check_mode)
    except EngineError as error:
        module.fail_json(msg=str(error))
    for warning in outcome.warnings:
        module.warn(warning)
    result = outcome.result()
    if module._diff:  # noqa: SLF001 - there is no other way to ask for it
        result["diff"] = outcome.diff
    if outcome.fault:
        module.fail_json(msg=outcome.fault, **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
