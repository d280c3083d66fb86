"""The acts over all records of a firm: as many statements for twenty records as for four, and the clock in pieces."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from protocol.codes import ServiceClass, WithdrawalReason
from protocol.messages.inquiries import InquiryRequest
from protocol.problems import Problem, Refusal
from protocol.states import RecordState
from registry.store.engines import Engines, make_engines
from registry.store.prepared import FEW as ONE_BY_ONE
from registry.store.transactions import Store
from registry.usecases.archive.forget_subjects import forget_subjects
from registry.usecases.archive.purge_records import purge_records
from registry.usecases.archive.run_expiry import run_expiry
from registry.usecases.archive.seal_records import seal_records
from registry.usecases.disputes.remind import remind_disputes
from registry.usecases.disputes.run import run_disputes
from registry.usecases.inquiries.inquire import inquire_batch
from registry.usecases.records.withdraw_many import withdraw_many
from registry.usecases.statements.give import give_statement
from tests.support.builders import tokens
from tests.support.large_firm import FEW, MANY, ask, dispute, report_firm
from tests.support.people import subject_key_of
from tests.support.world import World, found_world


def state(world: World) -> dict[str, Any]:
    given = give_statement(world.registry, world.actor("carrier-c"), world.call(), tokens("firm"))
    return json.loads(given.body)


def withdraw(world: World) -> None:
    ids = world.registry.store.read(
        lambda tx: [each.record_id for each in tx.record_pages.of_creditor("carrier-a", None, 1_000)]
    )
    withdraw_many(
        world.registry,
        world.actor("carrier-a"),
        world.call(),
        record_ids=ids,
        reason=WithdrawalReason.REPORTED_IN_ERROR,
    )


def clock(step: Callable[..., int], limit: int, *, days: int) -> Callable[[World], None]:
    def act(world: World) -> None:
        world.clock.forward(days=days)
        assert step(world.registry, limit) > 1

    return act


STORY: dict[str, Callable[[World], object]] = {
    "inquiry": ask,
    "statement": state,
    "dispute": dispute,
    "statement with cases": state,
    "reminder": clock(remind_disputes, 500, days=11),
    "suspended and lapsed": clock(run_disputes, 500, days=60),
    "sealed": clock(seal_records, 100, days=210),
    "purged": clock(purge_records, 500, days=800),
}
OTHERS: dict[str, Callable[[World], object]] = {
    "disputed": dispute,
    "withdrawn with their cases": withdraw,
}


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that run meanwhile, on any connection of this process."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(sa.Engine, "before_cursor_execute", note)


def statements(world: World, size: int, story: dict[str, Callable[[World], object]]) -> dict[str, int]:
    report_firm(world, size)
    found = {}
    for name, act in story.items():
        with counted() as run:
            act(world)
        found[name] = len(run)
    return found


@pytest.fixture
def fresh(sqlite_template: Path, tmp_path: Path) -> Iterator[Callable[[], World]]:
    """Makes a founded registry on a file of its own: how many statements there are does not depend on the database."""
    opened: list[Engines] = []

    def make() -> World:
        path = tmp_path / f"registry-{len(opened)}.db"
        shutil.copy(sqlite_template, path)
        opened.append(make_engines(f"sqlite:///{path}"))
        return found_world(Store(opened[-1]))

    yield make
    for each in opened:
        each.close()


@pytest.mark.parametrize("story", [STORY, OTHERS], ids=["disputed", "withdrawn"])
def test_an_act_over_a_firm_runs_as_many_statements_for_twenty_records_as_for_four(
    fresh: Callable[[], World], story: dict[str, Callable[[World], object]]
) -> None:
    assert statements(fresh(), MANY, story) == statements(fresh(), FEW, story)


@pytest.mark.parametrize("story", [STORY, OTHERS], ids=["disputed", "withdrawn"])
def test_no_act_over_a_firm_sends_postgresql_a_command_for_each_record(
    postgres_store: Store, story: dict[str, Callable[[World], object]]
) -> None:
    world = found_world(postgres_store)
    report_firm(world, MANY)
    sent = []

    def note(
        _c: object, _cursor: object, statement: str, parameters: list[object], _context: object, many: bool
    ) -> None:
        if many and len(parameters) > ONE_BY_ONE:
            sent.append(statement)

    event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        for act in story.values():
            act(world)
    finally:
        event.remove(sa.Engine, "before_cursor_execute", note)
    assert sent == []


def test_everybody_who_asked_about_a_firm_is_told_once_for_each_inquiry_of_all_its_records(world: World) -> None:
    report_firm(world, 6)
    ask(world)
    ask(world)
    dispute(world)
    numbered, told = world.registry.store.write(
        lambda tx: (tx.events.number("carrier-b", 100), tx.events.page("carrier-b", 0, 100))
    )
    assert numbered == 2
    assert len({each.inquiry_id for each in told}) == 2
    creditor = world.registry.store.write(lambda tx: tx.events.number("carrier-a", 100))
    assert creditor == 6  # of each case, that an answer is due


def states(world: World) -> dict[RecordState, int]:
    return world.registry.store.read(lambda tx: tx.records.count_by_state())


def over_and_over(step: Callable[[], int]) -> list[int]:
    done = []
    while now := step():
        done.append(now)
    return done


def test_the_clock_ends_seals_purges_and_forgets_a_firm_in_pieces(world: World) -> None:
    report_firm(world, 11)
    firm = subject_key_of(world.registry, tokens("firm"))
    world.clock.forward(days=5 * 365 - 4)
    dispute(world)
    world.clock.forward(days=10)
    assert over_and_over(lambda: run_expiry(world.registry, 4)) == [4, 4, 3]
    assert states(world) == {RecordState.EXPIRED: 11}
    for _ in range(4):  # each leaves an entry of the log that goes with the firm alone
        assert {each["state"] for each in state(world)["disputes"]} == {"CLOSED"}
    assert over_and_over(lambda: seal_records(world.registry, 1)) == [5, 5, 1]
    assert over_and_over(lambda: purge_records(world.registry, 4)) == [4, 4, 3]
    assert len(over_and_over(lambda: forget_subjects(world.registry, most_openings=2))) >= 2
    assert world.registry.store.read(lambda tx: tx.subjects.get(firm)) is None
    assert world.registry.store.read(lambda tx: tx.personal.of_subjects([firm])) == ()


def test_a_batch_of_inquiries_in_which_too_many_records_weigh_is_to_be_cut(world: World) -> None:
    report_firm(world, 6)
    asked = [
        InquiryRequest(inquiry_ref=str(each), tokens=tokens("firm"), service_class=ServiceClass.MOBILE)
        for each in range(2)
    ]
    with pytest.raises(Refusal) as refused:
        inquire_batch(world.registry, world.actor("carrier-b"), world.call(), asked, most_hits=10)
    assert (refused.value.problem, refused.value.fields) == (Problem.INVALID_FIELD, {"inquiries": "too-many-records"})
    inquire_batch(
        world.registry, world.actor("carrier-b"), world.call(), asked[:1], most_hits=1
    )  # a single one is always answered
