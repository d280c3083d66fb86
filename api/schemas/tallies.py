"""Custodians' tallies, and the registry's own counts to hold them against."""

from api.schemas.fields import Day, Identifier, Items, Moment, Part, StrictSchema, Text, Whole
from api.schemas.names import COMPACT_JWS, MAX_COUNT, participant_id
from protocol.messages.tallies import MAX_CARRIERS, MAX_ELEMENTS, MAX_EPOCH, MAX_SHARE_INDEX

MAX_STATEMENT = 16_384
"""Longer than a settlement: every carrier is named in it."""
MAX_TALLIES = 1_000
MAX_SENDERS = 10_000


def statement() -> Text:
    """The custodian's compact JWS."""
    return Text(COMPACT_JWS, least=5, most=MAX_STATEMENT, required=True)


class NewTallySchema(StrictSchema):
    """A custodian's word on a UTC day that is over: its compact JWS, see docs/spec/tallies.md."""

    statement = statement()


class CarrierTallySchema(StrictSchema):
    """How many elements the custodian evaluated for a carrier."""

    carrier = participant_id(required=True)
    elements = Whole(least=1, most=MAX_ELEMENTS, required=True)


class TallySchema(StrictSchema):
    """A tally as it is kept; ``log_entry_id`` names its entry in the access log."""

    custodian = participant_id(required=True)
    day = Day(required=True)
    epoch = Whole(least=1, most=MAX_EPOCH, required=True)
    share_index = Whole(least=1, most=MAX_SHARE_INDEX, required=True)
    carriers = Items(Part(CarrierTallySchema), least=0, most=MAX_CARRIERS, required=True)
    total = Whole(least=0, most=MAX_CARRIERS * MAX_ELEMENTS, required=True)
    received_at = Moment(required=True)
    log_entry_id = Identifier(required=True)


class SignedTallySchema(TallySchema):
    """A tally with what its custodian signed."""

    statement = statement()


class CountedSchema(StrictSchema):
    """What the registry counted of one carrier: inquiries, and reported rows whatever became of them."""

    carrier = participant_id(required=True)
    inquiries = Whole(least=0, most=MAX_COUNT, required=True)
    reports = Whole(least=0, most=MAX_COUNT, required=True)


class TalliesQuerySchema(StrictSchema):
    """Which UTC day; it has to be over."""

    day = Day(required=True)


class TalliesSchema(StrictSchema):
    """One UTC day: the tallies of all custodians, and beside them what the registry's log counts."""

    day = Day(required=True)
    tallies = Items(Part(SignedTallySchema), least=0, most=MAX_TALLIES, required=True)
    counted = Items(Part(CountedSchema), least=0, most=MAX_SENDERS, required=True)
