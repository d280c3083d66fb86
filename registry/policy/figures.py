"""Takes a report's facts into an open record: lower figures always count, higher ones only on a later notice."""

import datetime as dt
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import Any, Final

from protocol.listing import enforceable_from
from protocol.messages.records import RecordReport
from protocol.messages.rules import ListingRules
from protocol.states import RecordState
from registry.domain.records import Record

_REFERENCES: Final = frozenset({"account_ref", "person_ref"})
_RISING: Final = frozenset({RecordState.PENDING, RecordState.ACTIVE})
"""States in which a figure may rise: not under a case, a plan or an order."""
_FIGURES: Final = attrgetter("principal_fen", "costs_fen", "due_date", "ended_on")
"""The facts that make a debt dearer or cheaper."""
_REPORTED: Final = tuple(
    fact.name for fact in fields(RecordReport) if fact.name in {other.name for other in fields(Record)} - _REFERENCES
)


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
    facts = reported_facts(report)
    if not may_rise:
        facts |= {
            "principal_fen": min(report.principal_fen, record.principal_fen),
            "costs_fen": min(report.costs_fen, record.costs_fen),
            "due_date": max(report.due_date, record.due_date),
            "ended_on": _earlier(report.ended_on, record.ended_on),
        }
    if record.state is RecordState.PENDING:
        facts["enforceable_from"] = enforceable_from(report.notice_date, rules)
    if report.evidence is not None:
        facts["evidence_digest"] = report.evidence.digest
    changed = replace(record, **facts)
    # A creditor that tells of a payment and takes it off its export too would count it twice otherwise: of the
    # payments only the part stays that the lower figures do not show yet.
    lowered = max(0, record.claimed_fen - changed.claimed_fen)
    changed = replace(
        changed,
        paid_fen=max(0, record.paid_fen - lowered),
        figures_on=record.figures_on if _FIGURES(changed) == _FIGURES(record) else today,
    )
    return Taken(record=changed, figures_stand=_FIGURES(changed) != _FIGURES(report))


def reported_facts(report: RecordReport) -> dict[str, Any]:
    """The facts of a report under the names that they have in its record, but for account and person."""
    return {name: getattr(report, name) for name in _REPORTED}


def _earlier(asked: dt.date | None, held: dt.date | None) -> dt.date | None:
    """Return the end of the service that charges less; None means that the service goes on."""
    if asked is None or held is None:
        return asked or held
    return min(asked, held)
