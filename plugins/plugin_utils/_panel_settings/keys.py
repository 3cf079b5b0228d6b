# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of keys: what each driver class reads, read from its source and its history.

Source: acaprojects/ruby-engine-drivers, ``modules/aca/o365_booking_panel.rb`` and ``modules/aca/office_booking.rb`` at
2754bcc7 (September 2024), and at 4541c4f7 (January 2020) for the older state of the first. A row of the tables is: name,
kind of value, the commit since which the class reads it in this way, and the line of the first mention.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """What the driver does with a value."""

    TEXT = "text"
    # Text that nobody else may read: stored under a key with ``$``, which the server encrypts.
    SECRET = "secret"
    # Handed to the panel as it is. Any text counts as true for Ruby, so "false" as a text is wrong.
    FLAG = "flag"
    NUMBER = "number"
    ANY = "any"
    # Text such as 1h30m, parsed by the driver. A bare number would count as milliseconds.
    DURATION = "duration"
    # As DURATION, but the pause between two looks at the calendar: milliseconds are possible, zero is not.
    INTERVAL = "interval"
    # A number of seconds, which the driver adds to a time as it is.
    SECONDS = "seconds"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a driver's settings."""

    name: str
    kind: Kind
    since: str
    line: int

    @property
    def secret(self) -> bool:
        """Is the value to be encrypted?"""
        return self.kind is Kind.SECRET


def _table(rows: str) -> dict[str, Key]:
    keys = (row.split() for row in filter(str.strip, rows.splitlines()))
    return {name: Key(name, Kind(kind), since, int(line)) for name, kind, since, line in keys}


@dataclass(frozen=True, slots=True)
class Driver:
    """A state of a driver class. The tuples name keys in the order in which the driver looks for a value."""

    class_name: str
    keys: dict[str, Key]
    client_id: tuple[str, ...]
    secret: tuple[str, ...]
    token_url: tuple[str, ...]
    # Looked at where there is no token URL; those that are not among ``keys`` only by us, not by the driver.
    tenant: tuple[str, ...]
    token_path: tuple[str, ...] = ()
    # Values that the driver would take itself, unless the engine's environment holds others.
    constants: dict[str, str] = field(default_factory=dict)
    # Where the driver looks when a key has no value.
    environment: dict[str, str] = field(default_factory=dict)


PANEL = "::Aca::O365BookingPanel"
DEPRECATED = "::Aca::OfficeBooking"

# What both drivers read on the same lines.
_SHARED_KEYS = """
    booking_cancel_email_message   text      1eed8e52  49
    booking_timeout_email_message  text      1eed8e52  50
    booking_can_control            flag      0030b9b4  52
    booking_can_search             flag      0030b9b4  53
    booking_catering               flag      1eed8e52  55
    booking_hide_details           flag      1eed8e52  56
    booking_hide_availability      flag      1eed8e52  57
    booking_hide_user              flag      1eed8e52  58
    booking_hide_modal             flag      1eed8e52  59
    booking_hide_all               flag      1eed8e52  62
    booking_hide_title             flag      1eed8e52  63
    booking_hide_description       flag      1eed8e52  65
    booking_hide_timeline          flag      1eed8e52  68
    booking_set_host               flag      1eed8e52  69
    booking_set_title              flag      1eed8e52  70
    booking_set_ext                flag      1eed8e52  71
    booking_search_user            flag      1eed8e52  72
    booking_disable_future         flag      1eed8e52  73
    booking_min_duration           number    1eed8e52  74
    booking_max_duration           number    1eed8e52  75
    booking_duration_step          number    1eed8e52  76
    booking_endable                flag      1eed8e52  77
    booking_ask_cancel             flag      1eed8e52  78
    booking_ask_end                flag      1eed8e52  79
    booking_default_title          text      1eed8e52  80
    booking_select_free            flag      1eed8e52  81
"""

# The first key of each pair wins (lines 84 to 89). Without a token URL and a tenant the driver does not start.
_PANEL_KEYS = (
    """
    room_name                      text      1eed8e52  35
    hide_all                       flag      1eed8e52  36
    touch_enabled                  flag      1eed8e52  37
    arrow_direction                any       1eed8e52  38
    hearing_assistance             any       1eed8e52  39
    timeline_start                 any       1eed8e52  40
    timeline_end                   any       1eed8e52  41
    description                    text      1eed8e52  42
    icon                           any       1eed8e52  43
    booking_control_url            text      1eed8e52  44
    booking_disabled               flag      0030b9b4  45
    timeout                        duration  0f495af3  47
    booking_cancel_timeout         duration  1eed8e52  48
"""
    + _SHARED_KEYS
    + """
    msgraph_client_id              text      797e4fc6  84
    office_client_id               text      1eed8e52  84
    msgraph_secret                 secret    797e4fc6  85
    office_secret                  secret    1eed8e52  85
    msgraph_token_path             text      797e4fc6  86
    office_token_path              text      a3cbcddb  86
    msgraph_token_url              text      797e4fc6  87
    office_token_url               text      1eed8e52  87
    msgraph_tenant                 text      797e4fc6  87
    office_tenant                  text      cc39b21a  87
    msgraph_room                   text      797e4fc6  88
    office_room                    text      2cde45e2  88
    msgraph_https_proxy            text      797e4fc6  89
    office_https_proxy             text      2cde45e2  89
    last_meeting_started           any       1eed8e52  100
    cancel_meeting_after           any       1eed8e52  101
    update_every                   interval  1eed8e52  105
"""
)

# Until 5 March 2020 (797e4fc6) the same class read one family of keys, and passed ``timeout`` on (until 0f495af3).
_PANEL_2019_KEYS = (
    """
    room_name                      text      1eed8e52  35
    hide_all                       flag      1eed8e52  36
    touch_enabled                  flag      1eed8e52  37
    arrow_direction                any       1eed8e52  38
    hearing_assistance             any       1eed8e52  39
    timeline_start                 any       1eed8e52  40
    timeline_end                   any       1eed8e52  41
    description                    text      1eed8e52  42
    icon                           any       1eed8e52  43
    booking_control_url            text      1eed8e52  44
    timeout                        seconds   c775e383  46
    booking_disabled               flag      0030b9b4  47
    cancel_timeout                 duration  0030b9b4  48
    booking_cancel_timeout         duration  1eed8e52  48
"""
    + _SHARED_KEYS
    + """
    office_client_id               text      1eed8e52  84
    office_secret                  secret    1eed8e52  85
    office_token_path              text      a3cbcddb  86
    office_token_url               text      1eed8e52  87
    office_tenant                  text      a3cbcddb  87
    office_room                    text      1eed8e52  88
    office_https_proxy             text      1eed8e52  89
    last_meeting_started           any       1eed8e52  100
    cancel_meeting_after           any       1eed8e52  101
    update_every                   interval  1eed8e52  105
"""
)

_DEPRECATED_KEYS = """
    room_name                      text      fb8c2970  31
    hide_all                       flag      b94f3535  32
    touch_enabled                  flag      b94f3535  33
    arrow_direction                any       5e67a7cd  34
    hearing_assistance             any       5e67a7cd  35
    timeline_start                 any       5e67a7cd  36
    timeline_end                   any       5e67a7cd  37
    description                    text      5e67a7cd  38
    icon                           any       5e67a7cd  39
    booking_control_url            text      b94f3535  40
    timeout                        seconds   c775e383  42
    booking_cancel_timeout         duration  cf22f40c  43
    booking_cancel_email_message   text      65fa832b  44
    booking_timeout_email_message  text      28ca7a48  45
    booking_controls               any       b94f3535  46
    booking_catering               flag      b94f3535  47
    booking_hide_details           flag      b94f3535  48
    booking_hide_availability      flag      b94f3535  49
    booking_hide_user              flag      b94f3535  50
    booking_hide_modal             flag      5e67a7cd  51
    booking_hide_title             flag      5e67a7cd  52
    booking_hide_description       flag      b94f3535  53
    booking_hide_timeline          flag      b94f3535  54
    booking_set_host               flag      ea0144dc  55
    booking_set_title              flag      ea0144dc  56
    booking_set_ext                flag      5e67a7cd  57
    booking_search_user            flag      ea0144dc  58
    booking_disable_future         flag      5e67a7cd  59
    booking_min_duration           number    5e67a7cd  60
    booking_max_duration           number    5e67a7cd  61
    booking_duration_step          number    5e67a7cd  62
    booking_endable                flag      ff54c58a  63
    booking_ask_cancel             flag      5e67a7cd  64
    booking_ask_end                flag      5e67a7cd  65
    booking_default_title          text      5e67a7cd  66
    booking_select_free            flag      5e67a7cd  67
    booking_hide_all               flag      5e67a7cd  68
    office_client_id               text      b94f3535  70
    office_secret                  secret    b94f3535  71
    office_scope                   text      03dd8359  72
    office_site                    text      28bd1118  73
    office_token_url               text      28bd1118  74
    office_user_email              text      89275fbe  75
    office_user_password           secret    89275fbe  76
    office_room                    text      b94f3535  77
    office_https_proxy             text      67f9856f  78
    last_meeting_started           any       b94f3535  94
    cancel_meeting_after           any       b94f3535  95
    update_every                   interval  b94f3535  99
"""

_ENVIRONMENT = {
    "office_client_id": "OFFICE_CLIENT_ID",
    "office_secret": "OFFICE_CLIENT_SECRET",
    "office_token_url": "OFFICE_TOKEN_URL",
}

_CURRENT_PANEL = Driver(
    class_name=PANEL,
    keys=_table(_PANEL_KEYS),
    client_id=("msgraph_client_id", "office_client_id"),
    secret=("msgraph_secret", "office_secret"),
    token_url=("msgraph_token_url", "office_token_url"),
    tenant=("msgraph_tenant", "office_tenant"),
    token_path=("msgraph_token_path", "office_token_path"),
)

_PANEL_OF_2019 = Driver(
    class_name=PANEL,
    keys=_table(_PANEL_2019_KEYS),
    client_id=("office_client_id",),
    secret=("office_secret",),
    token_url=("office_token_url",),
    tenant=("office_tenant", "msgraph_tenant"),
    token_path=("office_token_path",),
    environment=_ENVIRONMENT,
)

_DEPRECATED = Driver(
    class_name=DEPRECATED,
    keys=_table(_DEPRECATED_KEYS),
    client_id=("office_client_id",),
    secret=("office_secret",),
    token_url=("office_token_url",),
    tenant=("office_tenant", "msgraph_tenant"),
    constants={
        "office_site": "https://login.microsoftonline.com",
        "office_scope": "https://graph.microsoft.com/.default",
    },
    environment=_ENVIRONMENT,
)

# One value for all rooms, where the driver means the one of its room.
PER_ROOM = {
    "msgraph_room": "shows the calendar of this one mailbox in every room",
    "office_room": "shows the calendar of this one mailbox in every room",
    "room_name": "gives every room this one name",
    "last_meeting_started": "is kept by the driver itself, for each room",
}

# What no class reads, and why people write it nevertheless.
NEVER_READ = {
    "office_options": "no driver reads it; versions until June 2017 did (28bd1118)",
    "office_delegated": "no driver reads it; versions until June 2019 did (bbf0e3b0)",
    "office_connect_type": "no driver reads it; versions until June 2019 did (bbf0e3b0)",
    "office_organiser_location": "no driver reads it; versions until June 2019 did (28ca7a48)",
}

# The same thing in the other family of keys.
TWINS = {
    "office_client_id": "msgraph_client_id",
    "office_secret": "msgraph_secret",
    "office_token_url": "msgraph_token_url",
    "office_token_path": "msgraph_token_path",
    "office_tenant": "msgraph_tenant",
    "office_room": "msgraph_room",
    "office_https_proxy": "msgraph_https_proxy",
}


def driver(class_name: str, discovered: Mapping[str, object] | None = None) -> Driver | None:
    """The driver of that class, written with or without colons and module; None for another class.

    ``discovered`` are the default settings of the class in the server's list of discovered drivers. They tell the state
    of its driver: since 5 March 2020 they hold ``msgraph_client_id`` (797e4fc6). Without them the newest is assumed.
    """
    name = class_name.strip().removeprefix("::").removeprefix("Aca::")
    if name == PANEL.removeprefix("::Aca::"):
        return _CURRENT_PANEL if not discovered or "msgraph_client_id" in discovered else _PANEL_OF_2019
    return _DEPRECATED if name == DEPRECATED.removeprefix("::Aca::") else None


def other_reader(name: str, this: Driver) -> str | None:
    """Which other driver class, or version of this one, reads the key."""
    if name in _CURRENT_PANEL.keys and this.class_name == PANEL:
        return f"a version of {PANEL} from March 2020 on"
    for other in (_CURRENT_PANEL, _DEPRECATED):
        if other.class_name != this.class_name and name in other.keys:
            return other.class_name
    return None
