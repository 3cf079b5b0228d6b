#!/usr/bin/python
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Manage driver and interface repositories of a PlaceOS server."""

from __future__ import annotations

DOCUMENTATION = r"""
module: placeos_repository
short_description: Manage driver and interface repositories of a PlaceOS server
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Creates, changes and deletes repositories; one with its own options, or many with O(repositories).
  - A repository is found by its id, else by its folder name, else by its address.
extends_documentation_fragment:
  - placeos.office365.attributes
  - placeos.office365.attributes.group
  - placeos.office365.attributes.configuration
  - placeos.office365.connection
  - placeos.office365.policy
  - placeos.office365.policy.secrets
options:
  repositories:
    description:
      - The repositories, each with the options of a single one.
    type: list
    elements: dict
    suboptions: &repository
      id:
        description:
          - Id of an existing repository; only needed where nothing else can tell it.
        type: str
      name:
        description:
          - Name. Needed unless O(id) is given.
        type: str
      uri:
        description:
          - Address of the git repository, an absolute URL; addresses such as C(git@host:path) are refused by
            the server.
        type: str
      repo_type:
        description:
          - What is in it.
        type: str
        choices: [driver, interface]
        default: driver
      folder_name:
        description:
          - Folder on the server, unique per type, stored in lower case.
          - Without it, a repository with the same O(uri) is used whatever its folder, and a new one gets a
            folder made from its name.
        type: str
      branch:
        description:
          - Branch.
        type: str
      commit_hash:
        description:
          - Commit to use, or V(HEAD).
        type: str
      description:
        description:
          - Description.
        type: str
      root_path:
        description:
          - Folder of the repository to use.
        type: str
      username:
        description:
          - User name, for a private repository.
        type: str
      password:
        description:
          - Password or access token, for a private repository. See O(update_secret) for when it is written.
        type: str
      state:
        description:
          - Whether the repository is to exist. Deleting one that has drivers deletes them and their modules,
            and needs O(force).
        type: str
        choices: [present, absent]
        default: present
  purge_scope:
    description: What a purge may look at; needed with O(purge).
    type: dict
    suboptions:
      name:
        description:
          - Repositories whose name matches this shell pattern.
        type: str
      repo_type:
        description:
          - Repositories of this type.
        type: str
  <<: *repository
seealso:
  - module: placeos.office365.placeos_driver
"""

EXAMPLES = r"""
- name: The public drivers of PlaceOS
  placeos.office365.placeos_repository:
    url: https://acme.placeos.example
    api_key: "{{ placeos_api_key }}"
    name: PlaceOS Drivers
    uri: https://github.com/PlaceOS/drivers
    branch: master
"""

RETURN = r"""
changes:
  description: Names of the objects by what was done with them, or would be in check mode.
  returned: always
  type: dict
  contains:
    created:
      description: Created objects.
      type: list
      elements: str
    updated:
      description: Changed objects.
      type: list
      elements: str
    deleted:
      description: Deleted objects.
      type: list
      elements: str
    unchanged:
      description: Objects that were as desired already.
      type: list
      elements: str
repositories:
  description: The repositories as they are on the server now, without passwords; in check mode as they were.
  returned: always
  type: list
  elements: dict
  sample:
    - id: repo-L5-X9z1j48
      name: PlaceOS Drivers
      uri: https://github.com/PlaceOS/drivers
      repo_type: driver
errors:
  description:
    - One entry per object that could not be made right; all others were.
    - The keys are those of the same result of M(placeos.office365.placeos_zone).
  returned: on failure
  type: list
  elements: dict
"""

from ansible_collections.placeos.office365.plugins.module_utils._module import configure


def main() -> None:
    """Entry point."""
    configure("repository")


if __name__ == "__main__":
    main()
