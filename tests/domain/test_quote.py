"""A quote adds up all its debts by creditor, and no sum of it leaves what every language holds."""

import uuid

from protocol.codes import ServiceClass
from protocol.encodings import MAX_DEBT_FEN, MAX_FEN, MAX_JSON_INTEGER
from registry.domain.inquiries import Quote, QuoteLine, totals_of
from tests.support.builders import NOW

MOST_RECORDS = 20_000
"""Of one creditor and person."""


def a_line(principal_fen: int, late_fee_fen: int, costs_fen: int, creditor_id: str = "carrier-a") -> QuoteLine:
    return QuoteLine(
        subject_key=b"S" * 16,
        record_id=uuid.UUID(int=1),
        creditor_id=creditor_id,
        service_class=ServiceClass.MOBILE,
        principal_fen=principal_fen,
        late_fee_fen=late_fee_fen,
        costs_fen=costs_fen,
    )


def a_quote(*lines: QuoteLine) -> Quote:
    return Quote(
        subject_key=b"S" * 16,
        quote_id=uuid.UUID(int=2),
        reference="unguessable",
        inquiry_id=uuid.UUID(int=3),
        lines=(),
        totals=totals_of(lines),
        quoted_at=NOW,
        valid_until=NOW,
        log_entry_id=uuid.UUID(int=3),
    )


def sums(quote: Quote) -> tuple[int, ...]:
    return *quote.owed.parts().values(), quote.total_fen


def test_a_quote_is_the_sum_of_all_its_debts_and_not_of_its_first_lines() -> None:
    quote = a_quote(a_line(100_00, 30_00, 0), a_line(50_00, 0, 7_00))
    assert sums(quote) == (150_00, 30_00, 7_00, 187_00)
    assert quote.records == 2
    assert "unguessable" not in repr(quote)


def test_a_quote_has_one_total_for_each_creditor_in_the_order_of_their_ids() -> None:
    first, second = totals_of(
        [a_line(1, 2, 3, "carrier-b"), a_line(4, 5, 6, "carrier-a"), a_line(10, 20, 30, "carrier-b")]
    )
    assert (first.creditor_id, first.records, first.total_fen) == ("carrier-a", 1, 15)
    assert (second.creditor_id, second.records) == ("carrier-b", 2)
    assert (second.principal_fen, second.late_fee_fen, second.costs_fen, second.total_fen) == (11, 22, 33, 66)


def test_a_line_is_all_that_is_owed_on_its_record() -> None:
    assert a_line(100_00, 30_00, 7_00).total_fen == 137_00


def test_the_most_that_one_creditor_may_report_of_one_person_is_said_to_the_fen() -> None:
    largest = a_line(MAX_DEBT_FEN, MAX_DEBT_FEN, MAX_DEBT_FEN)
    assert a_quote(*[largest] * MOST_RECORDS).total_fen == 3 * MAX_DEBT_FEN * MOST_RECORDS <= MAX_JSON_INTEGER


def test_what_many_creditors_report_of_a_household_never_leaves_what_json_holds() -> None:
    old = a_line(MAX_FEN, MAX_FEN, MAX_FEN)
    assert sums(a_quote(*[old] * 3_100)) == (3_100 * MAX_FEN, 3_100 * MAX_FEN, 3_100 * MAX_FEN, MAX_JSON_INTEGER)
    assert sums(a_quote(*[old] * 10_000)) == (MAX_JSON_INTEGER,) * 4
    assert sums(a_quote(*[a_line(MAX_FEN, 0, 0, f"carrier-{number}") for number in range(10_000)])) == (
        MAX_JSON_INTEGER,
        0,
        0,
        MAX_JSON_INTEGER,
    )
