"""The messages between a gateway and a key custodian: blinded elements out, evaluated elements and a proof back."""

from dataclasses import dataclass, field
from typing import Annotated, Final

from protocol.encodings import MAX_JSON_INTEGER
from protocol.wire.fields import Octets32
from protocol.wire.kinds import Items, Octets, Whole

MAX_ELEMENTS: Final = 1_000
"""Most elements in one evaluation."""
_PROOF_BYTES: Final = 64
_Positive = Annotated[int, Whole(least=1, most=MAX_JSON_INTEGER)]
Epoch = _Positive
"""The number of a joint key."""
Committee = Annotated[int, Whole(least=1, most=2**31 - 1)]
"""The number of a committee within its key epoch: those who hold shares of the key at one time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRequest:
    """Blinded elements for one custodian."""

    epoch: _Positive
    blinded_elements: Annotated[tuple[Octets32, ...], Items(least=1, most=MAX_ELEMENTS)] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationAnswer:
    """A custodian's evaluated elements, in the request's order, and one DLEQ proof over them all."""

    epoch: _Positive
    index: _Positive
    evaluated_elements: Annotated[tuple[Octets32, ...], Items(least=0, most=MAX_ELEMENTS)] = field(repr=False)
    proof: Annotated[bytes, Octets(_PROOF_BYTES)] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodianKey:
    """The share that a custodian holds, by its public keys: to compare with pinned ones, never to pin from."""

    index: _Positive
    epoch: _Positive
    threshold: _Positive
    public_key: Octets32
    joint_public_key: Octets32
