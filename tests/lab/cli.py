# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of the lab."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from .faults import SWITCHES, BadFault, parse_switch, usage
from .microsoft.platform import TENANTS
from .server import Options, serve


def switch(text: str) -> str:
    """Check a --fault argument."""
    try:
        parse_switch(text)
    except BadFault as problem:
        raise argparse.ArgumentTypeError(str(problem)) from None
    return text


def parser() -> argparse.ArgumentParser:
    """Return the parser."""
    top = argparse.ArgumentParser(
        prog="python tests/lab",
        description="HTTP servers that imitate PlaceOS, ACAEngine and Microsoft 365, for tests and demos.",
    )
    commands = top.add_subparsers(dest="command", required=True)
    run = commands.add_parser("serve", help="run in the foreground until interrupted")
    run.add_argument("--state", type=Path, required=True, metavar="DIR", help="where lab.json, log and certificates go")
    run.add_argument("--placeos-port", type=int, default=0, metavar="N", help="port of PlaceOS (default: a free one)")
    run.add_argument(
        "--acaengine-port", type=int, default=0, metavar="N", help="port of ACAEngine (default: a free one)"
    )
    run.add_argument(
        "--microsoft-port", type=int, default=0, metavar="N", help="port of Microsoft 365 (default: a free one)"
    )
    run.add_argument(
        "--tenant", choices=TENANTS, default=TENANTS[0], help="what the Microsoft tenant holds (default: acme)"
    )
    run.add_argument("--tls", action="store_true", help="serve https with a certificate of the lab's own authority")
    run.add_argument("--latency-ms", type=float, default=0.0, metavar="N", help="delay of every request")
    run.add_argument(
        "--fault",
        type=switch,
        action="append",
        default=[],
        metavar="SPEC",
        help=", ".join(map(usage, SWITCHES)),
    )
    run.add_argument("--read-only", action="store_true", help="refuse and record every write")
    run.add_argument("--log-level", default="warning", choices=("critical", "error", "warning", "info", "debug"))
    return top


def main(argv: list[str] | None = None) -> int:
    """Run a command and return the exit status."""
    arguments = parser().parse_args(argv)
    options = Options(
        state=arguments.state.resolve(),
        ports={
            "placeos": arguments.placeos_port,
            "acaengine": arguments.acaengine_port,
            "microsoft": arguments.microsoft_port,
        },
        tenant=arguments.tenant,
        tls=arguments.tls,
        latency_ms=arguments.latency_ms,
        faults=arguments.fault,
        read_only=arguments.read_only,
        log_level=arguments.log_level,
    )
    try:
        import uvloop
    except ImportError:
        runner = asyncio.run
    else:
        runner = uvloop.run
    try:
        runner(serve(options))
    except OSError as problem:
        print(f"lab: {problem}", file=sys.stderr)
        return 1
    return 0
