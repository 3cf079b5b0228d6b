# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of ACAEngine's drivers for room booking panels: what they read, and what is to be stored for them."""
