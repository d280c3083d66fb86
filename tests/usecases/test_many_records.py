"""A firm with thousands of records is answered like anybody else, on both databases."""

import dataclasses
import datetime as dt
import json
import uuid
from typing import Any

import pytest

from protocol.codes import DecisionCode, DisputeGround, ServiceClass
from protocol.encodings import MAX_DEBT_FEN, MAX_FEN, MAX_JSON_INTEGER
from protocol.messages.disputes import DisputeFiling, DisputesQuery
from protocol.messages.inquiries import MAX_QUOTE_LINES
from protocol.problems import Problem, Refusal
from registry.domain.records import Record
from registry.usecases.disputes.open import open_dispute
from registry.usecases.disputes.read import list_disputes
from registry.usecases.inquiries.read import read_quote
from registry.usecases.statements.give import give_statement
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.counters import collects
from tests.support.stories import asks, lists, settles
from tests.support.world import World

FIRM = tokens("firm")
MANY = 3_100
OLDEST = TODAY - dt.timedelta(days=700)


def list_many(world: World, carrier: str, count: int, **changes: Any) -> list[Record]:
    """``count`` records of the firm, each due a day after the one before: one reported, the others put beside it."""
    first = account(f"{carrier}/0")
    lists(world, carrier, a_report("firm", f"{carrier}/0", due_date=OLDEST))

    def work(tx: Any) -> list[Record]:
        (record,) = tx.records.of_account(carrier, first)
        more = [
            dataclasses.replace(
                record,
                record_id=uuid.UUID(int=record.record_id.int + number),
                account_ref=account(f"{carrier}/{number}"),
                due_date=OLDEST + dt.timedelta(days=number % 400),
                **changes,
            )
            for number in range(1, count)
        ]
        tx.records.add(more)
        return [record, *more]

    return world.registry.store.write(work)


def test_3100_records_at_the_largest_amounts_are_asked_about_quoted_stated_and_disputed(world: World) -> None:
    list_many(world, "carrier-a", MANY, principal_fen=MAX_FEN, costs_fen=MAX_FEN)
    lists(world, "carrier-c", a_report("firm", "C1", service_class=ServiceClass.IPTV))
    answer = asks(world, "carrier-b", FIRM)
    assert answer.decision is DecisionCode.PAY_FIRST
    assert answer.quote is not None
    assert (answer.quote.creditors, answer.quote.total_fen) == (2, MAX_JSON_INTEGER)
    assert answer.quote.service_classes == (ServiceClass.IPTV, ServiceClass.MOBILE)
    quote = read_quote(world.registry, world.actor("carrier-b"), answer.quote.reference)
    assert (quote.records, len(quote.lines)) == (MANY + 1, MAX_QUOTE_LINES)
    filing = DisputeFiling(tokens=FIRM, ground=DisputeGround.WRONG_AMOUNT, service_class=ServiceClass.IPTV)
    assert open_dispute(world.registry, world.actor("carrier-b"), world.call(), filing).status == 201
    (case,) = list_disputes(world.registry, world.actor("carrier-c"), DisputesQuery()).disputes
    assert case.service_class == "IPTV"
    stated = give_statement(world.registry, world.actor("carrier-b"), world.call(), FIRM)
    assert stated.status == 201
    assert len(json.loads(stated.body)["records"]) == MANY + 1


def test_a_quote_over_many_records_has_totals_by_creditor_and_the_longest_due_lines(world: World) -> None:
    records = list_many(world, "carrier-a", 300, principal_fen=100_00)
    lists(world, "carrier-c", a_report("firm", "C1", due_date=OLDEST - dt.timedelta(days=1), principal_fen=500_00))
    answer = asks(world, "carrier-b", FIRM)
    assert answer.quote is not None
    quote = read_quote(world.registry, world.actor("carrier-b"), answer.quote.reference)
    assert [(each.creditor, each.records) for each in quote.creditors] == [
        ("carrier-a", 300),
        ("carrier-c", 1),
    ]
    first, second = quote.creditors
    assert first.principal_fen == sum(each.principal_fen for each in records)
    assert second.principal_fen == 500_00
    assert first.total_fen + second.total_fen == quote.total_fen == answer.quote.total_fen
    assert "Pay at any counter" in first.how_to_pay
    lines = quote.lines
    assert len(lines) == MAX_QUOTE_LINES
    assert lines[0].creditor == "carrier-c"
    assert [each.settled for each in lines] == [False] * MAX_QUOTE_LINES
    settles(world, "carrier-c", FIRM, account("C1"), amount_fen=1_000_00)
    again = read_quote(world.registry, world.actor("carrier-b"), answer.quote.reference).lines
    assert [each.settled for each in again] == [True] + [False] * (MAX_QUOTE_LINES - 1)


def test_every_record_of_a_long_quote_is_a_hit_and_not_only_those_with_a_line(world: World) -> None:
    records = list_many(world, "carrier-a", 250)
    asks(world, "carrier-b", FIRM)
    hits = world.registry.store.read(lambda tx: tx.inquiry_hits.of_subjects({records[0].subject_key}))
    assert {record_id for _, record_id in hits} == {each.record_id for each in records}


def test_a_quote_with_more_debts_than_lines_is_paid_to_its_creditors_and_not_at_another_counter(world: World) -> None:
    list_many(world, "carrier-a", MAX_QUOTE_LINES + 1)
    quote = asks(world, "carrier-b", FIRM).quote
    assert quote is not None
    with pytest.raises(Refusal) as refused:
        collects(world, "carrier-b", quote)
    assert refused.value.problem is Problem.INVALID_FIELD
    assert refused.value.fields == {"quote_reference": "too-many-records"}


def test_a_batch_of_debts_at_their_bound_is_summed_to_the_fen(world: World) -> None:
    list_many(world, "carrier-a", 50, principal_fen=MAX_DEBT_FEN, costs_fen=MAX_DEBT_FEN)
    quote = asks(world, "carrier-b", FIRM).quote
    assert quote is not None
    assert quote.total_fen == 49 * 3 * MAX_DEBT_FEN + 240_00
