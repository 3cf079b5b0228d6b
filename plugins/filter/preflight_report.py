# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ``preflight_report``: one readable report of the checks before a rollout."""

from __future__ import annotations

DOCUMENTATION = r"""
name: preflight_report
short_description: Makes one report from the checks of the role preflight
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Judges the results of the tasks of the role P(placeos.office365.preflight#role), and says which of them would stop the
    playbook C(site).
options:
  _input:
    description: The results of its tasks, by the names that C(preflight__report) in the role's C(vars) gives them.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: What stops us
  ansible.builtin.debug:
    msg: "{{ (results | placeos.office365.preflight_report).stops }}"
"""

RETURN = r"""
_value:
  description: The report.
  type: dict
  contains:
    lines:
      description: The report, line by line.
      type: list
      elements: str
    text:
      description: The same, with long lines wrapped for a terminal.
      type: str
    stops:
      description: What would stop the playbook C(site), one sentence each; empty when nothing would.
      type: list
      elements: str
    failures:
      description: Those of them that nothing cures which the playbook C(site) makes, such as a platform that does not answer.
      type: list
      elements: str
"""

from collections.abc import Callable
from typing import Any

from ..plugin_utils._client.preflight import report


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"preflight_report": report}
