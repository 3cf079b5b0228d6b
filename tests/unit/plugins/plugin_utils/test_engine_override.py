# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The override file that roles share: what goes where, what is kept, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.placeos.office365.plugins.plugin_utils._engine.override import Override, Share, build

NAME = "docker-compose.override.yml"
ENV = "engine_environment.env"
LIST = """\
version: "2.1"
services:
  couch: {image: couchbase}
  engine:
    image: $DOCKER_ENGINE
    volumes:
      - ./aca-device-modules:/home/aca-apps/aca-device-modules:ro
    environment:
      - TZ=$TZ
      - ELASTIC
"""
MAP = LIST.replace("      - TZ=$TZ\n      - ELASTIC\n", "      TZ: $TZ\n      ELASTIC:\n      PORT: 8080\n")
VARIABLES = Share(environment={"INTERNAL_DOMAIN": "acme.example"}, secrets={"OFFICE_CLIENT_SECRET": "Fake~Secret.1"})
MOUNT = Share(volumes={"/opt/aca/o365-engine/releases/abc": "/home/aca-apps/ruby-engine-app"})


def made(texts: dict[str, str] | str, share: Share = VARIABLES, **options: Any) -> Override:
    return build({"docker-compose.yaml": texts} if isinstance(texts, str) else texts, NAME, "engine", share, **options)


def content(result: Override, name: str = NAME) -> str:
    assert result.faults == []
    return next(file["content"] for file in result.files if file["path"] == name)


def engine(result: Override) -> dict[str, Any]:
    service: dict[str, Any] = yaml.safe_load(content(result))["services"]["engine"]
    return service


# -- variables -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("base", [LIST, MAP])
def test_secrets_go_into_the_env_file_and_the_rest_into_the_override_file(base: str) -> None:
    result = made(base)
    assert [file["path"] for file in result.files] == [ENV, NAME]
    assert content(result, ENV).splitlines()[1:] == ["OFFICE_CLIENT_SECRET=Fake~Secret.1"]
    assert engine(result) == {"env_file": [ENV], "environment": {"INTERNAL_DOMAIN": "acme.example"}}
    assert "Fake~Secret.1" not in content(result)
    assert result.secrets == ["Fake~Secret.1"]
    assert result.warnings == []


def test_the_version_of_the_base_file_is_taken_over() -> None:
    assert 'version: "2.1"\n' in content(made(LIST))
    assert "version" not in content(made(LIST.replace('version: "2.1"\n', "")))


@pytest.mark.parametrize(
    "secret", ["with blank", "with#hash", "with$dollar", 'with"quote', "with'quote", "with\\backslash", "with`tick", ""]
)
def test_a_secret_that_versions_of_compose_would_read_differently_goes_into_the_override_file(secret: str) -> None:
    result = made(LIST, Share(environment={}, secrets={"S": secret}))
    assert result.files[0] == {"path": ENV, "state": "absent"}
    assert engine(result) == {"environment": {"S": secret.replace("$", "$$")}}
    assert "# Secret: S\n" in content(result)


@pytest.mark.parametrize("secret", ["abc~def", "a.b_c-d", "a/b:c@d%e+f,g=h", "1234"])
def test_a_secret_of_harmless_characters_goes_into_the_env_file(secret: str) -> None:
    assert f"S={secret}\n" in content(made(LIST, Share(secrets={"S": secret})), ENV)


@pytest.mark.parametrize(
    "base", [LIST + "      - OFFICE_CLIENT_SECRET=old\n", MAP + "      OFFICE_CLIENT_SECRET: old\n"]
)
def test_a_secret_that_the_clients_file_sets_goes_into_the_override_file_with_a_warning(base: str) -> None:
    result = made(base)
    assert engine(result)["environment"]["OFFICE_CLIENT_SECRET"] == "Fake~Secret.1"
    assert "env_file" not in engine(result)
    (warning,) = result.warnings
    assert warning.startswith("docker-compose.yaml sets OFFICE_CLIENT_SECRET for engine")
    assert "old" not in warning


def test_a_variable_of_another_value_in_the_clients_file_is_warned_of() -> None:
    (warning,) = made(LIST + "      - INTERNAL_DOMAIN=old.example\n").warnings
    assert "sets INTERNAL_DOMAIN for engine to another value" in warning
    assert made(LIST + "      - INTERNAL_DOMAIN=acme.example\n").warnings == []


def test_variables_of_other_services_are_nobodys_business() -> None:
    base = LIST.replace("{image: couchbase}", "{image: couchbase, environment: [OFFICE_CLIENT_SECRET=x]}")
    assert made(base).warnings == []


def test_values_are_written_as_they_are_meant() -> None:
    given = {"FLAG": True, "NUMBER": 8080, "DOLLAR": "a$b$$c", "YAML": "no: #1 'x' \"y\" \\ é", "EMPTY": ""}
    environment = engine(made(LIST, Share(environment=given)))["environment"]
    assert environment == {
        "FLAG": "true",
        "NUMBER": "8080",
        "DOLLAR": "a$$b$$$$c",
        "YAML": given["YAML"],
        "EMPTY": "",
    }


def test_the_text_does_not_depend_on_the_order_in_the_inventory() -> None:
    one, two = ({"A": "1", "B": "2"}, {"B": "2", "A": "1"})
    assert content(made(LIST, Share(environment=one))) == content(made(LIST, Share(environment=two)))


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\u2028b", "a\x00b", "a\x85b", "a\tb", None, ["a"], {"a": 1}])
def test_line_breaks_and_what_is_no_text_are_refused_without_showing_it(value: object) -> None:
    result = made(LIST, Share(environment={}, secrets={"S": value}))
    (fault,) = result.faults
    assert fault.startswith("S: ")
    assert result.files == []


def test_faults_are_told_all_at_once() -> None:
    share = Share({"1A": "x", "B": "a\nb", "C": "x"}, {"C": "y"}, volumes={"relative": "/a:b"})
    assert [fault.split(":")[0] for fault in made(LIST, share).faults] == ["1A", "B", "C", "volumes", "volumes"]


# -- the shares of two roles -----------------------------------------------------------------------------------------


def both(first: Share, second: Share) -> tuple[Override, str]:
    text = content(made(LIST, first))
    result = made({"docker-compose.yaml": LIST, NAME: text}, second)
    return result, text


@pytest.mark.parametrize("secret", ["Fake~Secret.1", "Fake $ecret 1"])
def test_each_role_keeps_the_share_of_the_other(secret: str) -> None:
    variables = Share({"A": "a$b"}, {"S": secret})
    one, _text = both(variables, MOUNT)
    two, _text = both(MOUNT, variables)
    assert content(one) == content(two)
    assert engine(one)["volumes"] == ["/opt/aca/o365-engine/releases/abc:/home/aca-apps/ruby-engine-app"]
    assert engine(one)["environment"]["A"] == "a$$b"


def test_a_mount_does_not_touch_the_env_file() -> None:
    result, _text = both(VARIABLES, MOUNT)
    assert [file["path"] for file in result.files] == [NAME]


def test_a_secret_in_the_kept_share_is_still_hidden() -> None:
    result, _text = both(Share({}, {"S": "Fake $ecret 1"}), MOUNT)
    assert result.secrets == ["Fake $ecret 1"]


def test_a_second_time_gives_the_same_text() -> None:
    result, text = both(VARIABLES, VARIABLES)
    assert content(result) == text


def test_a_share_that_is_empty_is_taken_out() -> None:
    text = content(made({"docker-compose.yaml": LIST, NAME: content(made(LIST))}, MOUNT))
    texts = {"docker-compose.yaml": LIST, NAME: text}
    assert "volumes" not in engine(made(texts, Share(volumes={})))
    result = made(texts, Share(environment={}, secrets={}))
    assert result.files[0] == {"path": ENV, "state": "absent"}
    assert engine(result).keys() == {"volumes"}


def test_an_override_file_that_would_say_nothing_is_removed() -> None:
    assert both(MOUNT, Share(volumes={}))[0].files == [{"path": NAME, "state": "absent"}]


# -- mounts ----------------------------------------------------------------------------------------------------------


def test_a_mount_takes_the_clients_spelling_of_the_path_so_that_compose_merges_it() -> None:
    mount = "      - ./ruby-engine-app:/home/aca-apps/ruby-engine-app/\n    environment"
    result = made(LIST.replace("    environment", mount), MOUNT)
    assert engine(result)["volumes"] == ["/opt/aca/o365-engine/releases/abc:/home/aca-apps/ruby-engine-app/"]


def test_a_mount_in_the_long_form_is_known_too() -> None:
    mount = "      - {type: bind, source: ./x, target: /home/aca-apps/ruby-engine-app/}\n    environment"
    result = made(LIST.replace("    environment", mount), MOUNT)
    assert engine(result)["volumes"][0].endswith("ruby-engine-app/")


def test_the_typo_with_a_zero_is_explained_with_its_line() -> None:
    mount = "      - ./0365-engine/:/home/aca-apps/ruby-engine-app\n    environment"
    (warning,) = made(LIST.replace("    environment", mount), MOUNT).warnings
    assert warning.startswith("docker-compose.yaml, line 8: 0365-engine is written with a zero")
    assert made(LIST + "# not ./0365-engine\n", MOUNT).warnings == []


# -- what is not ours, and what cannot be read -----------------------------------------------------------------------


def test_an_override_file_of_somebody_else_is_left_alone() -> None:
    result = made({"docker-compose.yaml": LIST, NAME: LIST}, setting="engine_environment_override_file")
    (fault,) = result.faults
    assert fault.startswith(f"{NAME}: was not written by this collection")
    assert "Set engine_environment_override_file to another name" in fault
    assert f"COMPOSE_FILE=docker-compose.yaml:{NAME}:docker-compose.placeos.yml" in fault
    assert result.files == []


def test_a_file_that_is_no_yaml_is_told_with_its_line_and_without_its_text() -> None:
    (fault,) = made("services:\n  engine:\n    environment:\n      - S: [secret-in-here\n").faults
    assert fault.startswith("docker-compose.yaml: is not valid YAML in line")
    assert "secret-in-here" not in fault


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("- a\n", "is not a Compose file"),
        ("engine:\n  image: x\n", "has no key services"),
        (LIST.replace("engine:", "motor:"), "has no service engine; it has couch, motor"),
    ],
)
def test_a_file_without_the_service_is_told(base: str, said: str) -> None:
    (fault,) = made(base).faults
    assert said in fault


def test_a_project_of_several_files_is_looked_at_as_a_whole() -> None:
    texts = {"base.yml": LIST, "prod.yml": "services:\n  engine:\n    environment: {OFFICE_CLIENT_SECRET: old}\n"}
    result = made(texts)
    assert "env_file" not in engine(result)
    assert result.warnings[0].startswith("prod.yml sets OFFICE_CLIENT_SECRET")


def test_tags_of_compose_do_not_stand_in_the_way() -> None:
    assert made(LIST.replace("    volumes:", "    ports: !reset []\n    volumes: !override")).faults == []
