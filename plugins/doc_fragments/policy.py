# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of a configuration task as a whole."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of policy_spec in module_utils/_options.py."""

    DOCUMENTATION = r"""
options:
  purge:
    description:
      - Whether to delete what is inside O(purge_scope) and not in the list.
      - Look at the list first with C(--check --diff).
    type: bool
    default: false
  purge_max_share:
    description:
      - Largest share of the objects in scope that a purge may delete, from V(0) to V(1). A larger purge is refused
        before anything is written; in check mode it is shown, with a warning.
    type: float
    default: 0.1
  force:
    description:
      - Whether to delete objects although the server deletes others along with them.
    type: bool
    default: false
"""

    SECRETS = r"""
options:
  update_secret:
    description:
      - When to write secrets that the server does not show.
      - V(on_change) compares them with a salted slow hash of what was written last, which is kept in the internals
        of the server's domain. V(on_create) writes them only with a new object, V(always) in every run.
    type: str
    choices: [on_change, on_create, always]
    default: on_change
"""
