"""Points from a creditor's account to the record that was listed on it last; the pointer has no state of its own."""

import uuid
from dataclasses import dataclass, field

from protocol.values import quick
from registry.domain.records import Record


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPointer:
    """Only listing writes it: a creditor's account has one open record at most, of any person."""

    account_ref: bytes = field(repr=False)
    creditor_id: str
    subject_key: bytes = field(repr=False)
    record_id: uuid.UUID


def pointer_to(record: Record) -> AccountPointer:
    """Make the pointer from the record's account to the record."""
    return AccountPointer(
        account_ref=record.account_ref,
        creditor_id=record.creditor_id,
        subject_key=record.subject_key,
        record_id=record.record_id,
    )
