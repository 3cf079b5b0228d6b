# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from tools.recap import recaps, total

OUTPUT = """\
ok: [demo] => {"msg": "acme : changed=7"}

PLAY RECAP *********************************************************************
\x1b[0;33macme\x1b[0m    : \x1b[0;32mok=12  \x1b[0m \x1b[0;33mchanged=3   \x1b[0m unreachable=0    failed=0    skipped=2
globex                     : ok=10   changed=4    unreachable=0    failed=1    skipped=0

Playbook run took 0 days, 0 hours
PLAY RECAP *********************************************************************
acme : ok=1 changed=0 unreachable=0 failed=0
"""


def test_each_recap_is_read_host_by_host() -> None:
    first, second = recaps(OUTPUT)
    assert set(first) == {"acme", "globex"}
    assert (total(first, "ok"), total(first, "changed"), total(first, "failed")) == (22, 7, 1)
    assert second == {"acme": {"ok": 1, "changed": 0, "unreachable": 0, "failed": 0}}


def test_a_playbook_without_hosts_has_an_empty_recap() -> None:
    (recap,) = recaps("skipping: no hosts matched\n\nPLAY RECAP *****\n")
    assert total(recap, "ok") == 0
