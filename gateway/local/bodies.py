"""Read the body of a request to the local service."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, request

from protocol import strict_json
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write_sorted
from serving.web import json_answer

MAX_BODY: Final = 16 * 1024
TAKES_A_DOCUMENT: Final = "takes-a-document"
TAKES_MANY_OUTCOMES: Final = "takes-many-outcomes"
_LARGER: Final = {TAKES_A_DOCUMENT: 3 * 1024 * 1024, TAKES_MANY_OUTCOMES: 1024 * 1024}
"""The endpoints with larger bodies: two mebibytes in base64url and room for the rest; a kibibyte for each outcome."""
MAX_FOREIGN_BODY: Final = 256 * 1024
"""A message of another house's schema: it repeats a whole order, with its prices and places."""
_FOREIGN_DEPTH: Final = 32


def most_bytes(endpoint: str | None) -> int:
    """Return the size of the largest body that an endpoint takes."""
    return _LARGER.get(endpoint or "", MAX_BODY)


def read_body() -> dict[str, Any]:
    """Read the request's one JSON object; raises Refusal."""
    try:
        return strict_json.load_object(request.get_data(cache=False), max_bytes=most_bytes(request.endpoint))
    except strict_json.StrictJsonError as trouble:
        raise Refusal(Problem.MALFORMED_BODY, detail=trouble.code.value) from None


def read_foreign_body() -> dict[str, Any]:
    """Read a message of another house's schema, which is larger and deeper and may have fractions; raises Refusal."""
    raw = request.get_data(cache=False)
    try:
        return strict_json.load_object(raw, max_bytes=MAX_FOREIGN_BODY, max_depth=_FOREIGN_DEPTH, fractions=True)
    except strict_json.StrictJsonError as trouble:
        raise Refusal(Problem.MALFORMED_BODY, detail=trouble.code.value) from None


def answer_json(content: object, status: int = 200) -> Response:
    """Answer with a message or a mapping, and forbid caching."""
    return json_answer(content if isinstance(content, Mapping) else write_sorted(content), status)
