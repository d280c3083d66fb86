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
    """A record's debtor belongs to a household. Only added, until the record is sealed: it alone knows its state."""

    household_key: bytes = field(repr=False)
    subject_key: bytes = field(repr=False)
    record_id: uuid.UUID
    linked_at: dt.datetime
