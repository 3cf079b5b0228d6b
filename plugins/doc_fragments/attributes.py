# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be relied on in every module."""

from __future__ import annotations


class ModuleDocFragment:
    """Standard attributes."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can run in check mode and return the changed status prediction without modifying the server.
  diff_mode:
    description: Returns details on what has changed (or would change), field by field, in diff mode.
  idempotent:
    description: When run twice in a row, with the same arguments, the second invocation changes nothing.
"""

    GROUP = r"""
attributes:
  action_group:
    description: Use C(group/placeos.office365.placeos) in C(module_defaults) to set options for this module.
    support: full
    membership:
      - placeos.office365.placeos
"""

    MICROSOFT_GROUP = r"""
attributes:
  action_group:
    description: Use C(group/placeos.office365.microsoft) in C(module_defaults) to set options for this module.
    support: full
    membership:
      - placeos.office365.microsoft
"""

    CONFIGURATION = r"""
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
"""

    INFO = r"""
attributes:
  check_mode:
    support: full
    details: This module does not change anything.
  diff_mode:
    support: N/A
    details: This module does not change anything.
  idempotent:
    support: full
    details: This module does not change anything.
"""
