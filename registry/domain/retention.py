"""How long anything is kept: when a record expires, is sealed and is purged, and by what a closed debt is known."""

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass, field, replace
from typing import Final

from protocol.states import CLOSED_STATES, Action, Party, RecordState
from registry.domain.endings import Ending
from registry.domain.life import EDGES, next_state

_DIGEST_TAG: Final = b"clearline/debt/v1\n"
EXPIRING_STATES: Final = frozenset(state for state, action in EDGES if action is Action.EXPIRE)
"""States from which the clock takes EXPIRE."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionTerms:
    """``record_years`` from listing is the hard cap; a closed record is sealed, and purged at the latest then."""

    record_years: int
    seal_days: int
    """From closing until only an auditor can open the record; longer than a payment can be reversed."""
    closed_days: int
    """From closing until the purge."""
    inquiry_months: int
    event_days: int
    answer_days: int
    """How long an answer is given again under its Idempotency-Key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRecord:
    """A closed record that has left the list: sealed for an auditor, and at last a tombstone without content."""

    subject_key: bytes = field(repr=False)
    record_id: uuid.UUID
    creditor_id: str
    debt_digest: bytes = field(repr=False)
    account_digest: bytes | None = field(default=None, repr=False)
    """None, like the two that follow, for a record that was sealed before this was kept."""
    ending: Ending | None = None
    bars_due_by: dt.date | None = None
    state: RecordState
    """How the record was closed; PURGED when its content is destroyed."""
    listed_on: dt.date
    closed_at: dt.datetime
    sealed_at: dt.datetime
    purge_on: dt.date
    purged_at: dt.datetime | None = None
    suite: str
    kek_epoch: int
    wrapped_key: bytes | None = field(repr=False)
    ciphertext: bytes | None = field(repr=False)
    log_entry_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEnding:
    """What is left of a sealed record for judging a later report; the last digests are absent where none were kept."""

    record_id: uuid.UUID
    debt_digest: bytes = field(repr=False)
    account_digest: bytes | None = field(repr=False)
    ending: Ending | None
    bars_due_by: dt.date | None
    listed_on: dt.date
    closed_at: dt.datetime


def years_on(day: dt.date, years: int) -> dt.date:
    """The same day ``years`` on; 29 February becomes the 28th, so that nobody is listed for a day longer."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def expires_on(listed_on: dt.date, terms: RetentionTerms) -> dt.date:
    """The first day on which a record of that listing is over, whatever else is under way."""
    return years_on(listed_on, terms.record_years)


def last_expired_listing(today: dt.date, terms: RetentionTerms) -> dt.date:
    """The latest day of listing whose records are over by ``today``: ``expires_on`` the other way round."""
    last = years_on(today, -terms.record_years)
    following = last + dt.timedelta(days=1)
    return following if expires_on(following, terms) <= today else last


def purges_on(listed_on: dt.date, closed_on: dt.date, terms: RetentionTerms) -> dt.date:
    """The first day on which the content of a closed record is destroyed: days after closing, years after listing."""
    return min(closed_on + dt.timedelta(days=terms.closed_days), expires_on(listed_on, terms))


def is_seal_due(
    state: RecordState, listed_on: dt.date, closed_on: dt.date, today: dt.date, terms: RetentionTerms
) -> bool:
    """Whether a record leaves the list for the archive: long enough closed, or due to be purged already."""
    if state not in CLOSED_STATES:
        return False
    return closed_on + dt.timedelta(days=terms.seal_days) <= today or purges_on(listed_on, closed_on, terms) <= today


def is_expiry_due(state: RecordState, listed_on: dt.date, today: dt.date, terms: RetentionTerms) -> bool:
    """Whether the clock ends an open record."""
    return state in EXPIRING_STATES and expires_on(listed_on, terms) <= today


def is_purge_due(sealed: SealedRecord, today: dt.date) -> bool:
    """Whether the content of a sealed record is destroyed today; once."""
    return sealed.purged_at is None and sealed.purge_on <= today


def purged(sealed: SealedRecord, *, at: dt.datetime, log_entry_id: uuid.UUID) -> SealedRecord:
    """The tombstone: without the data key and the ciphertext nobody opens it again, whoever has the other keys."""
    state = next_state(sealed.state, Action.PURGE, Party.CLOCK)
    return replace(sealed, state=state, purged_at=at, wrapped_key=None, ciphertext=None, log_entry_id=log_entry_id)


def first_month_kept(today: dt.date, months: int) -> int:
    """The earliest month, written as 202611, whose inquiries are kept: this one and ``months`` before it."""
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return year * 100 + month + 1


def months_from(today: dt.date, count: int) -> tuple[int, ...]:
    """``count`` months, written as 202611, from that of ``today`` on."""
    return tuple(first_month_kept(today, -ahead) for ahead in range(count))


def debt_digest(creditor_id: str, account_ref: bytes, due_date: dt.date) -> bytes:
    """By what a debt is known when its record is gone: SHA-256 over creditor, its own reference, and the due date."""
    named = creditor_id.encode()
    text = _DIGEST_TAG + len(named).to_bytes(2, "big") + named + account_ref + due_date.isoformat().encode("ascii")
    return hashlib.sha256(text).digest()
