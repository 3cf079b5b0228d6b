#!/usr/bin/python
# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keep checkouts of the engine's application on the VM."""

from __future__ import annotations

DOCUMENTATION = r"""
module: engine_checkout
short_description: Keep releases of the engine's application on the VM
version_added: 0.1.0
author: PlaceOS Office 365 collection contributors (@placeos)
description:
  - Checks out one version of a git repository on the VM of an ACAEngine, beside the versions that are there.
  - Each version is a folder of its own, a release, which appears when it is complete. Nothing that is in use is
    changed, and what somebody has changed by hand is neither overwritten nor removed.
  - Runs on the VM, and needs git there. Which release the engine uses is decided by what is mounted into its
    container; see M(placeos.office365.engine_compose).
extends_documentation_fragment:
  - placeos.office365.attributes
  - placeos.office365.attributes.configuration
attributes:
  check_mode:
    details: The remote repository is asked for its references only.
options:
  state:
    description:
      - V(present) sees that there is a release of O(version), and removes old ones.
      - V(previous) finds the release that was in use before O(current), or the one of O(version) if that is given.
        Nothing is fetched, made or removed.
      - V(used) writes down that O(current) is in use now, for V(previous).
    type: str
    choices: [present, previous, used]
    default: present
  directory:
    description:
      - Folder of the releases, such as C(/opt/aca/engine_app). The folder above it must be there.
      - Below it are C(releases/<short hash>), C(repository.git) with what was fetched, and C(history.json).
      - A folder with other contents, such as a checkout made by hand, is refused.
    type: path
    required: true
  repository:
    description:
      - Address of the repository, with https, http, ssh or git, as C(git@host:path), or a path on the VM.
      - Credentials are never part of it.
      - Required with O(state=present).
    type: str
  version:
    description:
      - Commit hash or tag. A branch is used as well, with a warning, because its commit differs from day to day.
      - Required with O(state=present). With O(state=used), what is written down beside the commit.
      - With O(state=previous), the commit or version of a release that is there.
    type: str
  current:
    description:
      - Path of the checkout that the engine uses now. It is examined for local changes, and never removed.
      - Left out, it is the newest in the history.
      - Empty with O(state=used), it means what the client's own Compose file says.
    type: path
  keep:
    description:
      - How many releases stay, with the one in use. That one, the one before it, and releases with local changes
        are never removed.
    type: int
    default: 3
  local_changes:
    description:
      - What to do about changed files and unknown commits in the release that is to be used, and in O(current).
      - V(refuse) fails with their list.
      - V(keep) uses a changed release as it is.
      - V(discard) uses an unchanged checkout, if need be another one of the same commit.
      - No change is ever deleted.
    type: str
    choices: [refuse, keep, discard]
    default: refuse
  expected_changes:
    description:
      - Patterns of files that the engine itself changes in its checkout; they are no local changes.
    type: list
    elements: str
    default: [Gemfile.lock]
  token:
    description:
      - Token (or password) for a repository with https. It is sent to the repository's host only.
    type: str
  token_user:
    description: The user that goes with O(token); most servers take any.
    type: str
    default: git
  deploy_key:
    description:
      - Text of a private key without passphrase, for a repository with ssh.
      - It is held by an agent while git runs, and never written to disk.
      - Left out, root's own keys on the VM are used.
    type: str
  known_hosts:
    description:
      - Lines of C(known_hosts) for the repository's host. Only these keys are accepted.
      - Left out, the keys are those that the VM knows.
    type: str
  accept_new_host_key:
    description:
      - Whether to trust an unknown host key the first time. It is kept in C(known_hosts) in O(directory).
    type: bool
    default: false
  rolled_back:
    description:
      - With O(state=used), that the release before is given up; it is then not on the way back any more.
    type: bool
    default: false
  timeout:
    description: Seconds that each git command may take, and that another run on the same folder is waited for.
    type: float
    default: 300
seealso:
  - module: placeos.office365.engine_compose
"""

EXAMPLES = r"""
- name: Have a release beside what the engine uses
  become: true
  placeos.office365.engine_checkout:
    directory: /opt/aca/engine_app
    repository: git@git.example.com:acme/o365-engine.git
    version: v1.4.2
    deploy_key: "{{ vault_deploy_key }}"
    known_hosts: git.example.com ssh-ed25519 AAAAC3Nz...
  register: checkout

- name: Which one was in use before?
  become: true
  placeos.office365.engine_checkout:
    state: previous
    directory: /opt/aca/engine_app
    current: /opt/aca/engine_app/releases/1f0e5d9c2b7a
"""

RETURN = r"""
commit:
  description: Full hash of the release's commit.
  returned: with states present and previous
  type: str
  sample: 1f0e5d9c2b7a4c3d8e6f1a2b3c4d5e6f7a8b9c0d
version:
  description: What the commit was called when it was asked for.
  returned: with states present and previous
  type: str
  sample: v1.4.2
path:
  description: Where the release is.
  returned: with states present and previous
  type: str
  sample: /opt/aca/engine_app/releases/1f0e5d9c2b7a
created:
  description: Whether the release was made now.
  returned: with states present and previous
  type: bool
pruned:
  description: Paths of old releases that were removed.
  returned: with states present and previous
  type: list
  elements: str
previous:
  description: What was, or still is, in use before this release. Without a commit it is no release.
  returned: with states present and previous
  type: dict
  contains:
    commit:
      description: Full hash of its commit.
      type: str
    path:
      description: Where it is.
      type: str
local_changes:
  description: Local changes that were found.
  returned: with states present and previous, and when they are refused
  type: list
  elements: dict
  contains:
    path:
      description: The checkout.
      type: str
    files:
      description: Changed files, as C(git status --porcelain) shows them.
      type: list
      elements: str
    commits:
      description: Commits that are in this checkout only, with their subjects.
      type: list
      elements: str
    unreadable:
      description: Why the checkout cannot be examined.
      type: str
similar:
  description: Tags and branches with similar names.
  returned: when there is no such version
  type: list
  elements: str
releases:
  description: The releases that are there.
  returned: when there is no previous one
  type: list
  elements: dict
"""

import os
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.placeos.office365.plugins.module_utils._engine.access import Credentials
from ansible_collections.placeos.office365.plugins.module_utils._engine.checkout import (
    Checkout,
    CheckoutError,
    Report,
    Wish,
)
from ansible_collections.placeos.office365.plugins.module_utils._engine.git import Git, GitError, Redactor, find_git
from ansible_collections.placeos.office365.plugins.module_utils._engine.releases import LayoutError, Releases
from ansible_collections.placeos.office365.plugins.module_utils._engine.remote import secret_in


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        {
            "state": {"type": "str", "choices": ["present", "previous", "used"], "default": "present"},
            "directory": {"type": "path", "required": True},
            "repository": {"type": "str"},
            "version": {"type": "str"},
            "current": {"type": "path"},
            "keep": {"type": "int", "default": 3},
            "local_changes": {"type": "str", "choices": ["refuse", "keep", "discard"], "default": "refuse"},
            "expected_changes": {"type": "list", "elements": "str", "default": ["Gemfile.lock"]},
            "token": {"type": "str", "no_log": True},
            "token_user": {"type": "str", "default": "git", "no_log": False},
            "deploy_key": {"type": "str", "no_log": True},
            "known_hosts": {"type": "str"},
            "accept_new_host_key": {"type": "bool", "default": False},
            "rolled_back": {"type": "bool", "default": False},
            "timeout": {"type": "float", "default": 300},
        },
        required_if=[["state", "present", ["repository", "version"]]],
        supports_check_mode=True,
    )
    given = module.params
    # A password in the address is refused, but the refusal shows the parameters.
    written = secret_in(given["repository"] or "")
    module.no_log_values.update(part for part in (written, written.partition(":")[2]) if part)
    redact = Redactor(given["token"] or "", given["token_user"], given["deploy_key"] or "", [written])
    # The engine may run as another user in its container; the checkouts hold no secrets.
    os.umask(0o022)
    try:
        module.exit_json(**_run(module, redact))
    except CheckoutError as error:
        module.fail_json(msg=redact(str(error)), **error.result)
    except (LayoutError, GitError) as error:
        module.fail_json(msg=redact(str(error)))
    except OSError as error:
        module.fail_json(msg=redact(f"{given['directory']}: {error}"))


def _run(module: AnsibleModule, redact: Redactor) -> dict[str, Any]:
    given = module.params
    releases = Releases(Path(given["directory"]))
    git = Git(find_git(), redact, given["timeout"])
    checkout = Checkout(git, releases, given["current"] or "", dry=module.check_mode)
    if given["state"] == "used":
        return {"changed": checkout.used(given["current"] or "", given["version"] or "", given["rolled_back"])}
    wish = Wish(
        redact(given["repository"] or ""),
        given["version"] or "",
        given["keep"],
        given["local_changes"],
        tuple(given["expected_changes"]),
        given["timeout"],
    )
    before = [str(release.path) for release in releases.all()]
    if given["state"] == "previous":
        report = checkout.previous(wish)
    else:
        report = checkout.present(wish, _credentials(given, releases))
    for warning in report.warnings:
        module.warn(redact(warning))
    return {**report.result(), "diff": _diff(before, report)}


def _credentials(given: dict[str, Any], releases: Releases) -> Credentials:
    return Credentials(
        given["token"] or "",
        given["token_user"],
        given["deploy_key"] or "",
        given["known_hosts"] or "",
        given["accept_new_host_key"],
        releases.learned_hosts,
    )


def _diff(before: list[str], report: Report) -> dict[str, str]:
    after = [path for path in before if path not in report.pruned] + ([report.path] if report.created else [])
    return {
        "before_header": "releases",
        "after_header": "releases",
        "before": "".join(f"{path}\n" for path in before),
        "after": "".join(f"{path}\n" for path in after),
    }


if __name__ == "__main__":
    main()
