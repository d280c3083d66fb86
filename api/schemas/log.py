"""The access log: what is asked of it, and what is said of its witnesses."""

from datetime import MAXYEAR, MINYEAR

from marshmallow import fields

from api.schemas.fields import (
    Code,
    Identifier,
    Items,
    Moment,
    Octets,
    Part,
    StrictSchema,
    Text,
    Whole,
    WholeInQuery,
    YesNo,
)
from api.schemas.names import VISIBLE, WITNESS_NAME, participant_id
from protocol.encodings import MAX_JSON_INTEGER
from protocol.incarnation import FIRST, MOST
from protocol.messages.log import MAX_WITNESSES, MAX_WITNESSES_EVER
from protocol.names import KEY_ID, MAX_URL
from protocol.receipts import Grade

MAX_INDEX = MAX_JSON_INTEGER
MAX_OPENINGS = 10_000
MAX_WAIT_SECONDS = 10
MAX_NAME = 255
MAX_VKEY = 512
BASE64URL = "[A-Za-z0-9_-]+"


class ConsistencyQuerySchema(StrictSchema):
    """Two sizes of the same log."""

    old = WholeInQuery(least=0, most=MAX_INDEX, required=True)
    new = WholeInQuery(least=0, most=MAX_INDEX, required=True)


class ReceiptQuerySchema(StrictSchema):
    """Which receipt, and how many seconds to wait for it."""

    grade = Code(Grade, load_default=Grade.INTEGRATED)
    wait = WholeInQuery(least=0, most=MAX_WAIT_SECONDS, load_default=0)


class OpeningsQuerySchema(StrictSchema):
    """From which place on, and over how many places."""

    start = WholeInQuery(least=0, most=MAX_INDEX, load_default=0, data_key="from")
    limit = WholeInQuery(least=1, most=MAX_OPENINGS, load_default=1_000)


class KeptRequestSchema(StrictSchema):
    """The signed request behind an entry (RFC 9421), which its signer cannot deny."""

    key_id = Text(KEY_ID, most=64, required=True)
    signature_base = Text(BASE64URL, most=65_536, required=True)
    signature = Octets(length=64, required=True)


class OpeningLineSchema(StrictSchema):
    """One line of openings: an entry's, or the closing line (`end`, `next`, `size`).

    ``erased_by`` is the entry that tells of the erasure of the personal part.
    """

    index = Whole(least=0, most=MAX_INDEX)
    id = Identifier()
    core = fields.String(metadata={"description": "Canonical JSON: with its salt it gives the public entry."})
    core_salt = Octets(length=32)
    personal = fields.String(metadata={"description": "Canonical JSON; gone once it was erased."})
    personal_salt = Octets(length=32)
    erased_by = Identifier()
    request = Part(KeptRequestSchema)
    end = YesNo()
    next = Whole(least=0, most=MAX_INDEX)
    size = Whole(least=0, most=MAX_INDEX)
    problem = fields.Dict(keys=fields.String())


class LogTreeSchema(StrictSchema):
    """One year's tree: its published size, and the code of what keeps it from taking entries."""

    year = Whole(least=MINYEAR, most=MAXYEAR, required=True)
    size = Whole(least=0, most=MAX_INDEX, required=True)
    refused = Text("[a-z-]+", most=48, required=True, allow_none=True)


class LogSchema(StrictSchema):
    """The log as its registry calls it now, and the registry's incarnation."""

    name = Text(VISIBLE, most=MAX_NAME, required=True)
    incarnation = Whole(least=FIRST, most=MOST, required=True)
    trees = Items(Part(LogTreeSchema), least=0, most=MAXYEAR, required=True)


class CosignedSchema(StrictSchema):
    """A head of this log and who cosigned it; ``quorum`` says that it is a witnessed head now."""

    size = Whole(least=0, most=MAX_INDEX, required=True)
    cosigned_by = Items(Text(WITNESS_NAME, most=MAX_NAME), least=1, most=MAX_WITNESSES, required=True)
    quorum = YesNo(required=True)


class NewWitnessSchema(StrictSchema):
    """A witness: its key name and key, and its URL where it is to be fed (c2sp.org/tlog-witness)."""

    participant_id = participant_id(required=True)
    name = Text(WITNESS_NAME, most=MAX_NAME, required=True)
    public_key = Octets(length=32, required=True)
    url = Text(VISIBLE, most=MAX_URL, load_default=None, allow_none=True)


class WitnessSchema(StrictSchema):
    """A witness; its cosignatures count until it is removed."""

    participant_id = participant_id(required=True)
    name = Text(WITNESS_NAME, most=MAX_NAME, required=True)
    public_key = Octets(length=32, required=True)
    vkey = Text(VISIBLE, most=MAX_VKEY, required=True)
    url = Text(VISIBLE, most=MAX_URL, required=True, allow_none=True)
    added_at = Moment(required=True)
    removed_at = Moment(required=True, allow_none=True)


class WitnessListSchema(StrictSchema):
    """All witnesses by name, those that were removed too."""

    witnesses = Items(Part(WitnessSchema), least=0, most=MAX_WITNESSES_EVER, required=True)
