# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting until the service answers."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, Request

from ansible_collections.placeos.office365.plugins.module_utils._engine.docker import Container

# Seconds for one answer.
_PATIENCE = 10.0


@dataclass(frozen=True)
class Health:
    """What is asked, and for how long."""

    url: str
    host_header: str | None
    validate_certs: bool
    timeout: float
    interval: float


def wait_healthy(
    health: Health,
    look: Callable[[], Container | None],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Wait until the URL answers 2xx and Docker has no objection.

    Returns:
        Nothing when it is healthy, else why it is not. A container that ends does not become healthy, so it ends the
        waiting; so does one that is restarted meanwhile.
    """
    deadline = clock() + health.timeout
    first = look()
    while True:
        container = look()
        ended = _ended(first, container)
        if ended or first is None or container is None:
            return ended
        reason = ask(health, min(_PATIENCE, max(deadline - clock(), 1.0)))
        if not reason and container.health == "unhealthy":
            reason = "it answers, but Docker's own health check says unhealthy"
        # Another program may answer in place of a container that has just ended.
        if not reason and not _ended(first, look()):
            return ""
        if clock() + health.interval >= deadline:
            return f"{reason or 'it ended'} (waited {health.timeout:g} seconds)"
        sleep(health.interval)


def _ended(first: Container | None, now: Container | None) -> str:
    if first is None or now is None:
        return "its container is gone"
    if now.status == "restarting" or now.restarts > first.restarts:
        return f"its container ended with code {now.exit_code} and was restarted"
    if now.status == "created":
        return "its container was created but does not start"
    if not now.running:
        return f"its container is {now.status}, exit code {now.exit_code}"
    return ""


def ask(health: Health, timeout: float) -> str:
    """Ask the URL once: nothing when it answers 2xx, else what it does instead. Redirects and proxies are not used."""
    context = ssl.create_default_context()
    if not health.validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    opener = OpenerDirector()
    opener.add_handler(HTTPHandler())
    opener.add_handler(HTTPSHandler(context=context))
    request = Request(health.url, headers={"Host": health.host_header} if health.host_header else {})  # noqa: S310
    try:
        answer = opener.open(request, timeout=timeout)
    except (OSError, http.client.HTTPException) as error:
        return f"{health.url}: {getattr(error, 'reason', None) or error or type(error).__name__}"
    with answer:
        if 200 <= answer.status < 300:
            return ""
        target = answer.headers.get("Location")
        return f"{health.url} answers {answer.status}{f' to {target}' if target else ''}"
