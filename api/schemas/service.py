"""Problems, the published rules, and what a monitor asks."""

from marshmallow import fields

from api.schemas.fields import Code, Day, Items, Part, StrictSchema, Text, Whole, YesNo
from api.schemas.names import rules_name
from api.schemas.records import MAX_COUNT
from protocol.encodings import MAX_FEN
from registry.domain.money import DebtPart


class FieldErrorSchema(StrictSchema):
    """Which member is wrong and why; members that we do not know are not named."""

    field = fields.String(required=True)
    code = fields.String(required=True)


class ProblemSchema(StrictSchema):
    """A problem document (RFC 9457): ``type`` is stable, nothing of the request is repeated."""

    type = Text("urn:clearline:problem:[a-z-]+", most=100, required=True)
    title = fields.String(required=True)
    status = Whole(least=400, most=599, required=True)
    detail = fields.String()
    errors = fields.List(fields.Nested(FieldErrorSchema))


class RulesQuerySchema(StrictSchema):
    """Which day's rules are asked for."""

    at = Day(metadata={"description": "A date in Beijing; today when absent."})


class RulesVersionSchema(StrictSchema):
    """A version and the day it came into force."""

    version = rules_name(required=True)
    effective_from = Day(required=True)


class RulesSchema(StrictSchema):
    """The figures in force on a day: money in fen, rates in parts per million."""

    version = rules_name(required=True)
    effective_from = Day(required=True)
    minimum_principal_fen = Whole(least=0, most=MAX_FEN, required=True)
    minimum_days_past_due = Whole(least=0, most=MAX_COUNT, required=True)
    notice_lead_days = Whole(least=0, most=MAX_COUNT, required=True)
    late_fee_daily_ppm = Whole(least=0, most=MAX_COUNT, required=True)
    late_fee_cap_ppm = Whole(least=0, most=MAX_COUNT, required=True)
    quote_valid_hours = Whole(least=0, most=MAX_COUNT, required=True)
    decision_token_minutes = Whole(least=0, most=MAX_COUNT, required=True)
    red_list_max_days = Whole(least=0, most=MAX_COUNT, required=True)
    allocation = Items(Code(DebtPart), least=len(DebtPart), most=len(DebtPart), required=True)
    settlement_tolerance_fen = Whole(least=0, most=MAX_FEN, required=True)
    dispute_answer_days = Whole(least=0, most=MAX_COUNT, required=True)
    dispute_close_days = Whole(least=0, most=MAX_COUNT, required=True)
    dispute_lapse_days = Whole(least=0, most=MAX_COUNT, required=True)
    victim_marker_months = Whole(least=0, most=MAX_COUNT, required=True)
    reversal_max_days = Whole(least=0, most=MAX_COUNT, required=True)
    plan_grace_days = Whole(least=0, most=MAX_COUNT, required=True)
    versions = Items(Part(RulesVersionSchema), least=1, most=MAX_COUNT, required=True)


class HealthSchema(StrictSchema):
    """The process answers."""

    alive = YesNo(required=True)


class ReadinessSchema(StrictSchema):
    """The registry can take work."""

    ready = YesNo(required=True)
