# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the collection against the lab: `make bench`, or python tests/benchmark/run.py [PART ...] [--runs N].

Reports numbers and asserts none. README.md says what is compared with what.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "collections"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.lab_process import Lab, running_lab

from benchmark import building, growth, report, unchanged

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / ".build" / "benchmark.json"
PARTS = ("unchanged", "building", "growth")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Measures the collection against the lab.")
    parser.add_argument("parts", nargs="*", help=f"some of {', '.join(PARTS)}; all by default")
    parser.add_argument("--rooms", type=int, default=1000, help="rooms of the first two parts")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 3000, 10000], help="rooms of the third part")
    parser.add_argument("--runs", type=int, default=5, help="of which the median counts")
    parser.add_argument("--latency-ms", type=float, default=20.0, help="what the lab adds to each request")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    return options


def measure(options: argparse.Namespace, lab: Lab, folder: Path) -> dict[str, Any]:
    """Run the wanted parts one after the other; what is measured is printed and kept as soon as it is there."""
    given: dict[str, Any] = {"runs": options.runs, "latency_ms": options.latency_ms}
    results: dict[str, Any] = {
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        **given,
    }
    for part in options.parts or PARTS:
        began = time.monotonic()
        if part == "unchanged":
            results[part] = unchanged.measure(lab, folder / part, rooms=options.rooms, **given)
        elif part == "building":
            results[part] = building.measure(lab, folder / part, rooms=options.rooms, **given)
        else:
            results[part] = growth.measure(lab, folder / part, sizes=options.sizes, **given)
        results["load_after"] = os.getloadavg()[0]
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        print(report.table(part, results[part]), flush=True)
        print(f"({time.monotonic() - began:.0f} s)\n", flush=True)
    return results


def main() -> int:
    """Start a lab, measure, stop it."""
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="placeos-bench-") as scratch:
        folder = Path(scratch)
        with running_lab(folder / "lab") as lab:
            results = measure(options, lab, folder)
    print(f"{results['cores']} cores, load {results['load_before']:.1f} before and {results['load_after']:.1f} after.")
    print(f"All figures: {RESULTS.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
