"""The messages between a gateway and a key custodian: blinded elements out, evaluated elements and a proof back."""

from dataclasses import dataclass, field
from typing import Annotated, Final

from protocol.messages.limits import MAX_EPOCH, MAX_SHARE_INDEX
from protocol.wire.fields import Octets32
from protocol.wire.kinds import Items, Octets, Whole

ELEMENT_BYTES: Final = 32
PROOF_BYTES: Final = 64
MAX_ELEMENTS: Final = 1_000
"""Most elements in one evaluation."""
Elements = Annotated[tuple[Octets32, ...], Items(least=1, most=MAX_ELEMENTS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRequest:
    """Blinded elements for one custodian."""

    epoch: Annotated[int, Whole(least=1, most=MAX_EPOCH)]
    blinded_elements: Elements = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationAnswer:
    """A custodian's evaluated elements, in the request's order, and one DLEQ proof over them all."""

    epoch: Annotated[int, Whole(least=1, most=MAX_EPOCH)]
    index: Annotated[int, Whole(least=1, most=MAX_SHARE_INDEX)]
    evaluated_elements: Elements = field(repr=False)
    proof: Annotated[bytes, Octets(PROOF_BYTES)] = field(repr=False)
