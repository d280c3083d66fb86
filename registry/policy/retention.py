"""State the data that is erased by its age alone, and the limits of a day.

The figures stand in protocol/messages/rules.py (RetentionTerms); records end by registry/domain/retention.py.
"""

import datetime as dt
from dataclasses import dataclass, replace
from itertools import pairwise

from protocol.beijing import BEIJING, beijing_date
from protocol.messages.rules import RetentionTerms
from registry.domain.retention import first_month_kept, last_expired_listing
from registry.policy.rules import RuleBook

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeLimits:
    """The limits of a day: older data is dropped. Moments are Beijing's midnights unless stated otherwise."""

    inquiry_month: int
    """Inquiries of earlier UTC months, as 202611."""
    asked_before: dt.datetime
    """Hits and quotes of inquiries before this UTC month, and the personal parts of their entries in the log."""
    told_before: dt.datetime
    """Events and dead letters that were made before."""
    answered_before: dt.datetime
    """Stored answers and chunks of batches that were made before."""
    counted_before: dt.date
    """Days of take-outs before this one."""
    unlinked_before: dt.datetime
    """Links to a former home that ended before: until then its people may ask for the reason of a refusal."""
    over_before: dt.datetime
    """Collected payments, transfers and tallies from before: no record of that time can still be open.

    An account between two carriers is kept as long as any record could be, whatever became of its own.
    """

    @property
    def tallies_before(self) -> dt.date:
        """Return the Beijing date before which tallies are dropped."""
        return beijing_date(self.over_before)


def limits_on(today: dt.date, book: RuleBook) -> AgeLimits:
    """Compute the limits of a Beijing date."""
    terms = terms_on(today, book)
    answered_before = today - terms.answer_days * DAY
    return AgeLimits(
        inquiry_month=first_month_kept(today, terms.inquiry_months),
        asked_before=asked_before(today, terms),
        told_before=start_of(today - terms.event_days * DAY),
        answered_before=start_of(answered_before),
        counted_before=answered_before,
        unlinked_before=start_of(today - book.in_force(today).ended_link_days * DAY),
        over_before=over_before(today, terms),
    )


def terms_on(today: dt.date, book: RuleBook) -> RetentionTerms:
    """Return the terms of a Beijing date, which hold for every record, even if others held at its listing.

    But no record leaves the list while a payment may still be reversed under the longer rule of its day.
    """
    terms, days = book.in_force(today).retention, _reversal_days(today, book) + 1
    return replace(terms, seal_days=max(terms.seal_days, days), closed_days=max(terms.closed_days, days))


def start_of(day: dt.date) -> dt.datetime:
    """Return midnight in Beijing."""
    return dt.datetime.combine(day, dt.time(), BEIJING)


def asked_before(today: dt.date, terms: RetentionTerms) -> dt.datetime:
    """Return the first moment of a UTC month, so that an inquiry, its hits, its quote and its opening go together."""
    return _start_of_month(first_month_kept(today, terms.inquiry_months))


def over_before(today: dt.date, terms: RetentionTerms) -> dt.datetime:
    """Return the moment before which a listed record has ended by today."""
    return start_of(last_expired_listing(today, terms) + DAY)


def _start_of_month(month: int) -> dt.datetime:
    return dt.datetime(month // 100, month % 100, 1, tzinfo=dt.UTC)


def _reversal_days(today: dt.date, book: RuleBook) -> int:
    """Return the most days of an ended version under which a payment of its last day may still be reversed."""
    begun = [rules for rules in book.versions if rules.effective_from <= today]
    return max(
        (
            old.reversal_max_days
            for old, new in pairwise(begun)
            if (today - new.effective_from).days < old.reversal_max_days
        ),
        default=0,
    )
