"""Every failure becomes one problem document (RFC 9457) from the table of protocol/problems.py, without any input."""

import json
import logging
import traceback
from typing import Final

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from api.door import request_id
from protocol.problems import Problem, Refusal
from protocol.strict_json import StrictJsonCode, StrictJsonError

PROBLEM_JSON: Final = "application/problem+json"
LOG = logging.getLogger("clearline.api")

_BY_STATUS: Final = {
    401: Problem.SIGNATURE_INVALID,
    403: Problem.ROLE_MISSING,
    404: Problem.NOT_FOUND,
    405: Problem.METHOD_NOT_ALLOWED,
    406: Problem.NOT_ACCEPTABLE,
    413: Problem.BODY_TOO_LARGE,
    415: Problem.MEDIA_TYPE,
    422: Problem.INVALID_FIELD,
    429: Problem.QUOTA_EXCEEDED,
    503: Problem.UNAVAILABLE,
}
_CLIENT_ERROR: Final = 400
_SERVER_ERROR: Final = 500


def register(app: Flask) -> None:
    """Handle every exception of the application, the framework's own included."""
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(HTTPException, framework_refused)
    app.register_error_handler(Exception, failed)


def refused(refusal: Refusal) -> Response:
    """A refusal of ours, as it is."""
    status = refusal.problem.value.status
    response = Response(problem_bytes(refusal), status=status, content_type=PROBLEM_JSON)
    if status == Problem.SIGNATURE_MISSING.value.status:
        response.headers["WWW-Authenticate"] = 'Signature realm="clearline", tag="clearline-v1"'
    if status == Problem.UNAVAILABLE.value.status or refusal.problem is Problem.RECEIPT_PENDING:
        response.headers["Retry-After"] = "5" if refusal.problem is Problem.TOO_MANY_BATCHES else "1"
    return response


def framework_refused(error: HTTPException) -> Response:
    """What Flask, Werkzeug or webargs raised: only the status is believed, the description may repeat input."""
    code = error.code or _SERVER_ERROR
    if code < _CLIENT_ERROR:
        # No view of ours redirects; whatever the router would redirect is not a resource.
        return refused(Refusal(Problem.NOT_FOUND))
    if code >= _SERVER_ERROR and code not in _BY_STATUS:
        return failed(error)
    response = refused(Refusal(_BY_STATUS.get(code, Problem.BAD_REQUEST)))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def failed(error: Exception) -> Response:
    """A failure of ours: the sender learns the incident's name and nothing else."""
    return refused(incident(error, request_id()))


def incident(error: BaseException, name: str) -> Refusal:
    """Log where it happened (type and lines of code, never a message or a value) and hide it from the sender."""
    frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    LOG.error(
        json.dumps(
            {
                "incident": name,
                "error": f"{type(error).__module__}.{type(error).__qualname__}",
                "at": frames[-6:],
            }
        )
    )
    return Refusal(Problem.INTERNAL, detail=f"incident {name}")


def malformed(error: StrictJsonError) -> Refusal:
    """A body that the strict loader refused; its code is ours and says what is wrong."""
    if error.code is StrictJsonCode.TOO_LARGE:
        return Refusal(Problem.BODY_TOO_LARGE)
    return Refusal(Problem.MALFORMED_BODY, detail=error.code.value)


def problem_bytes(refusal: Refusal) -> bytes:
    """The document as it goes over the wire."""
    return json.dumps(refusal.to_wire(), separators=(",", ":")).encode("ascii")
