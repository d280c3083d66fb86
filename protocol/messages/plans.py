"""Instalment plans."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from protocol.encodings import MAX_FEN
from protocol.messages.limits import MAX_OVERSEEN
from protocol.messages.steps import Versioned
from protocol.states import PlanState
from protocol.wire.fields import ParticipantId, RulesName
from protocol.wire.kinds import Items, Whole

MAX_INSTALMENTS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """An amount to pay, and the last day in Beijing on which it is in time."""

    due_date: dt.date
    amount_fen: Annotated[int, Whole(least=1, most=MAX_FEN)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanArrangement(Versioned):
    """The instalments that creditor and debtor agreed on; ``expected_version`` guards against a change in between."""

    record_id: UUID
    instalments: Annotated[tuple[Instalment, ...], Items(least=1, most=MAX_INSTALMENTS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan; ``broken_from`` is the day on which it breaks unless more is paid."""

    plan_id: UUID
    record_id: UUID
    state: PlanState
    instalments: Annotated[tuple[Instalment, ...], Items(least=1, most=MAX_INSTALMENTS)]
    broken_from: dt.date | None
    arranged_at: dt.datetime
    ended_at: dt.datetime | None
    rules_version: RulesName


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPlan(Plan):
    """A plan as its creditor sees it; an office is told its creditor too."""

    creditor: ParticipantId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlansQuery:
    """The state and the creditor of the plans (all by default), the plan before the first, and their number."""

    state: PlanState | None = None
    creditor: ParticipantId | None = None
    after: UUID | None = None
    limit: Annotated[int, Whole(least=1, most=MAX_OVERSEEN)] = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    """A page of plans; ``next`` is the ``after`` of the next page, null on the last one. A page may be short."""

    plans: Annotated[tuple[ShownPlan, ...], Items(least=0, most=MAX_OVERSEEN)]
    next: UUID | None
