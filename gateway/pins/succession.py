"""Judges from nothing but a transcript whether its committee succeeds the pinned one; the log is asked elsewhere."""

from ceremony.canonical import canonical_bytes
from ceremony.errors import CeremonyRefused
from ceremony.standing import Formed
from ceremony.terms import former_seat
from ceremony.verify import verify_transcript
from gateway.pins.codes import CommitteeRefused, PinCode
from gateway.pins.values import Pins
from protocol.messages.ceremonies import Ceremony, Committee, KeptCeremony


def verify_kept(kept: KeptCeremony) -> Formed:
    """Verify the registry's transcript, and that it says what the registry says of it; raises CommitteeRefused."""
    formed = formed_by(kept.transcript.encode("ascii"))
    said = (kept.ceremony, kept.committee_digest, kept.canary, kept.transcript_digest)
    proven = (formed.ceremony, formed.committee_digest, formed.canary, formed.transcript_digest)
    if said != proven or canonical_bytes(kept.committee) != canonical_bytes(formed.committee):
        raise CommitteeRefused(PinCode.TRANSCRIPT_INVALID, "the registry names another committee than its transcript")
    return formed


def formed_by(transcript: bytes) -> Formed:
    """Verify a transcript; raises CommitteeRefused."""
    try:
        return verify_transcript(transcript)
    except CeremonyRefused as refused:
        raise CommitteeRefused(
            PinCode.TRANSCRIPT_INVALID, f"the transcript proves no committee ({refused.code}: {refused})"
        ) from None


def verify_not_forked(pins: Pins, committee: Committee) -> None:
    """Refuse a committee that cannot stand beside the pinned one; raises CommitteeRefused."""
    if committee.epoch != pins.epoch:
        return
    if committee.joint_public_key != pins.joint_public_key:
        raise CommitteeRefused(PinCode.OTHER_KEY, "another joint key stands under the pinned epoch")
    if committee.committee == pins.committee and not pins.is_of(committee):
        raise CommitteeRefused(PinCode.FORK, "another committee stands under the pinned number")


def verify_succession(pins: Pins, formed: Formed) -> None:
    """Refuse a committee unless the pinned one handed its key over to it; raises CommitteeRefused.

    A resharing or refresh is signed by each of its dealers. They are compared with what is pinned, never with what the
    proposal says of itself.
    """
    committee, proposal = formed.committee, formed.proposal
    if committee.epoch != pins.epoch:
        raise CommitteeRefused(PinCode.OTHER_EPOCH, "the committee is of another epoch, which has another key")
    verify_not_forked(pins, committee)
    if pins.canary is not None and formed.canary != pins.canary:
        raise CommitteeRefused(PinCode.OTHER_CANARY, "the committee gives the canary another token")
    if committee.committee <= pins.committee:
        raise CommitteeRefused(PinCode.NOT_NEWER, "the committee is not later than the pinned one")
    if proposal.former is None or not pins.is_of(proposal.former):
        raise CommitteeRefused(PinCode.NOT_A_SUCCESSOR, "the pinned committee is not the one that handed the key over")
    if any(member.signing_key is None for member in pins.members):
        raise CommitteeRefused(PinCode.SIGNERS_NOT_PINNED, "the settings name no signing keys of the custodians")
    pinned = {each.custodian: (each.key_id, each.signing_key) for each in pins.members}
    signed = {name: former_seat(proposal, name) for name in proposal.dealers}
    known = [
        name for name, seat in signed.items() if seat is not None and pinned.get(name) == (seat.key_id, seat.public_key)
    ]
    if len(known) < pins.threshold and len(pins.members) < len(proposal.former.members):
        raise CommitteeRefused(PinCode.SIGNERS_NOT_PINNED, "the settings do not name all of the custodians")
    if len(known) < pins.threshold:
        raise CommitteeRefused(PinCode.QUORUM_MISSING, "too few members of the pinned committee signed for it")


def names_the_same(offer: Ceremony, kept: KeptCeremony) -> bool:
    """Tell whether the registry's list and its detail are about one committee."""
    return (offer.ceremony, offer.committee_digest) == (kept.ceremony, kept.committee_digest)
