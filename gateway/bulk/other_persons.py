"""Finds the open records that a file would move to another person: a shifted column would move all of them."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Final

from gateway.bulk.row_values import Reportable
from gateway.identity.accounts import Account

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

    def move(self, account: bytes, person: bytes | None, last_due: int) -> bool:
        """Tell whether a row takes an open record, as the registry lists it, from its person.

        A record that was listed without a reference of its person is not known to move. A debt that was due after
        ``last_due`` belongs to the account's present holder, and changes nothing.
        """
        said = self._said.get(_digest(account))
        if said is None or person is None:
            return False
        return said >> _DAY_BITS != int.from_bytes(person, "big") and said % (1 << _DAY_BITS) <= last_due


def person_digest(person_ref: bytes) -> bytes:
    """Shorten the reference of a person on an account to 8 bytes."""
    return hashlib.blake2b(person_ref, digest_size=PERSON_BYTES).digest()


def _digest(reference: bytes) -> int:
    return int.from_bytes(reference[:PERSON_BYTES], "big")
