"""What participants are told of."""

from marshmallow import fields

from api.schemas.fields import Code, Identifier, Items, Moment, Part, StrictSchema, Whole, WholeInQuery, YesNo
from protocol.codes import EventKind

MAX_EVENTS = 500
MAX_POSITION = 2**53 - 1


class EventsQuerySchema(StrictSchema):
    """Where to read on (behind this position) and how much."""

    after = WholeInQuery(least=0, most=MAX_POSITION, load_default=0)
    limit = WholeInQuery(least=1, most=MAX_EVENTS, load_default=100)


class EventSchema(StrictSchema):
    """One event. Positions have no gaps; ``record_id`` is for the record's creditor, ``inquiry_id`` for who asked."""

    position = Whole(least=1, most=MAX_POSITION, required=True)
    event_id = Identifier(required=True)
    kind = Code(EventKind, required=True)
    record_id = Identifier(required=True, allow_none=True)
    inquiry_id = Identifier(required=True, allow_none=True)
    facts = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "By kind: `blocks` says whether the record blocks now. Unknown members may come."},
    )
    created_at = Moment(required=True)


class EventPageSchema(StrictSchema):
    """A piece of the feed; ``next`` is what to pass as ``after``, ``more`` says that there is more already."""

    events = Items(Part(EventSchema), least=0, most=MAX_EVENTS, required=True)
    next = Whole(least=0, most=MAX_POSITION, required=True)
    more = YesNo(required=True)
