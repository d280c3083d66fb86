"""Make the quote of the records that have to be paid first: figures of a day, honoured until a time."""

import datetime as dt
import uuid
from collections.abc import Sequence

from protocol.beijing import beijing_date
from protocol.encodings import b64url_encode
from protocol.messages.inquiries import MAX_QUOTE_LINES, QuoteSummary
from protocol.messages.rules import Rules
from protocol.states import RecordState
from registry.domain.inquiries import Quote, QuoteLine, totals_of
from registry.domain.money import Owed, Pause, late_fee_fen, owed
from registry.domain.records import Record
from registry.usecases.act import Act

REFERENCE_BYTES = 16
"""128 random bits: any holder of the reference may read the quote, and nobody can guess one."""

Charged = tuple[Record, Sequence[Pause]]
"""A record to pay, and the spans in which its late fee stood still."""


def owed_on(record: Record, day: dt.date, rules: Rules, pauses: Sequence[Pause] = ()) -> Owed:
    """Compute the rest of a record's debt: payments were put towards its parts by the ``rules`` of its listing.

    No fee runs after the service ended, nor in the ``pauses`` of disputes, nor under a plan.
    """
    if record.state is RecordState.ARRANGED:
        day = min(day, beijing_date(record.state_since))
    fee = late_fee_fen(
        record.principal_fen,
        record.due_date,
        day,
        record.ended_on,
        record.late_fee,
        pauses=pauses,
        free_days=record.fee_free_days,
    )
    return owed(record.principal_fen, fee, record.costs_fen, record.paid_fen, rules.allocation)


def make_quote(act: Act, subject_key: bytes, inquiry_id: uuid.UUID, to_pay: Sequence[Charged]) -> Quote:
    """Make the quote for an inquiry. The fee counts up to today and stays fixed until the quote ends.

    Its totals cover every debt; only the first debts have lines, since a firm may have thousands.
    """
    oldest_first = sorted(to_pay, key=lambda each: (each[0].due_date, each[0].record_id))
    lines = [_line(record, owed_on(record, act.today, act.rules_of(record), pauses)) for record, pauses in oldest_first]
    return Quote(
        subject_key=subject_key,
        quote_id=act.new_id(),
        reference=b64url_encode(act.registry.random(REFERENCE_BYTES)),
        inquiry_id=inquiry_id,
        lines=tuple(lines[:MAX_QUOTE_LINES]),
        totals=totals_of(lines),
        quoted_at=act.now,
        valid_until=act.now + dt.timedelta(hours=act.rules.quote_valid_hours),
        log_entry_id=inquiry_id,
    )


def _line(record: Record, due: Owed) -> QuoteLine:
    return QuoteLine(
        subject_key=record.subject_key,
        record_id=record.record_id,
        creditor_id=record.creditor_id,
        service_class=record.service_class,
        **due.parts(),
    )


def summary(quote: Quote, to_pay: Sequence[Record]) -> QuoteSummary:
    """Summarise the quote for the asking counter: no creditor is named."""
    return QuoteSummary(
        reference=quote.reference,
        service_classes=tuple(sorted({record.service_class for record in to_pay})),
        creditors=len(quote.totals),
        **quote.owed.parts(),
        total_fen=quote.total_fen,
        valid_until=quote.valid_until,
    )
