"""Limits the time of storage: a record expires, is sealed, then purged; a digest identifies its debt afterwards."""

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass, field, replace
from typing import Final

from protocol.log_entries import READINGS, EntryKind
from protocol.messages.rules import RetentionTerms
from protocol.states import CLOSED_STATES, Action, Party, RecordState
from protocol.years import years_on
from registry.domain.endings import Ending
from registry.domain.life import EDGES, next_state

_DIGEST_TAG: Final = b"clearline/debt/v1\n"
EXPIRING_STATES: Final = frozenset(state for state, action in EDGES if action is Action.EXPIRE)
"""States from which the scheduler takes EXPIRE."""
ENTRIES_ERASED_BY_AGE: Final = (
    EntryKind.INQUIRY,
    EntryKind.INQUIRY_RECHECKED,
    EntryKind.ACTIVATION,
    EntryKind.DEPOSIT_RETURNED,
    EntryKind.REPORT_REJECTED,
    EntryKind.STATEMENT_GIVEN,
    EntryKind.CLEARANCE_READ,
    EntryKind.GRADE_REVIEWED,
)
"""Log entries that may concern a person who is not on the list: their personal parts are erased by their age."""
READINGS_ERASED_BY_AGE: Final = READINGS
"""Log entries that may name a member of an office's staff: their personal parts are erased by their age as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRecord:
    """A closed record that has left the list: sealed for an auditor, and at last a tombstone without content."""

    subject_key: bytes = field(repr=False)
    record_id: uuid.UUID
    creditor_id: str
    debt_digest: bytes = field(repr=False)
    account_digest: bytes | None = field(default=None, repr=False)
    """None, like the next two, for a record that was sealed before this was stored."""
    ending: Ending | None = None
    bars_due_by: dt.date | None = None
    state: RecordState
    """The closing state of the record; PURGED once its content is destroyed."""
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
    """The part of a sealed record that judges a later report; older sealed records lack the last digests."""

    record_id: uuid.UUID
    debt_digest: bytes = field(repr=False)
    account_digest: bytes | None = field(repr=False)
    ending: Ending | None
    bars_due_by: dt.date | None
    listed_on: dt.date
    closed_at: dt.datetime


def expires_on(listed_on: dt.date, terms: RetentionTerms) -> dt.date:
    """Return the first day after the years of a record of that listing, whatever else is under way."""
    return years_on(listed_on, terms.record_years)


def last_expired_listing(today: dt.date, terms: RetentionTerms) -> dt.date:
    """Return the latest day of listing whose records have expired by ``today``, the inverse of ``expires_on``."""
    last = years_on(today, -terms.record_years)
    following = last + dt.timedelta(days=1)
    return following if expires_on(following, terms) <= today else last


def purges_on(listed_on: dt.date, closed_on: dt.date, terms: RetentionTerms) -> dt.date:
    """Return the first day for destroying a closed record's content: days after closing or years after listing."""
    return min(closed_on + dt.timedelta(days=terms.closed_days), expires_on(listed_on, terms))


def is_seal_due(
    state: RecordState, listed_on: dt.date, closed_on: dt.date, today: dt.date, terms: RetentionTerms
) -> bool:
    """Tell whether a record leaves the list for the archive: it was closed long enough, or its purge is due."""
    if state not in CLOSED_STATES:
        return False
    return closed_on + dt.timedelta(days=terms.seal_days) <= today or purges_on(listed_on, closed_on, terms) <= today


def is_expiry_due(state: RecordState, listed_on: dt.date, today: dt.date, terms: RetentionTerms) -> bool:
    """Tell whether the scheduler must expire an open record."""
    return state in EXPIRING_STATES and expires_on(listed_on, terms) <= today


def is_purge_due(sealed: SealedRecord, today: dt.date) -> bool:
    """Tell whether the content of a sealed record is to be destroyed today; it happens once."""
    return sealed.purged_at is None and sealed.purge_on <= today


def purged(sealed: SealedRecord, *, at: dt.datetime, log_entry_id: uuid.UUID) -> SealedRecord:
    """Return the tombstone: without data key and ciphertext no holder of other keys can open it."""
    state = next_state(sealed.state, Action.PURGE, Party.CLOCK)
    return replace(sealed, state=state, purged_at=at, wrapped_key=None, ciphertext=None, log_entry_id=log_entry_id)


def first_month_kept(today: dt.date, months: int) -> int:
    """Return the earliest month, as 202611, whose inquiries are kept: this one and ``months`` before it."""
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return year * 100 + month + 1


def months_from(today: dt.date, count: int) -> tuple[int, ...]:
    """List ``count`` months, as 202611, from that of ``today`` on."""
    return tuple(first_month_kept(today, -ahead) for ahead in range(count))


def debt_digest(creditor_id: str, account_ref: bytes, due_date: dt.date) -> bytes:
    """Identify a debt after its record is gone: SHA-256 over creditor, its own reference, and the due date."""
    named = creditor_id.encode()
    text = _DIGEST_TAG + len(named).to_bytes(2, "big") + named + account_ref + due_date.isoformat().encode("ascii")
    return hashlib.sha256(text).digest()
