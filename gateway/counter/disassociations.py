"""Keeps a subject apart from a household: document and household are shown here, and nothing but tokens leaves."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from client.errors import ApplicationInvalid
from gateway.identity.documents import RawIdentity, identify
from gateway.tools import Tools
from protocol.codes import RebuttalGround
from protocol.messages.disassociations import NewRebuttal


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """Who does not belong to which household, why, and the SHA-256 of what was shown; this carrier keeps that."""

    identity: RawIdentity
    """The households to be rebutted are the ones in it: a register number, an address, or both."""
    ground: RebuttalGround
    evidence_digest: bytes = field(repr=False)


def rebut(
    tools: Tools, separation: Separation, *, today: dt.date, idempotency_key: str | None = None
) -> dict[str, Any]:
    """The registry's rebuttal; raises ``ApplicationInvalid`` for a bad document, or households that give no key."""
    _, inputs = identify(separation.identity, today=today)
    if len(inputs.present()) == 1:
        raise ApplicationInvalid("household", "NO_HOUSEHOLD_KEY")
    [tokens] = tools.tokeniser.tokens([inputs])
    filing = NewRebuttal(tokens=tokens, ground=separation.ground, evidence_digest=separation.evidence_digest)
    return tools.registry.rebut_household(filing, idempotency_key=idempotency_key)
