"""A record remembers when its debt ended and how often its plan broke: the facts that a credit grade counts."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from protocol.beijing import beijing_date
from protocol.grading import CreditDebt
from protocol.states import RecordState
from protocol.values import quick
from registry.domain.records import Record

ENDED_STATES: Final = frozenset({RecordState.ARRANGED, RecordState.CLEARED})
"""States of a record that blocks nobody any more, and still weighs in a grade for a while."""
WEIGHING_STATES: Final = ENDED_STATES | {RecordState.ACTIVE}
"""No other state weighs: what is disputed, taken back or never enforced counts for nothing."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class EndedDebt:
    """The part of an ARRANGED or CLEARED record that weighs in a grade; the fields are those of ``Record``."""

    subject_key: bytes = field(repr=False)
    creditor_id: str
    state: RecordState
    received_at: dt.datetime
    enforceable_from: dt.date
    settled_on: dt.date | None
    plan_breaks: int
    last_break_on: dt.date | None

    def weighs_since(self, day: dt.date) -> bool:
        """Tell whether a grade that remembers the days from ``day`` on counts anything of the debt."""
        days = (self.settled_on, self.last_break_on)
        return self.state is RecordState.ARRANGED or any(each is not None and each >= day for each in days)


def credit_debts(records: Iterable[Record | EndedDebt], *, over_before: dt.datetime) -> tuple[CreditDebt, ...]:
    """Return the debts of one subject that weigh in its grade, from its records with their states of today.

    A record that was listed before ``over_before`` has left the list, even if no scheduler wrote that. The record of a
    buyer continues the dates of its seller's, so that a sold debt weighs once, and since it first blocked.
    """
    return tuple(
        CreditDebt(
            creditor_id=each.creditor_id,
            state=each.state,
            blocking_from=max(each.enforceable_from, beijing_date(each.received_at)),
            settled_on=each.settled_on,
            plan_breaks=each.plan_breaks,
            last_break_on=each.last_break_on,
        )
        for each in records
        if each.state in WEIGHING_STATES and each.received_at >= over_before
    )


def arranged(record: Record, on: dt.date) -> Record:
    """Return the record whose plan was agreed on a Beijing date: while the plan is kept, its debt ended then."""
    return replace(record, settled_on=on)


def plan_broken(record: Record, on: dt.date) -> Record:
    """Return the record whose plan broke on a Beijing date, the first day after the grace: it is owed again."""
    return replace(owed_anew(record), plan_breaks=record.plan_breaks + 1, last_break_on=on)


def settled(record: Record, on: dt.date) -> Record:
    """Return the record whose debt was paid or waived on a Beijing date; under a plan it ended with the agreement.

    A debt that is settled within the lead time never blocked, and nothing of its end is kept.
    """
    if record.state is RecordState.PENDING:
        return record
    return replace(record, settled_on=on if record.settled_on is None else min(on, record.settled_on))


def owed_anew(record: Record) -> Record:
    """Return the record without an end: its payment came undone, or its plan broke."""
    return replace(record, settled_on=None)
