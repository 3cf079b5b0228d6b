# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the fake pwsh (see ../fake_pwsh). Nothing but the standard library, except for certificates."""
