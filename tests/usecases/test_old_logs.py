"""A log of many years: an act locks the month of its own entries, however many months there are (PostgreSQL)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from registry.domain.retention import months_from
from registry.store.transactions import Store
from registry.usecases.archive.forget_subjects import forget_subjects
from registry.usecases.archive.purge_records import purge_records
from registry.usecases.archive.seal_records import seal_records
from registry.usecases.clock.judge_clock import judge_clock
from registry.usecases.disputes.run import run_disputes
from tests.support.large_firm import MANY, ask, dispute, report_firm
from tests.support.log_rounds import integrate_all
from tests.support.partitions import ensure_months
from tests.support.world import World, found_world

MONTHS = 60
_LOCKED = sa.text(
    "SELECT count(DISTINCT relname) FROM pg_locks JOIN pg_class ON pg_class.oid = relation"
    " WHERE pid = pg_backend_pid() AND relname ~ '^log_opening_(m[0-9]+|default)$'"
)
"""How many parts of the log this connection holds a lock on."""


@pytest.fixture
def world(postgres_store: Store) -> World:
    """A registry whose log began five years ago."""
    found = found_world(postgres_store)
    today = found.clock().date()
    months = months_from(today.replace(year=today.year - MONTHS // 12), MONTHS + 2)
    ensure_months(postgres_store, months)
    return found


@contextmanager
def locked() -> Iterator[list[int]]:
    """What each transaction meanwhile has locked of the log when it commits."""
    found: list[int] = []

    def note(connection: sa.Connection) -> None:
        found.append(connection.execute(_LOCKED).scalar_one())

    event.listen(sa.Engine, "commit", note)
    try:
        yield found
    finally:
        event.remove(sa.Engine, "commit", note)


ACTS: dict[str, tuple[int, Callable[[World], object]]] = {
    "report": (0, lambda world: report_firm(world, MANY)),
    "inquiry": (0, ask),
    "dispute": (0, dispute),
    "lapse": (60, lambda world: run_disputes(world.registry)),
    "seal": (210, lambda world: seal_records(world.registry)),
}
"""The days that go by, and the act."""


def test_an_act_locks_the_month_of_its_entries_and_not_the_months_of_all_years(world: World) -> None:
    for name, (days, act) in ACTS.items():
        world.clock.forward(days=days)
        judge_clock(world.registry)  # as a round and a request do first: the newest entry may lie in any month
        with locked() as months:
            act(world)
        assert max(months) <= 2, name


def test_the_integrator_locks_the_months_of_its_year(world: World, tmp_path: Path) -> None:
    report_firm(world, MANY)
    with locked() as months:
        integrate_all(world, tmp_path)
    assert 0 < max(months) <= 12 + 1


def test_a_purge_and_a_forgetting_lock_the_months_in_which_the_subject_was_known(world: World) -> None:
    for days, act in ACTS.values():
        world.clock.forward(days=days)
        act(world)
    world.clock.forward(days=800)
    known_for = (60 + 210 + 800) // 30 + 2
    for step in (purge_records, forget_subjects):
        judge_clock(world.registry)
        with locked() as months:
            assert step(world.registry) > 0
        assert max(months) <= known_for
        world.clock.forward(days=1)
