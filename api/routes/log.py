"""The access log: tree and heads for everybody (C2SP paths), receipts and openings for their owners, witnesses."""

import uuid
from typing import Final

from flask import Response

from api.answers import document, outcome
from api.authn import written_target
from api.blueprint import DoorBlueprint
from api.door import actor, body, call, reading, registry, request_id, turn_to_wait
from api.examples import log as examples
from api.operations import ASKED_AGAIN, JOSE, KEPT_FOR_EVER, NDJSON, OCTETS, STEP, TEXT, Answer, Input, operation
from api.streaming import told
from protocol.codes import Role
from protocol.messages.log import (
    ConsistencyQuery,
    Cosigned,
    Log,
    NewWitness,
    OpeningsQuery,
    ReceiptQuery,
    Witness,
    WitnessList,
)
from protocol.messages.steps import Step
from protocol.problems import Problem, Refusal
from protocol.receipts import Grade
from registry.usecases.log.cosign import cosign
from registry.usecases.log.read_head import read_candidate, read_checkpoint, read_witnessed
from registry.usecases.log.read_log import read_log
from registry.usecases.log.read_openings import read_openings
from registry.usecases.log.read_receipt import Patience, read_receipt
from registry.usecases.log.read_tiles import read_consistency, read_tile
from registry.usecases.log.witnesses import admit_witness, list_witnesses, read_policy, remove_witness

BLUEPRINT: Final = DoorBlueprint("log", __name__, description="The access log, by the C2SP specifications.")
_LOG: Final = "/log/<year:year>"
_PLAIN: Final = {"type": "string"}


@operation(
    BLUEPRINT,
    "GET",
    "/v1/log",
    operation_id="readLog",
    answer=Answer(
        message=Log,
        description="The log's name, the registry's incarnation, and each year's tree.",
        example=examples.LOG,
    ),
)
def get_log() -> Response:
    """Tell the log's present name, the registry's incarnation, and the years whose logs stand still."""
    return document(read_log(registry()))


@operation(
    BLUEPRINT,
    "GET",
    f"{_LOG}/checkpoint",
    operation_id="readCheckpoint",
    public=True,
    answer=Answer(
        message=_PLAIN,
        description="The published head, a signed note (c2sp.org/tlog-checkpoint).",
        example=examples.CHECKPOINT,
        content_type=TEXT,
        caching=ASKED_AGAIN,
    ),
)
def get_checkpoint(*, year: int) -> Response:
    """The newest head of a year's log that was published."""
    return Response(read_checkpoint(registry(), year), content_type=TEXT)


@operation(
    BLUEPRINT,
    "GET",
    f"{_LOG}/tile/<tile:path>",
    operation_id="readTile",
    public=True,
    answer=Answer(
        message={"type": "string", "format": "binary"},
        description="A tile of hashes at `<L>/<N>[.p/<W>]` or entries at `entries/<N>[.p/<W>]` (c2sp.org/tlog-tiles).",
        example=examples.TILE,
        content_type=OCTETS,
        caching=KEPT_FOR_EVER,
    ),
)
def get_tile(*, year: int, path: str) -> Response:
    """A piece of a year's tree, which never changes; 400 for a path that is not canonical."""
    # Caches would keep each spelling (percent signs, a trailing question mark) for ever as its own resource.
    if written_target() != f"/log/{year:04d}/tile/{path}":
        raise Refusal(Problem.BAD_REQUEST, detail="malformed")
    return Response(read_tile(registry(), year, f"tile/{path}"), content_type=OCTETS)


@operation(
    BLUEPRINT,
    "GET",
    f"{_LOG}/candidate-checkpoint",
    operation_id="readCandidateCheckpoint",
    public=True,
    answer=Answer(
        message=_PLAIN,
        description="The head that witnesses are asked to cosign now.",
        example=examples.CHECKPOINT,
        content_type=TEXT,
        caching=ASKED_AGAIN,
    ),
)
def get_candidate(*, year: int) -> Response:
    """The head at which the witnesses meet; it stands for up to 20 seconds."""
    return Response(read_candidate(registry(), year), content_type=TEXT)


@operation(
    BLUEPRINT,
    "GET",
    f"{_LOG}/witnessed-checkpoint",
    operation_id="readWitnessedCheckpoint",
    public=True,
    answer=Answer(
        message=_PLAIN,
        description="The newest head with a quorum of cosignatures.",
        example=examples.CHECKPOINT,
        content_type=TEXT,
        caching=ASKED_AGAIN,
    ),
)
def get_witnessed(*, year: int) -> Response:
    """The newest head that enough witnesses have cosigned."""
    return Response(read_witnessed(registry(), year), content_type=TEXT)


@operation(
    BLUEPRINT,
    "GET",
    f"{_LOG}/policy",
    operation_id="readLogPolicy",
    public=True,
    answer=Answer(
        message=_PLAIN,
        description="The log's key, its witnesses and how many are enough (c2sp.org/tlog-policy).",
        example=examples.POLICY,
        content_type=TEXT,
        caching=ASKED_AGAIN,
    ),
)
def get_policy(*, year: int) -> Response:
    """The registry's own word on whom to believe; who relies on witnesses pins a policy of its own."""
    return Response(read_policy(registry(), year), content_type=TEXT)


@operation(
    BLUEPRINT,
    "GET",
    f"{_LOG}/consistency",
    operation_id="readConsistency",
    public=True,
    query=ConsistencyQuery,
    answer=Answer(
        message=_PLAIN,
        description="A base64 hash a line (RFC 6962, section 2.1.2); nothing where there is nothing to prove.",
        example=examples.PROOF,
        content_type=TEXT,
    ),
)
def get_consistency(*, year: int, query: ConsistencyQuery) -> Response:
    """The proof that one size of a year's log begins another."""
    return Response(read_consistency(registry(), year, query.old, query.new), content_type=TEXT)


@operation(
    BLUEPRINT,
    "GET",
    f"{_LOG}/receipts/<id:entry_id>",
    operation_id="readReceipt",
    query=ReceiptQuery,
    answer=Answer(
        message=_PLAIN,
        description="A proof that the entry is in the log (c2sp.org/tlog-proof), or the registry's promise of it.",
        example=examples.RECEIPT,
        content_type=TEXT,
        others={JOSE: examples.PROMISE},
    ),
)
def get_receipt(*, year: int, entry_id: uuid.UUID, query: ReceiptQuery) -> Response:
    """A receipt for an entry of one's own, or of a committee; auditors and regulators get one for any."""
    grade = query.grade
    with turn_to_wait(query.wait) as seconds:
        patience = Patience(seconds=seconds)
        receipt = read_receipt(registry(), actor(), year, entry_id, grade=grade, patience=patience)
    return Response(receipt, content_type=JOSE if grade is Grade.PROMISE else TEXT)


@operation(
    BLUEPRINT,
    "GET",
    f"{_LOG}/openings",
    operation_id="readOpenings",
    overseen=True,
    query=OpeningsQuery,
    answer=Answer(
        message={"type": "string", "description": "One JSON object a line: OpeningLine."},
        description="What opens each entry that the asker may read, in the order of their places, and a closing line.",
        example=examples.OPENINGS,
        content_type=NDJSON,
    ),
)
def get_openings(*, year: int, query: OpeningsQuery) -> Response:
    """Give the openings of one's own entries; auditors and regulators get all, and each reading is an entry."""
    lines = read_openings(registry(), actor(), year, query.start, query.limit, reading=reading())
    return Response(told(lines, request_id()), content_type=NDJSON)


@operation(
    BLUEPRINT,
    "POST",
    f"{_LOG}/cosignatures",
    operation_id="addCosignatures",
    reads=Input(message=None, example=examples.CHECKPOINT),
    answer=Answer(message=Cosigned, description="Who cosigned this head.", example=examples.COSIGNED),
)
def post_cosignatures(*, year: int) -> Response:
    """Hand in what witnesses say of a head; anybody may carry it."""
    note = body().file.read(body().length)
    return outcome(cosign(registry(), actor(), call("addCosignatures"), year=year, note=note))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/witnesses",
    operation_id="admitWitness",
    roles=(Role.OPERATOR,),
    reads=Input(message=NewWitness, example=examples.NEW_WITNESS, finds=True),
    answer=Answer(message=Witness, status=201, description="The witness.", example=examples.WITNESS),
)
def post_witness(*, body: NewWitness) -> Response:
    """Count a participant's cosignatures from now on."""
    return outcome(admit_witness(registry(), actor(), call("admitWitness"), body))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/witnesses",
    operation_id="listWitnesses",
    roles=(Role.OPERATOR,),
    answer=Answer(message=WitnessList, description="All witnesses.", example=examples.WITNESSES),
)
def get_witnesses() -> Response:
    """The witnesses whose cosignatures count, and those that were removed."""
    return document(list_witnesses(registry(), actor()))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/witnesses/<witness:name>/removal",
    operation_id="removeWitness",
    roles=(Role.OPERATOR,),
    reads=STEP,
    answer=Answer(message=Witness, description="The witness, removed.", example=examples.REMOVED_WITNESS),
)
def post_removal(*, name: str, body: Step) -> Response:
    """Count a witness's cosignatures no more; its name and its key are never admitted again."""
    del body
    return outcome(remove_witness(registry(), actor(), call("removeWitness"), name))
