# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The VM's own /etc: a copy of this machine's with two accounts more, sudo, and two ssh servers."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

OPERATOR, OPERATOR_ID = "operator", 61365  # logs in over ssh, becomes root with sudo
GIT, GIT_ID = "git", 61366  # owns the repositories that are served over ssh
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # Debian's own setting for sudo
SSHD = """\
ListenAddress 127.0.0.1
Port {port}
HostKey /etc/ssh/{name}_host_key
PidFile none
AllowUsers {user}
AuthorizedKeysFile .ssh/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintMotd no
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True)
class SshServer:
    """How to log in to one of the two ssh servers."""

    user: str
    port: int
    private_key: str
    host_key: str

    @property
    def known_hosts(self) -> str:
        """The server's line for a known_hosts file."""
        return f"[127.0.0.1]:{self.port} {self.host_key}\n"


def make_etc(state: Path) -> None:
    """Copy /etc, and add the accounts to the copy."""
    etc = state / "etc"
    shutil.copytree("/etc", etc, symlinks=True, ignore_dangling_symlinks=True, dirs_exist_ok=True)
    for user, number, shell in ((OPERATOR, OPERATOR_ID, "/bin/sh"), (GIT, GIT_ID, "/bin/sh")):
        _replace_lines(etc / "passwd", user, f"{user}:x:{number}:{number}::/home/{user}:{shell}")
        _replace_lines(etc / "group", user, f"{user}:x:{number}:")
        # A star: no password fits, but the account is not locked, which sshd would refuse.
        _replace_lines(etc / "shadow", user, f"{user}:*:19000:0:99999:7:::")
        home = state / "home" / user
        (home / ".ssh").mkdir(parents=True, mode=0o700)
        for folder in (home, home / ".ssh"):
            os.chown(folder, number, number)
    _replace_lines(etc / "passwd", "root", "root:x:0:0:root:/root:/bin/bash")
    sudoers = etc / "sudoers"
    sudoers.write_text(f'Defaults secure_path="{PATH}"\nroot ALL=(ALL:ALL) ALL\n{OPERATOR} ALL=(ALL) NOPASSWD: ALL\n')
    sudoers.chmod(0o440)


def _replace_lines(file: Path, name: str, line: str) -> None:
    lines = [old for old in file.read_text(encoding="utf-8").splitlines() if old.split(":")[0] != name]
    file.write_text("\n".join([*lines, line, ""]), encoding="utf-8")


def make_ssh_server(state: Path, name: str, user: str, port: int, *, command: str = "") -> SshServer:
    """Configure an sshd for one user, with a new host key and a new key for the user to log in with."""
    etc = state / "etc" / "ssh"
    private, host = _new_key(state / "keys" / f"{name}_user"), _new_key(etc / f"{name}_host_key")
    (etc / f"{name}_config").write_text(SSHD.format(port=port, name=name, user=user), encoding="utf-8")
    home = state / "home" / user
    public = private.with_suffix(".pub").read_text(encoding="utf-8")
    authorized = home / ".ssh" / "authorized_keys"
    authorized.write_text(f'restrict,command="{command}" {public}' if command else public, encoding="utf-8")
    authorized.chmod(0o600)
    os.chown(authorized, home.stat().st_uid, home.stat().st_gid)
    public_host = host.with_suffix(".pub").read_text(encoding="utf-8").split()[:2]
    return SshServer(user, port, private.read_text(encoding="utf-8"), " ".join(public_host))


def _new_key(file: Path) -> Path:
    file.parent.mkdir(mode=0o700, exist_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", file.name, "-f", str(file)], check=True)
    return file
