"""Builds the proposal of a ceremony from the pinned custodians and, for a further committee, the stored transcript."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ceremony.canonical import canonical_bytes, read_canonical
from ceremony.standing import Formed
from custodian.ceremonies.consent import Desk
from custodian.ceremonies.errors import CeremonyHalted, HaltCode
from protocol.messages.ceremonies import CeremonyKind, Proposal, Seat

_NONCE_BYTES: Final = 16
_MAX_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The wish of an operator; None and empty stand for what follows from the kind and the former committee.

    ``members`` are the future members' indices, by name; ``without`` are former members that are left out, and
    ``former`` is the number of the former committee (None: the newest that was formed here).
    """

    kind: CeremonyKind
    epoch: int
    threshold: int | None = None
    least: int | None = None
    committee: int | None = None
    former: int | None = None
    members: Mapping[str, int]
    dealers: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()
    keep_days: int
    ends_at: dt.datetime


def propose(wish: Wish, desk: Desk, *, random: Callable[[int], bytes]) -> Proposal:
    """Write the proposal, which ``check_terms`` has still to accept. Raises CeremonyHalted or CeremonyRefused."""
    former = None if wish.kind is CeremonyKind.GENESIS else _former(wish, desk)
    threshold = wish.threshold if former is None else wish.threshold or former.committee.threshold
    indices = _indices(wish, former)
    if threshold is None or not indices:
        raise CeremonyHalted(HaltCode.INCOMPLETE, "a new key needs a threshold and its members")
    proposal = Proposal(
        kind=wish.kind,
        epoch=wish.epoch,
        committee=wish.committee or _next_number(wish.epoch, desk, former),
        threshold=threshold,
        least=wish.least or threshold,
        members=tuple(_seat(name, index, desk) for name, index in sorted(indices.items(), key=lambda each: each[1])),
        dealers=_dealers(wish, former, indices),
        former=None if former is None else former.committee,
        former_canary=None if former is None else former.canary,
        keep_days=wish.keep_days,
        ends_at=wish.ends_at.replace(microsecond=0),
        nonce=random(_NONCE_BYTES),
    )
    return read_canonical(Proposal, canonical_bytes(proposal), max_bytes=_MAX_BYTES)


def _former(wish: Wish, desk: Desk) -> Formed:
    known = [each for each in desk.store.formed(wish.epoch) if wish.former in (None, each.committee.committee)]
    if not known:
        named = "no committee" if wish.former is None else f"no committee {wish.former}"
        raise CeremonyHalted(HaltCode.FORMER_UNKNOWN, f"{named} of epoch {wish.epoch} was formed here")
    return known[-1]


def _next_number(epoch: int, desk: Desk, former: Formed | None) -> int:
    """Return the first number above all that a ceremony of the epoch has had here."""
    used = [terms.committee for folder in desk.store.all() if (terms := folder.proposal()).epoch == epoch]
    return max(used, default=0 if former is None else former.committee.committee) + 1


def _indices(wish: Wish, former: Formed | None) -> dict[str, int]:
    stay = {} if former is None else {each.custodian: each.index for each in former.committee.members}
    chosen = dict(wish.members) if wish.members and wish.kind is not CeremonyKind.REFRESH else stay
    return {name: index for name, index in chosen.items() if name not in wish.without}


def _dealers(wish: Wish, former: Formed | None, indices: Mapping[str, int]) -> tuple[str, ...]:
    """Return who deals: all members, and in a resharing the chosen former members, or all that are not left out."""
    if former is None or wish.kind is not CeremonyKind.RESHARING:
        return tuple(sorted(indices))
    chosen = wish.dealers or tuple(each.custodian for each in former.committee.members)
    return tuple(sorted(set(chosen) - wish.without))


def _seat(name: str, index: int, desk: Desk) -> Seat:
    if name == desk.me.participant:
        return desk.me.seat(index)
    peer = next((each for each in desk.peers if each.custodian == name), None)
    if peer is None:
        raise CeremonyHalted(HaltCode.NOT_PINNED, f"{name} is not among the entries [[peer]] of the settings")
    return Seat(index=index, custodian=name, url=peer.url, key_id=peer.key_id, public_key=peer.public_key)
