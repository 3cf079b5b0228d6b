#!/usr/bin/python
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Read objects of a PlaceOS server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: placeos_info
short_description: Read objects of a PlaceOS or ACAEngine server
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Reads all objects of one kind, as the server has them. Nothing is changed.
extends_documentation_fragment:
  - placeos.office365.attributes
  - placeos.office365.attributes.group
  - placeos.office365.attributes.info
  - placeos.office365.connection
options:
  kind:
    description:
      - What to read. V(authority) is the server's public description of itself, which needs no right.
    type: str
    required: true
    choices: [authority, zone, system, repository, driver, module, settings, metadata, domain, tenant]
  parent:
    description:
      - Name or id of the zone, system, driver or module whose settings or metadata to read. Needed for these two.
    type: str
  parent_kind:
    description: Kind of O(parent), where it is named and not given by its id.
    type: str
    choices: [zone, system, driver, module]
    default: zone
  filters:
    description: Query parameters of the server's list, such as C(zone_id) or C(tags).
    type: dict
    default: {}
  query:
    description: JMESPath expression that is applied to the list of objects.
    type: str
requirements:
  - jmespath (for O(query))
"""

EXAMPLES = r"""
- name: Bookable rooms without a mailbox
  placeos.office365.placeos_info:
    url: https://acme.placeos.example
    api_key: "{{ placeos_api_key }}"
    kind: system
    query: "[?bookable && !email].name"
  register: rooms
"""

RETURN = r"""
platform:
  description: Which server it is, V(placeos) (PlaceOS v2) or V(acaengine).
  returned: success
  type: str
  sample: placeos
objects:
  description:
    - The objects, or what O(query) made of them.
    - Their keys are those of the module of the same kind; what the server does not show is left out.
  returned: always
  type: raw
  sample:
    - id: zone-L5-V0jy-2~
      name: Acme
      tags: [org]
count:
  description: How many objects there are, before O(query).
  returned: always
  type: int
  sample: 1
"""

from typing import Any

from ansible.module_utils.basic import missing_required_lib

from ansible_collections.placeos.office365.plugins.module_utils._http import HttpError
from ansible_collections.placeos.office365.plugins.module_utils._module import Frame
from ansible_collections.placeos.office365.plugins.module_utils._placeos.connection import AUTHORITY_PATH
from ansible_collections.placeos.office365.plugins.module_utils._placeos.kinds import KINDS
from ansible_collections.placeos.office365.plugins.module_utils._placeos.platform import Platform
from ansible_collections.placeos.office365.plugins.module_utils._placeos.references import References, Unresolved
from ansible_collections.placeos.office365.plugins.module_utils._plan import UNREADABLE, Desired
from ansible_collections.placeos.office365.plugins.module_utils._view import View

try:
    import jmespath
except ImportError as error:
    JMESPATH_IMPORT_ERROR: ImportError | None = error
else:
    JMESPATH_IMPORT_ERROR = None


def main() -> None:
    """Entry point."""
    frame = Frame(
        {
            "kind": {"type": "str", "required": True, "choices": ["authority", *KINDS]},
            "parent": {"type": "str"},
            "parent_kind": {"type": "str", "choices": ["zone", "system", "driver", "module"], "default": "zone"},
            "filters": {"type": "dict", "default": {}},
            "query": {"type": "str"},
        },
        required_if=[["kind", "settings", ["parent"]], ["kind", "metadata", ["parent"]]],
    )
    if frame.params["query"] and JMESPATH_IMPORT_ERROR is not None:
        frame.module.fail_json(msg=missing_required_lib("jmespath"), exception=str(JMESPATH_IMPORT_ERROR))
    platform = frame.connect()
    lacking = platform.lacks.get(frame.params["kind"])
    if lacking:
        frame.module.exit_json(
            changed=False, skipped=True, skip_reason=lacking, msg=lacking, objects=[], count=0, platform=platform.name
        )
    try:
        rows = _read(frame, platform)
    except HttpError as error:
        frame.fail_request(error)
    except Unresolved as error:
        frame.module.fail_json(msg=f"parent: {error}")
    objects: Any = [{key: View.plain(value) for key, value in row.items() if value is not UNREADABLE} for row in rows]
    count = len(objects)
    if frame.params["query"]:
        try:
            objects = jmespath.search(frame.params["query"], objects)
        except jmespath.exceptions.JMESPathError as error:
            frame.module.fail_json(msg=f"query {frame.params['query']!r} is not valid: {error}")
    frame.module.exit_json(changed=False, objects=objects, count=count, platform=platform.name)


def _read(frame: Frame, platform: Platform) -> list[dict[str, Any]]:
    kind = frame.params["kind"]
    if kind == "authority":
        return [platform.http.get(AUTHORITY_PATH).data]
    resource = platform.resource(kind)
    if kind in ("settings", "metadata"):
        parent = References(platform).resolve(frame.params["parent_kind"], frame.params["parent"])
        rows: list[dict[str, Any]] = (
            resource.below(parent) if kind == "metadata" else resource.rows([Desired("", {"parent": parent})])
        )
        return rows
    found: list[dict[str, Any]] = resource.rows(None, **frame.params["filters"])
    return found


if __name__ == "__main__":
    main()
