"""Streamed batches: rows in, verdict lines out, chunk by chunk, in constant memory, resumable.

docs/spec/record-batches.md is the specification. Each chunk is committed before its verdicts are sent, so whatever
the sender has seen is durable; a stream that does not close with the line ``{"end":true,...}`` is not complete.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import Response

from api.decompression import check_whole, decoded_blocks, plain_blocks
from api.door import Door, actor, body, door, hand_on_body, hand_on_place, request_id
from api.operations import NDJSON
from api.problems import incident
from api.rows import Line, chunks, lines
from protocol.messages.records import BatchProgress
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.participants import Actor
from registry.usecases.chunks import Chunk, MalformedRun
from registry.usecases.context import Registry

Row = TypeVar("Row")


class StreamBroken(Exception):
    """An answer that began and could not be ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batches(Generic[Row]):
    """The batches of one noun."""

    parse: Callable[[Line, int, int], Row]
    """Reads a line, its place in the batch and the bytes of the longest one as a row, or as its verdict."""
    judge: Callable[[Registry, Actor, Chunk[Row], MalformedRun], bytes]
    progress: Callable[[Registry, Actor, str], BatchProgress]


def answer_batch(batches: Batches[Row], batch_key: str, encoding: str | None, first_chunk: int) -> Response:
    """Judge the running request's body; a fault in its first chunk is still answered by an ordinary problem."""
    here, sender = door(), actor()
    if first_chunk:
        _check_start(lambda: batches.progress(here.registry, sender, batch_key), first_chunk)
    read = chunks(
        _lines(here, encoding),
        batches.parse,
        batch_key=batch_key,
        first_chunk=first_chunk,
        line_bytes=here.limits.line_bytes,
    )

    malformed = MalformedRun()

    def commit(chunk: Chunk[Row]) -> bytes:
        return batches.judge(here.registry, sender, chunk, malformed)

    first = next(read, None)
    if first is None:
        raise Refusal(Problem.MALFORMED_BODY, detail="EMPTY")
    try:
        stream = _verdicts(commit, first, commit(first), read)
    except Refusal as refusal:
        if refusal.problem is not Problem.TOO_MANY_MALFORMED_ROWS:
            raise
        # The closing line reports it wherever it happens, so that a sender has one place to look.
        stream = iter((_stopped(refusal),))
    response = Response(told(stream, request_id()), content_type=NDJSON)
    # Body and place outlive the request: they are let go when the stream has ended or the sender has gone.
    response.call_on_close(hand_on_body().file.close)
    response.call_on_close(hand_on_place().close)
    return response


def _check_start(progress: Callable[[], BatchProgress], first_chunk: int) -> None:
    """A resumed batch may begin at most where its committed part ends: a gap would lose rows."""
    try:
        done = progress().chunks
    except Refusal as refusal:
        if refusal.problem is not Problem.NOT_FOUND:
            raise
        done = 0
    if first_chunk > done:
        raise Refusal(Problem.INVALID_FIELD, fields={"first_chunk": FieldCode.OUT_OF_RANGE})


def _lines(here: Door, encoding: str | None) -> Iterator[Line]:
    file, limits = body().file, here.limits
    if encoding is None:
        blocks = plain_blocks(file)
    else:
        check_whole(file, encoding, limits)
        blocks = decoded_blocks(file, encoding, limits)
    return lines(blocks, limits.line_bytes)


def _verdicts(
    commit: Callable[[Chunk[Row]], bytes], first: Chunk[Row], opening: bytes, rest: Iterator[Chunk[Row]]
) -> Iterator[bytes]:
    """The verdict lines of all chunks, then the line that only a complete answer has."""
    yield opening
    rows, done = len(first.rows), 1
    for chunk in rest:
        yield commit(chunk)
        rows += len(chunk.rows)
        done += 1
    yield _line({"end": True, "rows": rows, "chunks": done})


def told(stream: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Report a failure in the middle by a last line: the status is sent already, and the end line is left out."""
    try:
        yield from stream
    except Refusal as refusal:
        yield _stopped(refusal)
    except Exception as error:  # noqa: BLE001 (the cause stays in the incident's log line)
        yield _stopped(incident(error, name))
        # The server cuts the connection instead of ending the answer.
        raise StreamBroken from None


def _stopped(refusal: Refusal) -> bytes:
    """The closing line of an answer that is not complete."""
    return _line({"end": False, "problem": refusal.to_wire()})


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode("ascii") + b"\n"
