"""The messages of a key ceremony: a proposal, the signed steps of its parties, and the committee that comes of it.

A proposal is canonical JSON, and its SHA-256 is the ceremony's id. Each step is a compact JWS over canonical JSON, with
a type of its own (``STEP_TYPES``). docs/spec/ceremonies.md is the specification.
"""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

from protocol.messages.limits import MAX_EPOCH, MAX_SHARE_INDEX
from protocol.names import COMPACT_JWS, VISIBLE
from protocol.wire.fields import HexDigest, KeyId, Octets16, Octets32, ParticipantId
from protocol.wire.kinds import Items, Octets, Text, Whole

MAX_MEMBERS: Final = 24
"""Most members of a committee: a step of each fits into a compact JWS of 16,384 characters."""
MAX_PEER_URL: Final = 120
MAX_STEP: Final = 16_384
"""Characters of a step's compact JWS."""
MAX_STEPS: Final = 4 * 2 * MAX_MEMBERS
"""Four steps of each party; a party that leaves deals and receives nothing."""
MAX_KEEP_DAYS: Final = 30
_PROOF_BYTES: Final = 64
_SEALED_BYTES: Final = 80

Epoch = Annotated[int, Whole(least=1, most=MAX_EPOCH)]
CommitteeNumber = Annotated[int, Whole(least=1, most=MAX_EPOCH)]
ShareIndex = Annotated[int, Whole(least=1, most=MAX_SHARE_INDEX)]
Threshold = Annotated[int, Whole(least=2, most=MAX_MEMBERS)]
Octets64 = Annotated[bytes, Octets(_PROOF_BYTES)]
PeerUrl = Annotated[str, Text(VISIBLE, most=MAX_PEER_URL)]
Parties = Annotated[tuple[ParticipantId, ...], Items(least=1, most=MAX_MEMBERS)]
StepJws = Annotated[str, Text(COMPACT_JWS, least=5, most=MAX_STEP)]


class CeremonyKind(StrEnum):
    """The purposes of a ceremony."""

    GENESIS = "GENESIS"
    """A new joint key."""
    REFRESH = "REFRESH"
    """New shares of the same key for the same custodians, or for those of them that take part."""
    RESHARING = "RESHARING"
    """New shares of the same key for other custodians, or under another threshold."""


class Step(StrEnum):
    """The steps of a party, in their order; COMPLAINT stands in place of CONFIRM."""

    JOIN = "JOIN"
    DEAL = "DEAL"
    ECHO = "ECHO"
    CONFIRM = "CONFIRM"
    COMPLAINT = "COMPLAINT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A custodian's place in a committee: the index of its share, its address, and the key that signs its steps."""

    index: ShareIndex
    custodian: ParticipantId
    url: PeerUrl
    key_id: KeyId
    public_key: Octets32


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Seat):
    """A member of a committee; ``share_public_key`` is PK_i."""

    share_public_key: Octets32


@dataclass(frozen=True, slots=True, kw_only=True)
class Committee:
    """The holders of one sharing of an epoch's key; gateways pin it by ``epoch`` and ``committee``.

    Members stand in the order of their indices. ``committee`` numbers the sharings of an epoch.
    """

    epoch: Epoch
    committee: CommitteeNumber
    threshold: Threshold
    joint_public_key: Octets32
    members: Annotated[tuple[Member, ...], Items(least=2, most=MAX_MEMBERS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The terms of a ceremony, which each party accepts by its first step.

    ``members`` are the future committee in the order of indices; ``dealers`` are the parties that deal, by name:
    all members of a GENESIS or REFRESH, and at least the former threshold of former members for a RESHARING.
    """

    kind: CeremonyKind
    epoch: Epoch
    committee: CommitteeNumber
    threshold: Threshold
    least: Annotated[int, Whole(least=2, most=MAX_MEMBERS)]
    """The fewest members with which the ceremony starts anew without a party that was found at fault."""
    members: Annotated[tuple[Seat, ...], Items(least=2, most=MAX_MEMBERS)]
    dealers: Parties
    former: Committee | None = None
    """The committee whose key goes on; absent for a GENESIS."""
    former_canary: Octets32 | None = None
    keep_days: Annotated[int, Whole(least=0, most=MAX_KEEP_DAYS)]
    """Days from the new committee's entry in the log until the former shares are deleted."""
    ends_at: dt.datetime
    """Nobody confirms after this moment."""
    nonce: Octets16
    follows: HexDigest | None = None
    """The id of the ceremony that this one follows without a party at fault."""
    without: ParticipantId | None = None
    """That party."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """A party accepts the proposal. A dealer commits to its commitments; a member names a sealing key per dealer.

    ``sealing_keys`` stand in the order of the proposal's dealers; a party that only deals has none.
    """

    ceremony: HexDigest
    party: ParticipantId
    commitments_digest: HexDigest | None = None
    sealing_keys: Annotated[tuple[Octets32, ...], Items(least=0, most=MAX_MEMBERS)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A dealer reveals its commitments; ``sealed`` are the SHA-256 of the sealed parts in the order of members.

    ``joins`` is the digest of all JOIN steps. ``proof`` shows possession of the constant; a REFRESH has none.
    """

    ceremony: HexDigest
    party: ParticipantId
    joins: HexDigest
    commitments: Annotated[tuple[Octets32, ...], Items(least=1, most=MAX_MEMBERS)]
    proof: Octets64 | None = None
    sealed: Annotated[tuple[HexDigest, ...], Items(least=2, most=MAX_MEMBERS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """A party says which DEAL steps it has: ``deals`` is the digest of them all."""

    ceremony: HexDigest
    party: ParticipantId
    deals: HexDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """A party confirms the committee. A member shows that its share works: its evaluation of the canary, with proof."""

    ceremony: HexDigest
    party: ParticipantId
    committee: HexDigest
    evaluated_canary: Octets32 | None = None
    proof: Octets64 | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A member reveals the private sealing key that it made for one dealer: whoever opens the part knows who is wrong.

    It shows that one part and no other, of a ceremony that ends with it.
    """

    ceremony: HexDigest
    party: ParticipantId
    against: ParticipantId
    sealing_key: Octets32 = field(repr=False)


STEP_TYPES: Final = {step: f"clearline-ceremony-{step.lower()}+jws" for step in Step}
STEP_MESSAGES: Final = {
    Step.JOIN: Join,
    Step.DEAL: Deal,
    Step.ECHO: Echo,
    Step.CONFIRM: Confirm,
    Step.COMPLAINT: Complaint,
}
AnyStep = Join | Deal | Echo | Confirm | Complaint


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedStep:
    """A step on its way between custodians; a DEAL brings its sealed parts, in the order of members."""

    step: Step
    jws: StepJws
    sealed: Annotated[tuple[Annotated[bytes, Octets(_SEALED_BYTES)], ...], Items(least=0, most=MAX_MEMBERS)] = field(
        default=(), repr=False
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """All that a custodian holds of a ceremony: the proposal, and the steps of every party."""

    proposal: Proposal
    steps: Annotated[tuple[SignedStep, ...], Items(least=0, most=MAX_STEPS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The latest committee of the latest epoch of which a custodian serves a share."""

    epoch: Epoch
    committee: CommitteeNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """The ids of the ceremonies that a custodian holds and that have not ended, newest first.

    ``newest`` tells a custodian that was away that the others have gone on; absent before the first ceremony.
    """

    ceremonies: Annotated[tuple[HexDigest, ...], Items(least=0, most=16)]
    newest: Newest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """Everything public of a complete ceremony, the same to the byte at each party.

    ``steps`` are JOIN, DEAL, ECHO and CONFIRM of each party, by step and then by the party's name.
    """

    proposal: Proposal
    steps: Annotated[tuple[StepJws, ...], Items(least=1, most=MAX_STEPS)]


MAX_TRANSCRIPT: Final = 1024 * 1024
"""Bytes of a transcript."""
MAX_CORE: Final = 64 * 1024
"""Bytes of an entry's core."""
MAX_CEREMONIES: Final = 1_000
"""Most committees of one answer: those of eighty years, if shares are refreshed every month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCeremony:
    """A custodian's report of a complete ceremony: its transcript's canonical JSON."""

    transcript: Annotated[str, Text(r"[ -~]+", least=2, most=MAX_TRANSCRIPT)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceremony:
    """A ceremony as the registry keeps it: the committee that it made, and its entry in the access log."""

    ceremony: HexDigest
    kind: CeremonyKind
    committee: Committee
    committee_digest: HexDigest
    canary: Octets32
    transcript_digest: HexDigest
    keep_days: Annotated[int, Whole(least=0, most=MAX_KEEP_DAYS)]
    formed_at: dt.datetime
    log_entry_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCeremony(Ceremony):
    """A ceremony with its transcript, and its entry opened: the receipt of the entry proves the salted core."""

    transcript: Annotated[str, Text(r"[ -~]+", least=2, most=MAX_TRANSCRIPT)]
    core: Annotated[str, Text(r"[ -~]+", least=2, most=MAX_CORE)]
    """The canonical JSON of the entry's core."""
    core_salt: Octets32 = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceremonies:
    """The committees that were formed, oldest first; of more than fit the newest."""

    ceremonies: Annotated[tuple[Ceremony, ...], Items(least=0, most=MAX_CEREMONIES)]
