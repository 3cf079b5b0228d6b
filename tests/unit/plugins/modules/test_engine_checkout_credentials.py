# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Token, deploy key and host keys: they reach the repository's server, and no other place, file or command line."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ansible_collections.placeos.office365.plugins.modules import engine_checkout
from ansible_collections.placeos.office365.tests.unit.plugins.modules.fake_placeos import Ran, run
from ansible_collections.placeos.office365.tests.unit.plugins.modules.git_upstream import (
    Upstream,
    everything_below,
    git,
    note_calls,
    noted,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Play = Callable[..., Ran]

TOKEN = "fake~token+with/signs%41"
needs_ssh = pytest.mark.skipif(
    not all(shutil.which(name) for name in ("ssh", "ssh-agent", "ssh-add", "ssh-keygen")),
    reason="OpenSSH's client is not installed",
)


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    made = Upstream(tmp_path / "upstream")
    for version in ("v1", "v2"):
        made.release(version)
    return made


@pytest.fixture
def vm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All that the module may write to: project, home and temporary folder."""
    vm = tmp_path / "vm"
    for name in ("project", "home", "tmp"):
        (vm / name).mkdir(parents=True)
    (vm / "home" / ".gitconfig").write_text(f"[credential]\n\thelper = store --file {vm}/home/stored\n")
    monkeypatch.setenv("HOME", str(vm / "home"))
    monkeypatch.setenv("TMPDIR", str(vm / "tmp"))
    for name in ("http_proxy", "HTTP_PROXY", "SSH_AUTH_SOCK", "SSH_ASKPASS", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    return vm


@pytest.fixture
def git_log(tmp_path: Path, vm: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """How git is called."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    return note_calls(tmp_path / "bin", "git")


@pytest.fixture
def play(vm: Path, capsys: pytest.CaptureFixture[str]) -> Play:
    """Run the module."""

    def start(repository: str, version: str = "v1", check: bool = False, **arguments: Any) -> Ran:
        given = {"directory": str(vm / "project" / "o365-engine"), "repository": repository, "version": version}
        return run(
            engine_checkout.main, {**given, **arguments}, lambda: capsys.readouterr().out, check=check, connection={}
        )

    return start


class FakeWebServer(SimpleHTTPRequestHandler):
    """A plain web server with a repository that asks for a user and a token; git's so-called dumb protocol.

    It gives out named commits only and no shallow ones, as servers of old do.
    """

    expected = ""
    seen: list[str]

    def do_GET(self) -> None:
        """Answer with a file, or ask who is there."""
        given = self.headers.get("Authorization", "")
        self.seen.append(given)
        if self.expected and given != self.expected:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="fake"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        super().do_GET()

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def web(upstream: Upstream, tmp_path: Path) -> Iterator[Callable[..., tuple[str, list[str]]]]:
    """Serve the repository over http; gives its address and the list of what was in the header Authorization."""
    git(tmp_path, "clone", "--quiet", "--bare", upstream.url, str(tmp_path / "served.git"))
    git(tmp_path / "served.git", "update-server-info")
    servers: list[ThreadingHTTPServer] = []

    def start(user: str = "", token: str = "") -> tuple[str, list[str]]:
        wanted = f"Basic {base64.b64encode(f'{user}:{token}'.encode()).decode()}" if token else ""
        seen: list[str] = []
        handler = type("Handler", (FakeWebServer,), {"expected": wanted, "seen": seen})
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(tmp_path)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/served.git", seen

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def traces(vm: Path, ran: Ran, *secrets: str) -> list[str]:
    """Where a secret can be found that should not be there, in any of its forms."""
    logs = [log for log in vm.parent.rglob("*.calls") if log.is_file()]
    assert any(noted(log) for log in logs)
    places = {
        "files": everything_below(vm),
        "output": ran.printed.encode() + "".join(ran.warnings).encode(),
        "arguments": "\n".join(line for log in logs for line in noted(log)).encode(),
        "names of variables": "\n".join(line for log in logs for line in noted(log, "env")).encode(),
    }
    forms = {form for secret in secrets for form in (secret, secret.replace("+", "%2B"), secret.replace("/", "%2F"))}
    forms |= {base64.b64encode(f"git:{secret}".encode()).decode() for secret in secrets}
    return [f"{form} in {place}" for place, text in places.items() for form in forms if form.encode() in text]


# -- token -----------------------------------------------------------------------------------------------------------


def test_a_token_is_sent_to_the_server_and_left_nowhere(
    play: Play, web: Any, vm: Path, git_log: Path, upstream: Upstream
) -> None:
    url, seen = web("git", TOKEN)
    ran = play(url, token=TOKEN)
    assert ran.result["commit"] == upstream.commits["v1"], ran.result
    assert any(seen)
    assert traces(vm, ran, TOKEN) == []
    assert not (vm / "home" / "stored").exists()
    assert list((vm / "tmp").iterdir()) == []


def test_the_user_that_goes_with_a_token_can_be_given(play: Play, web: Any) -> None:
    url, _seen = web("x-token-auth", TOKEN)
    assert play(url, token=TOKEN, token_user="x-token-auth").result["created"]


def test_a_refused_token_is_told_without_it(play: Play, web: Any, vm: Path, git_log: Path) -> None:
    url, _seen = web("git", "another")
    ran = play(url, token=TOKEN)
    assert "Authentication failed" in ran.result["msg"]
    assert "engine_app_token" in ran.result["msg"]
    assert traces(vm, ran, TOKEN) == []


def test_without_a_token_nobody_is_asked(play: Play, web: Any, monkeypatch: pytest.MonkeyPatch, vm: Path) -> None:
    asked = vm / "asked"
    helper = vm / "ask"
    helper.write_text(f"#!/bin/sh\necho asked > '{asked}'\n")
    helper.chmod(0o755)
    monkeypatch.setenv("SSH_ASKPASS", str(helper))
    monkeypatch.setenv("GIT_ASKPASS", str(helper))
    url, _seen = web("git", TOKEN)
    assert "engine_app_token" in play(url).result["msg"]
    assert not asked.exists()


def test_a_token_is_not_sent_to_another_server(play: Play, web: Any, upstream: Upstream) -> None:
    url, _seen = web("git", TOKEN)
    other, seen = web("git", TOKEN)
    git(upstream.folder, "config", "-f", ".gitmodules", "submodule.lib.path", "lib")
    git(upstream.folder, "config", "-f", ".gitmodules", "submodule.lib.url", other)
    git(upstream.folder, "update-index", "--add", "--cacheinfo", f"160000,{upstream.commits['v1']},lib")
    git(upstream.folder, "add", ".gitmodules")
    git(upstream.folder, "commit", "--quiet", "-m", "A library of somebody else")
    git(upstream.folder, "tag", "v3")
    served = Path(upstream.folder).parent / "served.git"
    git(served, "fetch", "--quiet", "--tags", upstream.url, "+refs/heads/*:refs/heads/*")
    git(served, "update-server-info")
    ran = play(url, "v3", token=TOKEN)
    assert "git submodule update" in ran.result["msg"]
    assert set(seen) == {""}


@pytest.mark.parametrize("form", ["git:{0}@", "{0}@"])
def test_a_token_in_the_address_is_refused_and_not_shown(
    form: str, play: Play, web: Any, vm: Path, git_log: Path
) -> None:
    url, seen = web("git", "fake-token")
    ran = play(url.replace("http://", f"http://{form.format('fake-token')}"))
    assert "has a user or a password in it" in ran.result["msg"]
    assert traces(vm, ran, "fake-token") == []
    assert seen == []


def test_what_was_fetched_and_the_releases_name_the_server_without_credentials(play: Play, web: Any) -> None:
    url, _seen = web("git", TOKEN)
    release = Path(play(url, token=TOKEN).result["path"])
    assert git(release, "remote", "get-url", "origin") == url
    assert "credential" not in (release / ".git" / "config").read_text()


# -- deploy key ------------------------------------------------------------------------------------------------------


@pytest.fixture
def key(tmp_path: Path) -> str:
    """A real private key."""
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "fake deploy key", "-f", str(tmp_path / "key")],
        check=True,
    )
    return (tmp_path / "key").read_text()


@pytest.fixture
def fake_ssh(tmp_path: Path, git_log: Path) -> Path:
    """An ssh that runs the other side's command here, and notes its arguments, its agent's keys and its known hosts."""
    log = tmp_path / "fake_ssh.calls"
    script = tmp_path / "bin" / "ssh"
    script.write_text(
        "#!/bin/sh\n"
        f"exec 3>> '{log}'\n"
        "printf 'argv %s\\n' \"$*\" >&3\n"
        "printf 'keys %s\\n' \"$(ssh-add -l 2>&1)\" >&3\n"
        "printf 'agent %s\\n' \"$SSH_AUTH_SOCK\" >&3\n"
        'for word in "$@"; do last=$word; case $word in UserKnownHostsFile=*) hosts=${word#*=};; esac; done\n'
        '[ -z "$hosts" ] || printf \'hosts %s\\n\' "$(cat "$hosts")" >&3\n'
        'case "$*" in *accept-new*) echo \'new.example ssh-ed25519 AAAAnew\' >> "$hosts";; esac\n'
        "exec 3>&-\n"
        'exec sh -c "$last"\n'
    )
    script.chmod(0o755)
    return log


@needs_ssh
@pytest.mark.parametrize("ending", ["\n", "", "\r\n"])
def test_a_deploy_key_is_held_by_an_agent_while_git_runs_and_left_nowhere(
    ending: str, play: Play, upstream: Upstream, key: str, fake_ssh: Path
) -> None:
    ran = play(
        f"ssh://git@git.example.com{upstream.url}", deploy_key=key.strip().replace("\n", ending or "\n") + ending
    )
    assert ran.result["commit"] == upstream.commits["v1"], ran.result
    assert all("fake deploy key (ED25519)" in line for line in noted(fake_ssh, "keys"))
    assert all("IdentityFile=none" in line and "StrictHostKeyChecking=yes" in line for line in noted(fake_ssh))
    vm = fake_ssh.parent / "vm"
    assert traces(vm, ran, *key.splitlines()[1:-1]) == []
    sockets = set(noted(fake_ssh, "agent"))
    assert len(sockets) == 1
    assert not Path(sockets.pop()).parent.exists()
    assert list((vm / "tmp").iterdir()) == []


@needs_ssh
def test_the_agent_goes_when_git_fails_too(play: Play, key: str, fake_ssh: Path, vm: Path, tmp_path: Path) -> None:
    ran = play(f"ssh://git@git.example.com{tmp_path}/nothing", deploy_key=key)
    assert "There is no such repository" in ran.result["msg"]
    assert not Path(noted(fake_ssh, "agent")[0]).parent.exists()
    assert list((vm / "tmp").iterdir()) == []


@needs_ssh
def test_the_agent_goes_when_the_module_is_killed(upstream: Upstream, key: str, fake_ssh: Path, vm: Path) -> None:
    script = fake_ssh.parent / "bin" / "git"
    # It ends with the module: a fetch that went on would write where the next test clears up.
    killing = 'case "$*" in *fetch*) kill -9 $PPID; exit 1;; esac'
    script.write_text(script.read_text().replace("exec '", f"{killing}\nexec '"))
    code = (
        "import json, sys\n"
        "from ansible.module_utils.testing import patch_module_args\n"
        "from ansible_collections.placeos.office365.plugins.modules.engine_checkout import main\n"
        "with patch_module_args(json.load(sys.stdin)):\n    main()\n"
    )
    given = {
        "directory": str(vm / "project" / "o365-engine"),
        "repository": f"ssh://git@git.example.com{upstream.url}",
        "version": "v1",
        "deploy_key": key,
        "_ansible_remote_tmp": str(vm / "tmp"),
    }
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(Path(engine_checkout.__file__).parents[5])},
        input=json.dumps(given).encode(),
        check=False,
        capture_output=True,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    folder = Path(noted(fake_ssh, "agent")[0]).parent
    for _attempt in range(200):
        if not folder.exists():
            break
        time.sleep(0.05)
    assert not folder.exists()


@needs_ssh
@pytest.mark.parametrize("fault", ["no key", "passphrase"])
def test_a_key_that_cannot_be_used_is_told_without_it(
    fault: str, play: Play, upstream: Upstream, key: str, fake_ssh: Path
) -> None:
    wrong, file = key.replace("BEGIN", "START"), fake_ssh.parent / "key"
    if fault == "passphrase":
        subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "fake", "-f", str(file)], check=True)
        wrong = file.read_text()
    ran = play(f"ssh://git@git.example.com{upstream.url}", deploy_key=wrong)
    assert "ssh-add does not take the deploy key" in ran.result["msg"]
    assert "without a passphrase" in ran.result["msg"]
    vm = fake_ssh.parent / "vm"
    assert traces(vm, ran, *wrong.splitlines()[1:-1]) == []
    assert list((vm / "tmp").iterdir()) == []


@needs_ssh
def test_an_unchanged_run_with_a_hash_starts_no_agent(play: Play, upstream: Upstream, key: str, fake_ssh: Path) -> None:
    url = f"ssh://git@git.example.com{upstream.url}"
    play(url, upstream.commits["v1"], deploy_key=key)
    fake_ssh.unlink()
    assert not play(url, upstream.commits["v1"], deploy_key=key).result["changed"]
    assert not fake_ssh.exists()


# -- host keys -------------------------------------------------------------------------------------------------------


@needs_ssh
def test_given_host_keys_are_the_only_ones_that_count(play: Play, upstream: Upstream, fake_ssh: Path, vm: Path) -> None:
    play(f"ssh://git@git.example.com{upstream.url}", known_hosts="git.example.com ssh-ed25519 AAAAfake")
    assert set(noted(fake_ssh, "hosts")) == {"git.example.com ssh-ed25519 AAAAfake"}
    for line in noted(fake_ssh):
        assert "StrictHostKeyChecking=yes" in line
        assert "GlobalKnownHostsFile=none" in line
    assert list((vm / "tmp").iterdir()) == []


@needs_ssh
def test_a_new_host_key_is_accepted_on_request_only_and_then_kept(
    play: Play, upstream: Upstream, fake_ssh: Path, vm: Path
) -> None:
    url = f"git@git.example.com:{upstream.url}"
    kept = vm / "project" / "o365-engine" / "known_hosts"
    play(url, "v1", check=True, accept_new_host_key=True)
    assert not kept.parent.exists()
    (kept.parent / "releases").mkdir(parents=True)
    play(url, "v1", check=True, accept_new_host_key=True)
    assert not kept.exists()
    play(url, "v1", accept_new_host_key=True)
    assert kept.read_text() == "new.example ssh-ed25519 AAAAnew\n"
    fake_ssh.unlink()
    play(url, "v2", accept_new_host_key=True)
    assert noted(fake_ssh, "hosts")[0] == "new.example ssh-ed25519 AAAAnew"
    assert kept.read_text() == "new.example ssh-ed25519 AAAAnew\n"
    fake_ssh.unlink()
    play(url, "main")
    assert all("accept-new" not in line for line in noted(fake_ssh))
    assert list((vm / "home").iterdir()) == [vm / "home" / ".gitconfig"]
