"""Take a complete ceremony's transcript from one of its parties, check it, and keep its committee in the log."""

from ceremony.errors import CeremonyRefused
from ceremony.standing import Formed
from ceremony.terms import seats
from ceremony.verify import verify_transcript
from protocol.codes import Role
from protocol.messages import ceremonies as messages
from protocol.messages.ceremonies import CeremonyKind, Seat
from protocol.problems import Problem, Refusal
from registry.domain.ceremonies import KeptCommittee
from registry.domain.epochs import KeyEpoch
from registry.domain.participants import Actor
from registry.usecases.act import Act
from registry.usecases.ceremonies.keep import ceremony_message, keep_committee
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once


def report_ceremony(registry: Registry, actor: Actor, call: IdempotentCall, transcript: str) -> Outcome:
    """Log and keep a committee (201); the same transcript again, from any of its parties, gives the kept one (200).

    Raises Refusal: CEREMONY_INVALID (the transcript proves no committee; the code of ``ceremony.errors`` is its
    field's), NOT_A_PARTY (the sender takes no part), EPOCH_UNKNOWN, PARTY_UNKNOWN (a party is no custodian here or
    signs with another key; it is named), KEY_DIFFERS, COMMITTEE_NOT_NEXT (not from the last committee, a fork),
    COMMITTEE_UNPROVEN (it goes on from shares of a dealer, which nothing in the log names).
    """
    # Outside the transaction: a committee of 24 takes some tenths of a second, and nothing of it is the database's.
    formed = _verified(transcript)

    def work(act: Act) -> tuple[int, messages.Ceremony]:
        if act.actor_id not in seats(formed.proposal):
            raise Refusal(Problem.NOT_A_PARTY)
        epoch = act.tx.epochs.hold(formed.committee.epoch)
        if epoch is None:
            raise Refusal(Problem.EPOCH_UNKNOWN)
        known = act.tx.ceremonies.find(epoch.epoch, formed.committee.committee)
        if known is not None and known.transcript_digest.hex() == formed.transcript_digest:
            return 200, ceremony_message(known)
        for seat in seats(formed.proposal).values():
            _require_admitted(act, seat)
        _require_next(epoch, act.tx.ceremonies.last(epoch.epoch), formed)
        return 201, ceremony_message(keep_committee(act, formed))

    return answer_once(registry, actor, call, work)


def _verified(transcript: str) -> Formed:
    try:
        return verify_transcript(transcript.encode("ascii"))
    except CeremonyRefused as refused:
        raise Refusal(Problem.CEREMONY_INVALID, fields={"transcript": refused.code.value}) from None


def _require_admitted(act: Act, seat: Seat) -> None:
    """Refuse a party that is no custodian here under this very key: a transcript proves no more than its keys do.

    Anybody can hold a ceremony with keys of its own making and other custodians' names.
    """
    found = act.tx.participants.key(seat.key_id)
    if found is not None:
        participant, key = found
        is_custodian = Role.CUSTODIAN in participant.roles and participant.left_at is None
        named = (participant.participant_id, key.public_key) == (seat.custodian, seat.public_key)
        if is_custodian and named and key.revoked_at is None:
            return
    raise Refusal(Problem.PARTY_UNKNOWN, figures={"party": seat.custodian})


def _require_next(epoch: KeyEpoch, last: KeptCommittee | None, formed: Formed) -> None:
    """Refuse a committee that does not go on from the last one of its epoch, whose row this transaction holds."""
    if formed.committee.joint_public_key != epoch.joint_public_key:
        raise Refusal(Problem.KEY_DIFFERS)
    if last is None:
        if formed.proposal.kind is not CeremonyKind.GENESIS:
            raise Refusal(Problem.COMMITTEE_UNPROVEN)
        return
    if formed.former_digest != last.committee_digest.hex() or formed.committee.committee <= last.committee:
        raise Refusal(Problem.COMMITTEE_NOT_NEXT)
    if formed.canary != last.canary:
        raise Refusal(Problem.KEY_DIFFERS)
