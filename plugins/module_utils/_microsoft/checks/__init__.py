# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What graph_app_check looks at: facts are gathered, then judged by functions that do no input or output."""
