"""The daily bound on rows that take out a creditor's open records, and the second key's confirmation."""

from api.schemas.fields import Day, Moment, Part, StrictSchema, Whole
from api.schemas.names import MAX_COUNT, key_id


class NewTakeOutConfirmationSchema(StrictSchema):
    """So many more take-outs are right on ``day``, which has to be today in Beijing; at most as many as are held."""

    day = Day(required=True)
    take_outs = Whole(least=1, most=MAX_COUNT, required=True)


class TakeOutConfirmationSchema(StrictSchema):
    """What a key confirmed last on the day; ``unused`` of them are left, for rows that another key sends."""

    take_outs = Whole(least=1, most=MAX_COUNT, required=True)
    unused = Whole(least=0, most=MAX_COUNT, required=True)
    key_id = key_id(required=True)
    confirmed_at = Moment(required=True)


class TakeOutsSchema(StrictSchema):
    """The sender's present day: up to ``bound`` take-outs need no second key.

    ``held`` counts rows that were held since the day began or was confirmed last; ``held_key_id`` is the key that sent
    all of them, null where there is none, or where several did.
    """

    day = Day(required=True)
    open_at_start = Whole(least=0, most=MAX_COUNT, required=True)
    bound = Whole(least=0, most=MAX_COUNT, required=True)
    taken = Whole(least=0, most=MAX_COUNT, required=True)
    held = Whole(least=0, most=MAX_COUNT, required=True)
    held_key_id = key_id(required=True, allow_none=True)
    confirmation = Part(TakeOutConfirmationSchema, required=True, allow_none=True)
