# SPDX-FileCopyrightText: PlaceOS Office 365 collection contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for the service: until it answers, or it is clear that it will not."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from ansible_collections.placeos.office365.plugins.module_utils._engine.docker import Container
from ansible_collections.placeos.office365.plugins.module_utils._engine.health import Health, ask, wait_healthy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RUNNING = Container("a", "running")


class FakeService:
    """Answers with the next of its answers, the last one again and again."""

    def __init__(self) -> None:
        self.answers: list[int] = [200]
        self.hosts: list[str | None] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.hosts.append(self.headers["Host"])
                answer = service.answers.pop(0) if len(service.answers) > 1 else service.answers[0]
                self.send_response(answer)
                if answer == 301:
                    self.send_header("Location", "https://acme.example/auth/authority")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/auth/authority"

    def health(self, **changes: object) -> Health:
        given = {"url": self.url, "host_header": None, "validate_certs": True, "timeout": 10.0, "interval": 2.0}
        return Health(**{**given, **changes})  # type: ignore[arg-type]


@pytest.fixture
def service() -> Iterator[FakeService]:
    fake = FakeService()
    thread = threading.Thread(target=fake.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield fake
    fake.server.shutdown()
    fake.server.server_close()
    thread.join()


class FakeClock:
    """Time that passes by sleeping only."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def waited(health: Health, look: Callable[[], Container | None]) -> tuple[str, float]:
    clock = FakeClock()
    return wait_healthy(health, look, clock, clock.sleep), clock.now


def looks(*containers: Container | None) -> Callable[[], Container | None]:
    """Each look shows the next, the last one again and again."""
    left = list(containers)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def test_the_first_good_answer_ends_the_waiting(service: FakeService) -> None:
    service.answers = [502, 503, 204]
    assert waited(service.health(), looks(RUNNING)) == ("", 4.0)


def test_the_time_is_up_with_the_last_reason(service: FakeService) -> None:
    service.answers = [503]
    reason, seconds = waited(service.health(), looks(RUNNING))
    assert reason == f"{service.url} answers 503 (waited 10 seconds)"
    assert seconds == 8.0


def test_the_host_is_asked_for_by_its_name(service: FakeService) -> None:
    assert waited(service.health(host_header="acme.example"), looks(RUNNING))[0] == ""
    assert service.hosts == ["acme.example"]


def test_a_redirect_is_no_health_and_its_target_is_told(service: FakeService) -> None:
    service.answers = [301]
    assert ask(service.health(), 1).endswith("answers 301 to https://acme.example/auth/authority")


def test_a_proxy_is_not_asked(service: FakeService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert ask(service.health(), 1) == ""


def test_nobody_there_is_a_reason() -> None:
    assert "127.0.0.1:9" in ask(Health("http://127.0.0.1:9/", None, True, 1, 1), 1)


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (Container("a", "exited", exit_code=3), "its container is exited, exit code 3"),
        (Container("a", "restarting", exit_code=1), "ended with code 1 and was restarted"),
        (Container("a", "running", restarts=1, exit_code=1), "ended with code 1 and was restarted"),
        (Container("a", "created"), "does not start"),
        (None, "is gone"),
    ],
)
def test_a_container_that_ends_is_not_waited_for(service: FakeService, later: Container | None, said: str) -> None:
    service.answers = [503]
    reason, seconds = waited(service.health(), looks(RUNNING, RUNNING, later))
    assert said in reason
    assert seconds <= 2.0


def test_restarts_of_long_ago_do_not_count(service: FakeService) -> None:
    assert waited(service.health(), looks(Container("a", "running", restarts=5))) == ("", 0.0)


def test_an_answer_of_somebody_else_does_not_count(service: FakeService) -> None:
    reason, _seconds = waited(service.health(), looks(RUNNING, RUNNING, Container("a", "exited")))
    assert "exited" in reason


def test_docker_s_own_check_has_a_say(service: FakeService) -> None:
    sick = Container("a", "running", health="unhealthy")
    assert "Docker's own health check" in waited(service.health(), looks(sick))[0]
    assert waited(service.health(), looks(sick, sick, sick, RUNNING))[0] == ""
    assert waited(service.health(), looks(Container("a", "running", health="starting")))[0] == ""
