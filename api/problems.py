"""Every failure becomes one problem document (RFC 9457) from the table of protocol/problems.py, without any input."""

import json
import logging
import traceback

from flask import Flask, Response

from api.door import request_id
from protocol.problems import Problem, Refusal
from protocol.strict_json import StrictJsonCode, StrictJsonError
from serving.web import add_problems, problem_answer

LOG = logging.getLogger("clearline.api")


def register(app: Flask) -> None:
    """Handle every exception of the application, the framework's own included."""
    add_problems(app, refused, failed)


def refused(refusal: Refusal) -> Response:
    """Answer a refusal with its own problem document."""
    status = refusal.problem.value.status
    response = problem_answer(refusal)
    if status == Problem.SIGNATURE_MISSING.value.status:
        response.headers["WWW-Authenticate"] = 'Signature realm="clearline", tag="clearline-v1"'
    if status == Problem.UNAVAILABLE.value.status or refusal.problem is Problem.RECEIPT_PENDING:
        response.headers["Retry-After"] = "5" if refusal.problem is Problem.TOO_MANY_BATCHES else "1"
    return response


def failed(error: Exception) -> Refusal:
    """Hide an internal failure: the sender learns the incident's name and nothing else."""
    return incident(error, request_id())


def incident(error: BaseException, name: str) -> Refusal:
    """Log the failure's type and lines of code, never a message or a value, and hide it from the sender."""
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
    """Answer for a body that the strict loader refused, under the loader's own code."""
    if error.code is StrictJsonCode.TOO_LARGE:
        return Refusal(Problem.BODY_TOO_LARGE)
    return Refusal(Problem.MALFORMED_BODY, detail=error.code.value)
