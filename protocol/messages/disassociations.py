"""A household rebuttal as it crosses from a carrier's gateway to the registry."""

from dataclasses import dataclass, field
from typing import Any

from protocol.codes import RebuttalGround
from protocol.encodings import b64url_encode
from protocol.messages.inquiries import SubjectTokens


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdRebuttal:
    """Which subject does not belong to which household or two, why, and the SHA-256 of what it showed."""

    tokens: SubjectTokens
    ground: RebuttalGround
    evidence_digest: bytes = field(repr=False)

    def to_wire(self) -> dict[str, Any]:
        return {
            "tokens": self.tokens.to_wire(),
            "ground": self.ground.value,
            "evidence_digest": b64url_encode(self.evidence_digest),
        }
