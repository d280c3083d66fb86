"""Keep a subject apart from a household; document and household are shown here, and only tokens leave."""

import datetime as dt
from dataclasses import dataclass, field

from client.resources import disassociations
from gateway.errors import ApplicationInvalid
from gateway.identity.documents import RawIdentity, identify
from gateway.tools import Tools
from protocol.codes import RebuttalGround
from protocol.messages.disassociations import NewRebuttal, Rebuttal


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """A rebuttal as the counter takes it: subject, ground, and the SHA-256 of the proof that the carrier keeps."""

    identity: RawIdentity
    """The households to be rebutted are the ones in it: a register number, an address, or both."""
    ground: RebuttalGround
    evidence_digest: bytes = field(repr=False)


def rebut(tools: Tools, separation: Separation, *, today: dt.date, idempotency_key: str | None = None) -> Rebuttal:
    """File a rebuttal; raises ``ApplicationInvalid`` for a bad document, or households that give no key."""
    _, inputs = identify(separation.identity, today=today)
    if len(inputs.present()) == 1:
        raise ApplicationInvalid("household", "NO_HOUSEHOLD_KEY")
    [tokens] = tools.tokeniser.tokens([inputs])
    filing = NewRebuttal(tokens=tokens, ground=separation.ground, evidence_digest=separation.evidence_digest)
    return disassociations.file(tools.registry, filing, key=idempotency_key)
