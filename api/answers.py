"""Answers: exact bytes from the use cases, the headers that every answer carries, the signature, the access log."""

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, g, request

from api.door import known_actor, log_entry, registry, request_id, standing
from api.operations import JSON, NDJSON, NOT_KEPT, operation_of
from protocol.encodings import canonical_json
from protocol.incarnation import HEADER
from protocol.readings import LOG_ENTRY_HEADER
from protocol.wire.codec import write
from registry.usecases.context import Outcome
from registry.usecases.sign_answer import sign_answer

API_VERSION: Final = "1"
PADDED_BYTES: Final = 3072
"""More than any answer to a single inquiry has."""
ACCESS = logging.getLogger("clearline.access")
HEADERS: Final = {
    "Clearline-Version": API_VERSION,
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


def register(app: Flask) -> None:
    """Finish every response; Flask runs these in reverse order."""
    app.after_request(_log)
    app.after_request(_sign)
    app.after_request(_add_headers)


def outcome(given: Outcome) -> Response:
    """The answer of a use case, byte for byte: a replayed one is the stored one."""
    response = Response(given.body, status=given.status, content_type=JSON)
    if given.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def padded(response: Response) -> Response:
    """The answer brought to one size by a header, so that an eavesdropper cannot tell a quote from none.

    X, since HTTP/2 does not make it shorter (RFC 7541 appendix B: eight bits).
    """
    length = response.content_length or 0
    response.headers["Clearline-Padding"] = "X" * (-(length + len(str(length))) % PADDED_BYTES)
    return response


def document(value: object) -> Response:
    """Answer with the message of a resource that was read."""
    # Some answers are mappings and have no message class.
    return Response(canonical_json(value if isinstance(value, Mapping) else write(value)), content_type=JSON)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    response.headers["Cache-Control"] = _caching(response)
    response.headers["Clearline-Request-Id"] = request_id()
    if registry().public_url.startswith("https:"):
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def _caching(response: Response) -> str:
    """Return the operation's caching rule; a refusal is never cached, since a retry may be answered differently."""
    operation = operation_of(request)
    return operation.caching if operation is not None and response.status_code == HTTPStatus.OK else NOT_KEPT


def _sign(response: Response) -> Response:
    """Sign each answer to an authenticated sender, refusals included; a stream has no digest before its end."""
    if known_actor() is None:
        return response
    # The entry of a reading that failed later was rolled back with it.
    entry = log_entry() if response.status_code < HTTPStatus.BAD_REQUEST else None
    if response.content_type == NDJSON:
        response.headers[HEADER] = str(standing().incarnation)
        if entry is not None:
            response.headers[LOG_ENTRY_HEADER] = entry
        return response
    headers = sign_answer(
        registry(),
        status=response.status_code,
        content_type=response.content_type or "",
        body=response.get_data(),
        request=g.incoming,
        incarnation=standing().incarnation,
        log_entry=entry,
    )
    for name, value in headers.items():
        response.headers[name] = value
    return response


def _log(response: Response) -> Response:
    """Log one line a request: the route's pattern and never the path or query, which carry references."""
    rule = request.url_rule
    ACCESS.info(
        json.dumps(
            {
                "request": request_id(),
                "participant": getattr(known_actor(), "participant_id", None),
                "method": request.method if rule is not None else None,
                "route": None if rule is None else rule.rule,
                "status": response.status_code,
            }
        )
    )
    return response
