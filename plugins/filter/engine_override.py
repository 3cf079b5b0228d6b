# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter ``engine_override``: the files by which roles change a service of a client's Compose project."""

from __future__ import annotations

DOCUMENTATION = r"""
name: engine_override
short_description: Makes the override file by which roles change a service of a Compose project
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Takes the Compose files of a client's project and makes an override file, which Compose merges into them, so that
    they are never rewritten themselves.
  - Several roles share the override file. Each gives its own share, O(environment) and O(secrets) or O(volumes), and
    keeps what is there of the other's.
  - A secret goes into an env file of its own if every version of Compose reads its value alike there, and if the
    client's files do not set the variable under C(environment), which would win. Otherwise it goes into the override
    file.
  - Warns of variables that the client's files set too, and of the mount C(0365-engine), written with a zero.
positional: override_file, service
options:
  _input:
    description: Texts of the project's Compose files by their names, in the order in which Compose merges them.
    type: dict
    required: true
  override_file:
    description: Name of the override file. One of that name that the collection did not write is a fault.
    type: str
    required: true
  service:
    description: The service.
    type: str
    required: true
  environment:
    description: Variables that are not secret.
    type: dict
  secrets:
    description: Variables that are secret.
    type: dict
  env_file:
    description: Name of the env file.
    type: str
    default: engine_environment.env
  volumes:
    description: Paths on the host, each with the path in the container that it is mounted to.
    type: dict
  setting:
    description: The variable of the inventory that holds O(override_file), for advice.
    type: str
    default: ''
  where:
    description: Where the files are, for warnings.
    type: str
    default: ''
"""

EXAMPLES = r"""
- name: Mount a checkout into the engine service
  placeos.office365.engine_compose:
    project_dir: /opt/aca
    files: "{{ engine.files }}"
    secrets: "{{ engine.secrets }}"
  vars:
    engine: >-
      {{ {'docker-compose.yaml': text}
         | placeos.office365.engine_override('docker-compose.override.yml', 'engine',
                                             volumes={'/opt/aca/o365-engine': '/home/aca-apps/ruby-engine-app'}) }}
"""

RETURN = r"""
_value:
  description: What is to be written, or why it cannot be.
  type: dict
  contains:
    files:
      description: The files, as M(placeos.office365.engine_compose) takes them.
      type: list
      elements: dict
    secrets:
      description: Values that are never to be shown, as M(placeos.office365.engine_compose) takes them.
      type: list
      elements: str
    faults:
      description: What is wrong, one line each; empty when the files can be used.
      type: list
      elements: str
"""

from typing import TYPE_CHECKING, Any

from ansible.utils.display import Display

from ..plugin_utils._engine.override import Share, build

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def engine_override(
    texts: Mapping[str, str],
    override_file: str,
    service: str,
    *,
    environment: Mapping[str, object] | None = None,
    secrets: Mapping[str, object] | None = None,
    env_file: str = "engine_environment.env",
    volumes: Mapping[str, str] | None = None,
    setting: str = "",
    where: str = "",
) -> dict[str, Any]:
    """The override file with one role's share, and the env file beside it."""
    share = Share(environment, secrets, env_file, volumes)
    result = build(texts, override_file, service, share, setting)
    for warning in result.warnings:
        Display().warning(f"{where}: {warning}" if where else warning)
    return {"files": result.files, "secrets": result.secrets, "faults": result.faults}


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"engine_override": engine_override}
