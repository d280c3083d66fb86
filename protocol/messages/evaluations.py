"""The messages between a gateway and a key custodian: blinded elements out, evaluated elements and a proof back."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated, Final

from protocol.encodings import MAX_JSON_INTEGER
from protocol.wire.fields import Octets32
from protocol.wire.kinds import Items, Octets, Whole

MAX_ELEMENTS: Final = 1_000
"""Most elements in one evaluation."""
MAX_COMMITTEE: Final = 2**31 - 1
_PROOF_BYTES: Final = 64
_MOST_COMMITTEES: Final = 255
_Positive = Annotated[int, Whole(least=1, most=MAX_JSON_INTEGER)]
Epoch = _Positive
"""The number of a joint key."""
Committee = Annotated[int, Whole(least=1, most=MAX_COMMITTEE)]
"""The number of a committee within its key epoch: those who hold shares of the key at one time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRequest:
    """Blinded elements for one custodian."""

    epoch: Epoch
    blinded_elements: Annotated[tuple[Octets32, ...], Items(least=1, most=MAX_ELEMENTS)] = field(repr=False)
    committee: Committee = 1
    """The committee whose share is asked for: all give the same token, but a share fits only those of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationAnswer:
    """A custodian's evaluated elements, in the request's order, and one DLEQ proof over them all."""

    epoch: Epoch
    index: _Positive
    evaluated_elements: Annotated[tuple[Octets32, ...], Items(least=0, most=MAX_ELEMENTS)] = field(repr=False)
    proof: Annotated[bytes, Octets(_PROOF_BYTES)] = field(repr=False)
    committee: Committee = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldCommittee:
    """A committee of which a custodian serves a share, by public keys and the member's index."""

    epoch: Epoch
    committee: Committee
    threshold: _Positive
    index: _Positive
    public_key: Octets32
    joint_public_key: Octets32
    retires_at: dt.datetime | None = None
    """The share is deleted at this time, since a later committee has taken over; absent: no time is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodianKey:
    """The newest share that a custodian serves, by its public keys: to compare with pinned ones, never to pin from."""

    index: _Positive
    epoch: Epoch
    threshold: _Positive
    public_key: Octets32
    joint_public_key: Octets32
    committee: Committee = 1
    committees: Annotated[tuple[HeldCommittee, ...], Items(least=0, most=_MOST_COMMITTEES)] = ()
    """All that are served, oldest first; empty from a custodian of an earlier release."""
