"""Log and keep a committee, and build its messages."""

import hashlib
from typing import Any, Final

from ceremony.canonical import canonical_bytes, read_canonical
from ceremony.entry import committee_facts
from ceremony.standing import Formed
from protocol.log_entries import EntryKind
from protocol.messages import ceremonies as messages
from registry.domain.ceremonies import KeptCommittee
from registry.usecases.act import Act

_MAX_COMMITTEE: Final = 64 * 1024


def keep_committee(act: Act, formed: Formed) -> KeptCommittee:
    """Write the entry and then the row of a committee that a verified transcript proves."""
    entry_id = act.new_id()
    committee = formed.committee
    kept = KeptCommittee(
        epoch=committee.epoch,
        committee=committee.committee,
        ceremony=bytes.fromhex(formed.ceremony),
        kind=formed.proposal.kind,
        threshold=committee.threshold,
        joint_public_key=committee.joint_public_key,
        document=canonical_bytes(committee).decode("ascii"),
        committee_digest=bytes.fromhex(formed.committee_digest),
        canary=formed.canary,
        transcript=formed.transcript.decode("ascii"),
        transcript_digest=hashlib.sha256(formed.transcript).digest(),
        keep_days=formed.proposal.keep_days,
        formed_at=act.now,
        log_entry_id=entry_id,
    )
    act.log(EntryKind.COMMITTEE_FORMED, entry_id, committee_facts(formed))
    act.tx.ceremonies.add(kept)
    return kept


def committee_of(kept: KeptCommittee) -> messages.Committee:
    """Read a kept committee's document."""
    return read_canonical(messages.Committee, kept.document.encode("ascii"), max_bytes=_MAX_COMMITTEE)


def ceremony_message(kept: KeptCommittee) -> messages.Ceremony:
    """Build the message without the transcript; ``log_entry_id`` is the id to ask a receipt by."""
    return messages.Ceremony(**_members(kept))


def kept_ceremony_message(kept: KeptCommittee, core: bytes, core_salt: bytes) -> messages.KeptCeremony:
    """Build the message with the transcript and the opened entry, whose reader needs to believe nothing of it."""
    return messages.KeptCeremony(
        **_members(kept), transcript=kept.transcript, core=core.decode("ascii"), core_salt=core_salt
    )


def _members(kept: KeptCommittee) -> dict[str, Any]:
    return {
        "ceremony": kept.ceremony.hex(),
        "kind": kept.kind,
        "committee": committee_of(kept),
        "committee_digest": kept.committee_digest.hex(),
        "canary": kept.canary,
        "transcript_digest": kept.transcript_digest.hex(),
        "keep_days": kept.keep_days,
        "formed_at": kept.formed_at,
        "log_entry_id": kept.log_entry_id,
    }
