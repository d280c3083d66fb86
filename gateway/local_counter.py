"""What a counter or a kiosk does for the person who stands there, on the local service."""

import logging
from typing import Final

from flask import Flask, Response, request

from gateway.gateway import Gateway
from gateway.local_http import answer_json, read_body
from gateway.local_requests import read_separation, read_statement_request
from gateway.statement_text import render

_KEY: Final = "Idempotency-Key"
_log = logging.getLogger("clearline.gateway")


def add_counter_routes(app: Flask, gateway: Gateway) -> None:
    """``POST /statement`` and ``POST /rebut``."""

    @app.post("/statement")
    def statement() -> Response:
        identity, language, key = read_statement_request(read_body(), request.headers.get(_KEY))
        said = gateway.statement(identity, idempotency_key=key)
        _log.info("stated statement=%s", said.get("statement_id"))
        return answer_json(said if language is None else {**said, "text": render(said, language)}, 201)

    @app.post("/rebut")
    def rebut() -> Response:
        separation, key = read_separation(read_body(), request.headers.get(_KEY))
        rebuttal = gateway.rebut(separation, idempotency_key=key)
        _log.info("rebutted rebuttal=%s", rebuttal.get("rebuttal_id"))
        return answer_json(rebuttal, 201)
