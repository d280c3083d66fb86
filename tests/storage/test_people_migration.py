"""People listed before they had keys of their own keep their index keys, and are found under them, tombstones too."""

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
import sqlalchemy as sa

from protocol.codes import DecisionCode, Verdict
from protocol.messages.tokens import SubjectTokens
from protocol.states import RecordState
from registry.domain.endings import Ending, account_digest
from registry.domain.retention import SealedRecord, debt_digest
from registry.domain.subjects import Person
from registry.store.engines import make_engines
from registry.store.migrate import differences
from registry.store.people import person_index
from registry.store.transactions import Store, Transaction, exclusive
from tests.storage import values as v
from tests.storage.revisions import run_again
from tests.support.builders import NOW, TODAY, a_report, account, tokens
from tests.support.people import index_key_of, subject_key_of
from tests.support.statements import statement
from tests.support.stories import asks, lists, reports, settles
from tests.support.world import World, a_world, template_secrets

REVISION = "0048"
WANG, OLD, NOBODY = tokens("wang"), tokens("old"), tokens("nobody")


def a_tombstone(subject_key: bytes) -> SealedRecord:
    """The remainder of the debt of ``a_report("old", "A2")``."""
    told = a_report("old", "A2")
    return SealedRecord(
        subject_key=subject_key,
        record_id=v.an_id(11),
        creditor_id="carrier-a",
        debt_digest=debt_digest("carrier-a", told.account_ref, told.due_date),
        account_digest=account_digest("carrier-a", told.account_ref),
        ending=Ending.PAID,
        bars_due_by=told.due_date,
        state=RecordState.PURGED,
        listed_on=TODAY - dt.timedelta(days=900),
        closed_at=NOW,
        sealed_at=NOW,
        purge_on=TODAY,
        purged_at=NOW,
        suite="",
        kek_epoch=1,
        wrapped_key=None,
        ciphertext=None,
        log_entry_id=v.an_id(11),
    )


@pytest.fixture
def world(founded_url: str) -> Iterator[World]:
    """A registry as the release before left it: a debtor, one of whom a tombstone is left, and one on no list."""
    with closing(make_engines(founded_url)) as engines, exclusive(engines) as connection:
        person_index.drop(connection)
    with closing(Store(make_engines(founded_url))) as store:
        world = a_world(store, template_secrets())

        def key(of: SubjectTokens) -> bytes:
            return index_key_of(world.registry, of)

        def work(tx: Transaction) -> None:
            entries = {10: WANG, 11: OLD, 12: NOBODY, 13: WANG}
            tx.openings.append([v.a_log_entry(each, subject_key=key(of)) for each, of in entries.items()])
            tx.subjects.ensure([replace(v.a_subject(1), subject_key=key(WANG))])
            tx.records.add([v.record_of(1, 10, subject_key=key(WANG), account_ref=account("A1"))])
            tx.archive.add([a_tombstone(key(OLD))])
            tx.inquiries.add([replace(v.an_inquiry(3, 12), subject_key=key(NOBODY))])
            tx.inquiries.add([replace(v.an_inquiry(1, 13), subject_key=key(WANG))])

        store.write(work)
        with closing(make_engines(founded_url)) as engines, exclusive(engines) as connection:
            run_again(connection, REVISION)
        assert differences(founded_url) == []
        yield world


def test_a_debtor_from_before_keeps_its_key_and_its_records(world: World) -> None:
    key = index_key_of(world.registry, WANG)
    assert subject_key_of(world.registry, WANG) == key
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.PAY_FIRST
    lists(world, "carrier-b", a_report("wang", "B1"))
    told = statement(world)
    assert (len(told["records"]), len(told["inquiries"])) == (2, 2)
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=9_000_000_00)
    assert world.registry.store.read(lambda tx: tx.people.look([key])).has(key)
    assert subject_key_of(world.registry, WANG) == key


def test_a_tombstone_from_before_bars_its_debt(world: World) -> None:
    assert reports(world, "carrier-a", a_report("old", "A2")).verdict is Verdict.DUPLICATE
    assert subject_key_of(world.registry, OLD) == index_key_of(world.registry, OLD)


def test_one_on_no_list_is_in_no_index_and_gets_a_key_with_the_first_listing(world: World) -> None:
    key = index_key_of(world.registry, NOBODY)
    assert not world.registry.store.read(lambda tx: tx.people.look([key])).has(key)
    lists(world, "carrier-a", a_report("nobody", "A3"))
    assert subject_key_of(world.registry, NOBODY) != key
    assert len(statement(world, NOBODY)["inquiries"]) == 1


def test_the_rows_of_the_index_are_of_the_epoch_of_their_tokens(world: World) -> None:
    rows = world.registry.store.read(lambda tx: tx.connection.execute(sa.select(person_index)).mappings().all())
    keys = [index_key_of(world.registry, each) for each in (WANG, OLD)]
    assert sorted((Person(**row) for row in rows), key=lambda each: each.index_key) == [
        Person(index_key=each, epoch=1, subject_key=each) for each in sorted(keys)
    ]
