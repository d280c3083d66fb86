"""Defines a record's manifests of evidence, a neutral body's demand for a document, and what was shown."""

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace
from typing import Self

from protocol.codes import EvidenceDocument
from protocol.messages.evidence import EvidenceManifest
from protocol.states import DemandState, MediaType


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptManifest:
    """One manifest of a record; which of them is the present one, the record says by its digest."""

    subject_key: bytes = field(repr=False)
    record_id: uuid.UUID
    manifest: EvidenceManifest
    added_at: dt.datetime


class NoSuchDocument(Exception):
    """The manifest names no such bill."""


def promised_digest(manifest: EvidenceManifest, document: EvidenceDocument, bill: int | None) -> bytes:
    """The digest that a document has to have; bills count from 1. Raises NoSuchDocument."""
    if document is EvidenceDocument.NOTICE:
        return manifest.notice
    if document is EvidenceDocument.CONTRACT:
        return manifest.contract
    if bill is None or not 1 <= bill <= len(manifest.bills):
        raise NoSuchDocument
    return manifest.bills[bill - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceDemand:
    """A demand for one document of a record; the creditor has until the end of ``answer_due``, a Beijing date."""

    subject_key: bytes = field(repr=False)
    demand_id: uuid.UUID
    record_id: uuid.UUID
    creditor_id: str
    demanded_by: str
    document: EvidenceDocument
    bill: int | None
    """Which bill, from 1; None for the other documents."""
    digest: bytes = field(repr=False)
    """The promised one, of the manifest that held when it was demanded."""
    demanded_at: dt.datetime
    answer_due: dt.date
    state: DemandState = DemandState.OPEN
    answers: int = 0
    rules_version: str
    log_entry_id: uuid.UUID

    def state_on(self, today: dt.date) -> DemandState:
        """The state as it is told on a day."""
        overdue = self.state is not DemandState.MATCHES and today > self.answer_due
        return DemandState.OVERDUE if overdue else self.state

    def answered(self, *, matches: bool, log_entry_id: uuid.UUID) -> Self:
        """After one more answer."""
        state = DemandState.MATCHES if matches else DemandState.DIFFERS
        return replace(self, state=state, answers=self.answers + 1, log_entry_id=log_entry_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDocument:
    """One answer to a demand as it is kept, sealed like a dispute's document; one that differs is kept as well."""

    subject_key: bytes = field(repr=False)
    shown_id: uuid.UUID
    demand_id: uuid.UUID
    matches: bool
    media_type: MediaType
    content_bytes: int
    suite: str
    kek_epoch: int
    wrapped_key: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)
    shown_at: dt.datetime
    log_entry_id: uuid.UUID
