"""One decorator that declares an operation whole: route, roles, body, answer and documentation.

Declaring them together makes two mistakes impossible: a response decorator above the route (it is silently lost)
and a view without roles, operationId or answer schema.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from flask import Response, current_app
from flask_smorest import Blueprint
from werkzeug.wrappers import Request

from api.schemas import query_schema_of, schema_of
from protocol.codes import Role
from protocol.messages.steps import Step, Versioned
from protocol.readings import LOG_ENTRY_HEADER

JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
CSV: Final = "text/csv"
TEXT: Final = "text/plain; charset=utf-8"
OCTETS: Final = "application/octet-stream"
JOSE: Final = "application/jose"

NOT_KEPT: Final = "no-store"
ASKED_AGAIN: Final = "no-cache"
KEPT_FOR_EVER: Final = "public, max-age=31536000, immutable"

View = Callable[..., Response]


class BodyKind(Enum):
    """The kinds of body that an operation may read."""

    NONE = "NONE"
    JSON = "JSON"
    DOCUMENT = "DOCUMENT"
    """JSON that may be as large as a document needs."""
    ROWS = "ROWS"
    NOTE = "NOTE"
    """A signed note, as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The facts that the door needs of an operation before its view runs."""

    operation_id: str
    method: str
    roles: frozenset[Role]
    """Any of these; an empty set admits every participant."""
    public: bool
    """Served without a signature."""
    body: BodyKind
    has_query: bool
    produces: tuple[str, ...]
    caching: str
    """The Cache-Control of a successful answer; refusals are never cached."""
    batch: bool
    """It may take long, so the number of its kind that run at a time is bounded (503)."""
    one_transaction: bool
    """Its use case lets the request in, in the transaction of its work, which begins with ``answer_once``."""
    from_memory: bool
    """Its answer needs no database, and is given while the database is silent."""
    overseen: bool
    """An office's reading of it is an entry of the log, with its purpose and its agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The successful answer of an operation."""

    message: type[Any] | dict[str, Any]
    """The message class, or the JSON schema of an answer without one."""
    description: str
    example: Any
    status: int = 200
    also: Mapping[int, str] = field(default_factory=dict)
    """Further successful statuses with the same schema, and the description of each."""
    content_type: str = JSON
    others: Mapping[str, str] = field(default_factory=dict)
    """Further forms that the query may ask for: a content type, and an example of it."""
    caching: str = NOT_KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """The input of an operation: a message, rows (NDJSON) of one, or a signed note."""

    message: type[Any] | None
    example: Any
    rows: tuple[type[Any], ...] = ()
    """The messages of which each line of a stream is one."""
    large: bool = False
    """The body carries a document."""
    finds: bool = False
    """The body names a resource that has to exist; otherwise the answer is 404."""

    @property
    def kind(self) -> BodyKind:
        """The kind of body that this input is read from."""
        if self.message is None:
            return BodyKind.NOTE
        return BodyKind.ROWS if self.rows else BodyKind.DOCUMENT if self.large else BodyKind.JSON


OVERSEERS: Final = (Role.AUDITOR, Role.REGULATOR)
"""The roles that read everything about records of others; each reading is an entry."""
STEP: Final = Input(message=Step, example={})
"""A step whose path says everything."""


def operation(
    blueprint: Blueprint,
    method: str,
    rule: str,
    *,
    operation_id: str,
    answer: Answer,
    roles: tuple[Role, ...] = (),
    public: bool = False,
    reads: Input | None = None,
    query: type[Any] | None = None,
    batch: bool = False,
    one_transaction: bool = False,
    from_memory: bool = False,
    overseen: bool = False,
) -> Callable[[View], View]:
    """Register the decorated view for ``method`` and ``rule``; it gets body, query and path arguments by name.

    ``batch``: the operation may take long. ``one_transaction``: its use case lets the request in. ``from_memory``: it
    needs no database. ``overseen``: an office's reading is logged.
    """
    declared = Operation(
        operation_id=operation_id,
        method=method,
        roles=frozenset(roles),
        public=public,
        body=BodyKind.NONE if reads is None else reads.kind,
        has_query=query is not None,
        produces=tuple(each.partition(";")[0] for each in (answer.content_type, *answer.others)),
        caching=answer.caching,
        batch=batch,
        one_transaction=one_transaction,
        from_memory=from_memory,
        overseen=overseen,
    )

    schema = answer.message if isinstance(answer.message, dict) else schema_of(answer.message)

    def register(view: View) -> View:
        wrapped = _answering(blueprint, view, answer, schema, {LOG_ENTRY_HEADER: "LogEntry"} if overseen else None)
        if query is not None:
            wrapped = blueprint.arguments(query_schema_of(query), location="query", arg_name="query")(wrapped)
        if reads is not None and reads.message is not None and not reads.rows:
            wrapped = blueprint.arguments(schema_of(reads.message), arg_name="body", example=reads.example)(wrapped)
        _add_header_parameters(wrapped, declared)
        wrapped = blueprint.doc(**_documentation(declared, rule, reads, answer.also))(wrapped)
        wrapped.operation = declared
        blueprint.route(rule, methods=[method], provide_automatic_options=False, endpoint=operation_id)(wrapped)
        return view

    return register


def _answering(blueprint: Blueprint, view: View, answer: Answer, schema: Any, headers: Any) -> Any:
    """Document every successful answer of a view; the framework writes none but the first."""
    wrapped = blueprint.response(
        answer.status,
        schema,
        content_type=answer.content_type,
        description=answer.description,
        example=answer.example,
        headers=headers,
    )(view)
    for status, description in answer.also.items():
        wrapped = blueprint.alt_response(status, schema=schema, description=description)(wrapped)
    for content_type, example in answer.others.items():
        wrapped = blueprint.alt_response(
            answer.status,
            schema={"type": "string"},
            content_type=content_type,
            description=answer.description,
            example=example,
            headers=headers,
        )(wrapped)
    return wrapped


def operation_of(request: Request) -> Operation | None:
    """Return the operation that a request was routed to; None where there is no such path or method."""
    endpoint = getattr(request, "endpoint", None)
    found = None if endpoint is None else getattr(current_app.view_functions[endpoint], "operation", None)
    return found if isinstance(found, Operation) else None


def _documentation(declared: Operation, rule: str, reads: Input | None, also: Collection[int]) -> dict[str, Any]:
    statuses = _public_refusals(rule) if declared.public else _refusals(declared, rule, reads)
    document: dict[str, Any] = {
        "operationId": declared.operation_id,
        "security": [] if declared.public else [{"signature": []}],
        "responses": {
            str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in set(statuses) - set(also)
        },
    }
    if declared.roles:
        document["x-roles"] = sorted(declared.roles)
    if reads is not None and reads.rows:
        document["requestBody"] = _rows(reads)
    if reads is not None and reads.message is None:
        document["requestBody"] = _note(reads)
    return document


def _public_refusals(rule: str) -> list[int]:
    return [400, 422, 503, *([404] if "<" in rule else [])]


def _refusals(declared: Operation, rule: str, reads: Input | None) -> list[int]:
    statuses = [400, 401, 406, 409, 429, 500, 503]
    if declared.roles:
        statuses.append(403)
    if "<" in rule or (reads is not None and reads.finds):
        statuses.append(404)
    if declared.has_query or declared.overseen:
        statuses.append(422)
    if reads is not None:
        statuses += [413, 415, 422]
    if reads is not None and reads.message is not None and issubclass(reads.message, Versioned):
        statuses.append(412)
    return statuses


def _add_header_parameters(wrapped: Any, declared: Operation) -> None:
    """Name the shared header parameters; next to the framework's own, since a list given to it replaces them."""
    # The framework names the 422 by the interpreter's own phrase, which changed in Python 3.13.
    wrapped._apidoc.get("arguments", {}).pop("responses", None)  # noqa: SLF001 (its only store)
    named = [] if declared.public else ["Incarnation"]
    named += ["Purpose", "Agent", "AgentDigest"] if declared.overseen else []
    named += ["IdempotencyKey"] if declared.body is not BodyKind.NONE else []
    named += ["ContentEncoding"] if declared.body is BodyKind.ROWS else []
    if named:
        wrapped._apidoc.setdefault("arguments", {}).setdefault("parameters", []).extend(named)  # noqa: SLF001 (as above)


def _rows(reads: Input) -> Mapping[str, Any]:
    named = " or ".join(each.__name__ for each in reads.rows)
    return {
        "required": True,
        "description": f"One {named} a line, ended by a line feed; see docs/spec/record-batches.md.",
        "content": {NDJSON: {"schema": {"type": "string"}, "example": reads.example}},
    }


def _note(reads: Input) -> Mapping[str, Any]:
    return {
        "required": True,
        "description": "A note (c2sp.org/signed-note); see docs/spec/transparency-log.md.",
        "content": {TEXT: {"schema": {"type": "string"}, "example": reads.example}},
    }
