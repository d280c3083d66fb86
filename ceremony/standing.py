"""Defines the states of a ceremony as anybody can read them off its steps."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ceremony.errors import FaultCode
from protocol.messages.ceremonies import Committee, Proposal, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Steps of this kind are still due from these parties."""

    step: Step
    parties: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreeing:
    """These parties name other steps of this kind than the board has: somebody has shown two, and both will arrive."""

    step: Step
    parties: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A proven fault ended the ceremony; ``party`` is at fault, or nobody is named."""

    fault: FaultCode
    party: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Formed:
    """A complete ceremony: its committee and everything that a log entry, a pin or an auditor needs of it."""

    ceremony: str
    proposal: Proposal
    committee: Committee
    committee_digest: str
    former_digest: str | None
    """The digest of the former committee; None for a new key."""
    canary: bytes
    """k * H(canary) of the epoch, the same for all of its committees."""
    commitments: Mapping[str, tuple[bytes, ...]] = field(repr=False)
    """Each dealer's commitments, by name."""
    transcript: bytes = field(repr=False)
    """The transcript's canonical JSON, the same to the byte at each party."""
    transcript_digest: str


Standing = Waiting | Disagreeing | Ended | Formed
