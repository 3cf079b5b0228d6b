# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options and results of graph_app_check are documented as they are."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.placeos.office365.plugins.doc_fragments.microsoft import ModuleDocFragment
from ansible_collections.placeos.office365.plugins.module_utils._microsoft import frame
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.checks.run import Checked, judge
from ansible_collections.placeos.office365.plugins.module_utils._microsoft.sign_in.tokens import Identity
from ansible_collections.placeos.office365.plugins.modules import graph_app_check
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.checks.fake_facts import facts
from ansible_collections.placeos.office365.tests.unit.plugins.module_utils._microsoft.fake_authority import (
    fake_certificate,
)

DOCUMENTATION: dict[str, Any] = yaml.safe_load(graph_app_check.DOCUMENTATION)
RETURN: dict[str, Any] = yaml.safe_load(graph_app_check.RETURN)
COMMON: dict[str, Any] = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
KEYS = (("type", "str"), ("elements", None), ("choices", None), ("required", False), ("default", None))


class Seen(Exception):
    """What the module gives to AnsibleModule, thrown before anything else happens."""

    def __init__(self, spec: dict[str, Any], rules: dict[str, Any]) -> None:
        super().__init__()
        self.spec, self.rules = spec, rules


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    def show(argument_spec: dict[str, Any], **rules: Any) -> None:
        raise Seen(argument_spec, rules)

    monkeypatch.setattr(frame, "AnsibleModule", show)
    with pytest.raises(Seen) as caught:
        graph_app_check.main()
    return caught.value


def differences(spec: dict[str, Any], documented: dict[str, Any], where: str = "") -> list[str]:
    """Everything that options and documentation disagree about."""
    found = [f"{where}{name}" for name in spec.keys() ^ documented.keys()]
    for name in spec.keys() & documented.keys():
        option, text = spec[name], documented[name]
        found += [f"{where}{name}: {key}" for key, none in KEYS if option.get(key, none) != text.get(key, none)]
        found += [] if text.get("description") else [f"{where}{name}: no description"]
        found += differences(option.get("options") or {}, text.get("suboptions") or {}, f"{where}{name}.")
    return found


def test_options_and_documentation_agree(seen: Seen) -> None:
    assert differences(seen.spec, {**COMMON, **DOCUMENTATION["options"]}) == []


def test_secrets_are_marked_as_such_at_every_depth(seen: Seen) -> None:
    secrets = {"client_secret", "certificate", "certificate_passphrase", "access_token"}

    def check(options: dict[str, Any]) -> None:
        for name, option in options.items():
            assert (option.get("no_log") is True) == (name in secrets), name
            check(option.get("options") or {})

    check(seen.spec)


def test_check_mode_is_supported(seen: Seen) -> None:
    assert seen.rules["supports_check_mode"] is True


def test_examples_use_known_options_only(seen: Seen) -> None:
    examples = yaml.safe_load(graph_app_check.EXAMPLES)
    assert examples
    for example in examples:
        given = example["placeos.office365.graph_app_check"]
        assert given.keys() <= seen.spec.keys()
        assert (given.get("reader") or {}).keys() <= seen.spec["reader"]["options"].keys()


def test_all_that_is_returned_is_documented() -> None:
    good = facts()
    returned = graph_app_check.result(Checked(good, judge(good)))

    assert returned.keys() == RETURN.keys()
    for name in ("proof", "token"):
        assert returned[name].keys() == RETURN[name]["contains"].keys()
    for name in ("findings", "mailboxes"):
        assert returned[name][0].keys() == RETURN[name]["contains"].keys()


class TestCredential:
    """By what a credential is recognised in Entra's lists; never more than Entra shows."""

    def test_a_secret_by_its_first_three_characters(self) -> None:
        assert graph_app_check.credential_of(Identity("t", "c", client_secret="abcdef~123")) == {
            "credential": "secret",
            "hint": "abc",
        }

    def test_a_certificate_by_its_thumbprint(self) -> None:
        from cryptography.hazmat.primitives import hashes

        made = fake_certificate()
        digest = made.certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303
        assert graph_app_check.credential_of(Identity("t", "c", certificate=made.pem())) == {
            "credential": "certificate",
            "thumbprint": digest,
        }

    def test_a_ready_token_by_nothing(self) -> None:
        assert graph_app_check.credential_of(Identity("t", access_token="x.y.z")) == {"credential": "token"}
