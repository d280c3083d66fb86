"""Share the act's limits of age, and the seal of a closed record: one document under a data key of its own."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from typing import Any, Final

from crypto.envelope.sealed import Sealed, seal_document, unseal_document
from protocol.beijing import beijing_date
from protocol.encodings import canonical_json
from protocol.messages.rules import RetentionTerms
from registry.domain.endings import FormerRecord
from registry.domain.records import Record
from registry.domain.retention import SealedRecord, debt_digest, purges_on
from registry.policy import retention
from registry.usecases.act import Act
from registry.usecases.context import Registry

_VERSION: Final = 1


def terms_of(act: Act) -> RetentionTerms:
    """Return the retention terms of the act's day."""
    return retention.terms_on(act.today, act.book)


def listed_on(record: Record) -> dt.date:
    """Return the Beijing date on which the record was first listed."""
    return beijing_date(record.received_at)


def over_before(act: Act) -> dt.datetime:
    """Return the moment before which a record must have been listed to be over today."""
    return retention.over_before(act.today, terms_of(act))


def sealed_record(
    act: Act, former: FormerRecord, record: Record, rows: Mapping[str, Any], log_entry_id: uuid.UUID
) -> SealedRecord:
    """Seal a closed record with all its dependent rows, and keep its end open for the judging of later reports."""
    keys = act.registry.keys
    kek_epoch = keys.current_key_encryption_epoch
    sealed = seal_document(
        canonical_json({"v": _VERSION, "tables": dict(rows)}),
        kek=keys.key_encryption_keys[kek_epoch],
        kek_epoch=kek_epoch,
        associated=_row(record.subject_key, record.record_id),
        random=act.registry.random,
    )
    return SealedRecord(
        subject_key=record.subject_key,
        record_id=record.record_id,
        creditor_id=record.creditor_id,
        debt_digest=debt_digest(record.creditor_id, record.account_ref, record.due_date),
        account_digest=former.account_digest,
        ending=former.ending,
        bars_due_by=former.bars_due_by,
        state=record.state,
        listed_on=listed_on(record),
        closed_at=record.state_since,
        sealed_at=act.now,
        purge_on=purges_on(listed_on(record), beijing_date(record.state_since), terms_of(act)),
        suite=sealed.suite,
        kek_epoch=sealed.kek_epoch,
        wrapped_key=sealed.wrapped_key,
        ciphertext=sealed.ciphertext,
        log_entry_id=log_entry_id,
    )


def opened(registry: Registry, sealed: SealedRecord) -> dict[str, Any] | None:
    """Open the rows of a sealed record by table; None when its data key is destroyed."""
    if sealed.wrapped_key is None or sealed.ciphertext is None:
        return None
    content = unseal_document(
        Sealed(
            suite=sealed.suite,
            kek_epoch=sealed.kek_epoch,
            wrapped_key=sealed.wrapped_key,
            ciphertext=sealed.ciphertext,
        ),
        registry.keys.key_encryption_keys[sealed.kek_epoch],
        _row(sealed.subject_key, sealed.record_id),
    )
    tables: dict[str, Any] = json.loads(content)["tables"]
    return tables


def _row(subject_key: bytes, record_id: uuid.UUID) -> bytes:
    """Return the data that a seal is bound to, so that no record opens as another's, and no document as a record."""
    return b"sealed_record\n" + subject_key + record_id.bytes
