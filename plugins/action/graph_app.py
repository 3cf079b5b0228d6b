# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stores the new client secret of graph_app in a vaulted file on the control node, before anything else happens."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.sealing import Envelope
from ansible_collections.placeos.office365.plugins.plugin_utils._microsoft.one_at_a_time import NotHeld, held
from ansible_collections.placeos.office365.plugins.plugin_utils._microsoft.secret_file import SecretFile, UnusableFile

MODULE = "placeos.office365.graph_app"

LOST = (
    "a new secret is told once, and nobody would get to know it here: give secret_file, or register the result of this "
    "task (its output is hidden then)"
)

NOT_FOR_UNDOING = ("name", "unique_name", "permissions", "secret", "remove_secrets", "purge", "state")


class ActionModule(ActionBase):
    """Looks at the file first, runs the module, stores what it made; what can't be stored is removed again."""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task."""
        super().run(tmp, task_vars)
        arguments = {name: value for name, value in self._task.args.items() if not name.startswith("_")}
        path, vault_id = arguments.get("secret_file"), arguments.get("secret_file_vault_id")
        if not path or arguments.get("state") == "absent":
            arguments["secret_file"] = None
            return self._without({key: value for key, value in arguments.items() if value is not None}, task_vars)
        try:
            file = self._file(str(path), vault_id)
            with contextlib.nullcontext() if self._task.check_mode else held(file.path):
                # Read again: the run that was waited for may have changed it.
                file = self._file(str(path), vault_id)
                file.check(write=not self._task.check_mode)
                return self._with(file, arguments, task_vars)
        except UnusableFile as error:
            return {"failed": True, "changed": False, "msg": str(error)}
        except NotHeld as error:
            return {"failed": True, "changed": False, "msg": f"secret_file: {error}"}

    def _without(self, arguments: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        """Without a file the result has the value, for the task's variable alone; on its way it is sealed as well."""
        given = arguments.get("secret")
        if given is None or arguments.get("state") == "absent":
            return self._module(arguments, task_vars)
        never = isinstance(given, Mapping) and given.get("renew") == "never"
        if not (never or self._task.check_mode or self._task.register):
            return {"failed": True, "changed": False, "msg": LOST}
        envelope = Envelope()
        result = self._module({**arguments, "_stored": {"address": envelope.address}}, task_vars)
        made, sealed = _sealed(result)
        if sealed:
            made["value"] = envelope.open(sealed)
            # Ansible shows nothing of such a result (no_log), and registers all of it.
            result["_ansible_no_log"] = True
        return result

    def _file(self, path: str, vault_id: Any) -> SecretFile:
        resolved = self._loader.path_dwim(path)
        passwords = self._loader._vault.secrets  # noqa: SLF001 - there is no other way to ask for them
        usual = constants.config.get_config_value("DEFAULT_VAULT_ENCRYPT_IDENTITY")
        return SecretFile(resolved, passwords, str(vault_id) if vault_id else None, usual)

    def _module(self, arguments: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        result: dict[str, Any] = self._execute_module(module_name=MODULE, module_args=arguments, task_vars=task_vars)
        shown = result.get("invocation")
        if isinstance(shown, dict) and isinstance(shown.get("module_args"), dict):
            shown["module_args"].pop("_stored", None)
        return result

    def _with(self, file: SecretFile, arguments: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        envelope = Envelope()
        stored = {
            "address": envelope.address,
            "app_id": file.app_id or None,
            "key_id": file.key_id or None,
            "previous": file.previous,
        }
        result = self._module({**arguments, "_stored": stored}, task_vars)
        made, sealed = _sealed(result)
        if sealed:
            try:
                file.store(
                    app_id=result["application"]["app_id"],
                    secret=envelope.open(sealed),
                    key_id=made["key_id"],
                    ends=made.get("ends"),
                )
            except Exception as error:  # noqa: BLE001 - whatever it was, nobody has that secret
                return self._taken_back(result, arguments, task_vars, error)
            made["stored_in"] = str(file.path)
        return self._forgotten(file, arguments, result)

    def _forgotten(self, file: SecretFile, arguments: Mapping[str, Any], result: dict[str, Any]) -> dict[str, Any]:
        """Former secrets that are gone are no longer listed in the file."""
        removed = arguments.get("remove_secrets") or []
        if result.get("failed") or not isinstance(removed, list):
            return result
        gone = {str(key_id).lower() for key_id in removed}
        if self._task.check_mode:
            result["changed"] = result.get("changed", False) or any(key.lower() in gone for key in file.previous)
            return result
        try:
            if file.forget([str(key_id) for key_id in removed]):
                result["changed"] = True
        except UnusableFile as error:
            return {**result, "failed": True, "msg": f"the secrets are removed, but still listed: {error}"}
        return result

    def _taken_back(
        self,
        result: dict[str, Any],
        arguments: Mapping[str, Any],
        task_vars: dict[str, Any] | None,
        error: Exception,
    ) -> dict[str, Any]:
        """The new secret could not be stored, so nobody has it: remove it, by its id."""
        key_id, application = result["secret"]["key_id"], result["application"]
        kept = {name: value for name, value in arguments.items() if name not in NOT_FOR_UNDOING}
        undo = {
            **kept,
            "app_id": application["app_id"],
            "remove_secrets": [key_id],
            "_stored": {"undo": True},
        }
        undone = self._module(undo, task_vars)
        if undone.get("failed"):
            end = (
                f"Removing it failed too ({undone.get('msg')}): remove it by hand, in Entra under App registrations > "
                f"{application['display_name']} > Certificates & secrets"
            )
        else:
            end = "It was removed again, so that nothing is left behind"
            result["changes"]["created"] = [
                label for label in result["changes"]["created"] if not label.startswith("secret ")
            ]
        result.pop("secret", None)
        return {**result, "failed": True, "msg": f"the new secret {key_id} could not be stored: {error}. {end}."}


def _sealed(result: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """(what the result says of a new secret, its sealed value, which it has no longer); empty without a new one."""
    made = result.get("secret")
    return (made, made.pop("sealed", None) or "") if isinstance(made, dict) else ({}, "")
