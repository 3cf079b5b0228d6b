# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of documents: attributes, validations, and what saving or deleting one does to others."""
