"""Writes the facts of a committee's log entry, which the registry logs and everybody else compares."""

from ceremony.standing import Formed
from protocol.log_entries import Facts


def committee_facts(formed: Formed) -> Facts:
    """Return the facts of ``committee.formed``; a transcript gives exactly one set of them.

    Keys, commitments and digests are hexadecimal. ``members`` has one word for each member, by index:
    ``index:custodian:PK_i``; ``commitments`` one for each dealer, by name: ``custodian:C_0:C_1:...``; single spaces
    stand between words. 24 members with a threshold of 24 fill 43,000 characters, and the longest core has 65,536.
    """
    committee = formed.committee
    members = [
        f"{each.index}:{each.custodian}:{each.share_public_key.hex()}"
        for each in sorted(committee.members, key=lambda each: each.index)
    ]
    commitments = [
        ":".join((dealer, *(each.hex() for each in formed.commitments[dealer])))
        for dealer in sorted(formed.commitments)
    ]
    facts: dict[str, str | int] = {
        "epoch": committee.epoch,
        "committee": committee.committee,
        "kind": formed.proposal.kind.value,
        "ceremony": formed.ceremony,
        "threshold": committee.threshold,
        "public_key": committee.joint_public_key.hex(),
        "members": " ".join(members),
        "commitments": " ".join(commitments),
        "canary": formed.canary.hex(),
        "committee_digest": formed.committee_digest,
        "transcript_digest": formed.transcript_digest,
        "keep_days": formed.proposal.keep_days,
    }
    if formed.former_digest is not None:
        facts["former_digest"] = formed.former_digest
    return facts
