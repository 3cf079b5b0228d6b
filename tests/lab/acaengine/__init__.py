# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ACAEngine: the engine's REST API, its sign-in service, and modules that run.

There are no recordings of this platform. Each rule names the source it was read from; the short names are
RE ruby-engine (a3c55b7), CA coauth (f0d0336, branch couchbase-orm), EQ co-elastic-query (54a300f), RD ruby-engine-drivers
(2754bcc), CO couchbase-orm (3b75cb2, 1.1.1), DK doorkeeper 4.3.2, RP ruby-engine-app (f678f82).
"""
