# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fake ``pwsh`` for tests: it runs no PowerShell.

It takes the place of ``pwsh -NoLogo -NoProfile -NonInteractive -File exchange_online.ps1``: it checks that the arguments are
those and that the script is byte for byte the shipped one, reads the script's lists (cmdlets that read, cmdlets that write,
properties), then does what the script would have the module ExchangeOnlineManagement do: sign in, bind parameters by the
lab's table of cmdlets, and call the lab's InvokeCommand. What it writes is the script's JSON document.

Environment:
  FAKE_PWSH_EXCHANGE          address of the lab's Microsoft server (needed)
  FAKE_PWSH_CA                file with its authority (needed)
  FAKE_PWSH_RECORD            file that one JSON line per run is appended to: arguments, names of the environment, names of
                              the connection's parameters, cmdlets; never a value of the connection but its environment name
  FAKE_PWSH_FAULT             no-module | old-module | connect | garbage | chatter | truncated | hang | exit=N
  FAKE_PWSH_MANAGED_IDENTITY  CLIENT_ID:CLIENT_SECRET of the application that the managed identity is in the lab
  FAKE_PWSH_PYTHON            interpreter to run with (certificates need the library cryptography)
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from pwsh.fake_pwsh_parts.main import main  # noqa: E402 - the path to it is set above

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
