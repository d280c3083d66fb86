"""Problems, and what a monitor asks."""

from marshmallow import fields

from api.schemas.fields import StrictSchema, Text, Whole, YesNo
from api.schemas.names import participant_id
from protocol.encodings import MAX_JSON_INTEGER
from protocol.incarnation import FIRST, MOST

MAX_SECONDS = 2**40


class FieldErrorSchema(StrictSchema):
    """Which member is wrong and why; members that we do not know are not named."""

    field = fields.String(required=True)
    code = fields.String(required=True)


class ProblemSchema(StrictSchema):
    """A problem document (RFC 9457): ``type`` is stable, nothing of the request is repeated.

    ``missing_fen`` goes with ``not-in-full``: what the settlement left of the debt on its own day; ``incarnation``
    with ``incarnation-differs``: the registry's own; ``creditor`` with ``record-transferred``: who has the debt now.
    """

    type = Text("urn:clearline:problem:[a-z-]+", most=100, required=True)
    title = fields.String(required=True)
    status = Whole(least=400, most=599, required=True)
    detail = fields.String()
    missing_fen = Whole(least=1, most=MAX_JSON_INTEGER)
    incarnation = Whole(least=FIRST, most=MOST)
    creditor = participant_id()
    errors = fields.List(fields.Nested(FieldErrorSchema))


class HealthSchema(StrictSchema):
    """The process answers."""

    alive = YesNo(required=True)


class LoopRoundSchema(StrictSchema):
    """A loop of the registry: the age of its last finished round, null where none is known."""

    loop = Text("[a-z-]+", most=32, required=True)
    age_seconds = Whole(least=0, most=MAX_SECONDS, required=True, allow_none=True)
    late = YesNo(required=True)


class ReadinessSchema(StrictSchema):
    """Whether the registry can take work, and the alarms that stand, by their codes."""

    ready = YesNo(required=True)
    alarms = fields.List(Text("[a-z-]+", most=64), required=True)
    log_behind_seconds = Whole(least=0, most=MAX_SECONDS, required=True, allow_none=True)
    rounds = fields.List(fields.Nested(LoopRoundSchema), required=True)
    incarnation = Whole(least=FIRST, most=MOST, required=True, allow_none=True)
