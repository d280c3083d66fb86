"""Computes the committee that the dealers' commitments make, and one member's share of it.

With F_i the committed polynomial of dealer i, f_i its secret one, and j a member's index:

    GENESIS    PK_j = sum F_i(j)           share = sum f_i(j)            PK = sum F_i(0)
    REFRESH    PK_j = former + sum F_i(j)  share = former + sum f_i(j)   f_i(0) = 0, PK stays
    RESHARING  PK_j = sum l_i F_i(j)       share = sum l_i f_i(j)        f_i(0) = dealer i's former share, PK stays

where l_i are the Lagrange coefficients of the dealers' former indices.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from ceremony.terms import former_seat
from crypto.dkg.polynomial import committed_value, sum_elements
from crypto.errors import BadScalar
from crypto.oprf.group import check_scalar, multiply, scalar_add, scalar_from_int, scalar_mul
from crypto.oprf.threshold import lagrange_coefficients
from protocol.messages.ceremonies import CeremonyKind, Committee, Member, Proposal, Seat
from protocol.wire.codec import message_of

_REMEMBERED: Final = 4
"""A board is judged after each step; n members of threshold t cost n * n * t multiplications, once."""


def is_zero_sharing(proposal: Proposal) -> bool:
    """Tell whether dealers share the constant 0."""
    return proposal.kind is CeremonyKind.REFRESH


def committee_of(proposal: Proposal, commitments: Mapping[str, tuple[bytes, ...]]) -> Committee:
    """Compute the committee from the checked commitments of all dealers, by name; raises BadElement."""
    return _committee_of(proposal, tuple((dealer, commitments[dealer]) for dealer in proposal.dealers))


@lru_cache(maxsize=_REMEMBERED)
def _committee_of(proposal: Proposal, dealt: tuple[tuple[str, tuple[bytes, ...]], ...]) -> Committee:
    commitments = dict(dealt)
    if proposal.former is None:
        joint = sum_elements([commitments[dealer][0] for dealer in proposal.dealers])
    else:
        joint = proposal.former.joint_public_key
    weights = _weights(proposal)
    return Committee(
        epoch=proposal.epoch,
        committee=proposal.committee,
        threshold=proposal.threshold,
        joint_public_key=joint,
        members=tuple(
            message_of(Member, seat, share_public_key=_share_public_key(proposal, commitments, weights, seat))
            for seat in proposal.members
        ),
    )


def share_of(proposal: Proposal, parts: Mapping[str, bytes], *, former_share: bytes | None) -> bytes:
    """Compute a member's share from the verified parts of all dealers; a REFRESH needs its former share.

    Raises BadScalar for 0, which is no share.
    """
    weights = _weights(proposal)
    total = bytes(32)
    if is_zero_sharing(proposal):
        if former_share is None:
            raise BadScalar("a refresh needs the former share")
        total = former_share
    for dealer in proposal.dealers:
        total = scalar_add(total, scalar_mul(weights[dealer], parts[dealer]))
    check_scalar(total)
    return total


def _share_public_key(
    proposal: Proposal, commitments: Mapping[str, tuple[bytes, ...]], weights: Mapping[str, bytes], seat: Seat
) -> bytes:
    zero = is_zero_sharing(proposal)
    values = [
        multiply(weights[dealer], committed_value(commitments[dealer], seat.index, is_zero_sharing=zero))
        for dealer in proposal.dealers
    ]
    former = former_seat(proposal, seat.custodian)
    if zero and former is not None:
        values.append(former.share_public_key)
    return sum_elements(values)


def _weights(proposal: Proposal) -> dict[str, bytes]:
    one = scalar_from_int(1)
    if proposal.kind is not CeremonyKind.RESHARING or proposal.former is None:
        return dict.fromkeys(proposal.dealers, one)
    index_of = {each.custodian: each.index for each in proposal.former.members}
    coefficients = lagrange_coefficients(index_of[dealer] for dealer in proposal.dealers)
    return {dealer: coefficients[index_of[dealer]] for dealer in proposal.dealers}
