"""Makes the demonstration's parties, whose custodians make their key in a ceremony of their own processes."""

import hashlib
from typing import Final

from ceremony.standing import Formed
from cli.demo.ceremony import Parties, make_homes, pin_committee
from cli.demo.ceremony_steps import FIRST, finish, join, propose
from cli.demo.launch import start_missing, wait_healthy
from cli.demo.plan import THRESHOLD, Plan
from cli.demo.processes import Done, Household
from cli.demo.settings_files import custodian_name
from cli.demo.watching import known_custodians
from cli.output import say
from protocol.encodings import b64url_encode

_SHOWN: Final = 16


def make_parties_together(servers: Household, plan: Plan) -> Parties:
    """Make everybody's keys, start the custodians, and let them make theirs; raises Failure."""
    parties = make_homes(plan.var, plan.addresses)
    known = known_custodians(plan, parties)
    start_missing(servers, known)
    wait_healthy(servers, known)
    members = (word for index in parties.custodians for word in ("--member", f"{custodian_name(index)}={index}"))
    ceremony = propose(servers, parties, "--kind", "genesis", "--threshold", str(THRESHOLD), *members)
    joined = join(servers, parties, ceremony)
    formed = finish(servers, parties, ceremony, [FIRST])
    _tell(joined, formed)
    pin_committee(plan.var, plan.addresses, formed)
    return parties


def _tell(joined: dict[str, Done], formed: Formed) -> None:
    """Print what everybody may know of the ceremony."""
    committee = formed.committee
    say(f"The custodians made a key together (ceremony {formed.ceremony[:_SHOWN]}); no process ever held it:")
    for member in committee.members:
        process, public = joined[member.custodian].pid, b64url_encode(member.share_public_key)[:_SHOWN]
        say(f"  {member.custodian} made share {member.index} in process {process}; its public part is {public}...")
    count = f"{committee.threshold} of {len(committee.members)}"
    say(f"  the joint key, of which any {count} make tokens, is {fingerprint(committee.joint_public_key)}")


def fingerprint(joint_public_key: bytes) -> str:
    """Return the first digits of the SHA-256 of a joint public key."""
    return hashlib.sha256(joint_public_key).hexdigest()[:_SHOWN]
