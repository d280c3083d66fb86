"""A household goes, with its sealed token, when nothing names it any more, and never between a look and a link."""

import datetime as dt
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

import pytest
import sqlalchemy as sa

from protocol.codes import RebuttalGround
from protocol.states import HouseholdKind
from registry.domain.disassociations import Rebuttal
from registry.store.columns import SEALED
from registry.store.engines import Engines, make_engines
from registry.store.epochs import key_epoch
from registry.store.households import household, household_link
from registry.store.migrate import upgrade
from registry.store.participants import participant
from registry.store.transactions import Store, Transaction, exclusive
from tests.storage import values as v
from tests.storage.revisions import before, insert, insert_entries, upgrade_to
from tests.support.builders import NOW, TODAY

REVISION = "0033"
HOMES = (v.key(50), v.key(51))
LEFT = NOW + dt.timedelta(days=1)


def a_rebuttal(home: int, who: int) -> Rebuttal:
    return Rebuttal(
        household_key=v.key(home),
        subject_key=v.key(who),
        rebuttal_id=uuid.UUID(int=home),
        kind=HouseholdKind.REGISTER,
        ground=next(iter(RebuttalGround)),
        evidence_digest=b"e" * 32,
        filed_by="carrier-a",
        filed_at=NOW,
        until=TODAY,
        rules_version="2026-01",
        log_entry_id=v.an_id(1),
    )


@pytest.fixture
def lived(store: Store) -> Store:
    """Records 10 and 11 of two people in household 50, record 10 in 51 as well."""
    v.founded(store, 1, 2)

    def work(tx: Transaction) -> None:
        tx.records.add([v.record_of(1, 10), v.record_of(2, 11)])
        tx.households.ensure([v.a_household(50), v.a_household(51)])
        tx.households.link([v.a_link(50, 1, 10), v.a_link(50, 2, 11), v.a_link(51, 1, 10)])

    store.write(work)
    return store


def homes(store: Store) -> frozenset[bytes]:
    return store.write(lambda tx: tx.households.known(HOMES))


def test_a_household_goes_with_the_last_record_that_is_sealed(lived: Store) -> None:
    lived.write(lambda tx: tx.archive.unlink([(v.key(1), v.an_id(10))]))
    assert homes(lived) == {v.key(50)}
    lived.write(lambda tx: tx.archive.unlink([(v.key(2), v.an_id(11))]))
    assert homes(lived) == frozenset()


def test_a_household_goes_with_the_last_link_that_is_dropped_by_its_age(lived: Store) -> None:
    lived.write(lambda tx: tx.households.end([v.an_end(v.a_link(51, 1, 10), NOW), v.an_end(v.a_link(50, 1, 10), NOW)]))
    assert lived.write(lambda tx: tx.retention.ended_links(LEFT, 1)) == 1
    assert lived.write(lambda tx: tx.retention.ended_links(LEFT, 10)) == 1
    assert homes(lived) == {v.key(50)}


def test_a_household_stays_while_a_rebuttal_names_it_and_goes_with_its_subject(lived: Store) -> None:
    lived.write(lambda tx: tx.disassociations.add([a_rebuttal(51, 3)]))
    lived.write(lambda tx: tx.archive.unlink([(v.key(1), v.an_id(10)), (v.key(2), v.an_id(11))]))
    assert homes(lived) == {v.key(51)}
    lived.write(lambda tx: tx.idle_subjects.forget([v.key(3)]))
    assert homes(lived) == frozenset()


def test_who_looked_at_a_household_finds_it_when_the_link_is_written(
    postgres_url: str, open_engines: Callable[[str], Engines]
) -> None:
    store = v.founded(Store(open_engines(postgres_url)), 1)
    store.write(lambda tx: tx.households.ensure([v.a_household(50)]))
    forgetting: list[Future[int]] = []

    with ThreadPoolExecutor(1) as pool:

        def report(tx: Transaction) -> None:
            assert tx.households.known([v.key(50)]) == {v.key(50)}
            forgetting.append(pool.submit(store.write, lambda tx: tx.households.forget_unnamed([v.key(50)])))
            waited = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            with closing(make_engines(postgres_url)) as engines, engines.read.connect() as other:
                while not other.execute(waited).scalar_one():
                    pass
            tx.households.link([v.a_link(50, 1, 10)])

        store.write(report)
        assert forgetting[0].result(timeout=30) == 0
    assert store.write(lambda tx: tx.households.known([v.key(50)])) == {v.key(50)}


def test_households_from_before_that_nothing_names_go_with_the_upgrade(empty_url: str) -> None:
    upgrade_to(empty_url, before(REVISION))
    with closing(make_engines(empty_url)) as engines, exclusive(engines) as connection:
        insert_entries(connection, v.a_log_entry(1))
        insert(connection, participant, v.a_participant("carrier-a"))
        insert(connection, key_epoch, v.an_epoch())
        insert(connection, household, v.a_household(50), v.a_household(51), **SEALED)
        insert(connection, household_link, v.a_link(50, 1, 10))
    upgrade(empty_url)
    with closing(Store(make_engines(empty_url))) as store:
        assert store.write(lambda tx: tx.households.known(HOMES)) == {v.key(50)}
