"""Problems, and the answers to a monitor."""

from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from protocol.encodings import MAX_JSON_INTEGER
from protocol.incarnation import FIRST, MOST
from protocol.names import MAX_COUNT
from protocol.wire.fields import ParticipantId
from protocol.wire.kinds import Items, OpenText, Text, Whole

MAX_SECONDS: Final = 2**40


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """A wrong member and its fault; unknown members are not named."""

    field: Annotated[str, OpenText()]
    code: Annotated[str, OpenText()]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemDocument:
    """A problem document (RFC 9457): ``type`` is stable, nothing of the request is repeated.

    ``missing_fen`` goes with ``not-in-full``: the rest of the debt after the settlement on its own day; ``incarnation``
    with ``incarnation-differs``: the registry's own; ``creditor`` with ``record-transferred``: the debt's present one;
    ``activation_id`` with ``already-reported``: the report that stands; ``left_fen`` with ``more-than-left``: the rest
    of the deposit; ``party`` with ``party-unknown``: the custodian whose key is not the admitted one.
    """

    type: Annotated[str, Text("urn:clearline:problem:[a-z-]+", most=100)]
    title: Annotated[str, OpenText()]
    status: Annotated[int, Whole(least=400, most=599)]
    detail: Annotated[str, OpenText()] | None = None
    missing_fen: Annotated[int, Whole(least=1, most=MAX_JSON_INTEGER)] | None = None
    incarnation: Annotated[int, Whole(least=FIRST, most=MOST)] | None = None
    creditor: ParticipantId | None = None
    activation_id: UUID | None = None
    left_fen: Annotated[int, Whole(least=1, most=MAX_JSON_INTEGER)] | None = None
    party: ParticipantId | None = None
    errors: Annotated[tuple[FieldError, ...], Items(least=0, most=MAX_COUNT)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The process answers."""

    alive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopRound:
    """A loop of the registry: the age of its last finished round, null where none is known."""

    loop: Annotated[str, Text("[a-z-]+", most=32)]
    age_seconds: Annotated[int, Whole(least=0, most=MAX_SECONDS)] | None
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """The registry's ability to take work, and the standing alarms, by their codes."""

    ready: bool
    alarms: Annotated[tuple[Annotated[str, Text("[a-z-]+", most=64)], ...], Items(least=0, most=MAX_COUNT)]
    log_behind_seconds: Annotated[int, Whole(least=0, most=MAX_SECONDS)] | None
    rounds: Annotated[tuple[LoopRound, ...], Items(least=0, most=MAX_COUNT)]
    incarnation: Annotated[int, Whole(least=FIRST, most=MOST)] | None
