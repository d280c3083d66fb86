"""The registry behind a real pgbouncer in transaction mode: every statement runs, and runs as its own."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from protocol.codes import ServiceClass
from protocol.messages.inquiries import InquiryRequest
from registry.store.engines import Engines, make_engines
from registry.store.migrate import upgrade
from registry.store.revision import current, newest
from registry.store.transactions import Store
from registry.usecases.inquiries.inquire import inquire
from registry.usecases.records.report import report
from registry.work import worker
from tests.storage.pooler import installed, pooled
from tests.support.builders import a_report, tokens
from tests.support.databases import PostgresServer
from tests.support.log_rounds import integrate_all
from tests.support.races import at_once
from tests.support.world import World, found_world

SERVERS = 2
"""Connections of the pooler to PostgreSQL: fewer than the threads below, so that they are handed on all the time."""
THREADS = 6

pytestmark = pytest.mark.skipif(
    installed() is None and os.environ.get("CI") != "true",
    reason="pgbouncer is not installed (Debian: apt-get install pgbouncer); the build server installs and runs it",
)


@pytest.fixture
def pooled_url(request: pytest.FixtureRequest, postgres: PostgresServer, tmp_path: Path) -> Iterator[str]:
    """An empty database behind the pooler."""
    if request.config.getoption("postgresql"):
        pytest.skip("the pooler of these tests knows only a server that the suite started")
    name = postgres.empty()
    folder = tmp_path / "pgbouncer"
    folder.mkdir()
    with pooled(postgres.url(name), folder, servers=SERVERS) as url:
        yield url
    postgres.drop(name)


def asked(world: World, number: int) -> str:
    """Report a debtor and ask about it; the statement of each runs on whatever connection is free."""
    report(world.registry, world.actor("carrier-a"), world.call(), a_report(f"debtor-{number}", f"A{number}"))
    request = InquiryRequest(
        inquiry_ref=str(number), tokens=tokens(f"debtor-{number}"), service_class=ServiceClass.MOBILE
    )
    outcome = inquire(world.registry, world.actor("carrier-b"), world.call(), request)
    return "PAY_FIRST" if b"PAY_FIRST" in outcome.body else "other"


def test_the_whole_registry_runs_behind_a_pooler_that_hands_connections_on(
    pooled_url: str, open_engines: Callable[[str], Engines], tmp_path: Path
) -> None:
    upgrade(pooled_url)
    assert current(pooled_url) == newest()
    world = found_world(Store(open_engines(pooled_url)))

    def work(thread: int) -> list[str]:
        return [asked(world, thread * 100 + number) for number in range(8)]

    answers = at_once(THREADS, work)
    assert Counter(each for some in answers for each in some) == {"PAY_FIRST": THREADS * 8}
    world.clock.forward(days=1)
    worker.tick(world.registry)
    assert integrate_all(world, tmp_path).size >= THREADS * 16


def test_no_thread_runs_a_statement_that_another_one_prepared(pooled_url: str) -> None:
    def strange(engines: Engines) -> list[object]:
        """What two kinds of statement gave, each asked often enough to be prepared, that the other kind would give."""

        def work(thread: int) -> list[object]:
            text = "SELECT CAST(:n AS integer) + 1" if thread % 2 else "SELECT CAST(:n AS integer) - 1"
            step = 1 if thread % 2 else -1
            found: list[object] = []
            for number in range(40):
                try:
                    with engines.read.connect() as connection:
                        given = connection.execute(sa.text(text), {"n": number}).scalar_one()
                    found += [] if given == number + step else [given]
                except DBAPIError as error:
                    found.append(getattr(error.orig, "sqlstate", None))
            return found

        return [each for some in at_once(THREADS, work) for each in some]

    unprepared, prepared = make_engines(pooled_url), make_engines(pooled_url, prepared_statements=True)
    try:
        assert strange(unprepared) == []
        # The control: with prepared statements, as the driver has them by default, the same work goes wrong.
        assert strange(prepared) != []
    finally:
        unprepared.close()
        prepared.close()


def test_no_connection_keeps_anything_that_the_next_transaction_would_miss(pooled_url: str) -> None:
    """Advisory locks end with their transaction; settings, listeners, cursors and temporary tables are not used."""
    upgrade(pooled_url)
    world = found_world(Store(make_engines(pooled_url)))
    asked(world, 1)
    with psycopg.connect(pooled_url, autocommit=True, prepare_threshold=None) as connection:
        held = connection.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone()
        prepared = connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()
    assert (held, prepared) == ((0,), (0,))
    world.registry.store.close()
