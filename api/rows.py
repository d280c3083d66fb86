"""A batch's lines, cut into chunks of reports: a malformed line becomes a verdict, a blank line is skipped."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from api.limits import CHUNK_ROWS
from protocol.codes import Verdict
from protocol.messages.activations import ActivationReport
from protocol.messages.attestations import AttestationRow
from protocol.messages.records import RecordReport, RefusedRow, RowVerdict
from protocol.strict_json import StrictJsonError, load_object
from protocol.wire.codec import Malformed, read
from protocol.wire.fields import RowId
from registry.usecases.activations.batch import ActivationRow, malformed_row
from registry.usecases.attestations.batch import SentAttestation, malformed_attestation
from registry.usecases.chunks import Chunk
from registry.usecases.records.report import ReportedRow


@dataclass(frozen=True, slots=True)
class _Named:
    """The row's name, the one member that is read when the others are wrong."""

    row_id: RowId


@dataclass(frozen=True, slots=True)
class _Faulty:
    """A line that is no row: its own name, or that of its place, and the faults of its members."""

    row_id: str
    faults: Mapping[str, str]


Row = TypeVar("Row")
_ROW_DEPTH: Final = 4
_WHOLE: Final = b"\x00"
_TOO_LONG: Final = b"\x01"
_ENDS: Final = re.compile(rb"\n(?:[ \t\r]*+\n)*+")
"""The end of a line with the blank lines behind it: a megabyte of them, which 40 bytes can stand for, is one match."""
_BLANK: Final = b" \t\r"
"""The whitespace of JSON that a line may hold."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end; ``content`` is None when it was longer than allowed."""

    content: bytes | None = field(repr=False)
    mark: bytes = field(repr=False)
    """The bytes by which the line enters the digest of its chunk."""


def lines(blocks: Iterable[bytes], most: int) -> Iterator[Line]:
    """Cut blocks at line feeds, holding at most ``most`` bytes of a line; the last line feed may be missing.

    Blank lines are left out: the pattern removes those within a block, and the loop those at its borders.
    """
    held = bytearray()
    overlong: Any = None
    for block in blocks:
        pieces = _ENDS.split(block)
        for place, piece in enumerate(pieces):
            if overlong is None and len(held) + len(piece) > most:
                overlong = hashlib.sha256(held)
                held.clear()
            if overlong is None:
                held += piece
            else:
                overlong.update(piece)
            if place < len(pieces) - 1:
                if overlong is not None or held.strip(_BLANK):
                    yield _line(held, overlong)
                held.clear()
                overlong = None
    if overlong is not None or held.strip(_BLANK):
        yield _line(held, overlong)


def chunks(
    found: Iterable[Line], parse: Callable[[Line, int, int], Row], *, batch_key: str, first_chunk: int, line_bytes: int
) -> Iterator[Chunk[Row]]:
    """Chunks of parsed rows, numbered from ``first_chunk``; a chunk's digest is over its lines as they came."""
    rows: list[Row] = []
    digest = hashlib.sha256()
    number = first_chunk
    for line in found:
        digest.update(line.mark)
        rows.append(parse(line, number * CHUNK_ROWS + len(rows) + 1, line_bytes))
        if len(rows) == CHUNK_ROWS:
            yield Chunk(batch_key=batch_key, number=number, rows_digest=digest.digest(), rows=tuple(rows))
            rows.clear()
            digest = hashlib.sha256()
            number += 1
    if rows:
        yield Chunk(batch_key=batch_key, number=number, rows_digest=digest.digest(), rows=tuple(rows))


def parse_record(line: Line, place: int, line_bytes: int) -> ReportedRow:
    """Read a line as a report or a refused row; the verdict is for a line that is neither.

    A line with a ``code`` is a row that its gateway refuses. ``place`` counts from 1 and names a row without an id.
    """
    document: dict[str, Any] = {}
    if line.content is not None:
        try:
            document = load_object(line.content, max_bytes=line_bytes, max_depth=_ROW_DEPTH)
            return read(RefusedRow, document) if "code" in document else read(RecordReport, document)
        except (StrictJsonError, Malformed):
            pass
    return RowVerdict(row_id=_own_name(document, f"line-{place}"), verdict=Verdict.REJ_MALFORMED_ROW)


def parse_activation(line: Line, place: int, line_bytes: int) -> ActivationRow:
    """Read a line as a report of an activation; the verdict names the faults of a line that is none."""
    found = _read(line, place, line_bytes, ActivationReport)
    return malformed_row(found.row_id, found.faults) if isinstance(found, _Faulty) else found


def parse_attestation(line: Line, place: int, line_bytes: int) -> SentAttestation:
    """Read a line as an attestation; the verdict names the faults of a line that is none."""
    found = _read(line, place, line_bytes, AttestationRow)
    return malformed_attestation(found.row_id, found.faults) if isinstance(found, _Faulty) else found


def _read(line: Line, place: int, line_bytes: int, message: type[Row]) -> "Row | _Faulty":
    document: dict[str, Any] = {}
    faults: Mapping[str, str] = {}
    if line.content is not None:
        try:
            document = load_object(line.content, max_bytes=line_bytes, max_depth=_ROW_DEPTH)
            return read(message, document)
        except Malformed as malformed:
            faults = {path: code.value for path, code in malformed.faults.items()}
        except StrictJsonError:
            pass
    return _Faulty(_own_name(document, f"line-{place}"), faults)


def _own_name(document: dict[str, Any], otherwise: str) -> str:
    try:
        return read(_Named, {"row_id": document.get("row_id")}).row_id
    except Malformed:
        return otherwise


def _line(held: bytearray, overlong: Any) -> Line:
    # Length and tag precede the bytes, so that two different lists of lines never share a digest.
    if overlong is not None:
        return Line(None, _TOO_LONG + overlong.digest())
    return Line(bytes(held), _WHOLE + len(held).to_bytes(8, "big") + held)
