"""A database that does not answer is given up: the socket is closed, and nothing is cancelled, lost or doubled."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from protocol.problems import Problem, Refusal
from registry.domain.patience import LEAST_SECONDS
from registry.store.engines import Engines, make_engines
from registry.store.errors import OutcomeUnknown
from registry.store.migrate import upgrade
from registry.store.silence import BoundedConnection, Patience
from registry.store.transactions import Store, exclusive
from registry.usecases.inquiries.inquire import inquire
from registry.usecases.readiness import is_silent, readiness, require_answers
from registry.work import probe
from tests.support.builders import NOW, tokens
from tests.support.inquiry_groups import an_inquiry
from tests.support.races import at_once, outcome_of
from tests.support.silence import SilentServer, silent_server
from tests.support.stories import asks
from tests.support.world import World, found_world

SECONDS = 1.0
"""The patience of the stores below."""


@pytest.fixture(scope="module")
def server() -> Iterator[SilentServer]:
    with silent_server() as found:
        yield found


@pytest.fixture(scope="module")
def template(server: SilentServer) -> str:
    name = server.empty()
    upgrade(server.url(name))
    return name


@pytest.fixture
def url(server: SilentServer, template: str) -> Iterator[str]:
    name = server.copy(template)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def patient(url: str, open_engines: Callable[..., Engines]) -> Store:
    return Store(open_engines(url, pool_size=8, max_overflow=8, pool_timeout=SECONDS, connect_timeout=2))


@pytest.fixture
def silent_store(patient: Store) -> Store:
    return patient.within(SECONDS)


def use(store: Store, nonce: str) -> bool:
    return store.write(lambda tx: tx.requests.use_nonce("k", nonce, NOW))


def refusal(step: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as refused:
        step()
    assert refused.value.problem is Problem.UNAVAILABLE
    return refused.value


def test_a_frozen_server_is_given_up_and_used_again_when_it_runs(server: SilentServer, silent_store: Store) -> None:
    assert use(silent_store, "before")
    silent_store.ping()
    with server.frozen():
        # Both over connections that were open, and then over one that nobody accepts.
        for step in (lambda: use(silent_store, "lost"), silent_store.ping, silent_store.ping):
            refusal(step)
    assert use(silent_store, "lost")
    assert not use(silent_store, "before")


@pytest.mark.parametrize("values", [(30,), [(0,), (30,), (0,)]], ids=["one", "many in a pipeline"])
def test_a_statement_that_never_ends_leaves_nothing_and_its_connection_leaves_the_pool(
    url: str, silent_store: Store, values: Any
) -> None:
    seen: list[psycopg.Connection[object]] = []

    def work(tx: object) -> None:
        connection = tx.records._connection  # type: ignore[attr-defined]
        seen.append(connection.connection.dbapi_connection)
        connection.exec_driver_sql("CREATE TABLE half_done (x int)")
        connection.exec_driver_sql("SELECT pg_sleep(%s)", values)

    refusal(lambda: silent_store.write(work))
    assert [each.closed for each in seen] == [True]
    assert use(silent_store, "next")
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT to_regclass('half_done')").fetchone() == (None,)


def test_a_commit_that_waits_for_a_lost_standby_is_neither_cancelled_nor_called_a_success(
    server: SilentServer, url: str, silent_store: Store
) -> None:
    with server.without_its_standby():
        with pytest.raises(OutcomeUnknown, match="not known"):
            use(silent_store, "n")
        # It still waits: nobody told it to stop, so that no other transaction sees it yet.
        with psycopg.connect(url) as connection:
            waiting = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND datname = current_database()"
            )
            assert waiting.fetchone() == (1,)
            assert connection.execute("SELECT count(*) FROM request_nonce").fetchone() == (0,)
    # The standby has come back: the transaction was kept, and its repetition finds it.
    assert not use(silent_store, "n")


def test_work_that_no_sender_waits_for_is_more_patient_on_the_same_connections(
    patient: Store,
) -> None:
    hasty = patient.within(0.2)

    def slow(tx: object) -> None:
        tx.records._connection.exec_driver_sql("SELECT pg_sleep(0.6)")  # type: ignore[attr-defined]

    refusal(lambda: hasty.read(slow))
    patient.read(slow)
    refusal(lambda: hasty.write(slow))
    patient.write(slow)


def test_a_change_of_the_schema_has_no_bound(url: str) -> None:
    engines = make_engines(url, pool_size=1, max_overflow=0)
    assert use(Store(engines).within(SECONDS), "n")
    with exclusive(engines) as connection:
        driver: object = connection.connection.dbapi_connection
        assert isinstance(driver, BoundedConnection)
        assert driver.patience is None
    engines.close()


def test_the_urls_own_settings_of_the_connection_count(url: str) -> None:
    engines = make_engines(f"{url}&connect_timeout=7&keepalives_idle=99&tcp_user_timeout=5000")
    with engines.write.connect() as connection:
        found = connection.connection.dbapi_connection.info.get_parameters()
    engines.close()
    assert {name: found[name] for name in ("connect_timeout", "keepalives_idle", "tcp_user_timeout")} == {
        "connect_timeout": "7",
        "keepalives_idle": "99",
        "tcp_user_timeout": "5000",
    }


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_is_waited_for_in_a_line_counts_and_an_attempt_that_would_end_too_late_is_not_made() -> None:
    clock = Time()
    patience = Patience(10.0, clock)
    with patience.lining_up() as seconds:
        clock.now += 4
        wait = patience.begin()
        assert (seconds, wait.left()) == (10.0, 6.0)
        clock.now += 2
        assert not wait.is_over()
        assert wait.left() == 4.0
        clock.now += 2
        assert wait.is_over()
        clock.now += 100
        assert wait.left() == LEAST_SECONDS
    fresh = patience.within(0.5).begin()
    assert fresh.left() == 0.5
    assert not fresh.is_over()


@pytest.fixture
def silent_world(patient: Store, silent_store: Store) -> World:
    world = found_world(patient)
    object.__setattr__(world.registry, "store", silent_store)
    return world


def test_of_many_inquiries_at_once_none_waits_for_another_and_all_may_be_repeated(
    server: SilentServer, silent_world: World
) -> None:
    world, people = silent_world, [tokens(f"debtor-{number}") for number in range(12)]
    asks(world, "carrier-b", people[0])
    asked = [an_inquiry(world, "carrier-b", each, key=f"key-{number}") for number, each in enumerate(people)]

    def ask(number: int) -> str:
        one = asked[number]
        return outcome_of(lambda: inquire(world.registry, one.actor, one.call, one.request).status)

    with server.without_its_standby():
        begun = time.monotonic()
        assert set(at_once(len(people), ask)) == {"unavailable"}
        assert time.monotonic() - begun < len(people) * SECONDS
    asked = [an_inquiry(world, "carrier-b", each, key=f"key-{number}") for number, each in enumerate(people)]
    assert set(at_once(len(people), ask)) == {"201"}
    with psycopg.connect(str(silent_url(world))) as connection:
        assert connection.execute("SELECT count(*) FROM inquiry").fetchone() == (1 + len(people),)


def silent_url(world: World) -> str:
    url = world.registry.store._engines.write.url
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("how", ["frozen", "without_its_standby"])
def test_readiness_comes_from_the_last_look_and_the_door_refuses_while_the_database_is_silent(
    server: SilentServer, silent_world: World, how: str
) -> None:
    registry, stop = silent_world.registry, threading.Event()
    thread = threading.Thread(target=probe.run, args=(registry, stop))
    thread.start()
    until(lambda: readiness(registry).ready)
    require_answers(registry)
    with getattr(server, how)():
        until(lambda: is_silent(registry))
        with ThreadPoolExecutor(30) as many:
            seen = list(many.map(lambda _: readiness(registry), range(30)))
        assert {each.alarms for each in seen} == {("database-unavailable",)}
        assert "does not answer" in str(refusal(lambda: require_answers(registry)))
    until(lambda: readiness(registry).ready)
    require_answers(registry)
    stop.set()
    thread.join(30)


HOLD = """
import fcntl, sys, time
with open(sys.argv[1], "w") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("name", ["-turn", "-writer"])
def test_a_process_that_hangs_with_sqlites_gate_in_hand_is_not_waited_for(sqlite_url: str, name: str) -> None:
    path = sqlite_url.removeprefix("sqlite:///")
    engines = make_engines(sqlite_url, gate_timeout=0.2)
    store = Store(engines)
    assert use(store, "before")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, path + name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    assert "busy" in str(refusal(lambda: use(store, "lost")))
    holder.communicate("")
    assert use(store, "lost")
    engines.close()
