"""Serve the way of an order after its check: ask again, tell a review of its grade, and report what became of it."""

import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

from flask import Flask, Response, request

from client.errors import RegistryRefused
from gateway.bulk.applications import Checked
from gateway.counter.activation_batches import Judged
from gateway.counter.activation_text import judged_texts, outcome_texts
from gateway.counter.check_text import texts
from gateway.counter.review_words import review_texts
from gateway.counter.words import Language
from gateway.local.bodies import TAKES_MANY_OUTCOMES, answer_json, read_body
from gateway.local.contract.answers import ClerkTexts, ForTheClerk, NotedOutcome, OutcomeVerdict, OutcomeVerdicts
from gateway.local.contract.bodies import names_of
from gateway.local.lanes import Lane
from gateway.local.outcomes import read_order, read_outcome, read_outcomes
from gateway.local.requests import read_languages
from gateway.local.reviews import read_review
from protocol.messages.service import FieldError
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write

_KEY: Final = "Idempotency-Key"
_log = logging.getLogger("clearline.gateway")


def add_order_routes(app: Flask, *, checks: Lane, others: Lane, monotonic: Callable[[], float]) -> None:
    """Add ``POST /recheck``, ``/activations``, ``/activations/batch`` and ``/grade-reviews``."""
    _add_batch_route(app, others)
    _add_review_route(app, others)

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


def _add_review_route(app: Flask, others: Lane) -> None:
    @app.post("/grade-reviews")
    def grade_reviews() -> Response:
        body, key = read_body(), request.headers.get(_KEY)
        told, languages = read_review(body, key), read_languages(body)
        review = others.begin().review_grade(told, idempotency_key=key)
        _log.info("reviewed review=%s outcome=%s", review.review_id, review.outcome.value)
        said = {each.value: review_texts(review, each) for each in languages}
        return answer_json(write(review) | {"texts": said}, 201)


def _add_batch_route(app: Flask, others: Lane) -> None:
    @app.post("/activations/batch", endpoint=TAKES_MANY_OUTCOMES)
    def activation_batch() -> Response:
        gateway, body = others.begin(), read_body()
        told, languages = read_outcomes(body, gateway.tools.context), read_languages(body)
        judged = gateway.activate_many(told)
        taken = sum(each.answer is not None for each in judged)
        _log.info("activated many rows=%d taken=%d", len(judged), taken)
        return answer_json(OutcomeVerdicts(verdicts=tuple(_verdict(each, languages) for each in judged)))


def _verdict(judged: Judged, languages: Sequence[Language]) -> OutcomeVerdict:
    """Build the verdict on one outcome of many."""
    said, answer, plan = judged.said, judged.answer, judged.plan
    spoken = {each.value: ForTheClerk(clerk=tuple(judged_texts(judged, each)["clerk"])) for each in languages}
    noted = {} if answer is None else {name: getattr(answer, name) for name in names_of(NotedOutcome)}
    return OutcomeVerdict(
        verdict=judged.verdict,
        part=None if plan is None else plan.wish.part_number,
        revision=None if plan is None else plan.revision,
        activation_id=None if said is None else said.activation_id,
        errors=tuple(FieldError(field=name, code=code) for name, code in sorted(judged.faults.items())),
        texts=ClerkTexts(**spoken),
        **noted,
    )


def decision(checked: Checked, languages: Sequence[Language]) -> dict[str, Any]:
    """Build the answer about an applicant: the codes, and the sentences in each language."""
    said = {each.value: texts(checked.answer, checked.household_keys, each, checked.grade) for each in languages}
    return checked.to_answer() | {"texts": said}
