# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Driver classes on the disk of the engine, and the scan that makes them known (RE discovery.rb, discovery_controller.rb).

Names, module names and roles are those of RD (``descriptive_name``, ``generic_name``, ``implements``). Only the two booking
panels and the demo logic do anything; the others are there so that a list of drivers is one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .driver import Driver, RubyError
from .panels import DemoLogic, O365BookingPanel, OfficeBooking

PANEL, DEPRECATED_PANEL = "::Aca::O365BookingPanel", "::Aca::OfficeBooking"

OTHERS = """
::Aca::DeskBookings | ACA Desk Bookings Logic | DeskBookings | logic |
::Aca::DeviceConfig | ACA Device Config Manager | DeviceConfig | logic |
::Aca::ExchangeBooking | MS Exchange (EWS) Room Booking Panel Logic | Bookings | logic |
::Aca::Joiner | ACA Room Joining Logic | Joiner | logic |
::Aca::LightingManual | ACA Manual Lighting Logic | Lighting | logic |
::Aca::MeetingRoom | ACA Meeting Room Logic | System | logic |
::Aca::PcControl | ACA PC Control Interface | Computer | device | 443
::Aca::Ping | Ping Device (ICMP) | Ping | device | 9
::Aca::Recorder | ACA Streaming Recorder | Recorder | service |
::Aca::Router | ACA Signal Router | Router | logic |
::Aca::SkypeLogic | ACA Skype Logic | Skype | logic |
::Aca::Slack | Slack Connector | Slack | logic |
::Barco::ClickShare | ClickShare Wireless Presenter | WirelessPresenter | service | https://clickshare.ip:4000
::Biamp::Tesira | Biamp Tesira | Mixer | device | 23
::Cisco::Switch::MerakiSNMP | Cisco Meraki IP Snooping | Snooping | device | 161
::Cisco::Switch::SnoopingCatalyst | Cisco Catalyst Switch IP Snooping | Snooping | ssh | 22
::Epiphan::Pearl2 | Epiphan Pearl 2 | Recorder | service |
::Floorsense::Desks | Floorsense Desk Tracking | DeskManagement | service |
::GlobalCache::Gc100 | GlobalCache IO Gateway | DigitalIO | device | 4998
::Helvar::Net | Helvar Net Lighting Gateway | Lighting | device | 50000
::Kramer::Switcher::Protocol3000 | Kramer Protocol 3000 Switcher | Switcher | device | 23
::MessageMedia::SMS | MessageMedia SMS service | SMS | service |
::Microsoft::FindMe | Microsoft FindMe Service | FindMe | service | https://findme.companyname.com
::Nec::Display::All | NEC LCD Display | Display | device | 7142
::OfficeRnd::Bookings | Office RnD Room Booking Panel Logic | Bookings | logic |
::Panasonic::LCD::Rs232 | Panasonic LCD RS-232 | Display | device | 1024
::Qsc::QSysRemote | QSC Audio DSP | Mixer | device | 1710
::Samsung::Displays::MdSeries | Samsung MD, DM & QM Series LCD | Display | device | 1515
::Shure::Mixer::P300 | Shure P300 IntelliMix Audio Conferencing Processor | Mixer | device | 2202
::Sony::Camera::ViscaOverIP | Sony IP VISCA PTZ Camera | Camera | device | 52381
"""


class Unusable(Driver):
    """A class whose instances cannot be made; for tests."""

    def __init__(self, manager: Any) -> None:
        super().__init__(manager)
        raise RubyError("uninitialized constant", "aca/unusable.rb:1")


@dataclass(slots=True)
class DriverClass:
    """A class on the disk: what its discovery details say, and what an instance does."""

    class_name: str
    name: str
    module_name: str
    role: str
    default: int | str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    driver: type[Driver] = Driver

    def details(self) -> dict[str, Any]:
        """Return the attributes of the discovered driver (RE utilities/constants.rb:226-245)."""
        return {
            "name": self.name,
            "role": self.role,
            "default": self.default,
            "class_name": self.class_name,
            "module_name": self.module_name,
            "makebreak": None,
            "settings": self.settings,
        }


def standard() -> list[DriverClass]:
    """Return the classes a lab starts with."""
    found = [
        DriverClass(
            PANEL,
            "Office365 Room Booking Panel Logic",
            "Bookings",
            "logic",
            settings=O365BookingPanel.default_settings,
            driver=O365BookingPanel,
        ),
        DriverClass(
            DEPRECATED_PANEL,
            "Deprecated Office365 Room Booking Panel Logic",
            "Bookings",
            "logic",
            settings=OfficeBooking.default_settings,
            driver=OfficeBooking,
        ),
        DriverClass("::Aca::DemoLogic", "ACA Demo Logic", "Demo", "logic", driver=DemoLogic),
    ]
    for line in OTHERS.strip().splitlines():
        class_name, name, module_name, role, default = (part.strip() for part in line.split("|"))
        value = int(default) if default.isdigit() else default or None
        found.append(DriverClass(class_name, name, module_name, role, value))
    return found


class Shelf:
    """The disk, and when it was scanned last."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.on_disk: dict[str, DriverClass] = {kind.class_name: kind for kind in standard()}
        self.next_scan = 0.0

    def driver_of(self, class_name: str) -> type[Driver] | None:
        """Return the class of a dependency.

        A file that nobody has scanned can be loaded as well (RE dependency_manager.rb:87-119).
        """
        kind = self.on_disk.get(class_name) or self.on_disk.get(f"::{class_name}")
        return kind.driver if kind else None

    def may_scan(self, pause: float) -> bool:
        """Tell whether a scan starts now.

        Until ``pause`` seconds after it, orders are ignored (discovery_controller.rb:30-43).
        """
        now = self.clock()
        if now < self.next_scan:
            return False
        self.next_scan = now + pause
        return True
