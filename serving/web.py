"""Writes the JSON answers of a Flask application, its problem documents (RFC 9457) included, without any input."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from protocol.problems import Problem, Refusal

OPEN: Final = frozenset({"healthz", "readyz"})
"""These endpoints need no authentication, since they tell nothing of any person or participant."""
PROBLEM_JSON: Final = "application/problem+json"

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


def add_problems(app: Flask, answer: Callable[[Refusal], Response], unforeseen: Callable[[Exception], Refusal]) -> None:
    """Handle every exception of the application, the framework's own included.

    ``answer`` writes a refusal; ``unforeseen`` logs another exception and hides its text, which may hold personal data.
    """

    def framework_refused(error: HTTPException) -> Response:
        # Flask, Werkzeug or webargs raised it: use its status only, since its description may repeat input.
        code = error.code or _SERVER_ERROR
        if code < _CLIENT_ERROR:
            # No view redirects; a path that the router would redirect is not a resource.
            return answer(Refusal(Problem.NOT_FOUND))
        if code >= _SERVER_ERROR and code not in _BY_STATUS:
            return answer(unforeseen(error))
        response = answer(Refusal(_BY_STATUS.get(code, Problem.BAD_REQUEST)))
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return response

    app.register_error_handler(Refusal, answer)
    app.register_error_handler(HTTPException, framework_refused)
    app.register_error_handler(Exception, lambda error: answer(unforeseen(error)))


def add_logged_problems(
    app: Flask, log: logging.Logger, answer: Callable[[Refusal], Response]
) -> Callable[[Refusal], Response]:
    """Handle every exception as `add_problems` does, and log each refusal by its name; returns that logging handler."""

    def logged(refusal: Refusal) -> Response:
        log.info("refused problem=%s", refusal.problem.value.name)
        return answer(refusal)

    def unforeseen(error: Exception) -> Refusal:
        # Log only the type of an unforeseen error: its text may hold personal data.
        log.error("failed error=%s", type(error).__name__)
        return Refusal(Problem.INTERNAL)

    add_problems(app, logged, unforeseen)
    return logged


def add_healthz(app: Flask) -> None:
    """Answer as long as the process runs."""
    app.add_url_rule("/healthz", "healthz", lambda: json_answer({"status": "ok"}))


def problem_answer(refusal: Refusal) -> Response:
    """Write a refusal as its problem document."""
    return _unkept(Response(problem_bytes(refusal), refusal.problem.value.status, content_type=PROBLEM_JSON))


def json_answer(document: Mapping[str, Any], status: int = 200) -> Response:
    """Write a JSON answer that no cache may store."""
    return _unkept(Response(_compact(document), status, content_type="application/json"))


def problem_bytes(refusal: Refusal) -> bytes:
    """Write the document as it goes over the wire."""
    return _compact(refusal.to_wire())


def _compact(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def _unkept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
