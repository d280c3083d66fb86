"""Finds the open records that a file would move to another person: a shifted column would move all of them."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Final

from gateway.bulk.row_values import Reportable
from gateway.identity.accounts import Account
from protocol.beijing import beijing_date
from protocol.messages.records import ListedRecord

PERSON_BYTES: Final = 8
_DAY_BITS: Final = 24


class OtherPersons:
    """The person and the due date that a file names for each account, in one number of 11 bytes an account."""

    def __init__(self) -> None:
        self._said: dict[int, int] = {}

    def __bool__(self) -> bool:
        return bool(self._said)

    def see(self, row: Reportable) -> None:
        """Note the person of a row, under each reference that its account may have at the registry."""
        self.note(row.account, tuple(map(person_digest, row.person_refs)), row.draft.keywords["due_date"])

    def note(self, account: Account, persons: Sequence[bytes], due_date: dt.date) -> None:
        """Note the digests of the person's references, the present one first."""
        day = due_date.toordinal()
        references = (account.reference, account.former_reference)
        for reference, person in zip(references, persons, strict=False):
            if reference is not None:
                self._said[_digest(reference)] = int.from_bytes(person, "big") << _DAY_BITS | day

    def move(self, record: ListedRecord) -> bool:
        """Tell whether a row takes an open record, as the registry lists it, from its person.

        A record that was listed without a reference of its person is not known to move. A debt that was due after the
        record was listed belongs to the account's present holder, and changes nothing.
        """
        said = self._said.get(_digest(record.account_ref))
        if said is None or record.person_ref is None:
            return False
        last_due = max(beijing_date(record.received_at), record.due_date)
        person = int.from_bytes(person_digest(record.person_ref), "big")
        return said >> _DAY_BITS != person and said % (1 << _DAY_BITS) <= last_due.toordinal()


def person_digest(person_ref: bytes) -> bytes:
    """Shorten the reference of a person on an account to 8 bytes."""
    return hashlib.blake2b(person_ref, digest_size=PERSON_BYTES).digest()


def _digest(reference: bytes) -> int:
    return int.from_bytes(reference[:PERSON_BYTES], "big")
