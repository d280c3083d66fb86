"""End a consent, or demand an attestation, for the subject at the counter: only its token leaves."""

import datetime as dt

from client.resources import attestations
from gateway.identity.documents import RawIdentity, SubjectInputs, identify
from gateway.tools import Tools
from protocol.messages.attestations import (
    AttestationDemand,
    ConsentWithdrawal,
    NewAttestationDemand,
    WithdrawnConsents,
)
from protocol.messages.tokens import SubjectTokens


def withdraw_consent(
    tools: Tools,
    identity: RawIdentity,
    consent_ref: bytes | None,
    *,
    today: dt.date,
    idempotency_key: str | None = None,
) -> WithdrawnConsents:
    """End the consent with this reference, or all where it is None; raises ``ApplicationInvalid`` for a document."""
    word = ConsentWithdrawal(tokens=_tokens(tools, identity, today), consent_ref=consent_ref, all=consent_ref is None)
    return attestations.withdraw_consent(tools.registry, word, key=idempotency_key)


def demand(
    tools: Tools, identity: RawIdentity, participant: str, *, today: dt.date, idempotency_key: str | None = None
) -> AttestationDemand:
    """Demand that a carrier attest how the subject pays; raises ``ApplicationInvalid`` for an invalid document."""
    new = NewAttestationDemand(tokens=_tokens(tools, identity, today), participant=participant)
    return attestations.demand(tools.registry, new, key=idempotency_key)


def _tokens(tools: Tools, identity: RawIdentity, today: dt.date) -> SubjectTokens:
    _, inputs = identify(identity, today=today)
    [tokens] = tools.tokeniser.tokens([SubjectInputs(subject=inputs.subject)])
    return tokens
