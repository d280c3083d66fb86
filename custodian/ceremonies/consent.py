"""Compares the terms of a ceremony with what this custodian knows itself, before its operator is asked for consent."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from ceremony.standing import Formed
from ceremony.terms import ceremony_id, check_proposal, committee_digest, former_seat, seats
from crypto.signing.keys import public_bytes
from custodian.ceremonies.errors import CeremonyHalted, HaltCode
from custodian.ceremonies.identity import Identity
from custodian.ceremonies.store import CeremonyStore
from custodian.settings import Peer
from custodian.share_book import ShareBook
from protocol.messages.ceremonies import Committee, Member, Proposal, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything of a custodian that terms are compared with."""

    me: Identity
    peers: tuple[Peer, ...]
    store: CeremonyStore
    book: ShareBook


def check_terms(proposal: Proposal, desk: Desk, now: dt.datetime, *, despite_later: bool = False) -> tuple[str, ...]:
    """Refuse terms that this custodian must not accept; returns lines that its operator has to know of.

    ``despite_later``: the operator says that no committee after the former one has an entry in the log.
    Raises CeremonyRefused or CeremonyHalted.
    """
    check_proposal(proposal)
    check_seats(proposal, desk.me, desk.peers)
    if proposal.follows is not None:
        raise CeremonyHalted(
            HaltCode.SUCCEEDS, f"this goes on without a party at fault: join the one before it, {proposal.follows}"
        )
    if now > proposal.ends_at:
        raise CeremonyHalted(HaltCode.OVER, "the time to confirm this ceremony is over")
    _check_number(proposal, desk)
    known = desk.store.formed(proposal.epoch)
    if proposal.former is None:
        if known or any(each.epoch == proposal.epoch for each in desk.book.held(now)):
            raise CeremonyHalted(HaltCode.EPOCH_USED, f"epoch {proposal.epoch} has a key already")
        return ()
    _check_key(proposal, proposal.former, known)
    notes = _check_former(proposal, proposal.former, desk, known, now)
    later = [each for each in known if each.committee.committee > proposal.former.committee]
    if later:
        number = later[-1].committee.committee
        seat = former_seat(proposal, desk.me.participant)
        _check_later(number, proposal.former, seat, desk, now, despite_later=despite_later)
        notes += (f"a later committee, {number}, was formed here; you say that it has no entry in the log",)
    return notes


def check_seats(proposal: Proposal, me: Identity, peers: Iterable[Peer]) -> None:
    """Refuse parties that are not those of the settings: every other one is pinned, and the own seat is ours."""
    taken = seats(proposal)
    if me.participant not in taken:
        raise CeremonyHalted(HaltCode.NOT_A_PARTY, f"{me.participant} takes no part in this ceremony")
    known = {each.custodian: (each.url, each.key_id, each.public_key) for each in peers}
    known[me.participant] = (me.url, me.signer.key_id, public_bytes(me.signer.private_key))
    for name, seat in taken.items():
        if name not in known:
            raise CeremonyHalted(HaltCode.NOT_PINNED, f"{name} is not among the entries [[peer]] of the settings")
        if known[name] != (seat.url, seat.key_id, seat.public_key):
            code = HaltCode.OTHER_SEAT if name == me.participant else HaltCode.NOT_PINNED
            raise CeremonyHalted(code, f"{name} has another address or key than the settings")


def _check_number(proposal: Proposal, desk: Desk) -> None:
    """Refuse a committee's number under which this custodian has confirmed, or holds, another committee."""
    for folder in desk.store.all():
        terms = folder.proposal()
        is_same = (terms.epoch, terms.committee) == (proposal.epoch, proposal.committee)
        if is_same and folder.ceremony != ceremony_id(proposal) and folder.has_own(Step.CONFIRM):
            raise CeremonyHalted(
                HaltCode.NUMBER_USED,
                f"this custodian confirmed another committee {proposal.committee} of epoch {proposal.epoch}: "
                "propose a higher number",
            )


def _check_key(proposal: Proposal, former: Committee, known: tuple[Formed, ...]) -> None:
    newest = known[-1] if known else None
    if newest is not None and (newest.committee.joint_public_key, newest.canary) != (
        former.joint_public_key,
        proposal.former_canary,
    ):
        raise CeremonyHalted(HaltCode.FORMER_UNKNOWN, "the former committee has another key than this epoch's")


def _check_former(
    proposal: Proposal, former: Committee, desk: Desk, known: tuple[Formed, ...], now: dt.datetime
) -> tuple[str, ...]:
    """Compare the former committee with those that this custodian helped to form, and its share with the one held."""
    seat = former_seat(proposal, desk.me.participant)
    share = desk.book.get(former.epoch, former.committee, now)
    is_known = any(each.committee_digest == committee_digest(former) for each in known)
    if share is not None and share.retires_at is not None:
        raise CeremonyHalted(
            HaltCode.FORMER_UNKNOWN, f"the share of committee {former.committee} retires: a later one has taken over"
        )
    if seat is None or desk.me.participant not in proposal.dealers:
        # It only receives: it never had a share of that committee, or has lost it and comes back.
        return () if is_known else (f"committee {former.committee} was not formed here: it is taken from the proposal",)
    if not is_known:
        raise CeremonyHalted(
            HaltCode.FORMER_UNKNOWN,
            f"committee {former.committee} was not formed here: finish its ceremony first, by joining it again",
        )
    if share is None or share.pk != seat.share_public_key:
        raise CeremonyHalted(HaltCode.FORMER_UNKNOWN, f"no share of committee {former.committee} is held here any more")
    return ()


def _check_later(
    number: int, former: Committee, seat: Member | None, desk: Desk, now: dt.datetime, *, despite_later: bool
) -> None:
    """Refuse to go on from a committee behind the one of that number, unless that one never reached the log.

    A former share that is gone says that it did; ``seat`` is this custodian's in the former committee.
    """
    if seat is not None and desk.book.get(former.epoch, former.committee, now) is None:
        raise CeremonyHalted(HaltCode.LATER_KNOWN, f"a later committee, {number}, was formed here and has taken over")
    if not despite_later:
        raise CeremonyHalted(
            HaltCode.LATER_KNOWN,
            f"a later committee, {number}, was formed here: go on from that one; only if it never had an entry in "
            "the log, and will have none, say --despite-later",
        )
