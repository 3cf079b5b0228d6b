# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lookup ``client_secret_faults``: is the app's secret said in one place only?"""

from __future__ import annotations

DOCUMENTATION = r"""
name: client_secret_faults
short_description: Lists the places that contradict the file in which the app's secret is kept
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Where the role P(placeos.office365.graph_app#role) manages the app, it keeps the app's id and secret in a file of its
    own. A secret that the inventory sets elsewhere too would win or lose by the names of files.
  - Looks for C(microsoft_client_secret) in the host's and its groups' variables, in inventory files in YAML, and among
    the extra variables, and for a C(microsoft_client_id) that is another app than the file's.
options:
  _terms:
    description: The file in which the role keeps id and secret, its variable C(graph_app_secret_file). One file.
    required: true
"""

EXAMPLES = r"""
- name: The secret is said once
  ansible.builtin.assert:
    that: lookup('placeos.office365.client_secret_faults', graph_app_secret_file, wantlist=true) | length == 0
"""

RETURN = r"""
_list:
  description: One sentence per fault, beginning with the variable; empty when all is well.
  type: list
  elements: str
"""

from pathlib import Path
from typing import Any

from ansible.plugins.lookup import LookupBase

from ..plugin_utils._client.places import Places

SECRET = "microsoft_client_secret"
APP = "microsoft_client_id"


class LookupModule(LookupBase):
    """What Ansible loads."""

    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[str]:
        """Every fault of the one file that is given."""
        self.set_options(var_options=variables, direct=kwargs)  # type: ignore[no-untyped-call]
        file = Path(terms[0]).expanduser()
        places = Places(self._loader, variables or {}, file)
        # Who has a secret that works does not take it out before he knows what comes of it.
        then = "" if places.kept(SECRET) else ", and site.yml makes another one, while this one stays valid in Entra,"
        faults = [
            f"{SECRET}: is set in {place}, and the role graph_app keeps it in {file}; take it out of {place}{then} "
            '(or set graph_app_secret_file: "" and rotate the secret yourself)'
            for place in places.of(SECRET)
        ]
        kept = places.kept(APP)
        for place, value in places.values(APP):
            if kept and value.lower() != kept.lower():
                faults.append(f"{APP}: is {value} in {place}, and {kept} in {file}; one of them is another app")
        return faults
