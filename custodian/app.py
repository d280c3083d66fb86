"""Serves the custodian over HTTP: authenticates, bounds, parses, counts, evaluates; every refusal is a problem."""

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from typing import Final

from flask import Flask, Response, g, request

from custodian.authn import Caller, Door
from custodian.ceremonies.routes import FOR_PEERS, add_ceremonies
from custodian.ceremonies.store import CeremonyStore
from custodian.committee_share import CommitteeShare
from custodian.evaluation import evaluate
from custodian.ledger import Ledger, LedgerFull
from custodian.served_shares import ServedShares
from protocol import strict_json
from protocol.messages.ceremonies import Newest
from protocol.messages.evaluations import CustodianKey, EvaluationRequest, HeldCommittee
from protocol.problems import FieldCode, Problem, Refusal
from protocol.wire.codec import WHOLE, Malformed, message_of, read, write
from serving.web import OPEN, add_healthz, add_logged_problems, json_answer, problem_answer

MAX_BODY: Final = 64 * 1024
"""A full batch is 1000 elements of 46 characters, that is 47 kB."""
_COUNTS: Final = "evaluations"
_STOPPING: Final = frozenset({"disk-full", "no-share"})
"""The alarms under which nothing is evaluated."""
_log = logging.getLogger("clearline.custodian")


def create_app(
    *,
    shares: ServedShares,
    door: Door,
    ledger: Ledger,
    clock: Callable[[], dt.datetime],
    random: Callable[[int], bytes],
    ceremonies: CeremonyStore | None = None,
) -> Flask:
    """Build the WSGI application around the served shares; nothing is global: several can live in one process."""
    app = Flask("custodian", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY

    @app.before_request
    def authenticate() -> None:
        if (request.content_length or 0) > MAX_BODY:
            raise Refusal(Problem.BODY_TOO_LARGE)
        if request.endpoint in FOR_PEERS:
            door.admit_peer(request)
        elif request.endpoint not in OPEN:
            # An evaluation uses its nonce up with its count; all others do before their body is read.
            g.caller = door.verify(request) if request.endpoint == _COUNTS else door.admit(request)

    @app.post("/v1/evaluations", endpoint=_COUNTS)
    def evaluations() -> Response:
        started = clock()
        caller: Caller = g.caller
        try:
            asked = _read_request(caller)
            served = _some(shares.at(started))
        except Exception:
            # A request that is refused uses its nonce up too, and a replayed one hears that first.
            door.use_up(caller)
            raise
        door.count(caller, len(asked.blinded_elements))
        answer = evaluate(served, asked, random)
        spent = (clock() - started) / dt.timedelta(milliseconds=1)
        count = len(asked.blinded_elements)
        _log.info("evaluated carrier=%s key=%s elements=%d ms=%.1f", caller.carrier, caller.key_id, count, spent)
        return json_answer(write(answer))

    @app.get("/v1/key")
    def read_key() -> Response:
        return json_answer(write(_key(_some(shares.at(clock())))))

    @app.get("/readyz")
    def readyz() -> Response:
        now = clock()
        alarms = [*([] if ledger.takes_writes(now) else ["disk-full"]), *shares.alarms(now)]
        ready = not _STOPPING.intersection(alarms)
        return json_answer({"ready": ready, "alarms": alarms}, 200 if ready else 503)

    if ceremonies is not None:
        add_ceremonies(app, ceremonies, lambda: _newest(shares.at(clock())))
    add_healthz(app)
    _add_problems(app, clock)
    return app


def _some(served: tuple[CommitteeShare, ...]) -> tuple[CommitteeShare, ...]:
    """Refuse while nothing is served: before its first ceremony, or after the end of its last share."""
    if not served:
        raise Refusal(Problem.UNAVAILABLE)
    return served


def _newest(served: tuple[CommitteeShare, ...]) -> Newest | None:
    return Newest(epoch=served[-1].epoch, committee=served[-1].committee) if served else None


def _key(served: tuple[CommitteeShare, ...]) -> CustodianKey:
    newest = served[-1]
    return CustodianKey(
        index=newest.index,
        epoch=newest.epoch,
        committee=newest.committee,
        threshold=newest.threshold,
        public_key=newest.pk,
        joint_public_key=newest.joint_public_key,
        committees=tuple(message_of(HeldCommittee, share, public_key=share.pk) for share in served),
    )


def _add_problems(app: Flask, clock: Callable[[], dt.datetime]) -> None:
    def dated(refusal: Refusal) -> Response:
        response = problem_answer(refusal)
        if refusal.problem is Problem.QUOTA_EXCEEDED:
            response.headers["Retry-After"] = str(_seconds_to_midnight(clock()))
        return response

    answer = add_logged_problems(app, _log, dated)

    @app.errorhandler(LedgerFull)
    def full(trouble: LedgerFull) -> Response:
        _log.error("the ledger takes nothing: %s", trouble)
        return answer(Refusal(Problem.UNAVAILABLE))


def _read_request(caller: Caller) -> EvaluationRequest:
    """Read the body after its digest was compared with the signed one: strict JSON with exactly two fields."""
    body = request.get_data(cache=False)
    caller.check_body(body)
    if request.mimetype != "application/json" or request.content_encoding:
        raise Refusal(Problem.MEDIA_TYPE)
    try:
        document = strict_json.load_object(body, max_bytes=MAX_BODY)
    except strict_json.StrictJsonError as trouble:
        raise Refusal(Problem.MALFORMED_BODY, detail=trouble.code.value) from None
    try:
        return read(EvaluationRequest, document)
    except Malformed as malformed:
        raise _refusal(malformed.faults) from None


def _refusal(faults: Mapping[str, FieldCode]) -> Refusal:
    """Refuse the first fault in the released vectors' order, under their codes, without a member's name."""
    if WHOLE in faults:
        return Refusal(Problem.INVALID_FIELD, detail="UNKNOWN_FIELD")
    for member, code in (
        ("epoch", FieldCode.NOT_A_POSITIVE_INTEGER),
        ("committee", FieldCode.NOT_A_POSITIVE_INTEGER),
        ("blinded_elements", FieldCode.NOT_1_TO_1000_ELEMENTS),
    ):
        if member in faults:
            return Refusal(Problem.INVALID_FIELD, fields={member: code})
    return Refusal(Problem.BAD_ELEMENT)


def _seconds_to_midnight(now: dt.datetime) -> int:
    utc = now.astimezone(dt.UTC)
    midnight = utc.replace(hour=0, minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
    return int((midnight - utc).total_seconds()) + 1
