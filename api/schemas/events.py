"""What participants are told of."""

from marshmallow import fields

from api.schemas.fields import (
    Code,
    Identifier,
    Items,
    Moment,
    Part,
    StrictSchema,
    Text,
    Whole,
    WholeInQuery,
    YesNo,
)
from api.schemas.names import VISIBLE, participant_id
from protocol.codes import EventKind
from protocol.encodings import MAX_JSON_INTEGER
from protocol.incarnation import FIRST, MOST
from protocol.names import MAX_URL

MAX_EVENTS = 500
MAX_POSITION = MAX_JSON_INTEGER
MAX_ATTEMPTS = 2**31 - 1


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
    """A piece of the feed; ``next`` is what to pass as ``after``, ``more`` says that there is more already.

    ``oldest`` is the first position that is still kept: where it is greater than ``after`` + 1, what stood between was
    dropped. A position holds the registry's ``incarnation`` too: no place is told twice after a restore.
    """

    events = Items(Part(EventSchema), least=0, most=MAX_EVENTS, required=True)
    next = Whole(least=0, most=MAX_POSITION, required=True)
    more = YesNo(required=True)
    oldest = Whole(least=1, most=MAX_POSITION, required=True)
    incarnation = Whole(least=FIRST, most=MOST, required=True)


class NewWebhookSchema(StrictSchema):
    """Where to deliver, and from which position on; an earlier position is a replay."""

    url = Text(VISIBLE, most=MAX_URL, required=True)
    after = Whole(least=0, most=MAX_POSITION, load_default=0)


class DeadLetterSchema(StrictSchema):
    """Events that could not be delivered; the feed still has them."""

    first_position = Whole(least=1, most=MAX_POSITION, required=True)
    last_position = Whole(least=1, most=MAX_POSITION, required=True)
    attempts = Whole(least=1, most=MAX_ATTEMPTS, required=True)
    reason = Text("[a-z0-9-]+", most=32, required=True)
    given_up_at = Moment(required=True)


class WebhookSchema(StrictSchema):
    """A webhook and how far it is; ``dead_letters`` are the newest first."""

    participant_id = participant_id(required=True)
    url = Text(VISIBLE, most=MAX_URL, required=True)
    registered_at = Moment(required=True)
    position = Whole(least=0, most=MAX_POSITION, required=True)
    attempts = Whole(least=0, most=MAX_ATTEMPTS, required=True)
    next_attempt_at = Moment(required=True)
    dead_letters = Items(Part(DeadLetterSchema), least=0, most=100, required=True)
