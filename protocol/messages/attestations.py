"""Attestations of good standing, each with the subject's consent; their withdrawal, and demands for them."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated, Any, Final
from uuid import UUID

from protocol.attestations import (
    AttestationState,
    AttestationVerdict,
    ConsentMethod,
    ConsentPurpose,
    DemandReply,
    StandingDemandState,
)
from protocol.grades import Tenure
from protocol.messages.activations import MOST_FAULTS, RowFault
from protocol.messages.context import ConsentText
from protocol.messages.tokens import SubjectTokens
from protocol.names import MAX_COUNT
from protocol.values import quick
from protocol.wire.fields import Count, Octets16, Octets32, ParticipantId, RowId, RulesName, Sum
from protocol.wire.kinds import Items, Note, OpenObject, Whole

Band = Annotated[int, Whole(least=int(Tenure.YEAR), most=int(Tenure.THREE_YEARS)), Note("Months: 12, 24 or 36.")]
MOST_ATTESTATIONS: Final = 1_000
"""A statement lists so many at most; one person has one for each account at each carrier."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationConsent:
    """A subject's consent to an attestation, as its carrier has it on file."""

    consent_ref: Octets16 = field(repr=False)
    """The carrier's keyed reference of its record of the consent."""
    text: ConsentText
    purpose: ConsentPurpose
    given_at: dt.datetime
    method: ConsentMethod
    document_sha256: Octets32 = field(repr=False)
    """SHA-256 of the salted proof of the consent, which the carrier keeps and shows on demand."""
    until: dt.date
    """The first Beijing date on which the consent no longer holds."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationRow:
    """An attestation of one account. The exact number of months stays at the carrier; ``band`` is cut from it."""

    row_id: RowId
    tokens: SubjectTokens
    account_ref: Octets32 = field(repr=False)
    band: Band
    as_of: dt.date
    """The last day of the attested span."""
    consent: AttestationConsent | None = None
    """A row without one is refused as ATT_NO_CONSENT."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationRowVerdict:
    """The verdict on one row: the attestation that stands and its last day but one, or the faults of a malformed row.

    ``attestation_id`` is what events name the attestation by: keep it beside the account.
    """

    row_id: RowId
    verdict: AttestationVerdict
    attestation_id: UUID | None = None
    until: dt.date | None = None
    """The first Beijing date on which the attestation no longer counts."""
    errors: Annotated[tuple[RowFault, ...], Items(least=0, most=MOST_FAULTS)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationLine:
    """One line of a batch's answer: a verdict, or one of the two closing lines (docs/spec/record-batches.md)."""

    row_id: RowId | None = None
    verdict: AttestationVerdict | None = None
    attestation_id: UUID | None = None
    until: dt.date | None = None
    errors: Annotated[tuple[RowFault, ...], Items(least=0, most=MOST_FAULTS)] = ()
    end: bool = False
    rows: Sum | None = None
    chunks: Count | None = None
    problem: Annotated[dict[str, Any], OpenObject()] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedAttestation:
    """The end of an attestation, by its id alone."""

    attestation_id: UUID
    state: AttestationState


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawal:
    """A subject's word that a consent is over, or that all of its consents to attestations are; one of the two."""

    tokens: SubjectTokens
    consent_ref: Octets16 | None = field(default=None, repr=False)
    all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawnConsents:
    """The result of a withdrawal; for a consent under which nobody attests it counts none."""

    attestations: Annotated[int, Whole(least=0, most=MAX_COUNT)]
    """The attestations that counted until now."""
    withdrawn_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAttestationDemand:
    """A subject's demand that a carrier attest how it pays."""

    tokens: SubjectTokens
    participant: ParticipantId


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationDemand:
    """A demand; the subject names it to its carrier by ``demand_id``, since no pseudonym leaves the registry."""

    demand_id: UUID
    participant: ParticipantId
    demanded_at: dt.datetime
    answer_due: dt.date
    """The last Beijing date for the carrier's answer."""
    state: StandingDemandState
    reply: DemandReply | None
    answered_at: dt.datetime | None
    rules_version: RulesName


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationDemandReply:
    """The reason for which a carrier does not attest."""

    reply: DemandReply


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandCounts:
    """A carrier's demands of the last year by how it answered."""

    open: Count
    in_time: Count
    late: Count
    overdue: Count
    """Not answered although the day is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedAttestation:
    """An attestation that counts, as its subject reads it: by whom, how long, and the consent that it rests on."""

    by: ParticipantId
    band: Band
    as_of: dt.date
    until: dt.date
    told_at: dt.datetime
    consent_ref: Octets16 = field(repr=False)
    text: ConsentText
    method: ConsentMethod
    consent_given_at: dt.datetime
    consent_until: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedAttestationDemand:
    """A demand of the subject, and its answer."""

    participant: ParticipantId
    demanded_through: ParticipantId
    demanded_at: dt.datetime
    answer_due: dt.date
    state: StandingDemandState
    reply: DemandReply | None
