"""The OpenAPI 3.1 document of the local service, made from the table of operations alone."""

import functools
import json
import re
from typing import Any, Final

from gateway.local.contract import answers
from gateway.local.contract.examples import ANSWERS, BODIES
from gateway.local.contract.operation import Operation
from gateway.local.contract.operations import OPERATIONS
from gateway.tmf.answers import TmfError
from gateway.tmf.errors import error_of
from protocol.messages.service import ProblemDocument
from protocol.names import IDEMPOTENCY_KEY, REFERENCE, UUID_PATTERN
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write
from protocol.wire.json_schema import COMPONENTS, Schema, object_of, parts_of, properties_of, required_of
from serving.web import PROBLEM_JSON
from serving.yaml_text import yaml_text

TITLE: Final = "Clearline gateway, the local service"
VERSION: Final = "0.1.0"
_JSON: Final = "application/json"
_ERRORS: Final = 400
_NO_CONTENT: Final = 204
_DESCRIPTION: Final = """\
A carrier's own programs call their gateway here, over loopback or, under TLS, inside the carrier's network. Bodies hold
raw identity numbers: they end at the gateway. docs/integrate.md leads through it.

Every call but those to /healthz, /readyz and /openapi.json needs a token: `Authorization: Bearer clt_...`. Without one,
every path answers 401, unknown ones too; with one, an unknown path is 404 `not-found`, and another method 405
`method-not-allowed`. A request with an `Origin`, or under another `Host` than the configured ones, is 400.

Bodies are JSON objects: duplicate members, and members that are not listed here, are refused. Problems (RFC 9457) have
stable types. `errors` names members, never values; an unknown member is named where its name has at most 32 letters,
digits and underscores, of them at most three digits, and is `*` otherwise. Answers may have more members in later
releases. Money is in fen, times are in UTC with six digits of a second.

Paths under /tmf-api/ and /listener/ speak TM Forum's APIs (TMF679, TMF622 v5.0.0), where `[tmf]` of the gateway's
settings has the carrier's words. Refusals are its Error, with the same stable names as `code`; sums are in yuan; null
is as good as absent. Any other operation under /tmf-api/ is 501 `not-served`.
"""
_BEARER: Final = "A token of `clearline gateway token`; each opens the operations of its scopes (`x-scope`)."
_PARAMETERS: Final[dict[str, Schema]] = {
    "reference": {"type": "string", "pattern": f"^(?:{REFERENCE})$"},
    "qualification_id": {"type": "string", "pattern": f"^(?:{UUID_PATTERN})$", "format": "uuid"},
    "dispute_id": {"type": "string", "pattern": f"^(?:{UUID_PATTERN})$", "format": "uuid"},
}
_KEY: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Chosen by the caller, one for each thing that it wants done; see the operation.",
    "schema": {"type": "string", "pattern": f"^{IDEMPOTENCY_KEY}$"},
    "example": "order-2026-000123",
}
_HEADERS: Final[dict[int, tuple[str, dict[str, Any]]]] = {
    Problem.TOKEN_MISSING.value.status: (
        "WWW-Authenticate",
        {"description": "The challenge of RFC 6750.", "schema": {"type": "string"}},
    ),
    Problem.UNAVAILABLE.value.status: (
        "Retry-After",
        {"description": "Seconds to wait; absent: a few.", "schema": {"type": "integer", "minimum": 0}},
    ),
}


@functools.cache
def contract() -> dict[str, Any]:
    """Build the document as JSON values, in one order; once in a process, so that nobody may change it."""
    paths: dict[str, dict[str, Any]] = {}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION, "description": _DESCRIPTION},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": {path: dict(sorted(paths[path].items())) for path in sorted(paths)},
        "components": {
            "parameters": {"IdempotencyKey": _KEY},
            "schemas": dict(sorted(_components().items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": _BEARER}},
        },
    }


def render() -> str:
    """Write the text of ``openapi-gateway.yaml``."""
    return "# Generated from gateway/local/contract/ by `make openapi`; do not edit.\n" + yaml_text(contract())


def _operation(operation: Operation) -> dict[str, Any]:
    said: dict[str, Any] = {"operationId": operation.operation_id, "summary": operation.summary}
    if operation.description:
        said["description"] = operation.description
    parameters = [_in_path(name) for name in re.findall(r"\{(\w+)\}", operation.path)]
    if operation.has_key:
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if parameters:
        said["parameters"] = parameters
    if operation.body is not None:
        content = _content(operation.body.__name__, BODIES.get(operation.operation_id))
        said["requestBody"] = {"required": True, "content": content}
    said["responses"] = _responses(operation)
    if operation.scope is None:
        return said | {"security": []}
    return said | {"x-scope": operation.scope.value}


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": _PARAMETERS[name]}


def _content(component: str, example: dict[str, Any] | None) -> dict[str, Any]:
    media: dict[str, Any] = {"schema": {"$ref": COMPONENTS + component}}
    return {_JSON: media if example is None else media | {"example": example}}


def _responses(operation: Operation) -> dict[str, Any]:
    given: dict[str, Any] = {}
    example = ANSWERS.get(operation.operation_id)
    for status, meaning in operation.answered:
        if status == _NO_CONTENT:
            given[str(status)] = {"description": meaning}
            continue
        answer = operation.answer
        content = (
            {_JSON: {"schema": {"type": "object"}}}
            if answer is None
            else _content(_name(answer), example if status < _ERRORS else None)
        )
        given[str(status)] = {"description": meaning, "content": content}
    problems = operation.problems
    refused = [each for each in Problem if each in problems]
    for status in sorted({each.value.status for each in refused}):
        given[str(status)] = _refused(status, refused, is_tmf=operation.is_tmf)
    return given


def _refused(status: int, problems: list[Problem], *, is_tmf: bool) -> dict[str, Any]:
    types = [each for each in problems if each.value.status == status]
    shown = {each.value.name: Refusal(each) for each in types}
    media: dict[str, Any] = {
        "schema": {"$ref": COMPONENTS + (TmfError.__name__ if is_tmf else _PROBLEM)},
        "examples": {
            name: {"value": write(error_of(each)) if is_tmf else each.to_wire()} for name, each in shown.items()
        },
    }
    content = {_JSON if is_tmf else PROBLEM_JSON: media}
    said = {"description": " ".join(each.value.title for each in types), "content": content}
    if status in _HEADERS:
        name, header = _HEADERS[status]
        said["headers"] = {name: header}
    return said


def _name(answer: answers.Merged | type[Any]) -> str:
    return answer.name if isinstance(answer, answers.Merged) else answer.__name__


_PROBLEM: Final = ProblemDocument.__name__
_NOT_READ: Final[Schema] = {"description": "Not read."}


def _components() -> dict[str, Schema]:
    """Collect each message once: bodies are closed, answers are open for members of later releases."""
    schemas: dict[str, Schema] = _with_parts(ProblemDocument, closed=False) | _with_parts(TmfError, closed=False)
    for each in OPERATIONS:
        if each.body is not None:
            schemas |= _with_parts(each.body, closed=not each.is_open)
        if isinstance(each.answer, answers.Merged):
            schemas[each.answer.name] = _with_spoken_defaults(each.answer.schema())
            for part in each.answer.parts:
                # The parts of a merged answer are no components, but whatever stands in them is.
                within = _with_parts(part, closed=False)
                schemas |= {name: schema for name, schema in within.items() if name != part.__name__}
        elif each.answer is not None:
            schemas |= _with_parts(each.answer, closed=False)
    return schemas


def _with_parts(message: type[Any], *, closed: bool) -> dict[str, Schema]:
    messages = [message, *parts_of(message)]
    return {
        each.__name__: _with_spoken_defaults(object_of(_properties(each), required_of(each), closed=closed))
        for each in messages
    }


def _properties(message: type[Any]) -> dict[str, Schema]:
    """Write the members that are read, and those of another house's schema that are passed over."""
    return properties_of(message) | dict.fromkeys(sorted(getattr(message, "NOT_READ", ())), _NOT_READ)


def _with_spoken_defaults(schema: Schema) -> Schema:
    """Say in the description what an absent member means, without the keyword ``default``.

    Generators take that keyword for "always there" (openapi-typescript does). Here the member may be left out, of a
    body as of an answer, and a type that says otherwise is wrong on both sides.
    """
    return schema | {"properties": {name: _spoken(each) for name, each in schema["properties"].items()}}


def _spoken(member: Schema) -> Schema:
    if "default" not in member:
        return member
    said = f"Absent: `{json.dumps(member['default'])}`."
    rest = {name: value for name, value in member.items() if name != "default"}
    return rest | {"description": f"{member['description']} {said}" if "description" in member else said}
