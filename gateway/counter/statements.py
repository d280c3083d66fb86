"""Asks for a subject's statement: the document is shown at this carrier's counter and nothing but its token leaves."""

import datetime as dt
from typing import Any

from gateway.identity.documents import RawIdentity, SubjectInputs, identify
from gateway.tools import Tools


def statement(
    tools: Tools, identity: RawIdentity, *, today: dt.date, idempotency_key: str | None = None
) -> dict[str, Any]:
    """What the registry holds about the subject; raises ``ApplicationInvalid`` for a document that is none."""
    _, inputs = identify(identity, today=today)
    [tokens] = tools.tokeniser.tokens([SubjectInputs(subject=inputs.subject)])
    return tools.registry.statement(tokens, idempotency_key=idempotency_key)
