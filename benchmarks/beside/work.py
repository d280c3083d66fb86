"""Does a registry's work on command, for `benchmarks.bench_beside`: the code is that of the checkout in PYTHONPATH.

A line of standard input names a kind of work and a number of pieces; the answer is CPU in microseconds a piece, of this
process and of PostgreSQL's (Linux: /proc).
"""

import gc
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from typing import Any, Final

from benchmarks.bench_inquiry import database, postgres
from protocol.messages.records import RecordReport
from protocol.messages.tokens import SubjectTokens
from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store
from registry.usecases.context import Registry
from registry.usecases.inquiries.group import Asked, answer_alone, answer_group
from registry.usecases.records.report import report, report_chunk
from tests.support.batches import a_chunk
from tests.support.builders import a_report
from tests.support.inquiry_groups import an_inquiry
from tests.support.mass import many_tokens
from tests.support.world import World, found_world

_LISTED: Final = 3_000
_WARM: Final = 12
"""Pieces before the first figure: the driver prepares a statement at its fifth use."""

Piece = Callable[[], object]


class Work:
    """A registry with some thousand debtors, and what is done to it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._numbers = count()
        self._people = many_tokens(10**9)
        self._listed = list(islice(self._people, _LISTED))
        self._batch(self._listed)()
        self._graded = _with_grades(world)

    def pieces(self, kind: str, number: int) -> Iterator[Piece]:
        """Make pieces of work; nothing is done before they are called."""
        kinds: dict[str, Callable[[], Piece]] = {
            "an inquiry": lambda: self._inquiries(1),
            "an inquiry in a context": lambda: self._inquiries(1, in_context=True),
            "a graded inquiry": lambda: self._inquiries(1, in_context=True, registry=self._graded),
            "a group of 4": lambda: self._inquiries(4),
            "a group of 16": lambda: self._inquiries(16),
            "a first report": lambda: self._report(next(self._people)),
            "another report": lambda: self._report(self._listed[next(self._numbers) % _LISTED]),
            "a batch of 1,000 first reports": lambda: self._batch(list(islice(self._people, 1_000))),
        }
        return (kinds[kind]() for _ in range(number))

    def _inquiries(self, size: int, *, in_context: bool = False, registry: Registry | None = None) -> Piece:
        # Every second one about somebody who owes something.
        numbers = list(islice(self._numbers, size))
        about = [self._listed[each % _LISTED] if each % 2 else next(self._people) for each in numbers]
        group = [
            an_inquiry(self._world, f"carrier-{'abc'[each % 3]}", whose, key=f"k{each}")
            for each, whose in zip(numbers, about, strict=True)
        ]
        if in_context:
            group = [_in_context(self._world, each, number) for each, number in zip(group, numbers, strict=True)]
        here = registry or self._world.registry
        return lambda: answer_alone(here, group[0]) if size == 1 else answer_group(here, group)

    def _reported(self, whose: SubjectTokens) -> RecordReport:
        return replace(a_report("nobody", f"A{next(self._numbers)}"), tokens=whose)

    def _report(self, whose: SubjectTokens) -> Piece:
        sent, world = self._reported(whose), self._world
        return lambda: report(world.registry, world.actor("carrier-a"), world.call(), sent)

    def _batch(self, people: list[SubjectTokens]) -> Piece:
        rows, key = tuple(map(self._reported, people)), f"b{next(self._numbers)}"
        chunk = a_chunk(*rows, key=key)
        return lambda: report_chunk(self._world.registry, self._world.actor("carrier-b"), chunk)


def _in_context(world: World, asked: Asked, number: int) -> Asked:
    """Add a context with an order of its own; a checkout from before contexts asks without, so that the price shows."""
    try:
        from registry.usecases.inquiries.handles import make_handle_keys  # noqa: PLC0415 (see above)
        from tests.support.contexts import with_context  # noqa: PLC0415
    except ModuleNotFoundError:
        return asked
    make_handle_keys(world.registry)
    return replace(asked, request=with_context(asked.request, order=number.to_bytes(16, "big")))


def _with_grades(world: World) -> Registry:
    """Return the registry under rules that grade people, for carriers that bind themselves; the plain one of before."""
    plain = world.registry
    try:
        from tests.support.grades import graded  # noqa: PLC0415 (see above)
    except ModuleNotFoundError:
        return plain
    here = graded(world, "carrier-a", "carrier-b", "carrier-c").registry
    world.registry = plain
    return here


def _server_us(postmaster: int) -> float:
    """The CPU of the server and its children."""
    total = 0
    for each in Path("/proc").iterdir():
        try:
            if each.name.isdigit() and postmaster in (int(each.name), _parent(each)):
                total += int((each / "schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total / 1e3


def _parent(process: Path) -> int:
    return int((process / "stat").read_text().rpartition(")")[2].split()[1])


def _cost(work: Work, kind: str, number: int, postmaster: int) -> tuple[float, float]:
    pieces = list(work.pieces(kind, number))
    gc.collect()
    ours, server = time.process_time_ns() / 1e3, _server_us(postmaster)
    for each in pieces:
        each()
    return (time.process_time_ns() / 1e3 - ours) / number, (_server_us(postmaster) - server) / number


def _serve(server: Any, data: Path) -> None:
    postmaster = int((data / "postmaster.pid").read_text().splitlines()[0])
    url = database(server, "work")
    upgrade(url)
    work = Work(found_world(Store(make_engines(url, prepared_statements=True))))
    warm: set[str] = set()
    print("ready", flush=True)
    for line in sys.stdin:
        kind, number = line.rstrip("\n").split("\t")
        if kind not in warm and int(number) > 1:
            _cost(work, kind, _WARM, postmaster)
        warm.add(kind)
        print(*_cost(work, kind, int(number), postmaster), flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place, postgres(Path(place) / "data") as running:
        _serve(running, Path(place) / "data")
