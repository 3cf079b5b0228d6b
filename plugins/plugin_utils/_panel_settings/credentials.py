# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which credentials the driver ends up with, and that they stand where it looks first.

A driver takes the first key of a family that has a value, and to Ruby a placeholder or an empty text is a value too. So
the value that counts is found as the driver would find it, but without placeholders, then in the inventory; and it is
written under the first key, where no remains of default settings can hide it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .._workplace.text import kind, show
from .keys import Driver
from .placeholders import is_placeholder
from .report import Report, Setting, is_omitted
from .token_urls import ENDPOINT, is_guid, is_tenant, mended, path_of, tenant_of


@dataclass(frozen=True, slots=True)
class Given:
    """The inventory's credentials; None where there is none."""

    tenant_id: str | None = None
    client_id: str | None = None
    client_secret: str | None = None


@dataclass(frozen=True, slots=True)
class _Family:
    """Keys for one thing in the driver's order, and what the inventory has for it."""

    names: tuple[str, ...]
    inventory: str | None
    variable: str
    secret: bool = False

    def show(self, value: object) -> str:
        return "the text" if self.secret else show(value)


def settle(report: Report, driver: Driver, given: Given) -> None:
    """Put the credentials that count where the driver looks first; correct and report what is wrong with the written ones."""
    for name in (*driver.client_id, *driver.secret, *driver.token_url, *driver.tenant, *driver.token_path):
        make_text(report, name, secret=name in driver.secret)
    for name in driver.token_url:
        _mend_url(report, name)
    for name in driver.tenant:
        _mend_tenant(report, name)
    _fill(report, driver, _Family(driver.client_id, _real(given.client_id), "microsoft_client_id"))
    _fill(report, driver, _Family(driver.secret, _real(given.client_secret), "microsoft_client_secret", secret=True))
    url = _url_of_tenant(report, driver, _real(given.tenant_id))
    _fill(report, driver, _Family(driver.token_url, url, "microsoft_tenant_id"))
    _name_tenant(report, driver)
    _mend_options(report, driver)
    _check_ids(report, driver)


def make_text(report: Report, name: str, *, secret: bool) -> None:
    """A number becomes text, space around it goes, an unwritten value is no value."""
    setting = report.settings.get(name)
    if setting is None or setting.encrypted:
        return
    shown = "it" if secret else show(setting.value)
    if setting.value is None:
        del report.settings[name]
    elif isinstance(setting.value, int) and not isinstance(setting.value, bool):
        setting.value = str(setting.value)
        report.warn(name, f"{shown} is a number; it is stored as text")
    elif not isinstance(setting.value, str):
        del report.settings[name]
        report.fault(name, f"is {kind(setting.value)}; write a text")
    elif setting.value.strip() != setting.value and not is_placeholder(setting.value):
        setting.value = setting.value.strip()
        report.warn(name, f"{shown} has space around it; it is stored without")


def protect(report: Report, name: str) -> None:
    """Mark a secret to be encrypted, if it is not yet."""
    setting = report.settings[name]
    if isinstance(setting.value, str) and not setting.encrypted and not setting.dollar:
        setting.dollar = True
        report.warn(name, f"is a secret written readably; it is stored as ${name}, which the server encrypts")


def _real(value: object) -> str | None:
    text = "" if value is None or is_omitted(value) else str(value).strip()
    return None if is_placeholder(text) else text


def _written(report: Report, name: str) -> str | None:
    """The text under the name, unless it holds the place of one or is encrypted."""
    text = report.text(name)
    return None if text is None or report.settings[name].encrypted else _real(text)


def _fill(report: Report, driver: Driver, family: _Family) -> None:
    first = family.names[0]
    written = [name for name in family.names if name in report.settings]
    blank = [name for name in written if is_placeholder(str(report.settings[name].value))]
    real = [name for name in written if name not in blank]
    if family.secret:
        for name in real:
            protect(report, name)
    known = real[0] if real and not report.settings[real[0]].encrypted else None
    source = report.settings[known] if known else Setting(family.inventory, dollar=family.secret)
    for name in blank:
        _replace(report, name, source, f"that of {known or family.variable}", family)
    if first not in report.settings and source.value is not None:
        report.settings[first] = Setting(source.value, source.dollar)
    elif not written:
        _missing(report, driver, family)
    for name in real:
        counts = report.settings.get(first)
        if name != first and counts and counts.value != report.settings[name].value:
            report.warn(name, f"has no effect, because {driver.class_name} reads {first} first; remove one of the two")


def _replace(report: Report, name: str, source: Setting, whose: str, family: _Family) -> None:
    shown = family.show(report.settings[name].value)
    if source.value is None:
        del report.settings[name]
        report.fault(name, f"{shown} only holds the place of a value; write the value, or set {family.variable}")
        return
    used = "" if family.secret else f", {show(source.value)},"
    report.warn(name, f"{shown} only holds the place of a value; {whose}{used} is stored instead")
    report.settings[name] = Setting(source.value, source.dollar)


def _missing(report: Report, driver: Driver, family: _Family) -> None:
    name = family.names[0]
    elsewhere = driver.environment.get(name)
    if elsewhere:
        report.warn(name, f"has no value here, so the driver takes {elsewhere} from the engine's environment")
    else:
        report.fault(name, f"has no value; set {family.variable}, or write it into the settings")


def _mend_url(report: Report, name: str) -> None:
    text = _written(report, name)
    if text is None:
        return
    found = mended(text)
    if found is None:
        report.fault(name, f"{show(text)} is no token URL; write /<tenant>{ENDPOINT}, with the tenant's id or domain")
    elif found[0] != text:
        report.settings[name].value = found[0]
        report.warn(name, f"{show(text)} {found[1]}; {show(found[0])} is stored instead")


def _mend_tenant(report: Report, name: str) -> None:
    text = _written(report, name)
    if text is None or is_tenant(text):
        return
    tenant = tenant_of(text)
    if tenant is None:
        report.fault(name, f"{show(text)} is no tenant; write its id, or a domain such as acme.onmicrosoft.com")
    else:
        report.settings[name].value = tenant
        report.warn(name, f"{show(text)} is more than the tenant; {show(tenant)} is stored instead")


def _url_of_tenant(report: Report, driver: Driver, inventory: str | None) -> str | None:
    """The token URL of the tenant in the settings, else of the inventory's."""
    path = ENDPOINT
    for name in driver.token_path:
        setting = report.settings.get(name)
        if setting and is_placeholder(str(setting.value)):
            del report.settings[name]
            report.warn(name, f"{show(setting.value)} only holds the place of a value; it is left out")
    written = next((name for name in driver.token_path if _written(report, name)), None)
    if written:
        path = "/" + str(_written(report, written)).lstrip("/")
    written_tenants = (_written(report, name) for name in driver.tenant)
    tenant = next((text for text in written_tenants if text and is_tenant(text)), inventory)
    if tenant is None:
        return None
    found = mended(path_of(tenant) if path == ENDPOINT else f"/{tenant}{path}")
    if found is None:
        return None
    if written and found[0] != f"/{tenant}{path}":
        report.warn(written, f"{show(path)} is not the address that gives out tokens; {show(found[0])} is used")
    return found[0]


def _name_tenant(report: Report, driver: Driver) -> None:
    """The keys of the tenant agree with the token URL, which the driver reads first."""
    url = _written(report, driver.token_url[0])
    tenant = tenant_of(url) if url else None
    for name in driver.tenant:
        setting = report.settings.get(name)
        if setting is None:
            continue
        if is_placeholder(str(setting.value)):
            family = _Family((name,), tenant, "microsoft_tenant_id")
            _replace(report, name, Setting(tenant), f"that of {driver.token_url[0]}", family)
        elif tenant and name in driver.keys and not setting.encrypted and setting.value.casefold() != tenant.casefold():
            report.warn(name, f"{show(setting.value)} has no effect: {driver.token_url[0]} names {show(tenant)}")
    if tenant and driver.tenant[0] in driver.keys:
        # Not read beside a token URL; but people should not find the placeholder of the class's default settings.
        report.settings.setdefault(driver.tenant[0], Setting(tenant))


def _mend_options(report: Report, driver: Driver) -> None:
    """The token URL inside office_options, which repeats the one that is read."""
    options = report.settings.get("office_options")
    if options is None or not isinstance(options.value, Mapping):
        return
    inner = Report({"office_options.token_url": Setting(options.value.get("token_url"))})
    make_text(inner, "office_options.token_url", secret=False)
    _mend_url(inner, "office_options.token_url")
    url = _written(report, driver.token_url[0])
    text = inner.text("office_options.token_url")
    if url and text is not None and is_placeholder(text):
        _replace(
            inner, "office_options.token_url", Setting(url), f"that of {driver.token_url[0]}", _Family((), url, "")
        )
    # Nothing reads it, so no fault in it can harm.
    report.warnings += inner.warnings
    mended_text = inner.text("office_options.token_url")
    if mended_text is not None:
        options.value = {**options.value, "token_url": mended_text}


def _check_ids(report: Report, driver: Driver) -> None:
    for name in driver.client_id:
        text = _written(report, name)
        if text and not is_guid(text):
            # Not shown: it may be the secret, written in the wrong place.
            report.fault(name, "is not the id of an application, such as 66666666-7777-8888-9999-000000000000")
    for name in driver.secret:
        if is_guid(_written(report, name) or ""):
            report.fault(name, "is a GUID, so it is the secret's id; the value beside it in the portal is needed")
