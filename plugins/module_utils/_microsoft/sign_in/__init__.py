# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access tokens: by secret or certificate, over our transport, with every refusal in plain words."""
