# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

from tools import lab_background

PROGRAM = [sys.executable, lab_background.__file__]


def order(*words: str) -> str:
    return subprocess.run([*PROGRAM, *words], capture_output=True, text=True, check=True, timeout=90).stdout.strip()


def test_the_lab_outlives_the_order_to_start_and_ends_with_the_order_to_stop(tmp_path: Path) -> None:
    said = order("start", str(tmp_path))
    pid = int(said.removeprefix("started "))
    try:
        url = json.loads((tmp_path / "lab.json").read_text(encoding="utf-8"))["placeos"]["url"]
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        assert opener.open(f"{url}/auth/authority", timeout=10).status == 200
    finally:
        assert order("stop", str(tmp_path)) == f"stopped {pid}"
    assert not lab_background.is_lab(pid, tmp_path)
    assert order("stop", str(tmp_path)) == "no lab"


def test_another_process_that_got_the_id_later_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        (tmp_path / "lab.pid").write_text(f"{other.pid}\n", encoding="utf-8")
        lab_background.stop(tmp_path)
        assert other.poll() is None
        other.kill()
