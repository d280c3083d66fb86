"""Ask for a subject's statement: the document is shown at this carrier's counter and only its token leaves."""

import datetime as dt

from client.resources import statements
from gateway.identity.documents import RawIdentity, SubjectInputs, identify
from gateway.tools import Tools
from protocol.messages.statements import Statement


def give(tools: Tools, identity: RawIdentity, *, today: dt.date, idempotency_key: str | None = None) -> Statement:
    """Ask for the statement; raises ``ApplicationInvalid`` for an invalid document."""
    _, inputs = identify(identity, today=today)
    [tokens] = tools.tokeniser.tokens([SubjectInputs(subject=inputs.subject)])
    return statements.give(tools.registry, tokens, key=idempotency_key)
