"""Finds the open records that a file would move to another person: a shifted column would move all of them."""

import hashlib
from typing import Final

from gateway.bulk.row_values import Reportable
from protocol.beijing import beijing_date
from protocol.messages.records import ListedRecord

_DAY_BITS: Final = 24


class OtherPersons:
    """The person and the due date that a file names for each account, in one number of 11 bytes an account."""

    def __init__(self) -> None:
        self._said: dict[int, int] = {}

    def __bool__(self) -> bool:
        return bool(self._said)

    def see(self, row: Reportable) -> None:
        """Note the person of a row, under each reference that its account may have at the registry."""
        account = row.account
        due_date = row.draft.keywords["due_date"].toordinal()
        references = (account.reference, account.former_reference)
        for reference, person in zip(references, row.person_refs, strict=False):
            if reference is not None:
                self._said[_digest(reference)] = _digest(person) << _DAY_BITS | due_date

    def move(self, record: ListedRecord) -> bool:
        """Tell whether a row takes an open record, as the registry lists it, from its person.

        A record that was listed without a reference of its person is not known to move. A debt that was due after the
        record was listed belongs to the account's present holder, and changes nothing.
        """
        said = self._said.get(_digest(record.account_ref))
        if said is None or record.person_ref is None:
            return False
        last_due = max(beijing_date(record.received_at), record.due_date)
        return said >> _DAY_BITS != _digest(record.person_ref) and said % (1 << _DAY_BITS) <= last_due.toordinal()


def _digest(reference: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(reference, digest_size=8).digest(), "big")
