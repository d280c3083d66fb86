"""A record remembers when its debt ended and how often its plan broke: the facts that a credit grade counts."""

import datetime as dt
from dataclasses import replace

from protocol.states import RecordState
from registry.domain.records import Record


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
