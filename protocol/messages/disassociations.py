"""A subject shown not to belong to a household."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from protocol.codes import RebuttalGround
from protocol.messages.tokens import SubjectTokens
from protocol.states import HouseholdKind, RebuttalState
from protocol.wire.fields import Octets32, ParticipantId, RulesName
from protocol.wire.kinds import Items


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
