# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What graph_app does: the application, its consent and its client secrets, found, planned and written."""
