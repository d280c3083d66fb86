"""A process that reports a chunk of a batch, and kills itself at the step that it is told.

    python -m tests.usecases.chunk_killing <database url> <pepper in hex>

Every line that it reads is a step and the number of a chunk; it forks a child that reports that chunk with the real
code and sends itself SIGKILL at that step (0: at none), and answers with one line of JSON.
"""

import json
import os
from typing import NoReturn

from registry.store.engines import make_engines
from registry.store.prepared import FEW
from registry.store.transactions import Store
from registry.usecases.chunks import Chunk
from registry.usecases.records.report import ReportedRow, report_chunk
from tests.support.batches import a_chunk
from tests.support.builders import a_report, tokens
from tests.support.world import a_world, new_secrets, with_pepper
from tests.usecases.log.killing import Steps, answer_orders

ROWS = FEW + 2
"""More than go one by one."""


def chunk_of(number: int) -> Chunk[ReportedRow]:
    """A batch of one chunk: new people and accounts, two to a home."""
    rows = [
        a_report(number=f"{number}-{place}", tokens=tokens(f"{number}-{place}", address=f"{number}-{place // 2}"))
        for place in range(ROWS)
    ]
    return a_chunk(*rows, key=f"batch-{number}")


def one_chunk(url: str, pepper: bytes, number: int, last: int, report: int) -> NoReturn:
    steps = Steps(last, report)
    engines = make_engines(url)
    world = a_world(Store(engines), with_pepper(new_secrets(), pepper))
    chunk = chunk_of(number)
    steps.watch(engines)
    verdicts = report_chunk(world.registry, world.actor("carrier-a"), chunk)
    os.write(report, json.dumps({"step": steps.taken, "name": "end", "rows": verdicts.count(b"\n")}).encode())
    os._exit(0)


if __name__ == "__main__":
    answer_orders(one_chunk)
