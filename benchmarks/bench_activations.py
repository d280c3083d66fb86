"""Measures batches of activations: rows a second from lines to committed verdicts, in chunks of 500, on one core."""

import argparse
import hashlib
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from api.limits import CHUNK_ROWS, Limits
from api.rows import lines, parse_activation
from benchmarks.bench_store import postgresql
from protocol.activations import ActivationOutcome
from protocol.codes import ServiceClass
from protocol.messages.inquiries import InquiryAnswers, InquiryRequest
from protocol.wire.codec import read, write
from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store
from registry.usecases.activations.batch import report_activation_chunk
from registry.usecases.chunks import Chunk, MalformedRun
from registry.usecases.inquiries.inquire import inquire_batch
from tests.support.activations import a_report_on
from tests.support.builders import tokens
from tests.support.contexts import with_context
from tests.support.world import World, found_world

RESULTS: Final = Path(__file__).parent / "results" / "activations.json"
_WARM: Final = 2
"""Chunks before the first figure: the driver prepares a statement at its fifth use."""


def main() -> None:
    """Measure both databases and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=12)
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the figures go")
    given = parser.parse_args()
    figures: dict[str, Any] = {"rows_a_chunk": CHUNK_ROWS, "chunks": given.chunks}
    with tempfile.TemporaryDirectory(prefix="clearline-bench-") as folder:
        figures["sqlite"] = _figure(f"sqlite:///{folder}/registry.db", given.chunks)
        with postgresql(Path(folder)) as url:
            figures["postgresql"] = _figure(url, given.chunks)
    figures["machine_load"] = round(os.getloadavg()[0], 1)
    given.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="ascii")
    print(json.dumps(figures))


def _figure(url: str, chunks: int) -> dict[str, float]:
    upgrade(url)
    world = found_world(Store(make_engines(url)))
    taken = [_chunk(world, number) for number in range(chunks + _WARM)][_WARM:]
    world.registry.store.close()
    wall, cpu = (statistics.median(each) for each in zip(*taken, strict=True))
    return {"rows_a_second": round(CHUNK_ROWS / wall), "cpu_us_a_row": round(cpu / CHUNK_ROWS * 1e6)}


def _chunk(world: World, number: int) -> tuple[float, float]:
    """Ask about a chunk of orders, and report them; seconds and CPU seconds of the report."""
    actor, limits = world.actor("carrier-b"), Limits()
    asked = [_inquiry(number, place) for place in range(CHUNK_ROWS)]
    answered = inquire_batch(world.registry, actor, world.call(), asked)
    answers = read(InquiryAnswers, json.loads(answered.body)).answers
    reports = [a_report_on(world, each, ActivationOutcome.ACTIVATED) for each in answers]
    body = b"\n".join(json.dumps(write(each)).encode() for each in reports)
    begun, cpu = time.perf_counter(), time.process_time()
    rows = [
        parse_activation(line, place, limits.line_bytes)
        for place, line in enumerate(lines([body], limits.line_bytes), start=1)
    ]
    chunk = Chunk(batch_key=f"b{number}", number=0, rows_digest=hashlib.sha256(body).digest(), rows=tuple(rows))
    verdicts = report_activation_chunk(world.registry, actor, chunk, MalformedRun())
    spent = time.perf_counter() - begun, time.process_time() - cpu
    if verdicts.count(b'"RECORDED"') != CHUNK_ROWS:
        raise RuntimeError("not every row was recorded")
    return spent


def _inquiry(number: int, place: int) -> InquiryRequest:
    plain = InquiryRequest(inquiry_ref="o", tokens=tokens(f"{number}-{place}"), service_class=ServiceClass.MOBILE)
    return with_context(plain, order=hashlib.sha256(f"{number}-{place}".encode()).digest()[:16])


if __name__ == "__main__":
    main()
