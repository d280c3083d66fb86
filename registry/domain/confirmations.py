"""Judges a creditor's confirmation that a debt is unpaid: its greatest age, and the day of asking for it."""

import datetime as dt
from dataclasses import replace
from enum import StrEnum

from protocol.messages.rules import ConfirmationTerms
from registry.domain.records import Record


class ClockStep(StrEnum):
    """The scheduler's step for a PENDING record on a day."""

    WAIT = "WAIT"
    ENFORCE = "ENFORCE"
    ASK = "ASK"
    LAPSE = "LAPSE"


def clock_step(record: Record, today: dt.date, terms: ConfirmationTerms) -> ClockStep:
    """Return today's step for a PENDING record.

    The creditor is asked on the first day on which its confirmation would hold until the record may block, and again
    only if a confirmation grew too old before the scheduler could use it.
    """
    may_block = today >= record.enforceable_from
    if terms.max_age_days == 0 or _holds(record.confirmed_on, max(today, record.enforceable_from), terms):
        return ClockStep.ENFORCE if may_block else ClockStep.WAIT
    if _waits_for_an_answer(record):
        return ClockStep.LAPSE if today >= _lapses_on(record, terms) else ClockStep.WAIT
    return ClockStep.ASK if today >= _asked_from(record.enforceable_from, terms) else ClockStep.WAIT


def lapse_day(record: Record, terms: ConfirmationTerms) -> dt.date | None:
    """Return the first day on which ``clock_step`` is LAPSE without an answer; None while no confirmation is owed."""
    if terms.max_age_days == 0 or not _waits_for_an_answer(record):
        return None
    day = _lapses_on(record, terms)
    if record.confirmed_on is None:
        return day
    return max(day, record.confirmed_on + dt.timedelta(days=terms.max_age_days + 1))


def with_next_look(record: Record, terms: ConfirmationTerms) -> Record:
    """Return the record with the first day on which ``clock_step`` is not WAIT, without an answer until then."""
    holds = terms.max_age_days == 0 or _holds(record.confirmed_on, record.enforceable_from, terms)
    if not holds and _waits_for_an_answer(record):
        return replace(record, clock_on=_lapses_on(record, terms))
    return replace(record, clock_on=first_look(record.enforceable_from, record.confirmed_on, terms))


def first_look(enforceable_from: dt.date, confirmed_on: dt.date | None, terms: ConfirmationTerms) -> dt.date:
    """Return the same day for a record whose creditor does not owe an answer."""
    if terms.max_age_days == 0 or _holds(confirmed_on, enforceable_from, terms):
        return enforceable_from
    return _asked_from(enforceable_from, terms)


def confirmed(record: Record, today: dt.date, terms: ConfirmationTerms) -> Record:
    """Return the PENDING record after its creditor confirmed today that it is still unpaid."""
    return with_next_look(replace(record, confirmed_on=today), terms)


def asked(record: Record, today: dt.date, terms: ConfirmationTerms) -> Record:
    """Return the PENDING record after its creditor was asked today."""
    return with_next_look(replace(record, asked_on=today), terms)


def _holds(confirmed_on: dt.date | None, on: dt.date, terms: ConfirmationTerms) -> bool:
    """Tell whether the creditor's confirmation is not too old on the day."""
    return confirmed_on is not None and (on - confirmed_on).days <= terms.max_age_days


def _waits_for_an_answer(record: Record) -> bool:
    return record.asked_on is not None and (record.confirmed_on is None or record.confirmed_on < record.asked_on)


def _asked_from(enforceable_from: dt.date, terms: ConfirmationTerms) -> dt.date:
    return enforceable_from - dt.timedelta(days=terms.max_age_days)


def _lapses_on(record: Record, terms: ConfirmationTerms) -> dt.date:
    """Return the day after the last day for an answer; a late request of the scheduler takes no days away."""
    since = max(record.enforceable_from, record.asked_on or record.enforceable_from)
    return since + dt.timedelta(days=terms.lapse_days + 1)
