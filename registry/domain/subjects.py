"""A pseudonym is stored as an index key and the sealed group element, for subjects and households."""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from protocol.states import HouseholdKind
from protocol.values import quick


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class SealedToken:
    """N sealed under a data key of its own (AES-256-GCM), the data key wrapped by the key-encryption key."""

    epoch: int
    """The key epoch of N itself."""
    suite: str
    kek_epoch: int
    wrapped_key: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The `subject` row of one subject, which is locked while any data of the subject changes."""

    subject_key: bytes = field(repr=False)
    sealed: SealedToken
    created_at: dt.datetime
    forget_on: dt.date | None = None
    """The next day for checking that a row still refers to the subject; None while one without an end does."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """A household key (16 bytes) and its sealed group element."""

    household_key: bytes = field(repr=False)
    kind: HouseholdKind
    sealed: SealedToken
    created_at: dt.datetime


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdLink:
    """A record's debtor belongs, or belonged, to a household: one row for each span of time.

    The link leads to the debtor. Only the record holds its state and its current household keys.
    """

    household_key: bytes = field(repr=False)
    subject_key: bytes = field(repr=False)
    record_id: uuid.UUID
    kind: HouseholdKind
    linked_at: dt.datetime
    ended_at: dt.datetime | None = None
    """The time of another key or of the report of a collective register; None while the link is current."""

    @property
    def is_current(self) -> bool:
        return self.ended_at is None
