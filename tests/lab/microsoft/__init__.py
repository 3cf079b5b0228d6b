# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that imitates the parts of Microsoft 365 which the collection uses.

Sign-in (Entra's token endpoint), the directory (Microsoft Graph), mailboxes and places (Exchange through Graph), and the
endpoint that runs Exchange's cmdlets. Facts come from public sources and recordings: see tables/ and tests/lab/README.md.
"""
