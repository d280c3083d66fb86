"""Takes a report's facts into an open record: lower figures always count, higher ones only on a later notice."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

from protocol.listing import enforceable_from
from protocol.messages.records import RecordReport
from protocol.messages.rules import ListingRules
from protocol.states import RecordState
from registry.domain.records import Record

_RISING: Final = frozenset({RecordState.PENDING, RecordState.ACTIVE})
"""States in which a figure may rise: not under a case, a plan or an order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The record with the figures that it may take from the report, and a flag that the report asked for more."""

    record: Record
    figures_stand: bool


def take(record: Record, report: RecordReport, rules: ListingRules, *, today: dt.date) -> Taken:
    """Return the record with the report's facts, version and log entry as before; equal to it if nothing changes.

    Principal, costs, an earlier due date and a later end of the service (the late fee runs between the two) raise a
    debt. PENDING and ACTIVE records take them on a notice later than the report that set the present figures. A
    PENDING record's lead time runs again from a later notice, so that no withdrawn notice supports a listing.
    Raises ValueError for a report without a notice, which is not listable.
    """
    if report.notice_date is None:
        raise ValueError("a report without a notice is not listable")
    may_rise = record.state in _RISING and report.notice_date > record.figures_on
    principal_fen = report.principal_fen if may_rise else min(report.principal_fen, record.principal_fen)
    costs_fen = report.costs_fen if may_rise else min(report.costs_fen, record.costs_fen)
    due_date = report.due_date if may_rise else max(report.due_date, record.due_date)
    ended_on = report.ended_on if may_rise else _earlier(report.ended_on, record.ended_on)
    asked = (report.principal_fen, report.costs_fen, report.due_date, report.ended_on)
    taken = (principal_fen, costs_fen, due_date, ended_on)
    former = (record.principal_fen, record.costs_fen, record.due_date, record.ended_on)
    blocks_from = record.enforceable_from
    if record.state is RecordState.PENDING:
        blocks_from = enforceable_from(report.notice_date, rules)
    changed = replace(
        record,
        principal_fen=principal_fen,
        costs_fen=costs_fen,
        paid_fen=_still_paid(record, principal_fen + costs_fen),
        due_date=due_date,
        ended_on=ended_on,
        figures_on=record.figures_on if taken == former else today,
        service_class=report.service_class,
        category=report.category,
        suspended_on=report.suspended_on,
        notice_date=report.notice_date,
        notice_channel=report.notice_channel,
        enforceable_from=blocks_from,
        dealer=report.dealer,
        evidence_digest=record.evidence_digest if report.evidence is None else report.evidence.digest,
    )
    return Taken(record=changed, figures_stand=taken != asked)


def _still_paid(record: Record, owed_fen: int) -> int:
    """Return the part of the payments that the lower figures do not include yet.

    Otherwise a creditor that reports a payment and also lowers its export would count it twice.
    """
    lowered = max(0, record.principal_fen + record.costs_fen - owed_fen)
    return max(0, record.paid_fen - lowered)


def _earlier(asked: dt.date | None, held: dt.date | None) -> dt.date | None:
    """Return the end of the service that charges less; None means that the service goes on."""
    if asked is None or held is None:
        return asked or held
    return min(asked, held)
