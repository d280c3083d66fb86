"""Compute the rest of a debt after a payment, on the Beijing day on which it was made and on the days since."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace

from protocol.beijing import beijing_date
from registry.domain.money import is_settled
from registry.domain.records import Record
from registry.usecases.act import Act
from registry.usecases.disputes.shared import pauses_of
from registry.usecases.inquiries.quotes import owed_on
from registry.usecases.plans.shared import free_days_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The rest of a debt after a payment, in fen."""

    on_the_day_fen: int
    today_fen: int
    is_settled: bool
    """On some day since the payment, less than the tolerance was owed: nobody is held for the fee of later days."""


def left_by(act: Act, record: Record, amount_fen: int, paid_on: dt.date) -> Left:
    """Compute the rest of the record after ``amount_fen``, paid on a Beijing date; the caller has the subject's lock.

    Payments count on the days on which they were made, in whatever order the creditor reports them.
    """
    day = min(paid_on, act.today)  # a clock that is ahead by minutes does not cost a day of fee
    later = _credits_after(act, record, day)
    pauses, rules = pauses_of(act, record), act.rules_of(record)
    plans = [each for each in act.tx.plans.of_subjects((record.subject_key,)) if each.record_id == record.record_id]
    paid_fen = max(0, record.paid_fen - later.total()) + amount_fen
    left: dict[dt.date, int] = {}
    for each in sorted({day, act.today, *later}):
        paid_fen += later[each]
        free_days = max(0, record.fee_free_days - free_days_after(plans, each, record.ended_on))
        then = replace(record, paid_fen=paid_fen, fee_free_days=free_days)
        left[each] = owed_on(then, each, rules, pauses).total_fen
    return Left(
        on_the_day_fen=left[day],
        today_fen=left[act.today],
        is_settled=any(is_settled(each, rules.settlement_tolerance_fen) for each in left.values()),
    )


def _credits_after(act: Act, record: Record, day: dt.date) -> Counter[dt.date]:
    """Sum the amounts that settlements dated after ``day`` took off the record, by their Beijing dates."""
    undone = {
        each.settlement_id for each in act.tx.reversals.of_subject(record.subject_key) if each.confirmed_at is not None
    }
    paid: Counter[dt.date] = Counter()
    for each in act.tx.settlements.of_record(record.subject_key, record.record_id):
        paid_on = min(beijing_date(each.settled_at), act.today)
        if paid_on > day:
            paid[paid_on] += each.credit_fen(came_undone=each.settlement_id in undone)
    return paid
