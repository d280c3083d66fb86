"""The pointer from a creditor's account to the record that was listed on it last; it holds no state of its own."""

import uuid
from dataclasses import dataclass, field

from registry.domain.records import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPointer:
    """Only listing writes it: one open record for a creditor and account, whoever the person is."""

    account_ref: bytes = field(repr=False)
    creditor_id: str
    subject_key: bytes = field(repr=False)
    record_id: uuid.UUID


def pointer_to(record: Record) -> AccountPointer:
    """The pointer of the record's own account to it."""
    return AccountPointer(
        account_ref=record.account_ref,
        creditor_id=record.creditor_id,
        subject_key=record.subject_key,
        record_id=record.record_id,
    )
