"""Proposes an organisation for the red list; a natural person's document is refused before anything leaves."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from client.errors import ApplicationInvalid
from gateway.identity.documents import RawIdentity, SubjectInputs, identify
from gateway.tools import Tools
from protocol.codes import RedListGround
from protocol.messages.red_list import RedListProposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Which organisation, why, and the Beijing date on which its entry is to end (that day not included)."""

    identity: RawIdentity
    ground: RedListGround
    expires_on: dt.date


def propose(
    tools: Tools, candidate: Candidate, *, today: dt.date, idempotency_key: str | None = None
) -> dict[str, Any]:
    """The registry's entry, PROPOSED; raises ``ApplicationInvalid`` for a document that names no organisation."""
    document, inputs = identify(candidate.identity, today=today)
    if document.is_natural_person:
        raise ApplicationInvalid("document.kind", "NOT_AN_ORGANISATION")
    [tokens] = tools.tokeniser.tokens([SubjectInputs(subject=inputs.subject)])
    proposal = RedListProposal(
        tokens=tokens, organisation=True, ground=candidate.ground, expires_on=candidate.expires_on
    )
    return tools.registry.propose_red_list(proposal, idempotency_key=idempotency_key)
