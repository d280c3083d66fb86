"""Serve the way of an order after its check: ask again about it, and report what became of it."""

import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

from flask import Flask, Response, request

from client.errors import RegistryRefused
from gateway.bulk.check import Checked
from gateway.counter.activation_text import outcome_texts
from gateway.counter.check_text import texts
from gateway.counter.words import Language
from gateway.local.bodies import answer_json, read_body
from gateway.local.lanes import Lane
from gateway.local.outcomes import read_order, read_outcome
from gateway.local.requests import read_languages
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write

_KEY: Final = "Idempotency-Key"
_log = logging.getLogger("clearline.gateway")


def add_order_routes(app: Flask, *, checks: Lane, others: Lane, monotonic: Callable[[], float]) -> None:
    """Add ``POST /recheck`` and ``POST /activations``."""

    @app.post("/recheck")
    def recheck() -> Response:
        started, gateway, body = monotonic(), checks.begin(), read_body()
        (order, service_class), languages = read_order(body), read_languages(body)
        try:
            checked = gateway.recheck(order, service_class)
        except RegistryRefused as refused:
            if refused.problem != Problem.EPOCH_UNKNOWN.value.name:
                raise
            # The token is of an ended epoch: the program asks anew. In a new inquiry it would be our own fault.
            raise Refusal(Problem.EPOCH_UNKNOWN) from None
        answer, spent = checked.answer, (monotonic() - started) * 1000
        _log.info("rechecked inquiry=%s decision=%s ms=%.0f", answer.inquiry_id, answer.decision.value, spent)
        return answer_json(decision(checked, languages))

    @app.post("/activations")
    def activations() -> Response:
        body, key = read_body(), request.headers.get(_KEY)
        gateway = others.begin()
        told, languages = read_outcome(body, key, gateway.tools.context), read_languages(body)
        report = gateway.activate(told, idempotency_key=key)
        answer = report.answer
        _log.info("activated activation=%s basis=%s", answer.activation_id, answer.basis.value)
        document = {"notes": []} | write(answer) | {"part": report.part, "revision": report.revision}
        del document["row_id"]
        said = {each.value: outcome_texts(told.outcome, told.reason, answer, each) for each in languages}
        return answer_json(document | {"texts": said}, 200 if report.repeated else 201)


def decision(checked: Checked, languages: Sequence[Language]) -> dict[str, Any]:
    """Build the answer about an applicant: the codes, and the sentences in each language."""
    said = {each.value: texts(checked.answer, checked.household_keys, each) for each in languages}
    return checked.to_answer() | {"texts": said}
