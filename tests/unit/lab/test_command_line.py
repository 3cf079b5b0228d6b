# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program: lab.json, TLS, signals, any working directory."""

from __future__ import annotations

import json
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

LAB = Path(__file__).resolve().parents[2] / "lab"
Start = Callable[..., tuple[subprocess.Popen[str], dict[str, Any]]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    processes: list[subprocess.Popen[str]] = []

    def run(*arguments: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        state = tmp_path / "state"
        command = [sys.executable, str(LAB), "serve", "--state", str(state), *arguments]
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        processes.append(process)
        deadline = time.monotonic() + 20
        while not (state / "lab.json").exists():
            assert process.poll() is None, process.stdout and process.stdout.read()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return process, json.loads((state / "lab.json").read_text())

    yield run
    for process in processes:
        process.kill()
        process.wait()


def get(url: str, key: str, context: ssl.SSLContext | None = None) -> Any:
    request = urllib.request.Request(url, headers={"X-API-Key": key})
    with urllib.request.urlopen(request, timeout=10, context=context) as response:
        return json.load(response)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_ends_cleanly(start: Start, number: int) -> None:
    process, lab = start("--latency-ms", "1", "--fault", "races", "--fault", "index-lag=0.1")
    assert lab["pid"] == process.pid
    assert lab["placeos"]["url"].startswith("http://localhost:")
    assert lab["placeos"]["host_header"] == "localhost"
    assert lab["placeos"]["credentials"].keys() == {"admin", "support", "user", "jwt_admin"}
    assert get(f"{lab['placeos']['url']}/api/engine/v2/zones", lab["placeos"]["credentials"]["admin"]) == []
    assert json.loads(Path(lab["requests_log"]).read_text())["path"] == "/api/engine/v2/zones"
    process.send_signal(number)
    assert process.wait(10) == 0
    assert not Path(lab["requests_log"]).with_name("lab.json").exists()


def test_tls_is_verified_with_the_ca_of_the_lab(start: Start) -> None:
    _process, lab = start("--tls", "--read-only")
    url = lab["placeos"]["url"]
    assert url.startswith("https://localhost:")
    trusting = ssl.create_default_context(cafile=lab["ca_file"])
    for address in (url, url.replace("localhost", "127.0.0.1")):
        assert get(f"{address}/_lab/read-only", "", trusting) == {"enabled": True}
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        get(f"{url}/_lab/stats", "")


def test_a_bad_fault_is_a_usage_error() -> None:
    command = [sys.executable, str(LAB), "serve", "--state", "unused", "--fault", "rain"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode == 2
    assert "rain" in result.stderr
