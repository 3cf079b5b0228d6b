# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file with an application's client secret: inventory variables, encrypted as a whole with the run's vault password.

Its text exists in memory and, encrypted, on disk; never in a temporary file in the clear.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultLib, VaultSecret, is_encrypted, match_encrypt_secret, parse_vaulttext_envelope

from ...module_utils._microsoft.option_names import of_graph_app

CLIENT_ID = "microsoft_client_id"
SECRET = "microsoft_client_secret"
KEY_ID = "microsoft_client_secret_key_id"
ENDS = "microsoft_client_secret_ends"
PREVIOUS = "microsoft_client_secret_previous"

HOW = (
    "Give one with --ask-vault-pass, --vault-password-file or --vault-id, or in ansible.cfg or the environment "
    "(ANSIBLE_VAULT_PASSWORD_FILE)."
)
HEAD = "---\n# The application through which PlaceOS reaches Microsoft 365; written by placeos.office365.graph_app.\n"


class UnusableFile(Exception):
    """The file can't hold the secret; says why, and what to do."""


class _Loader(yaml.SafeLoader):
    """Reads variables of people, whose values may have tags such as !vault; those are not looked at."""


_Loader.add_multi_constructor("!", lambda _loader, _tag, _node: "(tagged)")


class SecretFile:
    """One such file.

    secrets: the run's vault passwords, as (vault id, secret); vault_id: the one to encrypt with; usual: the one that
    ansible-vault itself encrypts with, where several are there (vault_encrypt_identity).
    """

    def __init__(
        self,
        path: str,
        secrets: Sequence[tuple[str, VaultSecret]] | None,
        vault_id: str | None = None,
        usual: str | None = None,
    ) -> None:
        # A link is followed: what it points at is replaced, not the link.
        self.path = Path(os.path.realpath(path))
        self._vault = VaultLib(list(secrets or []))
        if not secrets:
            raise UnusableFile(f"secret_file {self.path} is to be encrypted, and the run has no vault password. {HOW}")
        self._text = self._read()
        self._vault_id, self._secret = self._to_encrypt_with(secrets, vault_id, usual)
        self._values = self._parsed(self._text)

    # -- before anything is made ---------------------------------------------------------------------------------------

    def _read(self) -> str:
        """Its decrypted text; empty where there is none."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise UnusableFile(f"secret_file {self.path} cannot be read: {error.strerror}") from error
        if not content.strip():
            return ""
        if not is_encrypted(content):
            raise UnusableFile(
                f"secret_file {self.path} is not encrypted. Encrypt it (ansible-vault encrypt {self.path}), or name "
                f"another file"
            )
        try:
            text: str = self._vault.decrypt(content).decode("utf-8")
        except (AnsibleError, UnicodeDecodeError) as error:
            raise UnusableFile(
                f"secret_file {self.path} cannot be decrypted with the vault passwords of this run: {_words(error)}"
            ) from error
        return text

    def _to_encrypt_with(
        self, secrets: Sequence[tuple[str, VaultSecret]], vault_id: str | None, usual: str | None
    ) -> tuple[str | None, VaultSecret]:
        """(label for the header or None, secret): the one named, that of the file, the usual one, or the only one.

        The only one is not taken where another one is usual: ansible-vault does not do so either.
        """
        names = list(dict.fromkeys(name for name, _secret in secrets))
        chosen = vault_id or self._present_id(names) or (usual if usual in names else None)
        option = of_graph_app("secret_file_vault_id")
        say = f"say with {option}"
        if chosen is None and len(secrets) > 1:
            raise UnusableFile(
                f"the run has {len(secrets)} vault passwords ({', '.join(names)}): {say} which one secret_file {self.path} "
                "is to be encrypted with"
            )
        # The only one may be there to read something else with, such as that of a demo, which everybody knows.
        if chosen is None and usual:
            raise UnusableFile(
                f"secret_file {self.path} is to be encrypted with the vault password {usual!r} (vault_encrypt_identity), and "
                f"the run has {', '.join(names)} only. {HOW} Or {say} that this one is meant."
            )
        try:
            name, secret = match_encrypt_secret(list(secrets), encrypt_vault_id=chosen)
        except AnsibleError as error:
            raise UnusableFile(
                f"{option}: {chosen!r} is not among the vault passwords of this run ({', '.join(names)}). {HOW}"
            ) from error
        return (None if name == "default" else name), secret

    def _present_id(self, names: Sequence[str]) -> str | None:
        """The vault id in the header of the file that is there, if the run has it."""
        if not self._text:
            return None
        envelope: Any = parse_vaulttext_envelope(self.path.read_bytes())
        label: str | None = envelope[3]
        return label if label in names else None

    def _parsed(self, text: str) -> dict[str, Any]:
        try:
            values = yaml.load(text, Loader=_Loader) if text.strip() else {}  # noqa: S506 - a SafeLoader, see above
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f" in line {mark.line + 1}" if mark else ""
            # The error's own text would show the line, with what it holds.
            raise UnusableFile(f"secret_file {self.path} is no YAML{where}; correct it (ansible-vault edit)") from None
        if values is None:
            return {}
        if not isinstance(values, dict):
            raise UnusableFile(f"secret_file {self.path} does not hold variables (name: value); correct it")
        return values

    def check(self, *, write: bool) -> None:
        """Make sure that it can be written; with write, by writing an empty file beside it for a moment."""
        folder = self._folder(create=write)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise UnusableFile(f"secret_file {self.path} cannot be written: no right to write to {folder}")
        # A vault password may come from a script that fails only when it is asked.
        self._encrypted("check")
        if write:
            try:
                os.close(self._open_beside())
                self._beside.unlink()
            except OSError as error:
                raise UnusableFile(f"secret_file {self.path} cannot be written: {error.strerror}") from error

    def _folder(self, *, create: bool) -> Path:
        """The folder that is there, or the nearest one above it."""
        folder = self.path.parent
        if create:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise UnusableFile(f"secret_file {self.path}: {folder} cannot be made: {error.strerror}") from error
        while not folder.is_dir() and folder != folder.parent:
            folder = folder.parent
        return folder

    # -- what it holds -------------------------------------------------------------------------------------------------

    def _text_of(self, name: str) -> str:
        value = self._values.get(name)
        return value.strip() if isinstance(value, str) else ""

    @property
    def app_id(self) -> str:
        """The application it belongs to, or empty."""
        return self._text_of(CLIENT_ID)

    @property
    def key_id(self) -> str:
        """The secret in use; empty if it holds none, whatever it says of its id."""
        return self._text_of(KEY_ID) if self._text_of(SECRET) else ""

    @property
    def previous(self) -> list[str]:
        """Secrets that were in use before."""
        value = self._values.get(PREVIOUS)
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

    # -- writing -------------------------------------------------------------------------------------------------------

    def store(self, *, app_id: str, secret: str, key_id: str, ends: str | None) -> None:
        """Put a new secret in; the one before it is listed among the previous ones."""
        previous = list(dict.fromkeys([*self.previous, *([self.key_id] if self.key_id else [])]))
        values = {CLIENT_ID: app_id, SECRET: secret, KEY_ID: key_id, ENDS: ends or ""}
        self._write({**values, PREVIOUS: [known for known in previous if known != key_id]})

    def forget(self, key_ids: Sequence[str]) -> bool:
        """Take ids of removed secrets out of the previous ones; was there anything to do?"""
        gone = {key_id.strip().lower() for key_id in key_ids}
        left = [known for known in self.previous if known.lower() not in gone]
        if left == self.previous:
            return False
        self._write({PREVIOUS: left})
        return True

    def _write(self, values: Mapping[str, Any]) -> None:
        text = replaced(self._text or HEAD, values)
        wanted = {**self._values, **values}
        if self._parsed(text) != wanted:
            raise UnusableFile(
                f"secret_file {self.path} is laid out so that variables cannot be replaced in it; write each variable on "
                f"lines of its own, beginning in the first column"
            )
        content = self._encrypted(text)
        try:
            descriptor = self._open_beside()
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self._beside.replace(self.path)
        except OSError as error:
            self._beside.unlink(missing_ok=True)
            raise UnusableFile(f"secret_file {self.path} cannot be written: {error.strerror}") from error
        self._text, self._values = text, wanted

    @property
    def _beside(self) -> Path:
        return self.path.with_name(f".{self.path.name}.new")

    def _open_beside(self) -> int:
        self._beside.unlink(missing_ok=True)
        return os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    def _encrypted(self, text: str) -> bytes:
        try:
            encrypted: bytes = self._vault.encrypt(text, secret=self._secret, vault_id=self._vault_id)
        except AnsibleError as error:
            raise UnusableFile(f"secret_file {self.path} cannot be encrypted: {_words(error)}") from error
        return encrypted


def replaced(text: str, values: Mapping[str, Any]) -> str:
    """A YAML text with these top-level variables replaced or appended; all other lines stay as they are."""
    lines = text.splitlines()
    for name, value in values.items():
        new = yaml.safe_dump({name: value}, default_flow_style=False, width=1000).rstrip("\n").splitlines()
        start = next((at for at, line in enumerate(lines) if re.match(rf"{re.escape(name)}\s*:(\s|$)", line)), None)
        if start is None:
            lines.extend(new)
            continue
        end = start + 1
        while end < len(lines) and re.match(r"(\s+\S|-\s|-$)", lines[end]):
            end += 1
        lines[start:end] = new
    return "\n".join(lines) + "\n"


def _words(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
