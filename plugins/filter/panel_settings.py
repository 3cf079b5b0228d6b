# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The filter ``panel_settings``: settings of ACAEngine's drivers for room booking panels, as the drivers read them."""

from __future__ import annotations

DOCUMENTATION = r"""
name: panel_settings
short_description: Makes the settings that a room panel driver of ACAEngine really reads
version_added: 0.1.0
author:
  - PlaceOS Office 365 collection contributors (@placeos)
description:
  - Takes settings for one of ACAEngine's two Office 365 drivers as a client has them, adds the inventory's credentials,
    and returns the document that makes the driver work. There is a warning, shown by Ansible too, for everything that
    was changed or that nothing reads, and a fault for what only the author can mend.
  - The settings win over the inventory. Among the settings, the order is the driver's own. C(::Aca::O365BookingPanel)
    reads C(msgraph_client_id) before C(office_client_id), C(msgraph_secret) before C(office_secret), and as token URL
    C(msgraph_token_url), C(office_token_url), then a path made of C(msgraph_tenant) or C(office_tenant).
  - To the driver a placeholder such as C(enter MS Graph Application ID) or an empty text is a value, which hides all that
    come after it. Here it is none. The credentials that remain are always written under the first key of that order, so
    that neither a placeholder nor a value left over on the server hides them. Keys of the other family that the settings
    hold are kept, for older versions of the driver; one that differs is reported as without effect.
  - C(::Aca::OfficeBooking) reads C(office_*) only. It gets C(office_site) and C(office_scope) as well, because it would
    prefer the engine's environment to its own defaults.
  - Secrets are put under a key with C($), which the server encrypts when it saves the settings. What it shows of an
    encrypted value is passed on unchanged. No warning or fault holds a secret.
  - Applied to its own document, the filter changes nothing.
positional: class_name
options:
  _input:
    description:
      - The settings, as a dictionary, or as text in JSON or in what YAML reads, such as a sample with comments, a comma
        too many or typographic quotation marks.
      - Nothing, an empty text or an empty dictionary is right where only the credentials are wanted.
    type: raw
    required: true
  class_name:
    description: The class of the driver. The module before it may be left out.
    type: str
    required: true
    choices:
      - ::Aca::O365BookingPanel
      - ::Aca::OfficeBooking
  tenant_id:
    description: The tenant, by id or domain, usually C(microsoft_tenant_id).
    type: str
  client_id:
    description: The id of the application, usually C(microsoft_client_id).
    type: str
  client_secret:
    description: The value of the client secret, usually C(microsoft_client_secret).
    type: str
  discovered:
    description:
      - The default settings of the class in the server's list of discovered drivers, which tell the version of the driver.
        Versions of C(::Aca::O365BookingPanel) from before 5 March 2020 read C(office_*) only, and want C(timeout) as a
        number of seconds.
      - Without them, the newest version is assumed.
      - Like the credentials, it is given by its name only.
    type: dict
"""

EXAMPLES = r"""
- name: Settings for the panel driver, with the credentials
  ansible.builtin.set_fact:
    panel: >-
      {{ {'update_every': '1m', 'timeout': 1800}
         | placeos.office365.panel_settings('::Aca::O365BookingPanel', tenant_id=microsoft_tenant_id,
                                            client_id=microsoft_client_id, client_secret=microsoft_client_secret) }}
  no_log: true  # the document holds the secret

- name: Say what was changed in a sample that was handed over
  ansible.builtin.debug:
    msg: "{{ (sample | placeos.office365.panel_settings('::Aca::OfficeBooking')).warnings }}"
  vars:
    sample: "{{ lookup('ansible.builtin.file', 'driver_settings.json') }}"
"""

RETURN = r"""
_value:
  description: The document and what is to be told of it.
  type: dict
  contains:
    document:
      description: The settings to be stored on the driver. With faults it is incomplete and not to be stored.
      type: dict
      sample:
        msgraph_client_id: 66666666-7777-8888-9999-000000000000
        $msgraph_secret: the secret
        msgraph_token_url: /11111111-2222-3333-4444-555555555555/oauth2/v2.0/token
        msgraph_tenant: 11111111-2222-3333-4444-555555555555
        update_every: 1m
        timeout: 30m
    warnings:
      description: What was changed and why, and what has no effect; one sentence each, beginning with the key.
      type: list
      elements: str
      sample:
        - 'timeout: 1800 would be read as milliseconds, not seconds; "30m" is stored instead'
    faults:
      description: What is wrong and could not be mended; one sentence each, beginning with the key.
      type: list
      elements: str
      sample:
        - 'update_every: "two minutes" is no pause between two looks; write one such as 1m, 90s or 5m'
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.utils.display import Display

from ..plugin_utils._panel_settings import settings
from ..plugin_utils._panel_settings.credentials import Given


def panel_settings(
    value: object,
    class_name: str,
    *,
    tenant_id: str | None = None,
    client_id: str | None = None,
    client_secret: str | None = None,
    discovered: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """``document``, ``warnings`` and ``faults``, as :func:`..plugin_utils._panel_settings.settings.panel_settings`."""
    made = settings.panel_settings(value, class_name, Given(tenant_id, client_id, client_secret), discovered)
    for warning in made["warnings"]:
        Display().warning(f"settings of {class_name}: {warning}")
    return made


class FilterModule:
    """The plugin as ansible-core loads it."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by its name."""
        return {"panel_settings": panel_settings}
