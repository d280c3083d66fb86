"""The messages between a gateway and a key custodian: blinded elements out, evaluated elements and a proof back."""

from dataclasses import dataclass, field
from typing import Any, Final

from protocol.encodings import b64url_decode, b64url_encode

ELEMENT_BYTES: Final = 32
PROOF_BYTES: Final = 64
MAX_ELEMENTS: Final = 1_000
"""Most elements in one evaluation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRequest:
    """Blinded elements for one custodian: 1 to ``MAX_ELEMENTS`` of 32 bytes each."""

    epoch: int
    blinded_elements: tuple[bytes, ...] = field(repr=False)

    def to_wire(self) -> dict[str, Any]:
        return {"epoch": self.epoch, "blinded_elements": [b64url_encode(each) for each in self.blinded_elements]}


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationAnswer:
    """A custodian's evaluated elements, in the request's order, and one DLEQ proof (64 bytes) over them all."""

    epoch: int
    index: int
    evaluated_elements: tuple[bytes, ...] = field(repr=False)
    proof: bytes = field(repr=False)

    def to_wire(self) -> dict[str, Any]:
        return {
            "epoch": self.epoch,
            "index": self.index,
            "evaluated_elements": [b64url_encode(each) for each in self.evaluated_elements],
            "proof": b64url_encode(self.proof),
        }

    @classmethod
    def from_wire(cls, document: dict[str, Any]) -> "EvaluationAnswer":
        return cls(
            epoch=document["epoch"],
            index=document["index"],
            evaluated_elements=tuple(
                b64url_decode(each, length=ELEMENT_BYTES) for each in document["evaluated_elements"]
            ),
            proof=b64url_decode(document["proof"], length=PROOF_BYTES),
        )
