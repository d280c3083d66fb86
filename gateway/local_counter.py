"""What a counter or a kiosk does for the person who stands there, on the local service."""

import logging
from typing import Final

from flask import Flask, Response, request

from gateway.gateway import Gateway
from gateway.local_http import answer_json, read_body
from gateway.local_requests import read_separation

_KEY: Final = "Idempotency-Key"
_log = logging.getLogger("clearline.gateway")


def add_counter_routes(app: Flask, gateway: Gateway) -> None:
    """``POST /rebut``."""

    @app.post("/rebut")
    def rebut() -> Response:
        separation, key = read_separation(read_body(), request.headers.get(_KEY))
        rebuttal = gateway.rebut(separation, idempotency_key=key)
        _log.info("rebutted rebuttal=%s", rebuttal.get("rebuttal_id"))
        return answer_json(rebuttal, 201)
