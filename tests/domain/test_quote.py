"""A quote adds up its lines."""

import uuid

from protocol.codes import ServiceClass
from registry.domain.inquiry import Quote, QuoteLine
from tests.builders import NOW


def a_line(principal_fen: int, late_fee_fen: int, costs_fen: int) -> QuoteLine:
    return QuoteLine(
        subject_key=b"S" * 16,
        record_id=uuid.UUID(int=1),
        creditor_id="carrier-a",
        service_class=ServiceClass.MOBILE,
        principal_fen=principal_fen,
        late_fee_fen=late_fee_fen,
        costs_fen=costs_fen,
    )


def test_a_quote_is_the_sum_of_its_lines() -> None:
    quote = Quote(
        subject_key=b"S" * 16,
        quote_id=uuid.UUID(int=2),
        reference="unguessable",
        inquiry_id=uuid.UUID(int=3),
        lines=(a_line(100_00, 30_00, 0), a_line(50_00, 0, 7_00)),
        quoted_at=NOW,
        valid_until=NOW,
        log_entry_id=uuid.UUID(int=3),
    )
    assert (quote.principal_fen, quote.late_fee_fen, quote.costs_fen, quote.total_fen) == (150_00, 30_00, 7_00, 187_00)
    assert "unguessable" not in repr(quote)


def test_a_line_is_all_that_is_owed_on_its_record() -> None:
    assert a_line(100_00, 30_00, 7_00).total_fen == 137_00
