"""Serve the counter or kiosk where the person stands: disputes, statements, rebuttals and consents."""

import logging
from collections.abc import Callable
from typing import Final
from uuid import UUID

from flask import Flask, Response, request

from client.resources import disputes
from gateway.counter import attestations
from gateway.counter.disputes import add_paper
from gateway.counter.statement_text import render
from gateway.gateway import Gateway
from gateway.local.bodies import TAKES_A_DOCUMENT, answer_json, read_body
from gateway.local.requests import (
    read_attestation_demand,
    read_complaint,
    read_consent_withdrawal,
    read_paper,
    read_separation,
    read_statement_request,
)
from protocol.wire.codec import write_sorted

_KEY: Final = "Idempotency-Key"
_log = logging.getLogger("clearline.gateway")


def add_counter_routes(app: Flask, begin: Callable[[], Gateway]) -> None:
    """Add the paths of a counter, such as ``/dispute`` and ``/statement``; ``begin`` starts a request's time."""

    @app.post("/dispute")
    def file_dispute() -> Response:
        complaint, key = read_complaint(read_body(), request.headers.get(_KEY))
        filed = begin().file_dispute(complaint, idempotency_key=key)
        _log.info("disputed cases=%d", len(filed.disputes))
        return answer_json(filed, 201)

    @app.get("/dispute/<uuid:dispute_id>")
    def show_dispute(dispute_id: UUID) -> Response:
        return answer_json(write_sorted(disputes.read(begin().registry, dispute_id)))

    @app.get("/dispute/<uuid:dispute_id>/documents")
    def list_documents(dispute_id: UUID) -> Response:
        return answer_json(write_sorted(disputes.papers(begin().registry, dispute_id)))

    @app.post("/dispute/<uuid:dispute_id>/documents", endpoint=TAKES_A_DOCUMENT)
    def add_document(dispute_id: UUID) -> Response:
        added = add_paper(begin().registry, dispute_id, read_paper(read_body()))
        _log.info("added document=%s", added.document_id)
        return answer_json(added, 201)

    @app.post("/statement")
    def statement() -> Response:
        identity, language, key = read_statement_request(read_body(), request.headers.get(_KEY))
        said = begin().statement(identity, idempotency_key=key)
        _log.info("stated statement=%s", said.statement_id)
        printed = {} if language is None else {"text": render(said, language)}
        return answer_json(write_sorted(said) | printed, 201)

    @app.post("/rebut")
    def rebut() -> Response:
        separation, key = read_separation(read_body(), request.headers.get(_KEY))
        rebuttal = begin().rebut(separation, idempotency_key=key)
        _log.info("rebutted rebuttal=%s", rebuttal.rebuttal_id)
        return answer_json(rebuttal, 201)

    @app.post("/consents/withdraw")
    def withdraw_consent() -> Response:
        identity, reference, key = read_consent_withdrawal(read_body(), request.headers.get(_KEY))
        here = begin()
        ended = attestations.withdraw_consent(here.tools, identity, reference, today=here.today(), idempotency_key=key)
        _log.info("withdrew consents")
        return answer_json(ended)

    @app.post("/attestation-demands")
    def demand_attestation() -> Response:
        identity, participant, key = read_attestation_demand(read_body(), request.headers.get(_KEY))
        here = begin()
        demand = attestations.demand(here.tools, identity, participant, today=here.today(), idempotency_key=key)
        _log.info("demanded demand=%s", demand.demand_id)
        return answer_json(demand, 201)
