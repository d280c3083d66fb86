"""One operation of the local service, and the refusals that follow from its form."""

from dataclasses import dataclass
from typing import Any, Final

from gateway.local.contract.answers import Merged
from gateway.local.tokens import Scope
from protocol.problems import Problem

_EVERY_CALL: Final = (Problem.BAD_REQUEST, Problem.INTERNAL)
_WITH_A_TOKEN: Final = (
    Problem.TOKEN_MISSING,
    Problem.TOKEN_UNKNOWN,
    Problem.SCOPE_MISSING,
    Problem.UNAVAILABLE,
    Problem.KEY_CHANGED,
)
_WITH_A_BODY: Final = (
    Problem.MALFORMED_BODY,
    Problem.MEDIA_TYPE,
    Problem.BODY_TOO_LARGE,
    Problem.INVALID_FIELD,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation; ``endpoint`` is Flask's name of its view."""

    endpoint: str
    operation_id: str
    method: str
    path: str
    scope: Scope | None
    """None: open, without a token."""
    summary: str
    description: str = ""
    body: type[Any] | None = None
    has_key: bool = False
    """It takes an Idempotency-Key, which may be absent."""
    answer: Merged | type[Any] | None = None
    """None: the answer is this document, or has no content (204)."""
    answered: tuple[tuple[int, str], ...] = ((200, "The answer."),)
    """Each status of a good answer, and its meaning."""
    passed_on: tuple[Problem, ...] = ()
    """The registry's refusals that concern the caller's request."""
    is_tmf: bool = False
    """Its refusals are TM Forum's Error."""
    is_open: bool = False
    """Unknown members of its body are passed over."""
    own: tuple[Problem, ...] = ()
    """The gateway's own refusals, beside those of every call."""

    @property
    def problems(self) -> frozenset[Problem]:
        """Return every refusal that a caller may get."""
        with_a_token = _WITH_A_TOKEN if self.scope is not None else ()
        with_a_body = _WITH_A_BODY if self.body is not None else ()
        return frozenset({*_EVERY_CALL, *with_a_token, *with_a_body, *self.passed_on, *self.own})
