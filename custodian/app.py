"""The custodian's HTTP door: authenticate, bound, parse strictly, count, evaluate; every refusal is a problem."""

import datetime as dt
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from custodian.authn import Caller, Door
from custodian.evaluation import evaluate
from custodian.ledger import Ledger, LedgerFull, QuotaExceeded
from custodian.share import HeldShare
from protocol import strict_json
from protocol.messages.evaluations import CustodianKey, EvaluationRequest
from protocol.problems import FieldCode, Problem, Refusal
from protocol.wire.codec import WHOLE, Malformed, read, write

MAX_BODY: Final = 64 * 1024
"""A full batch is 1000 elements of 46 characters, that is 47 kB."""
_OPEN: Final = frozenset({"healthz", "readyz"})
_HTTP_PROBLEMS: Final = {
    400: Problem.BAD_REQUEST,
    404: Problem.NOT_FOUND,
    405: Problem.METHOD_NOT_ALLOWED,
    413: Problem.BODY_TOO_LARGE,
    415: Problem.MEDIA_TYPE,
}
_log = logging.getLogger("clearline.custodian")


def create_app(
    *,
    share: HeldShare,
    threshold: int,
    door: Door,
    ledger: Ledger,
    clock: Callable[[], dt.datetime],
    random: Callable[[int], bytes],
) -> Flask:
    """Build the WSGI application around one share; nothing global, so several can live in one process."""
    app = Flask("custodian", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY

    @app.before_request
    def authenticate() -> None:
        if (request.content_length or 0) > MAX_BODY:
            raise Refusal(Problem.BODY_TOO_LARGE)
        if request.endpoint not in _OPEN:
            g.caller = door.admit(request)

    @app.post("/v1/evaluations")
    def evaluations() -> Response:
        started = clock()
        caller: Caller = g.caller
        asked = _read_request(caller)
        _consume(ledger, caller.carrier, len(asked.blinded_elements), quota=caller.daily_quota, now=started)
        answer = evaluate(share, asked, random)
        spent = (clock() - started) / dt.timedelta(milliseconds=1)
        count = len(asked.blinded_elements)
        _log.info("evaluated carrier=%s key=%s elements=%d ms=%.1f", caller.carrier, caller.key_id, count, spent)
        return _json(write(answer), 200)

    @app.get("/v1/key")
    def read_key() -> Response:
        key = CustodianKey(
            index=share.index,
            epoch=share.epoch,
            threshold=threshold,
            public_key=share.pk,
            joint_public_key=share.joint_public_key,
        )
        return _json(write(key), 200)

    @app.get("/healthz")
    def healthz() -> Response:
        return _json({"status": "ok"}, 200)

    @app.get("/readyz")
    def readyz() -> Response:
        ready = ledger.takes_writes(clock())
        return _json({"ready": ready, "alarms": [] if ready else ["disk-full"]}, 200 if ready else 503)

    _add_problems(app, clock)
    return app


def _add_problems(app: Flask, clock: Callable[[], dt.datetime]) -> None:
    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Response:
        _log.info("refused problem=%s", refusal.problem.value.name)
        answer = _json(refusal.to_wire(), refusal.problem.value.status, "application/problem+json")
        if refusal.problem is Problem.QUOTA_EXCEEDED:
            answer.headers["Retry-After"] = str(_seconds_to_midnight(clock()))
        return answer

    @app.errorhandler(LedgerFull)
    def full(trouble: LedgerFull) -> Response:
        _log.error("the ledger takes nothing: %s", trouble)
        return refused(Refusal(Problem.UNAVAILABLE))

    @app.errorhandler(HTTPException)
    def http_error(trouble: HTTPException) -> Response:
        problem = _HTTP_PROBLEMS.get(trouble.code or 500, Problem.BAD_REQUEST)
        answer = refused(Refusal(problem))
        answer.headers.extend([each for each in trouble.get_headers() if each[0] == "Allow"])
        return answer

    @app.errorhandler(Exception)
    def failed(trouble: Exception) -> Response:
        # The text of an unforeseen error may hold anything: its type is enough to find it.
        _log.error("failed error=%s", type(trouble).__name__)
        return refused(Refusal(Problem.INTERNAL))


def _read_request(caller: Caller) -> EvaluationRequest:
    """The body, once its digest is the signed one: strict JSON with exactly two fields."""
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
    """The first fault in the released vectors' order, under the codes that they pin; no member's name is repeated."""
    if WHOLE in faults:
        return Refusal(Problem.INVALID_FIELD, detail="UNKNOWN_FIELD")
    for member, code in (("epoch", "NOT_A_POSITIVE_INTEGER"), ("blinded_elements", "NOT_1_TO_1000_ELEMENTS")):
        if member in faults:
            return Refusal(Problem.INVALID_FIELD, fields={member: code})
    return Refusal(Problem.BAD_ELEMENT)


def _consume(ledger: Ledger, carrier: str, elements: int, *, quota: int, now: dt.datetime) -> None:
    # Before evaluation: whoever makes us fail afterwards has spent its quota, and a crash gives nothing back.
    try:
        ledger.consume(carrier, day=now.astimezone(dt.UTC).date(), elements=elements, quota=quota)
    except QuotaExceeded:
        raise Refusal(Problem.QUOTA_EXCEEDED) from None


def _seconds_to_midnight(now: dt.datetime) -> int:
    utc = now.astimezone(dt.UTC)
    midnight = utc.replace(hour=0, minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
    return int((midnight - utc).total_seconds()) + 1


def _json(document: dict[str, Any], status: int, media_type: str = "application/json") -> Response:
    answer = Response(json.dumps(document, separators=(",", ":")), status=status, content_type=media_type)
    answer.headers["Cache-Control"] = "no-store"
    return answer
