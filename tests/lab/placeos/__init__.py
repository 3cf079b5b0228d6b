# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PlaceOS v2: rest-api, the sign-in service, staff-api tenants and a core that builds a few drivers."""
