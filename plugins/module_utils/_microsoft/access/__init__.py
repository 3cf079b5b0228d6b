# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What graph_access_policy does: which mailboxes an application may reach, planned, written and proved."""
