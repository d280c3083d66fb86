"""Pseudonyms: a person is found by an index key and filed under a key of its own; group elements are sealed."""

import datetime as dt
import uuid
from collections.abc import Mapping
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
class Person:
    """The way to a person who is, or was, on a list: from the index key of an epoch to the key of its rows."""

    index_key: bytes = field(repr=False)
    """16 bytes, computed from the token: another one in each key epoch."""
    epoch: int
    subject_key: bytes = field(repr=False)
    """16 bytes, drawn when the person was first listed: never another one."""
    ends_on: dt.date | None = None
    """Of a forgotten person: the day to look whether inquiries are left that were made about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonKeys:
    """The keys under which people are filed, as one look-up found them."""

    by_index: Mapping[bytes, bytes | None] = field(repr=False)
    """By index key; None for a person without a key of its own, who is on no list."""

    def has(self, index_key: bytes) -> bool:
        """Tell whether the person has a key of its own; raises KeyError for one that was not looked up."""
        return self.by_index[index_key] is not None

    def key_of(self, index_key: bytes) -> bytes:
        """Return the person's own key, or the index key of one who has none: all kept about it goes by age.

        Raises KeyError for a person that was not looked up.
        """
        return self.by_index[index_key] or index_key


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
