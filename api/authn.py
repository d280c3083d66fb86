"""The order of a request's way in: signature, route, role, form of the headers, body and digest; only then parsing.

Everything but the public operations is signed, unknown paths included: a stranger gets 401 for every path and
learns nothing of which resources exist; a participant gets the 404 or 405 that is true.
"""

import re
import uuid
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import quote

from flask import Flask, Response, g, request

from api.bodies import check_announced, has_body, single_values, spool
from api.door import IDEMPOTENCY_HEADER, actor, door, known_actor, standing
from api.operations import BodyKind, Operation, operation_of
from api.places import Place
from api.problems import refused
from protocol.incarnation import HEADER, MOST, read_incarnation
from protocol.names import IDEMPOTENCY_KEY
from protocol.problems import FieldCode, Problem, Refusal
from registry.usecases.arrivals import arrive_alone
from registry.usecases.authenticate import IncomingRequest, authenticate, require_role
from registry.usecases.overseeing import reading_of
from registry.usecases.readiness import require_answers
from registry.usecases.restores.standing import standing as judge_standing

_KEY = re.compile(IDEMPOTENCY_KEY)
_TARGET = re.compile(r"/[!-\"$-~]*")
"""A request target in origin form: visible ASCII without a fragment."""


def register(app: Flask) -> None:
    """Put the door in front of every view."""
    app.before_request(admit)
    app.teardown_request(_close_held)
    app.after_request(_let_in)


def admit() -> None:
    """Let the request through to its view, or raise Refusal."""
    g.request_id = door().registry.random(16).hex()
    operation = operation_of(request)
    if operation is None or not operation.from_memory:
        require_answers(door().registry)
    if operation is not None and operation.public:
        _no_query(operation)
        check_announced(request, BodyKind.NONE, door().limits)
        return
    g.incoming = incoming()
    in_its_work = operation is not None and operation.one_transaction
    sender = authenticate(door().registry, g.incoming, in_its_work=in_its_work)
    # Check it before the sender counts as known: each signed answer names the incarnation.
    g.standing = judge_standing(door().registry)
    g.actor = sender
    g.request_id = str(actor().request_id)
    _check_incarnation()
    if request.routing_exception is not None:
        raise request.routing_exception
    if operation is None:
        raise Refusal(Problem.NOT_FOUND)
    if operation.roles:
        require_role(actor(), *operation.roles)
    _check_form(operation)
    g.reading = replace(reading_of(actor(), g.incoming.headers), on_entry=_note_entry)
    check_announced(request, operation.body, door().limits)
    if operation.batch:
        # Take the place before reading the body: a slow sender holds a thread as well.
        g.place = _place()
    if operation.body is not BodyKind.NONE:
        g.body = spool(request, operation.body, door().limits, dict(g.incoming.headers))


def incoming() -> IncomingRequest:
    """The request as its signature sees it."""
    return IncomingRequest(
        method=request.method,
        target_uri=target_uri(),
        headers={name.lower(): value for name, value in request.headers.items()},
        has_body=has_body(request),
    )


def target_uri() -> str:
    """Return the configured public URL with the raw path and query of the request; the Host header is ignored."""
    target = written_target()
    if _TARGET.fullmatch(target) is None:
        raise Refusal(Problem.BAD_REQUEST, detail="The request target is not in origin form.")
    return door().registry.public_url.rstrip("/") + target


def written_target() -> str:
    """Return the path and query as the sender wrote them, nothing decoded.

    gunicorn gives the target as it came in RAW_URI; Werkzeug's test client leaves the query out of it, so the query
    is always taken from QUERY_STRING.
    """
    raw: str = request.environ.get("RAW_URI") or quote(request.environ["PATH_INFO"].encode("latin-1"))
    path, mark, _ = raw.partition("?")
    query = request.environ.get("QUERY_STRING", "")
    return f"{path}?{query}" if query or mark else path


def _note_entry(entry_id: uuid.UUID) -> None:
    """Keep the id of the entry that logs the running reading, for the answer's header."""
    g.log_entry = str(entry_id)


def _check_form(operation: Operation) -> None:
    accepted = request.accept_mimetypes
    if accepted and not any(accepted.quality(each) for each in operation.produces):
        raise Refusal(Problem.NOT_ACCEPTABLE)
    if operation.body is not BodyKind.NONE:
        key = request.headers.get(IDEMPOTENCY_HEADER)
        if not key:
            raise Refusal(Problem.IDEMPOTENCY_KEY_MISSING)
        if _KEY.fullmatch(key) is None:
            raise Refusal(Problem.BAD_REQUEST, detail="The Idempotency-Key is not 1 to 128 of A-Z a-z 0-9 . _ : -")
    _no_query(operation)


def _check_incarnation() -> None:
    """Refuse a request that names another incarnation, in which the work that it continues began."""
    named = request.headers.get(HEADER)
    if named is None:
        return
    try:
        meant = read_incarnation(named)
    except ValueError:
        raise Refusal(Problem.BAD_REQUEST, detail=f"{HEADER} is not 1 to {MOST}.") from None
    if meant != standing().incarnation:
        raise Refusal(Problem.INCARNATION_DIFFERS, figures={"incarnation": standing().incarnation})


def _no_query(operation: Operation) -> None:
    if not operation.has_query and single_values(request.args):
        raise Refusal(Problem.INVALID_FIELD, fields={".": FieldCode.UNKNOWN_FIELD})


def _place() -> Place:
    """The place of a batch; raises Refusal TOO_MANY_BATCHES."""
    place = door().places.for_batch(actor().participant_id)
    if place is None:
        raise Refusal(Problem.TOO_MANY_BATCHES)
    return place


def _let_in(response: Response) -> Response:
    """Let a request in whose work was refused: its nonce is used up and it is kept, before the refusal is sent.

    Nothing is kept where the database did not answer: it would be asked, and waited for, once more.
    """
    sender, status = known_actor(), response.status_code
    if sender is None or status < HTTPStatus.BAD_REQUEST or status == HTTPStatus.SERVICE_UNAVAILABLE:
        return response
    try:
        arrive_alone(door().registry, sender)
    except Refusal as refusal:
        # After a failure of ours a used nonce says nothing: the work's own commit may have used it.
        return response if status >= HTTPStatus.INTERNAL_SERVER_ERROR else refused(refusal)
    return response


def _close_held(_: BaseException | None) -> None:
    held = g.pop("body", None)
    if held is not None:
        held.file.close()
    place = g.pop("place", None)
    if place is not None:
        place.close()
