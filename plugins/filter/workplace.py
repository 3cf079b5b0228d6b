# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter ``workplace``: a client's inventory as flat lists."""

from __future__ import annotations

DOCUMENTATION = r"""
name: workplace
short_description: Checks a client's workplace and returns its zones and rooms as flat lists
version_added: 0.1.0
author:
  - PlaceOS Office 365 collection contributors (@placeos)
description:
  - Checks the whole description of a workplace, with the rooms of its rooms file, before anything is touched.
  - With no fault, it returns the lists that the set form of the collection's modules takes.
  - With faults, it fails once and reports all of them, one a line, each with its path and what to do.
  - Names are composed. A level is stored as C(building - level), a room as C(building - room), because zone names and
    system names are unique over a whole PlaceOS installation; the short name becomes the display name.
positional: base_dir
options:
  _input:
    description:
      - The workplace, a dictionary. Its keys are described in the reference of the inventory.
    type: dict
    required: true
  base_dir:
    description:
      - The folder that a relative C(rooms_file) is looked for in, usually C(inventory_dir).
      - Needed only when the workplace names a rooms file by a relative path.
    type: path
notes:
  - Rooms files in XLSX need the Python package C(openpyxl) on the control node.
  - Where the control node has no time zone database, time zones are checked for their form only, with a warning.
seealso:
  - plugin: placeos.office365.workplace_faults
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Describe the workplace once for all tasks
  ansible.builtin.set_fact:
    estate: "{{ workplace | placeos.office365.workplace(base_dir=inventory_dir) }}"

- name: Configure its zones
  placeos.office365.placeos_zone:
    zones: "{{ estate.zones }}"
"""

RETURN = r"""
_value:
  description: The workplace as flat lists. Objects name each other by stored name; parents stand before children.
  type: dict
  contains:
    name:
      description: The name of the organisation, which is the stored name of its zone.
      type: str
      sample: Acme
    zones:
      description:
        - The organisation, its buildings and their levels, each with C(name), C(display_name) and C(tags) and, but for
          the organisation, C(parent).
        - C(code), C(description), C(timezone), C(location), C(capacity) and C(map_id) only where they were given.
      type: list
      elements: dict
      sample:
        - {name: Acme, display_name: Acme, tags: [org]}
        - {name: Sydney, display_name: Sydney, tags: [building], parent: Acme, timezone: Australia/Sydney}
        - name: Sydney - Level 27
          display_name: Level 27
          tags: [level]
          parent: Sydney
          map_id: assets/maps/level_27.svg
    metadata:
      description:
        - The names of the buildings' extras, where the workplace app looks for them.
        - The document holds other settings of the app too, so it must be merged, not replaced.
      type: list
      elements: dict
      sample:
        - parent: Sydney
          name: workplace_app
          description: Settings of the workplace app
          details:
            events:
              feature_decriptions:
                video_conference: Video Conference
    systems:
      description:
        - The rooms, each with C(name), C(display_name), C(bookable) and C(zones) (organisation, building, level), and
          with C(timezone) where the room, its building or the workplace has one.
        - C(email), C(capacity), C(map_id), C(features), C(code), C(description), C(type), C(images), C(support_url) and
          C(public) only where they were given.
      type: list
      elements: dict
      sample:
        - name: Sydney - 27.01
          display_name: "27.01"
          email: syd-27.01@acme.example
          capacity: 8
          bookable: true
          map_id: "27.01"
          features: [video_conference]
          zones: [Acme, Sydney, Sydney - Level 27]
          timezone: Australia/Sydney
    bookable:
      description: The stored names of the bookable rooms.
      type: list
      elements: str
      sample: [Sydney - 27.01]
"""

from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleTemplatePluginError
from ansible.utils.display import Display

from ..plugin_utils._workplace.describe import describe

if TYPE_CHECKING:
    from collections.abc import Callable


def workplace(value: object, base_dir: str | None = None) -> dict[str, Any]:
    """The flat lists of :func:`..plugin_utils._workplace.flatten.flatten`.

    Raises AnsibleTemplatePluginError with every fault, one a line.
    """
    description = describe(value, base_dir)
    for note in description.notes:
        Display().warning(note)
    if description.faults:
        count = len(description.faults)
        title = "The workplace has a fault" if count == 1 else f"The workplace has {count} faults"
        raise AnsibleTemplatePluginError("\n".join([f"{title}:", *description.faults]))
    return description.flat


class FilterModule:
    """The plugin as ansible-core loads it."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by its name."""
        return {"workplace": workplace}
