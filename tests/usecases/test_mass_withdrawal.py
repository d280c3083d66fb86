"""A carrier that reported tens of thousands of wrong rows takes them all back, and everybody who was told hears it."""

import datetime as dt
import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from protocol.codes import DecisionCode, DisputeGround, ServiceClass
from protocol.log_entries import EntryKind
from protocol.messages.disputes import DisputeFiling
from protocol.messages.inquiries import InquiryRequest
from protocol.problems import Problem, Refusal
from protocol.states import RecordState
from registry.store.transactions import Store, Transaction
from registry.usecases.archive.run_retention import run_retention
from registry.usecases.chunks import Chunk, claim_batch
from registry.usecases.disputes.open import open_dispute
from registry.usecases.inquiries.inquire import inquire_batch
from registry.usecases.records.report import ReportedRow, report_chunk
from registry.usecases.records.withdraw_many import CHUNKS_A_CALL, withdraw_many
from tests.support.batches import a_chunk
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.events import told
from tests.support.mass import WRONG, WRONG_ROWS, logged, many_tokens, report_all, takes_back
from tests.support.money import arranges
from tests.support.sizes import FULL_SIZE
from tests.support.stories import asks, lists, settles
from tests.support.world import World, found_world

A_TENTH = WRONG_ROWS // 10
"""The whole number is in benchmarks/bench_mass_withdrawal.py: it takes minutes."""
A_FEW_CHUNKS = 1_200


def ask_all(world: World, carrier: str, subjects: list[Any]) -> list[dict[str, Any]]:
    asked = [InquiryRequest(inquiry_ref="order", tokens=each, service_class=ServiceClass.MOBILE) for each in subjects]
    outcome = inquire_batch(world.registry, world.actor(carrier), world.call(), asked)
    return list(json.loads(outcome.body)["answers"])


def counts(world: World) -> dict[RecordState, int]:
    return world.registry.store.read(lambda tx: tx.records.count_by_state())


@pytest.fixture
def rows(founded_url: str) -> int:
    """A tenth of those that once were wrong, on SQLite alone; all of them in `make soak`, and in the benchmark."""
    if FULL_SIZE:
        return WRONG_ROWS
    return A_TENTH if founded_url.startswith("sqlite") else A_FEW_CHUNKS


def test_tens_of_thousands_of_wrong_rows_are_all_taken_back_and_every_asker_is_told_once(
    world: World, rows: int
) -> None:
    subjects = list(many_tokens(rows))
    chunks = report_all(world, "carrier-a", subjects, "wrong")
    applicants = subjects[:: len(subjects) // 40]
    refused = {who: ask_all(world, who, applicants) for who in ("carrier-b", "carrier-c")}
    assert {each["decision"] for answers in refused.values() for each in answers} == {"PAY_FIRST"}
    disputed, paid = applicants[3], applicants[5]
    filing = DisputeFiling(tokens=disputed, ground=DisputeGround.NOT_MY_DEBT, creditor="carrier-a")
    open_dispute(world.registry, world.actor("carrier-b"), world.call(), filing)
    settles(world, "carrier-a", paid, account(f"M{subjects.index(paid)}"))
    for who in refused:
        told(world, who)  # of the dispute and of the payment

    answers = [takes_back(world, "wrong")]
    while not answers[-1]["finished"]:
        answers.append(takes_back(world, "wrong"))
    assert len(answers) == -(-chunks // CHUNKS_A_CALL)
    assert answers[-1] == {
        "chunks": chunks,
        "done": chunks,
        "withdrawn": rows - 1,
        "left_alone": 1,
        "finished": True,
    }
    assert counts(world) == {RecordState.WITHDRAWN: rows - 1, RecordState.CLEARED: 1}
    assert {each["decision"] for each in ask_all(world, "carrier-b", subjects[:1_000])} == {"ALLOW"}
    for who, asked in refused.items():
        events = [each for each in told(world, who) if each[0] == "RECORD_WITHDRAWN"]
        expected = {UUID(each["inquiry_id"]) for place, each in enumerate(asked) if applicants[place] is not paid}
        assert Counter(inquiry_id for _, inquiry_id, _ in events) == Counter(expected)
    edges = Counter(each["edge"] for each in logged(world, EntryKind.RECORD_TRANSITION))
    assert edges["ACTIVE>WITHDRAWN"] + edges["DISPUTED>WITHDRAWN"] == rows - 1
    steps = logged(world, EntryKind.BATCH_WITHDRAWN)
    assert sorted(each["chunk"] for each in steps) == list(range(chunks))
    assert {(each["batch"], each["reason"]) for each in steps} == {("wrong", "REPORTED_IN_ERROR")}
    assert sum(each["withdrawn"] for each in steps) == rows - 1
    assert sum(each["left_alone"] for each in steps) == 1


def test_a_batch_is_not_taken_back_while_a_chunk_of_it_is_being_listed(postgres_store: Store) -> None:
    world = found_world(postgres_store)
    report_all(world, "carrier-a", list(many_tokens(1)), "wrong")

    def listing(tx: Transaction) -> None:
        claim_batch(tx, world.actor("carrier-a"), "wrong")
        with pytest.raises(Refusal, match=Problem.IN_FLIGHT.value.name):
            takes_back(world, "wrong")

    postgres_store.write(listing)
    assert takes_back(world, "wrong")["finished"]


def test_what_a_batch_only_repeated_or_updated_is_left_to_its_creditor(world: World) -> None:
    lists(world, "carrier-a", a_report("wang", "A1"))
    lists(world, "carrier-a", a_report("li", "A2"))
    rows = (
        a_report("wang", "A1"),
        a_report("li", "A2", principal_fen=110_00),
        a_report("zhao", "A3"),
        a_report("zhao", "A3"),
        a_report("qian", "A4", principal_fen=1),
        a_report("sun", "A5", notice_date=TODAY),
    )
    report_chunk(world.registry, world.actor("carrier-a"), a_chunk(*rows))
    progress = takes_back(world, "batch-1")
    assert (progress["withdrawn"], progress["left_alone"], progress["finished"]) == (2, 2, True)
    assert counts(world) == {RecordState.ACTIVE: 2, RecordState.WITHDRAWN: 1, RecordState.CANCELLED: 1}
    assert takes_back(world, "batch-1") == progress
    assert len(logged(world, EntryKind.BATCH_WITHDRAWN)) == 1


def test_a_withdrawal_under_the_same_key_is_answered_as_before(world: World) -> None:
    report_all(world, "carrier-a", list(many_tokens(3)), "wrong")
    call = world.call()
    assert takes_back(world, "wrong", call) == takes_back(world, "wrong", call)


def one_row(number: int) -> Chunk[ReportedRow]:
    """A chunk of one debtor on an account of their own."""
    return a_chunk(a_report(f"d{number}", f"A{number}"), number=number)


def test_a_batch_that_was_taken_back_neither_goes_on_nor_says_again_that_it_listed_anything(world: World) -> None:
    for number in (0, 1):
        report_chunk(world.registry, world.actor("carrier-a"), one_row(number))
    takes_back(world, "batch-1")
    for number in (0, 1, 2):
        with pytest.raises(Refusal) as refused:
            report_chunk(world.registry, world.actor("carrier-a"), one_row(number))
        assert refused.value.problem is Problem.EDGE_NOT_ALLOWED
    assert counts(world) == {RecordState.WITHDRAWN: 2}
    report_chunk(world.registry, world.actor("carrier-b"), a_chunk(a_report("d0")))


def test_the_verdicts_of_a_batch_are_dropped_together_so_that_half_of_it_is_never_taken_for_the_whole(
    world: World,
) -> None:
    """A batch that was sent over midnight is kept until its last chunk is old."""
    for number in (0, 1):
        report_chunk(world.registry, world.actor("carrier-a"), one_row(number))
        world.clock.forward(days=1)
    world.clock.forward(days=34)
    run_retention(world.registry)
    told = takes_back(world, "batch-1")
    assert (told["finished"], counts(world)) == (True, {RecordState.WITHDRAWN: 2})


def test_a_batch_that_was_taken_back_stays_so_when_some_of_its_verdicts_are_dropped(world: World) -> None:
    for number in (0, 1):
        report_chunk(world.registry, world.actor("carrier-a"), one_row(number))
    before = takes_back(world, "batch-1")
    world.registry.store.write(lambda tx: tx.retention.chunks(world.clock() + dt.timedelta(days=1), 1))
    assert before["finished"]
    assert takes_back(world, "batch-1")["finished"]


@pytest.mark.parametrize(("who", "batch_key"), [("carrier-a", "nothing"), ("carrier-b", "wrong")])
def test_nobody_takes_back_what_another_reported(world: World, who: str, batch_key: str) -> None:
    report_all(world, "carrier-a", list(many_tokens(2)), "wrong")
    with pytest.raises(Refusal) as refused:
        takes_back(world, batch_key, who=who)
    assert refused.value.problem is Problem.NOT_FOUND
    assert counts(world) == {RecordState.ACTIVE: 2}


def test_two_who_take_one_batch_back_at_once_share_the_work(store: Store) -> None:
    world = found_world(store)
    for number in range(12):
        rows = [a_report(f"d{number}-{each}", f"A{number}-{each}") for each in range(5)]
        report_chunk(world.registry, world.actor("carrier-a"), a_chunk(*rows, number=number, key="wrong"))
        asks(world, "carrier-b", tokens(f"d{number}-0"))

    def until_finished(name: int) -> int:
        for attempt in range(1_000):
            try:
                if takes_back(world, "wrong", world.call(f"worker-{name}-{attempt}"))["finished"]:
                    return attempt
            except Refusal as refusal:
                assert refusal.problem is Problem.IN_FLIGHT  # noqa: PT017 (another one is at it)
                time.sleep(0.01)
        return pytest.fail("never finished")

    with ThreadPoolExecutor(3) as threads:
        assert len(list(threads.map(until_finished, range(3)))) == 3
    assert counts(world) == {RecordState.WITHDRAWN: 60}
    assert sorted(each["chunk"] for each in logged(world, EntryKind.BATCH_WITHDRAWN)) == list(range(12))
    assert Counter(kind for kind, _, _ in told(world, "carrier-b")) == {"RECORD_WITHDRAWN": 12}


def test_each_of_many_ids_answers_for_itself(world: World) -> None:
    active = lists(world, "carrier-a", a_report("wang", "A1")).record_id
    pending = lists(world, "carrier-a", a_report("li", "A2", notice_date=TODAY)).record_id
    planned = lists(world, "carrier-a", a_report("zhao", "A3")).record_id
    arranges(world, planned, (10, 400_00))
    cleared = lists(world, "carrier-a", a_report("qian", "A4")).record_id
    settles(world, "carrier-a", tokens("qian"), account("A4"))
    other = lists(world, "carrier-b", a_report("sun", "A5")).record_id
    ids = [active, pending, planned, cleared, other, UUID(int=9)]
    assert None not in ids
    call = world.call()
    first = withdraw_many(
        world.registry, world.actor("carrier-a"), call, record_ids=[each for each in ids if each], reason=WRONG
    )
    again = withdraw_many(
        world.registry, world.actor("carrier-a"), call, record_ids=[each for each in ids if each], reason=WRONG
    )
    document = json.loads(first.body)
    assert [each["outcome"] for each in document["outcomes"]] == [
        "WITHDRAWN",
        "CANCELLED",
        "WITHDRAWN",
        "CLEARED",
        "NOT_FOUND",
        "NOT_FOUND",
    ]
    assert document["withdrawn"] == 3
    assert (again.body, again.replayed) == (first.body, True)
    for who in ("wang", "li", "zhao"):
        assert asks(world, "carrier-c", tokens(who)).decision is DecisionCode.ALLOW


def test_one_inquiry_that_met_two_wrong_records_is_told_of_once(world: World) -> None:
    ids = [lists(world, "carrier-a", a_report("wang", number)).record_id for number in ("A1", "A2")]
    asks(world, "carrier-b", tokens("wang"))
    withdraw_many(
        world.registry, world.actor("carrier-a"), world.call(), record_ids=[each for each in ids if each], reason=WRONG
    )
    assert [kind for kind, _, _ in told(world, "carrier-b")] == ["RECORD_WITHDRAWN"]
