"""Ask the registry for a subject's statement."""

from client.registry import FIRM_ANSWER, RegistryClient
from protocol.messages.statements import Statement, StatementRequest
from protocol.messages.tokens import SubjectTokens


def give(registry: RegistryClient, tokens: SubjectTokens, *, key: str | None = None) -> Statement:
    """Ask for everything that is held about a subject, for the subject."""
    return registry.post("/v1/statements", StatementRequest(tokens=tokens), Statement, key=key, max_answer=FIRM_ANSWER)
