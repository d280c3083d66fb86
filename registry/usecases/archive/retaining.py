"""What the steps of retention share: moments of the registry's days, and the terms of today."""

import datetime as dt
from collections.abc import Collection
from dataclasses import replace
from itertools import pairwise
from uuid import UUID

from protocol.beijing import BEIJING, beijing_date
from protocol.messages.rules import RetentionTerms
from registry.domain.ids import first_uuid7
from registry.domain.records import Record
from registry.domain.retention import first_month_kept, last_expired_listing
from registry.usecases.act import Act

DAY = dt.timedelta(days=1)


def terms_of(act: Act) -> RetentionTerms:
    """How long anything may be kept is the law of today, whatever held when a record was listed.

    But nothing leaves the list while any payment may be reversed by the longer rule of its day.
    """
    terms, days = act.rules.retention, _reversal_days(act) + 1
    return replace(terms, seal_days=max(terms.seal_days, days), closed_days=max(terms.closed_days, days))


def _reversal_days(act: Act) -> int:
    """The most days of a version that is over, of whose last day a payment may still be reversed."""
    begun = [each for each in act.book.versions if each.effective_from <= act.today]
    return max(
        (
            old.reversal_max_days
            for old, new in pairwise(begun)
            if (act.today - new.effective_from).days < old.reversal_max_days
        ),
        default=0,
    )


def start_of(day: dt.date) -> dt.datetime:
    """Midnight in Beijing."""
    return dt.datetime.combine(day, dt.time(), BEIJING)


def listed_on(record: Record) -> dt.date:
    """The Beijing date on which the record was first listed."""
    return beijing_date(record.received_at)


def asked_before(act: Act) -> dt.datetime:
    """In UTC, as inquiries count their months: an inquiry, what it met, its quote and its opening go together."""
    month = first_month_kept(act.today, terms_of(act).inquiry_months)
    return dt.datetime(month // 100, month % 100, 1, tzinfo=dt.UTC)


def first_of(act: Act, subject_keys: Collection[bytes]) -> UUID:
    """The lowest id that an entry of these subjects may have whose personal part is still there.

    A subject's entries begin with its head row. What was noted of somebody before, such as a rejected report, goes by
    its age.
    """
    moments = (act.tx.subjects.known_since(subject_keys), asked_before(act))
    return first_uuid7(min(each for each in moments if each is not None))


def over_before(act: Act) -> dt.datetime:
    """The moment before which everything that was listed is over today."""
    return start_of(last_expired_listing(act.today, terms_of(act)) + DAY)
