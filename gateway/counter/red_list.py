"""Propose an organisation for the red list; a natural person's document is refused before anything leaves."""

import datetime as dt
from dataclasses import dataclass

from client.resources import red_list
from gateway.errors import ApplicationInvalid
from gateway.identity.documents import RawIdentity, SubjectInputs, identify
from gateway.tools import Tools
from protocol.codes import RedListGround
from protocol.messages.red_list import RedListEntry, RedListProposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A proposal as the counter takes it: organisation, ground, and the Beijing date on which the entry ends."""

    identity: RawIdentity
    ground: RedListGround
    expires_on: dt.date


def propose(tools: Tools, candidate: Candidate, *, today: dt.date, idempotency_key: str | None = None) -> RedListEntry:
    """Propose an entry; raises ``ApplicationInvalid`` for a document that names no organisation."""
    document, inputs = identify(candidate.identity, today=today)
    if document.is_natural_person:
        raise ApplicationInvalid("document.kind", "NOT_AN_ORGANISATION")
    [tokens] = tools.tokeniser.tokens([SubjectInputs(subject=inputs.subject)])
    proposal = RedListProposal(
        tokens=tokens, organisation=True, ground=candidate.ground, expires_on=candidate.expires_on
    )
    return red_list.propose(tools.registry, proposal, key=idempotency_key)
