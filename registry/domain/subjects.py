"""The stored form of a pseudonym: an index key and the sealed group element, for subjects and households."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedToken:
    """N sealed under a data key of its own (AES-256-GCM), the data key wrapped by the key-encryption key."""

    epoch: int
    """The key epoch of N itself."""
    suite: str
    kek_epoch: int
    wrapped_key: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The head row of one subject: the row that is locked while anything of the subject changes."""

    subject_key: bytes = field(repr=False)
    sealed: SealedToken
    created_at: dt.datetime
    forget_on: dt.date | None = None
    """When to look whether anything keeps the subject; None while something undated does."""


class HouseholdKind(StrEnum):
    """The two independent household keys."""

    REGISTER = "REGISTER"
    ADDRESS = "ADDRESS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """A household key (16 bytes) and its sealed group element."""

    household_key: bytes = field(repr=False)
    kind: HouseholdKind
    sealed: SealedToken
    created_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdLink:
    """A record's debtor belongs, or belonged, to a household: one row for each span of time.

    The link says where to look. The record alone knows its state and its current household keys.
    """

    household_key: bytes = field(repr=False)
    subject_key: bytes = field(repr=False)
    record_id: uuid.UUID
    kind: HouseholdKind
    linked_at: dt.datetime
    ended_at: dt.datetime | None = None
    """When the creditor gave another key, or said that the register is a collective one; None while it is current."""

    @property
    def is_current(self) -> bool:
        return self.ended_at is None
