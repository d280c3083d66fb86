"""Attestations of good standing: the span that each speaks of, its end, and what contradicts it."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, Self

from protocol.attestations import ConsentMethod, DemandReply, StandingDemandState
from protocol.grades import Tenure
from protocol.messages.attestations import AttestationConsent, AttestationRow
from protocol.states import RecordState
from protocol.values import quick
from registry.domain.months import months_on
from registry.domain.records import Record

_MARK_TAG: Final = b"clearline/withdrawn-consent/v1\n"
_MARK_BYTES: Final = 16
_TAKEN_BACK: Final = frozenset(
    {RecordState.WITHDRAWN, RecordState.VOID_IDENTITY_THEFT, RecordState.RECEIVED, RecordState.REJECTED}
)
"""The states of records that were never a debt of this subject."""
DEMAND_MONTHS: Final = 12
"""A demand is counted, and told to its subject, so many months after its day."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """One carrier's word on one account of a subject; it counts before the day ``until``, and its row goes with it."""

    subject_key: bytes = field(repr=False)
    participant_id: str
    account_ref: bytes = field(repr=False)
    attestation_id: uuid.UUID
    band: int
    as_of: dt.date
    until: dt.date
    ending_on: dt.date | None
    """The day on which the attester is told of the end; None once it was."""
    consent_ref: bytes = field(repr=False)
    consent_text: str
    consent_method: ConsentMethod
    consent_given_at: dt.datetime
    consent_ends: dt.date
    document_digest: bytes = field(repr=False)
    told_at: dt.datetime
    log_entry_id: uuid.UUID

    @property
    def account(self) -> tuple[str, bytes]:
        """The account that it speaks of, with its carrier."""
        return self.participant_id, self.account_ref

    def counts_on(self, today: dt.date) -> bool:
        """Tell whether it counts on a Beijing date, even before the clock has run."""
        return today < self.until

    def says(self, row: AttestationRow, consent: AttestationConsent) -> bool:
        """Tell whether a row says the same again."""
        return (
            self.band,
            self.as_of,
            self.consent_ref,
            self.consent_text,
            self.consent_method,
            self.consent_given_at,
            self.consent_ends,
            self.document_digest,
        ) == (
            row.band,
            row.as_of,
            consent.consent_ref,
            consent.text,
            consent.method,
            consent.given_at,
            consent.until,
            consent.document_sha256,
        )

    def told_of_end(self) -> Self:
        """Return it after its attester was told of the end."""
        return replace(self, ending_on=None)

    def is_contradicted_by(self, record: Record) -> bool:
        """Tell whether a record of the same carrier about the same subject was due within the attested span."""
        return (
            record.creditor_id == self.participant_id
            and record.subject_key == self.subject_key
            and contradicts(record, as_of=self.as_of, band=self.band)
        )


def span_begins(as_of: dt.date, band: int) -> dt.date:
    """Return the first day of the span that ends on ``as_of``: the same day, ``band`` months before."""
    return months_on(as_of, -band)


def contradicts(record: Record, *, as_of: dt.date, band: int) -> bool:
    """Tell whether a debt was due within the span; what was taken back by its creditor or an adjudicator was none."""
    return record.state not in _TAKEN_BACK and span_begins(as_of, band) <= record.due_date <= as_of


def ends_on(as_of: dt.date, consent_until: dt.date, most_days: int) -> dt.date:
    """Return the first day on which an attestation no longer counts."""
    return min(as_of + dt.timedelta(days=most_days), consent_until)


def tenure_of(attestations: Iterable[Attestation], today: dt.date) -> Tenure:
    """Return the best single band that counts on a Beijing date; bands of several carriers are never summed."""
    return max((Tenure(each.band) for each in attestations if each.counts_on(today)), default=Tenure.NONE)


def mark_of(subject_key: bytes, participant_id: str, consent_ref: bytes) -> bytes:
    """Make the mark (16 bytes) by which a withdrawn consent is known again, and from which it cannot be read."""
    named = participant_id.encode()
    content = _MARK_TAG + subject_key + len(named).to_bytes(2, "big") + named + consent_ref
    return hashlib.sha256(content).digest()[:_MARK_BYTES]


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawnConsent:
    """The mark of a withdrawn consent, kept until the consent would have ended by itself at the latest."""

    subject_key: bytes = field(repr=False)
    mark: bytes = field(repr=False)
    until: dt.date
    log_entry_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationDemand:
    """A subject's demand for an attestation; its carrier has until the end of ``answer_due``, a Beijing date."""

    subject_key: bytes = field(repr=False)
    demand_id: uuid.UUID
    participant_id: str
    demanded_through: str
    demanded_at: dt.datetime
    answer_due: dt.date
    attested: bool = False
    reply: DemandReply | None = None
    answered_at: dt.datetime | None = None
    answered_on: dt.date | None = None
    """The Beijing date of the answer."""
    until: dt.date
    """The first day on which it is no longer kept."""
    rules_version: str
    log_entry_id: uuid.UUID

    @property
    def is_open(self) -> bool:
        """Tell whether nobody has answered."""
        return self.answered_at is None

    def state_on(self, today: dt.date) -> StandingDemandState:
        """Return the state on a Beijing date."""
        if self.attested:
            return StandingDemandState.ATTESTED
        if self.reply is not None:
            return StandingDemandState.REFUSED
        return StandingDemandState.OVERDUE if today > self.answer_due else StandingDemandState.OPEN

    def answered(self, reply: DemandReply | None, *, at: dt.datetime, on: dt.date, log_entry_id: uuid.UUID) -> Self:
        """Return the demand after its answer: an attestation, or the reason for which there is none."""
        return replace(
            self, attested=reply is None, reply=reply, answered_at=at, answered_on=on, log_entry_id=log_entry_id
        )
