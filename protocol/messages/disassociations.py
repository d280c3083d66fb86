"""A subject shown not to belong to a household."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from protocol.codes import RebuttalGround
from protocol.messages.limits import MAX_OVERSEEN
from protocol.messages.tokens import SubjectTokens
from protocol.states import HouseholdKind, RebuttalState
from protocol.wire.fields import Octets32, ParticipantId, RulesName
from protocol.wire.kinds import Items, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRebuttal:
    """Tokens of the subject and of at least one household that it does not belong to.

    ``evidence_digest`` is the SHA-256 of the subject's proof, which the filer keeps and shows on demand.
    """

    tokens: SubjectTokens
    ground: RebuttalGround
    evidence_digest: Octets32 = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuttal:
    """A rebuttal with its state today; it is in force before the day ``until``."""

    rebuttal_id: UUID
    state: RebuttalState
    households: Annotated[tuple[HouseholdKind, ...], Items(least=1, most=len(HouseholdKind))]
    ground: RebuttalGround
    filed_by: ParticipantId
    filed_at: dt.datetime
    until: dt.date
    withdrawn_at: dt.datetime | None
    rules_version: RulesName


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuttalsQuery:
    """The state of the rebuttals (all by default), the rebuttal before the first, and their number."""

    state: RebuttalState | None = None
    after: UUID | None = None
    limit: Annotated[int, Whole(least=1, most=MAX_OVERSEEN)] = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuttalPage:
    """A page of rebuttals; ``next`` is the ``after`` of the next page, null on the last one. A page may be short."""

    rebuttals: Annotated[tuple[Rebuttal, ...], Items(least=0, most=MAX_OVERSEEN)]
    next: UUID | None
