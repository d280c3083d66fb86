"""Bodies and chunks of a batch of reports."""

import hashlib
import json
from collections.abc import Callable

from protocol.messages.records import RecordReport, RowVerdict
from protocol.wire.codec import write
from registry.usecases.chunks import Chunk
from registry.usecases.records.report import ReportedRow
from tests.support.builders import a_report

NDJSON = "application/x-ndjson"


def row(number: int) -> bytes:
    return json.dumps(write(a_report(f"d{number}", f"A{number}"))).encode()


def body(count: int, make: Callable[[int], bytes] = row) -> bytes:
    return b"".join(make(number) + b"\n" for number in range(count))


def a_chunk(*rows: RecordReport | RowVerdict, number: int = 0, key: str = "batch-1") -> Chunk[ReportedRow]:
    digest = hashlib.sha256("".join(row.row_id for row in rows).encode()).digest()
    return Chunk(batch_key=key, number=number, rows_digest=digest, rows=rows)
