# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of repositories: which are understood, and which would give credentials away."""

from __future__ import annotations

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._engine.access import Credentials, misfit
from ansible_collections.placeos.office365.plugins.module_utils._engine.advice import advice
from ansible_collections.placeos.office365.plugins.module_utils._engine.git import Redactor
from ansible_collections.placeos.office365.plugins.module_utils._engine.remote import (
    Remote,
    RemoteError,
    read_remote,
    secret_in,
)
from ansible_collections.placeos.office365.plugins.module_utils._masking import MASK


@pytest.mark.parametrize(
    ("url", "scheme", "scope"),
    [
        ("https://git.example.com/acme/app.git", "https", "https://git.example.com"),
        ("https://git.example.com:8443/acme/app.git", "https", "https://git.example.com:8443"),
        ("http://[::1]:8080/app.git", "http", "http://[::1]:8080"),
        ("git@git.example.com:acme/app.git", "ssh", "ssh://git.example.com"),
        ("ssh://git@git.example.com:2222/acme/app.git", "ssh", "ssh://git.example.com:2222"),
        ("git://git.example.com/app.git", "git", "git://git.example.com"),
        ("/srv/git/app.git", "file", "file://"),
        ("file:///srv/git/app.git", "file", "file://"),
    ],
)
def test_the_usual_forms_are_understood(url: str, scheme: str, scope: str) -> None:
    remote = read_remote(url)
    assert (remote.url, remote.scheme, remote.scope) == (url, scheme, scope)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "empty"),
        ("--upload-pack=touch /tmp/x", "hyphen"),
        ("ext::sh -c touch% /tmp/x", "blank"),
        ("ext::/bin/x", "remote helper"),
        ("ftp://git.example.com/app.git", "uses ftp"),
        ("https:///app.git", "no host"),
        ("app.git", "neither"),
        ("https://git.example.com:port/app.git", "not a URL"),
        ("https://somebody@git.example.com/app.git", "without them"),
        ("https://somebody:fake-password@git.example.com/app.git", "without them"),
        ("ssh://git:fake-password@git.example.com/app.git", "without them"),
    ],
)
def test_other_forms_are_refused_without_repeating_a_password(url: str, words: str) -> None:
    with pytest.raises(RemoteError, match=words) as refused:
        read_remote(url)
    assert "fake-password" not in str(refused.value)


def test_what_is_written_before_the_host_is_found_for_masking() -> None:
    assert secret_in("https://fake-token@git.example.com/app.git") == "fake-token"
    assert secret_in("ssh://git:fake-password@git.example.com/app.git") == "git:fake-password"
    assert secret_in("ssh://git@git.example.com/app.git") == ""


def test_credentials_have_to_fit_the_address() -> None:
    https, ssh = read_remote("https://git.example.com/a.git"), read_remote("git@git.example.com:a.git")
    assert "deploy key" in misfit(ssh, Credentials(token="fake"))
    assert "token" in misfit(https, Credentials(deploy_key="fake"))
    assert "line break" in misfit(https, Credentials(token="fake\nhost=evil.example"))
    assert misfit(https, Credentials(token="fake")) == misfit(ssh, Credentials(deploy_key="fake")) == ""


def test_a_token_crosses_a_network_encrypted_or_with_a_warning() -> None:
    assert read_remote("http://git.example.com/a.git").exposed
    assert not read_remote("http://127.0.0.1:8080/a.git").exposed
    assert not read_remote("https://git.example.com/a.git").exposed


def test_a_secret_is_masked_in_each_form_in_which_it_comes_back() -> None:
    redact = Redactor("fake/to+ken", "me", "-----BEGIN-----\nAAAAkeyline\n-----END-----\n")
    text = "fake/to+ken fake%2Fto%2Bken bWU6ZmFrZS90bytrZW4= AAAAkeyline https://u:p@h/x ssh://git:pw@h/x ssh://git@h/x"
    assert redact(text) == f"{MASK} {MASK} {MASK} {MASK} https://{MASK}@h/x ssh://git@h/x ssh://git@h/x"


# The words are those of git 2.39, OpenSSH 9.2 and GitHub.
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            (
                "No ED25519 host key is known for git.example.com and you have requested strict checking.\n"
                "Host key verification failed.\nfatal: Could not read from remote repository."
            ),
            "ssh-keyscan -p 2222 -t ed25519 git.example.com",
        ),
        ("WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!\nHost key verification failed.", "another host key"),
        ("git@git.example.com: Permission denied (publickey).", "engine_app_deploy_key"),
        ("fatal: Authentication failed for 'https://git.example.com/a.git/'", "engine_app_token"),
        (
            "fatal: could not read Username for 'https://git.example.com': terminal prompts disabled",
            "engine_app_token",
        ),
        ("ERROR: Repository not found.\nfatal: Could not read from remote repository.", "no such repository"),
        ("remote: Not Found\nfatal: repository 'https://git.example.com/a/' not found", "no such repository"),
        ("fatal: unable to access 'https://x/': Could not resolve host: x", "DNS"),
        ("fatal: remote error: upload-pack: not our ref 1234", "no such commit"),
        ("no end after 300 seconds", "firewall"),
        ("fatal: something new", ""),
    ],
)
def test_words_of_git_come_with_what_to_do(words: str, said: str) -> None:
    found = advice(words, Remote("ssh://git@git.example.com:2222/a.git", "ssh", "git.example.com", 2222, "git"))
    assert said in found
    assert bool(found) == bool(said)
