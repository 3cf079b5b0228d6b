# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authorities, users, edge nodes and discovered drivers (CA app/models/{authority,user}.rb; RE edge_control.rb, discovery.rb)."""

from __future__ import annotations

from ..hosts import domain_key
from ..model import CREATED, HASH, LIST, NO, REFERENCE, TEXT, Attribute, Model
from ..params import boolean, integer

AUTHORITY = Model(
    "sgrp",
    {
        "created_at": CREATED,
        "name": TEXT,
        "dom": TEXT,
        "description": TEXT,
        "login_url": Attribute(default="/login?continue={{url}}"),
        "logout_url": Attribute(default="/"),
        "internals": HASH,
        "config": HASH,
    },
    present=("dom", "name"),
    unique=("dom", domain_key),
)
"""``dom`` is kept as it was given; the unique key is the host in it (authority.rb:27-30)."""

USER = Model(
    "user",
    {
        **dict.fromkeys(
            "name email phone country image metadata login_name staff_id first_name last_name".split(), TEXT
        ),
        **dict.fromkeys("building password_digest email_digest card_number".split(), TEXT),
        "created_at": CREATED,
        "deleted": NO,
        "authority_id": REFERENCE,
        "sys_admin": Attribute(boolean, False),
        "support": Attribute(boolean, False),
    },
)

EDGE = Model(
    "edge",
    {
        "master_id": REFERENCE,
        "name": TEXT,
        "host_origin": TEXT,
        "description": TEXT,
        "password": TEXT,
        "failover": Attribute(boolean, True),
        "timeout": Attribute(integer, 20_000),
        "window_start": TEXT,
        "window_length": Attribute(integer),
        "online": Attribute(boolean, True),
        "failover_active": NO,
        "failover_time": Attribute(integer, 0),
        "startup_time": Attribute(integer, 0),
        "server_port": Attribute(integer, 17_400),
        "settings": HASH,
        "admins": LIST,
        "created_at": CREATED,
    },
)

DISCOVERY = Model(
    "disc",
    {
        "name": TEXT,
        "role": TEXT,
        "description": TEXT,
        "default": REFERENCE,
        "class_name": TEXT,
        "module_name": TEXT,
        "makebreak": Attribute(boolean),
        "settings": HASH,
        "created_at": CREATED,
        "file_exists": Attribute(boolean, True),
    },
)
