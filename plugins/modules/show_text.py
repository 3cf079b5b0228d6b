#!/usr/bin/python
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Documents the action plugin of this name, which does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: show_text
short_description: Print a text as it is, so that it can be copied
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Prints a text of several lines on the terminal as it is. M(ansible.builtin.debug) prints results, that is JSON or YAML
    with quotes, escapes and indents, from which no script can be copied.
  - The roles show with it what a person has to do in Microsoft Entra and in PowerShell, and the report of the role
    P(placeos.office365.preflight#role).
  - The text is in the result too. With the callbacks C(json) and C(jsonl), whose output is read by programs, it is only
    there.
extends_documentation_fragment:
  - placeos.office365.attributes
  - placeos.office365.attributes.info
options:
  text:
    description: The text.
    type: str
    required: true
notes:
  - It is an action plugin; nothing is run on the host. With C(no_log) nothing is printed.
seealso:
  - module: ansible.builtin.debug
"""

EXAMPLES = r"""
- name: What a person has to do
  placeos.office365.show_text:
    text: "{{ lookup('ansible.builtin.template', 'steps.txt.j2') }}"
"""

RETURN = r"""
msg:
  description: The text, without line ends at its end.
  returned: success
  type: str
"""
