"""Defines a record's manifests of evidence, a neutral body's demand for a paper, and the shown papers."""

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace
from typing import Self

from protocol.codes import EvidenceDocument
from protocol.messages.evidence import EvidenceManifest
from protocol.states import DemandState, MediaType


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptManifest:
    """One manifest of a record; the record holds the digest of its present manifest."""

    subject_key: bytes = field(repr=False)
    record_id: uuid.UUID
    manifest: EvidenceManifest
    added_at: dt.datetime


class NoSuchDocument(Exception):
    """The manifest names no such bill."""


def promised_digest(manifest: EvidenceManifest, document: EvidenceDocument, bill: int | None) -> bytes:
    """Return the digest that the manifest promises for a paper; bills count from 1. Raises NoSuchDocument."""
    if document is EvidenceDocument.NOTICE:
        return manifest.notice
    if document is EvidenceDocument.CONTRACT:
        return manifest.contract
    if bill is None or not 1 <= bill <= len(manifest.bills):
        raise NoSuchDocument
    return manifest.bills[bill - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceDemand:
    """A demand for one paper of a record; the creditor has until the end of ``answer_due``, a Beijing date."""

    subject_key: bytes = field(repr=False)
    demand_id: uuid.UUID
    record_id: uuid.UUID
    creditor_id: str
    demanded_by: str
    document: EvidenceDocument
    bill: int | None
    """The number of the bill, from 1; None for other papers."""
    digest: bytes = field(repr=False)
    """The promised digest, of the manifest that held at the time of the demand."""
    demanded_at: dt.datetime
    answer_due: dt.date
    state: DemandState = DemandState.OPEN
    answers: int = 0
    rules_version: str
    log_entry_id: uuid.UUID

    def state_on(self, today: dt.date) -> DemandState:
        """Return the state on a day."""
        overdue = self.state is not DemandState.MATCHES and today > self.answer_due
        return DemandState.OVERDUE if overdue else self.state

    def answered(self, *, matches: bool, log_entry_id: uuid.UUID) -> Self:
        """Return the demand after one more answer."""
        state = DemandState.MATCHES if matches else DemandState.DIFFERS
        return replace(self, state=state, answers=self.answers + 1, log_entry_id=log_entry_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDocument:
    """One answer to a demand as it is stored, sealed like a dispute's paper; one with a wrong digest is stored too."""

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
