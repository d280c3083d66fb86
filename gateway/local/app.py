"""The gateway as a local HTTP service: an activation system posts the raw document on loopback and gets a decision."""

import logging
from collections.abc import Callable
from typing import Final

from flask import Flask, Response, request

from client.errors import ClientError, NotOffered, RegistryAnswerBroken, RegistryRefused, RegistryUnreachable
from gateway.errors import (
    ApplicationInvalid,
    CustodiansUnavailable,
    OrdersUnusable,
    OrderUnknown,
    TokensRefused,
)
from gateway.gateway import Gateway
from gateway.local.bodies import MAX_BODY, MAX_FOREIGN_BODY, answer_json, most_bytes, read_body
from gateway.local.contract.document import contract
from gateway.local.contract.operations import CONTRACT, PASSED_ON
from gateway.local.contract.tmf import TMF_ROUTES
from gateway.local.counter import add_counter_routes
from gateway.local.deposits import add_deposit_routes
from gateway.local.door import add_challenge, add_door, check_routes
from gateway.local.health import add_health_routes
from gateway.local.lanes import CHECK_ROUTES, RETRY_AFTER, Lane, add_lanes, check_lane, other_lane
from gateway.local.orders import add_order_routes, decision
from gateway.local.requests import read_application, read_languages, read_payment, read_reference, read_takings
from gateway.local.tmf import add_tmf_routes, speaks_tmf, tmf_answer_of
from gateway.local.tokens import TokenBook
from gateway.pins.codes import KeyChanged
from gateway.tmf.tables import TmfTables
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write
from serving.web import add_logged_problems, json_answer, problem_answer

LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
_PASSED_ON: Final = {each.value.name: each for each in PASSED_ON}
_PERHAPS_TAKEN: Final = "it may have been taken: send the same call again, under the same Idempotency-Key if it had one"
_log = logging.getLogger("clearline.gateway")


def create_app(
    gateway: Gateway,
    *,
    checks: Gateway,
    check_seconds: float,
    tokens: TokenBook,
    monotonic: Callable[[], float],
    host_names: frozenset[str] = LOOPBACK_NAMES,
    tmf: TmfTables | None = None,
) -> Flask:
    """Build the WSGI application; ``tokens`` has the callers, ``host_names`` the Host headers that it answers to.

    ``checks`` is the gateway that serves checks, each in ``check_seconds``; ``gateway`` serves everything else.
    ``tmf`` has the carrier's words, without which TM Forum's paths are not served.
    """
    check = check_lane(checks, seconds=check_seconds, monotonic=monotonic)
    others = other_lane(gateway, monotonic=monotonic)
    app = Flask("gateway", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    add_door(app, tokens, host_names)
    add_lanes(app, checks=check, others=others)
    _add_guards(app)
    _add_routes(app, check, others, monotonic)
    add_order_routes(app, checks=check, others=others, monotonic=monotonic)
    add_counter_routes(app, others.begin)
    add_deposit_routes(app, others.begin)
    add_tmf_routes(app, checks=check, others=others, tables=tmf, monotonic=monotonic)
    add_health_routes(app, checks=checks, others=gateway)
    _add_problems(app)
    check_routes(app)
    return app


def _add_guards(app: Flask) -> None:
    @app.before_request
    def guard() -> None:
        is_foreign = request.endpoint in TMF_ROUTES
        most = MAX_FOREIGN_BODY if is_foreign else most_bytes(request.endpoint)
        request.max_content_length = most
        if (request.content_length or 0) > most:
            raise Refusal(Problem.BODY_TOO_LARGE)
        if request.method == "POST" and request.mimetype != "application/json":
            raise Refusal(Problem.MEDIA_TYPE)


def _add_routes(app: Flask, checks: Lane, others: Lane, monotonic: Callable[[], float]) -> None:
    @app.post("/check")
    def check() -> Response:
        started, gateway = monotonic(), checks.begin()
        body = read_body()
        (reference, application), languages = read_application(body, gateway.tools.context), read_languages(body)
        checked = gateway.check_and_tell(application)
        answer = checked.answer
        spent = (monotonic() - started) * 1000
        _log.info("checked inquiry=%s decision=%s ms=%.0f", answer.inquiry_id, answer.decision.value, spent)
        document = decision(checked, languages)
        return answer_json(document if reference is None else {"reference": reference, **document})

    @app.post("/settlements")
    def settlements() -> Response:
        payment, key = read_payment(read_body(), request.headers.get("Idempotency-Key"))
        gateway = others.begin()
        receipt = gateway.settle(payment, idempotency_key=key)
        _log.info("settled settlement=%s state=%s", receipt.settlement_id, receipt.state)
        noted = gateway.note_receipt(receipt.settlement_id)
        return answer_json(write(receipt) | ({} if noted is None else noted.to_answer()), 201)

    @app.post("/collect")
    def collect() -> Response:
        takings, key = read_takings(read_body(), request.headers.get("Idempotency-Key"))
        receipt = others.begin().till.collect(takings, idempotency_key=key)
        _log.info("collected lines=%d clearances=%d", len(receipt.collections), len(receipt.clearances))
        return answer_json(receipt, 201)

    @app.get("/quotes/<reference>")
    def quotes(reference: str) -> Response:
        return answer_json(others.begin().quote(read_reference(reference)))

    app.add_url_rule("/openapi.json", CONTRACT, lambda: json_answer(contract()))


def _add_problems(app: Flask) -> None:
    def challenged(refusal: Refusal) -> Response:
        response = tmf_answer_of(refusal) if speaks_tmf() else problem_answer(refusal)
        add_challenge(response, refusal.problem)
        if refusal.problem is Problem.UNAVAILABLE:
            response.headers["Retry-After"] = RETRY_AFTER
        return response

    answer = add_logged_problems(app, _log, challenged)
    app.register_error_handler(ClientError, lambda error: answer(_refusal(error)))


def _refusal(error: ClientError) -> Refusal:
    match error:
        case ApplicationInvalid():
            return Refusal(Problem.INVALID_FIELD, fields={error.field: error.code})
        case RegistryRefused() if error.problem in _PASSED_ON:
            problem = _PASSED_ON[error.problem]
            return Refusal(problem, detail=error.hint, fields=dict(error.errors), figures=error.figures)
        case OrderUnknown():
            return Refusal(Problem.ORDER_UNKNOWN)
        case NotOffered():
            return Refusal(Problem.NOT_OFFERED, detail=str(error))
        case OrdersUnusable():
            _log.error("unavailable reason=orders-unusable %s", error.reason)
            return Refusal(Problem.UNAVAILABLE, detail="orders-unusable: nothing was sent; see the log and /readyz.")
        case RegistryUnreachable() if request.method == "POST" and request.endpoint not in CHECK_ROUTES:
            _log.warning("unavailable reason=%s", error)
            return Refusal(Problem.UNAVAILABLE, detail=f"{error}; {_PERHAPS_TAKEN}")
        case CustodiansUnavailable() | RegistryUnreachable() | RegistryRefused() | RegistryAnswerBroken():
            _log.warning("unavailable reason=%s", error)
            return Refusal(Problem.UNAVAILABLE, detail=str(error))
        case KeyChanged() | TokensRefused():
            _log.error("unavailable reason=%s", error)
            is_key = isinstance(error, KeyChanged)
            return Refusal(Problem.KEY_CHANGED, detail=error.code) if is_key else Refusal(Problem.UNAVAILABLE)
        case _:
            _log.error("failed error=%s", type(error).__name__)
            return Refusal(Problem.INTERNAL)
