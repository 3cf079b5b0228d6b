# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stores the new client secret of graph_app in a vaulted file on the control node, before anything else happens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible import constants as C  # noqa: N812 - as everywhere in Ansible
from ansible.plugins.action import ActionBase

from ansible_collections.placeos.office365.plugins.module_utils._microsoft.app.sealing import Envelope
from ansible_collections.placeos.office365.plugins.plugin_utils._microsoft.secret_file import SecretFile, UnusableFile

MODULE = "placeos.office365.graph_app"

NOT_FOR_UNDOING = ("name", "unique_name", "permissions", "secret", "remove_secrets", "purge", "state")


class ActionModule(ActionBase):
    """Looks at the file first, runs the module, stores what it made; what can't be stored is removed again."""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task."""
        super().run(tmp, task_vars)
        arguments = {name: value for name, value in self._task.args.items() if not name.startswith("_")}
        path = arguments.get("secret_file")
        if not path or arguments.get("state") == "absent":
            arguments["secret_file"] = None
            return self._module({key: value for key, value in arguments.items() if value is not None}, task_vars)
        try:
            file = self._file(str(path), arguments.get("secret_file_vault_id"))
            file.check(write=not self._task.check_mode)
        except UnusableFile as error:
            return {"failed": True, "changed": False, "msg": str(error)}
        return self._with(file, arguments, task_vars)

    def _file(self, path: str, vault_id: Any) -> SecretFile:
        resolved = self._loader.path_dwim(path)
        passwords = self._loader._vault.secrets  # noqa: SLF001 - there is no other way to ask for them
        usual = C.config.get_config_value("DEFAULT_VAULT_ENCRYPT_IDENTITY")
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
        made = result.get("secret")
        sealed = made.pop("sealed", None) if isinstance(made, dict) else None
        if isinstance(made, dict) and sealed:
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
