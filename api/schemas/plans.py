"""Instalment plans."""

from typing import Final

from api.schemas.fields import Code, Day, Identifier, Items, Moment, Part, StrictSchema, Whole
from api.schemas.names import rules_name
from api.schemas.steps import VersionedSchema
from protocol.encodings import MAX_FEN
from registry.domain.plans import PlanState

MAX_INSTALMENTS: Final = 60


class InstalmentSchema(StrictSchema):
    """What is to be paid, and the last day in Beijing on which it is in time."""

    due_date = Day(required=True)
    amount_fen = Whole(least=1, most=MAX_FEN, required=True)


class PlanArrangementSchema(VersionedSchema):
    """What creditor and debtor agreed on; ``expected_version`` guards against a change in between."""

    record_id = Identifier(required=True)
    instalments = Items(Part(InstalmentSchema), least=1, most=MAX_INSTALMENTS, required=True)


class PlanSchema(StrictSchema):
    """A plan; ``broken_from`` is the day on which it breaks unless more is paid."""

    plan_id = Identifier(required=True)
    record_id = Identifier(required=True)
    state = Code(PlanState, required=True)
    instalments = Items(Part(InstalmentSchema), least=1, most=MAX_INSTALMENTS, required=True)
    broken_from = Day(required=True, allow_none=True)
    arranged_at = Moment(required=True)
    ended_at = Moment(required=True, allow_none=True)
    rules_version = rules_name(required=True)
