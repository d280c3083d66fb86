"""Serve TM Forum's APIs beside our own: a check of product offerings, its answer by id, and events of orders."""

import logging
import re
from collections.abc import Callable
from typing import Final
from uuid import UUID

from flask import Flask, Response, request

from gateway.bulk.applications import Checked
from gateway.counter.words import Language
from gateway.errors import ApplicationInvalid
from gateway.gateway import Gateway
from gateway.local.bodies import answer_json, read_foreign_body
from gateway.local.contract.tmf import CHECK, EVENT, TMF_ROUTES
from gateway.local.lanes import Lane
from gateway.local.members import invalid
from gateway.tmf.errors import error_of
from gateway.tmf.events import read_event
from gateway.tmf.kept import find_answer, keep_answer
from gateway.tmf.orders import report_news
from gateway.tmf.qualification import ONLY_INSTANT, AskedQualification, read_qualification
from gateway.tmf.results import codes_of, first_answer, kept_answer
from gateway.tmf.tables import TmfTables
from protocol.names import UUID_PATTERN
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write
from serving.web import json_answer

_PREFIX: Final = "/tmf-api/"
_LATER: Final = "202-accepted"
_LANGUAGES: Final = {"zh-CN": Language.ZH, "en": Language.EN}
_UUID: Final = re.compile(UUID_PATTERN)
_NO_CONTENT: Final = 204
_log = logging.getLogger("clearline.gateway")


def add_tmf_routes(
    app: Flask, *, checks: Lane, others: Lane, tables: TmfTables | None, monotonic: Callable[[], float]
) -> None:
    """Add the paths of TMF679 v5 that we serve, and the listener of TMF622 v5; without ``tables`` they answer 501."""

    def needed() -> TmfTables:
        if tables is None:
            raise Refusal(Problem.NOT_SERVED, detail="The gateway's settings have no [tmf].")
        return tables

    @app.post(CHECK.path, endpoint=CHECK.endpoint)
    def check() -> Response:
        started, gateway, ours = monotonic(), checks.begin(), needed()
        if request.headers.get("Expect", "").lower() == _LATER:
            raise invalid("Expect", ONLY_INSTANT)
        asked = read_qualification(read_foreign_body(), ours, gateway.tools.context)
        gateway = _in_time(gateway, asked)
        checked = _check(gateway, asked)
        keep_answer(gateway.tools, codes_of(asked, checked))
        answer = first_answer(asked, checked, ours, _language())
        spent = (monotonic() - started) * 1000
        result = answer.qualificationResult.value
        _log.info("qualified inquiry=%s items=%d result=%s ms=%.0f", answer.id, len(checked), result, spent)
        return answer_json(write(answer))

    @app.get(f"{CHECK.path}/<qualification_id>")
    def tmf_answer(qualification_id: str) -> Response:
        gateway, ours = others.begin(), needed()
        if _UUID.fullmatch(qualification_id) is None:
            raise Refusal(Problem.NOT_FOUND)
        answered = find_answer(gateway.tools, UUID(qualification_id))
        if answered is None:
            raise Refusal(Problem.NOT_FOUND)
        return answer_json(write(kept_answer(answered, ours, _language())))

    @app.post(EVENT.path, endpoint=EVENT.endpoint)
    def event() -> Response:
        gateway, ours = others.begin(), needed()
        news = read_event(read_foreign_body(), ours)
        if news is not None:
            reports = report_news(gateway, news)
            _log.info("heard of an order, reports=%d", reports)
        return Response(status=_NO_CONTENT)


def speaks_tmf() -> bool:
    """Tell whether the present request is one of TM Forum's, so that its refusals are."""
    return request.endpoint in TMF_ROUTES or request.path.startswith(_PREFIX)


def tmf_answer_of(refusal: Refusal) -> Response:
    """Write a refusal as TM Forum's Error."""
    if request.endpoint is None and refusal.problem in (Problem.NOT_FOUND, Problem.METHOD_NOT_ALLOWED):
        refusal = Refusal(Problem.NOT_SERVED)
    return json_answer(write(error_of(refusal)), refusal.problem.value.status)


def _in_time(gateway: Gateway, asked: AskedQualification) -> Gateway:
    """Shorten the gateway's time to the one that the caller gives; raises Refusal where that is over."""
    deadline = gateway.tools.deadline
    if asked.complete_by is None or deadline is None:
        return gateway
    seconds = (asked.complete_by - gateway.tools.clock()).total_seconds()
    if seconds <= 0:
        raise invalid("requestedQualificationCompletionDate", "OUT_OF_RANGE")
    return gateway.within(deadline.sooner(seconds))


def _check(gateway: Gateway, asked: AskedQualification) -> list[Checked]:
    try:
        return gateway.check_all([each.application for each in asked.items])
    except ApplicationInvalid as wrong:
        raise invalid(asked.document_path, wrong.code) from None


def _language() -> Language:
    return _LANGUAGES[request.accept_languages.best_match(list(_LANGUAGES)) or "zh-CN"]
