"""Checks a proposal, and derives from it what everybody has to agree on: its id, its parties, its successor."""

import hashlib
from dataclasses import replace
from typing import Final

from ceremony.canonical import canonical_bytes
from ceremony.errors import CeremonyRefused, RefusalCode
from crypto.errors import CryptoRefusal
from crypto.oprf.group import check_element
from crypto.oprf.threshold import verify_share_public_keys
from crypto.signing.keys import load_public
from protocol.messages.ceremonies import CeremonyKind, Committee, Member, Proposal, Seat

_COMMITTEE_TAG: Final = b"clearline/committee/v1\n"


def ceremony_id(proposal: Proposal) -> str:
    """Return the SHA-256 of the proposal's canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical_bytes(proposal)).hexdigest()


def committee_digest(committee: Committee) -> str:
    """Return the SHA-256 over a tag and the committee's canonical JSON, in hexadecimal: what parties confirm."""
    return hashlib.sha256(_COMMITTEE_TAG + canonical_bytes(committee)).hexdigest()


def parties(proposal: Proposal) -> tuple[str, ...]:
    """Return the names of all parties, sorted: the future members, and former ones that only deal."""
    return tuple(sorted({each.custodian for each in proposal.members} | set(proposal.dealers)))


def seats(proposal: Proposal) -> dict[str, Seat]:
    """Return each party's seat, by name: the future one, or the former one of a party that only deals."""
    former = {} if proposal.former is None else {each.custodian: each for each in proposal.former.members}
    found: dict[str, Seat] = {name: former[name] for name in proposal.dealers if name in former}
    return found | {each.custodian: each for each in proposal.members}


def former_seat(proposal: Proposal, party: str) -> Member | None:
    """Return a party's seat in the former committee, if it has one."""
    members = () if proposal.former is None else proposal.former.members
    return next((each for each in members if each.custodian == party), None)


def check_proposal(proposal: Proposal) -> None:
    """Refuse terms that contradict themselves; raises CeremonyRefused."""
    members = proposal.members
    _require(
        [each.index for each in members] == sorted({each.index for each in members}),
        "two members have one index, or they are not in its order",
    )
    _require(len(_names(proposal)) == len(set(_names(proposal))), "two members share a name")
    _require(proposal.threshold <= proposal.least <= len(members), "threshold <= least <= members does not hold")
    _require(list(proposal.dealers) == sorted(set(proposal.dealers)), "dealers repeat or are not sorted")
    _require(
        (proposal.follows is None) == (proposal.without is None),
        "a successor names its ceremony and the party left out",
    )
    if proposal.kind is CeremonyKind.GENESIS:
        _require(proposal.former is None and proposal.former_canary is None, "a new key has no former committee")
        _require(proposal.dealers == _names(proposal), "every member deals a new key")
    else:
        _check_succession(proposal)
    _check_seats(list(seats(proposal).values()))


def successor(proposal: Proposal, without: str) -> Proposal | None:
    """Return the proposal that follows without a party at fault; None where too few are left.

    Everybody derives the same one, so that nobody has to propose it. It makes the committee of the next number: a
    party that confirmed the former number confirms no other committee under it.
    """
    members = tuple(each for each in proposal.members if each.custodian != without)
    dealers = tuple(each for each in proposal.dealers if each != without)
    needed = 1 if proposal.former is None else proposal.former.threshold
    if len(members) < proposal.least or len(dealers) < needed:
        return None
    return replace(
        proposal,
        committee=proposal.committee + 1,
        members=members,
        dealers=dealers,
        follows=ceremony_id(proposal),
        without=without,
    )


def _check_seats(taken: list[Seat]) -> None:
    """Refuse two parties with one name, key or address, and a key that signs nothing."""
    for values in (
        [each.custodian for each in taken],
        [each.key_id for each in taken],
        [each.public_key for each in taken],
        [each.url for each in taken],
    ):
        _require(len(set(values)) == len(values), "two parties share a name, a key or an address")
    for seat in taken:
        try:
            load_public(seat.public_key)
        except CryptoRefusal:
            raise CeremonyRefused(RefusalCode.INVALID_TERMS, "a signing key is no Ed25519 public key") from None


def _check_succession(proposal: Proposal) -> None:
    former = proposal.former
    if former is None or proposal.former_canary is None:
        raise CeremonyRefused(RefusalCode.INVALID_TERMS, "the former committee or its canary is missing")
    check_committee(former)
    try:
        check_element(proposal.former_canary)
    except CryptoRefusal:
        raise CeremonyRefused(RefusalCode.FORMER_INVALID, "the former canary is no element") from None
    _require(former.epoch == proposal.epoch, "the former committee is of another epoch")
    _require(former.committee < proposal.committee, "the committee's number does not rise")
    _require(
        proposal.dealers and set(proposal.dealers) <= {each.custodian for each in former.members},
        "a dealer has no share",
    )
    for member in proposal.members:
        seat = former_seat(proposal, member.custodian)
        _require(
            seat is None or (seat.key_id, seat.public_key) == (member.key_id, member.public_key),
            "a former member signs with another key",
        )
    if proposal.kind is CeremonyKind.REFRESH:
        _require(proposal.threshold == former.threshold, "a refresh keeps the threshold")
        _require(proposal.dealers == _names(proposal), "every member deals in a refresh")
        stay = all(
            (seat := former_seat(proposal, member.custodian)) is not None and seat.index == member.index
            for member in proposal.members
        )
        _require(stay, "a refresh keeps its members and their indices")
    else:
        _require(len(proposal.dealers) >= former.threshold, "too few former members deal")


def check_committee(committee: Committee) -> None:
    """Refuse a committee whose public keys are no sharing of its joint key; raises CeremonyRefused."""
    keys = {each.index: each.share_public_key for each in committee.members}
    names = {each.custodian for each in committee.members}
    rises = [each.index for each in committee.members] == sorted(keys)
    try:
        if not rises or len(names) != len(committee.members):
            raise CeremonyRefused(RefusalCode.FORMER_INVALID, "members repeat or are not sorted")
        check_element(committee.joint_public_key)
        verify_share_public_keys(committee.joint_public_key, keys, committee.threshold)
    except CryptoRefusal as refused:
        raise CeremonyRefused(
            RefusalCode.FORMER_INVALID, f"the committee is no sharing of its key: {refused}"
        ) from None


def _names(proposal: Proposal) -> tuple[str, ...]:
    return tuple(sorted(each.custodian for each in proposal.members))


def _require(holds: object, message: str) -> None:
    if not holds:
        raise CeremonyRefused(RefusalCode.INVALID_TERMS, message)
