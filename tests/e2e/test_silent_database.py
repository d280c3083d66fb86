"""The real server on a PostgreSQL that falls silent: everybody gets an answer, and a monitor gets it at once."""

import http.client
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.one_registry import OneRegistry, listable, one_registry
from tests.support.silence import SilentServer, silent_server

pytestmark = pytest.mark.e2e

THREADS = 4
DEADLINE = 3
"""Seconds: `database_deadline_seconds` of the registry below."""


@pytest.fixture(scope="module")
def server() -> Iterator[SilentServer]:
    with silent_server() as found:
        yield found


@pytest.fixture(scope="module")
def here(server: SilentServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneRegistry]:
    folder = tmp_path_factory.mktemp("silent")
    more = f"database_deadline_seconds = {DEADLINE}\n"
    with one_registry(folder, database_url=server.url(server.empty()), threads=THREADS, more=more) as running:
        yield running


def asked(here: OneRegistry, path: str) -> tuple[int, float]:
    """The status, and the seconds until it came."""
    connection = http.client.HTTPConnection(here.url.removeprefix("http://"), timeout=60)
    begun = time.monotonic()
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status, time.monotonic() - begun


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("how", ["frozen", "without_its_standby"])
def test_monitors_are_answered_while_every_thread_waits_and_each_request_is_refused_in_time(
    here: OneRegistry, server: SilentServer, how: str
) -> None:
    until(lambda: asked(here, "/readyz")[0] == 200)
    with ThreadPoolExecutor(4 * THREADS + 30) as many, getattr(server, how)():
        signed = [many.submit(here.ask, "carrier-b", "GET", "/v1/rules") for _ in range(4 * THREADS)]
        time.sleep(0.3)  # let them take every thread
        monitors = [many.submit(asked, here, "/readyz") for _ in range(30)]
        alive = [many.submit(asked, here, "/healthz") for _ in range(10)]
        assert {each.result()[0] for each in alive} == {200}
        assert max(each.result()[1] for each in alive) < DEADLINE
        assert max(each.result()[1] for each in monitors) < DEADLINE
        assert {each.result().status for each in signed} == {503}
        assert {each.result().headers["Retry-After"] for each in signed} == {"1"}
        until(lambda: asked(here, "/readyz")[0] == 503)
        # From now on nobody waits: the door knows.
        begun = time.monotonic()
        assert here.ask("carrier-b", "GET", "/v1/rules").status == 503
        assert asked(here, f"/log/{here.year}/checkpoint")[0] == 503
        assert asked(here, "/healthz")[0] == asked(here, "/openapi.json")[0] == 200
        assert time.monotonic() - begun < DEADLINE
    until(lambda: asked(here, "/readyz")[0] == 200)
    assert {each["verdict"] for each in here.report(listable(3))} <= {"ACTIVE", "DUPLICATE"}
