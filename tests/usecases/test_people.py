"""A listed person has a key of its own for ever: found through an index, drawn once, gone with the person."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from crypto.envelope.sealed import Sealed, unseal
from crypto.errors import SealBroken
from protocol.beijing import beijing_date
from protocol.codes import DecisionCode, RedListGround, Verdict
from protocol.messages.records import RecordReport
from protocol.messages.red_list import RedListProposal
from protocol.problems import Refusal
from registry.domain.subjects import Person
from registry.store.columns import metadata
from registry.store.engines import make_engines
from registry.store.people import person_index
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.archive.forget_subjects import forget_subjects, forget_ways
from registry.usecases.archive.run_retention import run_retention
from registry.usecases.heads import hold_subjects
from registry.usecases.pseudonyms import pseudonyms
from registry.usecases.records.report import report_chunk
from registry.usecases.red_list.propose import propose_red_list
from registry.work.worker import tick
from tests.support.batches import a_chunk
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.disassociations import SON, rebuts
from tests.support.endings import cleared, states_of
from tests.support.people import index_key_of, subject_key_of
from tests.support.races import at_once
from tests.support.statements import statement
from tests.support.stories import asks, lists, reports, settles
from tests.support.world import World

WANG = tokens("wang")
HOSPITAL = tokens("hospital")
on_postgresql = pytest.mark.parametrize("founded_url", ["postgresql"], indirect=True)  # SQLite has one writer


def red_lists(world: World, expires_on: dt.date = TODAY + dt.timedelta(days=30)) -> None:
    proposal = RedListProposal(tokens=HOSPITAL, organisation=True, ground=RedListGround.HOSPITAL, expires_on=expires_on)
    propose_red_list(world.registry, world.actor("carrier-a"), world.call(), proposal)


@pytest.fixture
def database(founded_url: str) -> Iterator[sa.Engine]:
    """The registry's database, asked without the rules that the registry keeps."""
    with closing(make_engines(founded_url)) as engines:
        yield engines.read


def holding(database: sa.Engine, key: bytes) -> set[str]:
    """The tables that hold a key anywhere: in a column of its own or in a text."""
    forms = (key, key.hex().encode())
    with database.connect() as connection:
        return {
            name
            for name, table in metadata.tables.items()
            for row in connection.execute(sa.text(f"SELECT * FROM {table.name}"))  # noqa: S608 - our own names
            if any(form in _octets(value) for value in row for form in forms)
        }


def _octets(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def ways(database: sa.Engine) -> dict[bytes, bytes]:
    """The rows of the index: the key of each person by its index key."""
    with database.connect() as connection:
        rows = connection.execute(sa.select(person_index.c.index_key, person_index.c.subject_key))
        return {row.index_key: row.subject_key for row in rows}


def a_late_report(world: World) -> RecordReport:
    """A report of a debt that fell due half a year before the world's day."""
    due, told = (beijing_date(world.clock()) - dt.timedelta(days=days) for days in (200, 99))
    return a_report("hospital", due_date=due, notice_date=told)


def settled(world: World) -> None:
    """Do what is due by now of what goes by its age."""
    for step in (run_retention, forget_ways):
        while step(world.registry):
            pass


LISTING: dict[str, Callable[[World], object]] = {
    "a report": lambda world: lists(world, "carrier-a", a_report("hospital")),
    "a batch": lambda world: report_chunk(
        world.registry, world.actor("carrier-a"), a_chunk(a_report("hospital"), a_report("hospital", "A2"))
    ),
    "the red list": red_lists,
}


@pytest.mark.parametrize("kind", LISTING)
def test_the_first_listing_draws_a_key_and_others_use_it(world: World, database: sa.Engine, kind: str) -> None:
    index_key = index_key_of(world.registry, HOSPITAL)
    assert subject_key_of(world.registry, HOSPITAL) == index_key
    LISTING[kind](world)
    key = subject_key_of(world.registry, HOSPITAL)
    assert key != index_key
    lists(world, "carrier-b", a_report("hospital", "B1"))
    red_lists(world)
    asks(world, "carrier-b", HOSPITAL)
    assert ways(database) == {index_key: key}
    assert holding(database, index_key) == {"person_index"}
    assert {"subject", "record", "inquiry", "red_list", "log_personal"} <= holding(database, key)


def test_a_rebuttal_draws_a_key_and_its_household_stays_under_its_index_key(world: World, database: sa.Engine) -> None:
    rebuts(world)
    names = pseudonyms(world.registry, SON)
    assert holding(database, names.index_key) == {"person_index"}
    assert {"household", "household_rebuttal"} <= holding(database, names.household_keys[0])


def test_two_people_get_two_keys_and_one_person_of_two_rows_gets_one(world: World, database: sa.Engine) -> None:
    rows = [a_report(name, number) for number, name in (("A1", "wang"), ("A2", "li"), ("A3", "wang"))]
    report_chunk(world.registry, world.actor("carrier-a"), a_chunk(*rows))
    assert len(set(ways(database).values())) == len(ways(database)) == 2
    assert len(states_of(world, "wang")) == 2


def test_a_row_that_lists_nothing_gives_nobody_a_key(world: World, database: sa.Engine) -> None:
    reports(world, "carrier-a", a_report("wang", principal_fen=1))
    asks(world, "carrier-b", WANG)
    statement(world)
    with pytest.raises(Refusal, match="not-found"):
        settles(world, "carrier-a", WANG, account("A1"))
    assert ways(database) == {}
    assert "person_index" not in holding(database, index_key_of(world.registry, WANG))


def test_a_row_that_lists_nothing_finds_the_person_of_the_account(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    refused = reports(world, "carrier-a", a_report("wang", notice_date=None))
    assert (refused.verdict, refused.withdrew) == (Verdict.REJ_NO_NOTICE, ())
    assert refused.record_id is not None
    assert reports(world, "carrier-a", a_report("wang")).verdict is Verdict.DUPLICATE


def test_a_statement_tells_what_was_asked_before_the_first_listing_and_after_it(world: World) -> None:
    asks(world, "carrier-b", WANG)
    statement(world)
    world.clock.forward(days=1)
    lists(world, "carrier-a", a_report("wang"))
    asks(world, "carrier-c", WANG)
    told = statement(world)
    assert [each["participant"] for each in told["inquiries"]] == ["carrier-b", "carrier-c"]
    assert [each["decision"] for each in told["inquiries"]] == ["ALLOW", "PAY_FIRST"]
    assert (len(told["earlier_statements"]), told["free_left"]) == (1, 0)
    assert told["weighed_for_others"] == []


def test_the_sealed_token_is_bound_to_the_drawn_key(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    key = subject_key_of(world.registry, WANG)
    subject = world.registry.store.read(lambda tx: tx.subjects.get(key))
    assert subject is not None
    stored = subject.sealed
    sealed = Sealed(
        suite=stored.suite, kek_epoch=stored.kek_epoch, wrapped_key=stored.wrapped_key, ciphertext=stored.ciphertext
    )
    kek = world.registry.keys.key_encryption_keys[1]
    assert unseal(sealed, kek, key + (1).to_bytes(4, "big")) == WANG.subject
    with pytest.raises(SealBroken):
        unseal(sealed, kek, index_key_of(world.registry, WANG) + (1).to_bytes(4, "big"))


def test_after_a_forgetting_a_token_leads_only_to_what_goes_by_its_age(world: World, database: sa.Engine) -> None:
    asks(world, "carrier-b", HOSPITAL)
    red_lists(world)
    asks(world, "carrier-b", HOSPITAL)
    index_key, key = index_key_of(world.registry, HOSPITAL), subject_key_of(world.registry, HOSPITAL)
    world.clock.forward(days=31)
    assert forget_subjects(world.registry) == 1
    by_age = {"inquiry", "log_personal", "person_index"}
    assert (holding(database, index_key), holding(database, key)) == (by_age, by_age)
    # Whoever was asked about still finds each inquiry in a statement, for as long as it is kept.
    assert len(statement(world, HOSPITAL)["inquiries"]) == 2
    assert forget_ways(world.registry) == 0
    world.clock.forward(days=26 * 31)
    settled(world)
    assert ways(database) == {}
    assert by_age.isdisjoint(holding(database, index_key) | holding(database, key))
    lists(world, "carrier-a", a_late_report(world))
    assert subject_key_of(world.registry, HOSPITAL) not in {key, index_key}


def test_who_is_listed_again_meanwhile_keeps_the_way(world: World, database: sa.Engine) -> None:
    red_lists(world)
    asks(world, "carrier-b", HOSPITAL)
    key = subject_key_of(world.registry, HOSPITAL)
    world.clock.forward(days=31)
    assert forget_subjects(world.registry) == 1
    world.clock.forward(days=25 * 31)
    lists(world, "carrier-a", a_late_report(world))
    assert forget_ways(world.registry) == 0
    assert list(ways(database).values()) == [key]


def test_a_way_stays_while_there_are_inquiries_from_after_the_forgetting(world: World, database: sa.Engine) -> None:
    red_lists(world)
    asks(world, "carrier-b", HOSPITAL)
    world.clock.forward(days=31)
    assert forget_subjects(world.registry) == 1
    world.clock.forward(days=600)
    asks(world, "carrier-b", HOSPITAL)
    world.clock.forward(days=200)
    settled(world)
    assert len(ways(database)) == 1
    assert len(statement(world, HOSPITAL)["inquiries"]) == 1
    world.clock.forward(days=900)
    settled(world)
    assert ways(database) == {}


def test_a_tombstone_is_found_after_the_forgetting_and_its_key_serves_again(world: World) -> None:
    cleared(world)
    key = subject_key_of(world.registry, WANG)
    world.clock.forward(days=730)
    tick(world.registry)
    assert world.registry.store.read(lambda tx: tx.subjects.get(key)) is None
    assert subject_key_of(world.registry, WANG) == key
    assert reports(world, "carrier-a", a_report("wang")).verdict is Verdict.DUPLICATE
    today = TODAY + dt.timedelta(days=730)
    fresh = a_report("wang", "B7", due_date=today - dt.timedelta(days=200), notice_date=today - dt.timedelta(days=99))
    lists(world, "carrier-b", fresh)
    assert subject_key_of(world.registry, WANG) == key
    assert world.registry.store.read(lambda tx: tx.subjects.get(key)) is not None


def test_a_change_of_keys_writes_the_index_alone_and_cures_a_leak(world: World, database: sa.Engine) -> None:
    lists(world, "carrier-a", a_report("wang"))
    keys = world.registry.keys
    world = replace(world, registry=replace(world.registry, keys=replace(keys, peppers={**keys.peppers, 2: b"p" * 32})))
    later = tokens("wang", epoch=2)
    old, key, new = (
        index_key_of(world.registry, WANG),
        subject_key_of(world.registry, WANG),
        index_key_of(world.registry, later),
    )

    def rotate(tx: Transaction) -> None:
        tx.people.ensure([Person(index_key=new, epoch=2, subject_key=key)])

    def retire(tx: Transaction) -> None:
        at = (person_index.c.index_key == old, person_index.c.epoch == 1)
        tx.connection.execute(sa.delete(person_index).where(*at))

    world.registry.store.write(rotate)
    assert [asks(world, "carrier-b", each).decision for each in (WANG, later)] == [DecisionCode.PAY_FIRST] * 2
    world.registry.store.write(retire)
    assert holding(database, old) == set()
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.ALLOW
    assert reports(world, "carrier-a", replace(a_report("wang"), tokens=later)).verdict is Verdict.DUPLICATE
    told = statement(world, later)
    assert (len(told["records"]), len(told["inquiries"])) == (1, 2)
    assert settles(world, "carrier-a", later, account("A1")).clearance is not None
    assert asks(world, "carrier-b", later).decision is DecisionCode.ALLOW


def test_first_reports_of_one_person_at_once_meet_at_one_key(world: World, database: sa.Engine) -> None:
    carriers = ("carrier-a", "carrier-b", "carrier-c")

    def first(number: int) -> Verdict:
        return reports(world, carriers[number % 3], a_report("wang", f"A{number}")).verdict

    assert at_once(9, first) == [Verdict.ACTIVE] * 9
    assert len(ways(database)) == 1
    assert len(states_of(world)) == 9


def test_first_batches_about_the_same_people_at_once_meet_at_their_keys(world: World, database: sa.Engine) -> None:
    carriers, names = ("carrier-a", "carrier-b", "carrier-c"), [f"debtor-{number}" for number in range(20)]

    def rows(number: int) -> list[RecordReport]:
        order = names[number:] + names[:number]
        return [a_report(name, f"{number}/{name}") for name in order]

    def first(number: int) -> bytes:
        return report_chunk(world.registry, world.actor(carriers[number]), a_chunk(*rows(number), key=f"b{number}"))

    assert [each.count(b'"ACTIVE"') for each in at_once(3, first)] == [20] * 3
    assert len(set(ways(database).values())) == len(ways(database)) == 20
    assert {len(states_of(world, name)) for name in names} == {3}


def _held_after(world: World, meanwhile: Callable[[], Any]) -> bytes:
    """The key under which a transaction files the hospital, if something happens after its look-up."""
    names = pseudonyms(world.registry, HOSPITAL)

    def work(tx: Transaction) -> bytes:
        people = tx.people.look([names.index_key])
        meanwhile()
        act = act_in(world.registry, tx, world.actor("carrier-a"), people=people)
        return hold_subjects(act, (names,), people).keys[names.index_key]

    key = world.registry.store.write(work)
    assert subject_key_of(world.registry, HOSPITAL) == key
    assert world.registry.store.read(lambda tx: tx.subjects.known([key])) == {key}
    return key


@on_postgresql
def test_who_is_listed_between_the_look_up_and_the_lock_keeps_that_key(world: World) -> None:
    listed: list[bytes] = []

    def meanwhile() -> None:
        lists(world, "carrier-b", a_report("hospital"))
        listed.append(subject_key_of(world.registry, HOSPITAL))

    assert [_held_after(world, meanwhile)] == listed


@on_postgresql
def test_who_is_forgotten_between_the_look_up_and_the_lock_is_found_again(world: World, database: sa.Engine) -> None:
    red_lists(world)
    key = subject_key_of(world.registry, HOSPITAL)
    world.clock.forward(days=31)

    def meanwhile() -> None:
        assert forget_subjects(world.registry) == 1
        assert ways(database) == {}

    assert _held_after(world, meanwhile) == key


@on_postgresql
def test_who_is_forgotten_and_listed_anew_meanwhile_has_the_new_key(world: World) -> None:
    red_lists(world)
    key = subject_key_of(world.registry, HOSPITAL)
    world.clock.forward(days=31)

    def meanwhile() -> None:
        forget_subjects(world.registry)
        lists(world, "carrier-b", a_report("hospital"))

    assert _held_after(world, meanwhile) == subject_key_of(world.registry, HOSPITAL) != key
