"""Measures an inquiry without HTTP beside its own statements, which the driver alone sends to a copy of the database.

The difference between the two is our Python; the second alone is what PostgreSQL and the driver take for the rows and
reads of an inquiry. By the size of a group, CPU in microseconds an inquiry, medians of interleaved rounds.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import event

from benchmarks.bench_inquiry import database, postgres
from cli.demo.processes import tree_seconds
from protocol.messages.tokens import SubjectTokens
from registry.store.engines import Engines, make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store
from registry.usecases.inquiries.group import Asked, answer_alone, answer_group
from tests.support.inquiry_groups import an_inquiry
from tests.support.mass import many_tokens, report_all
from tests.support.world import World, found_world

RESULTS: Final = Path(__file__).parent / "results" / "floor.json"
SIZES: Final = (1, 4, 16)
INQUIRIES: Final = 160
WARM: Final = 8
"""Groups before the clock starts: the driver prepares a statement at its fifth use."""

Sent = list[tuple[str, Any]]
"""The statements of one transaction with their parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU in microseconds an inquiry."""

    ours: float
    postgresql: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The medians of one size of group."""

    size: int
    use_case: Cost
    statements_alone: Cost
    machine_load: float


def main() -> None:
    """Measure every size and write the results."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--records", type=int, default=1_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--json", type=Path, default=RESULTS)
    given = arguments.parse_args()
    found: list[Figure] = []
    with tempfile.TemporaryDirectory() as place, postgres(Path(place) / "data") as server:
        postmaster = int((Path(place) / "data" / "postmaster.pid").read_text().splitlines()[0])
        for size in SIZES:
            rounds = [
                _round(server, f"r{size}_{number}", size, given.records, postmaster) for number in range(given.rounds)
            ]
            found.append(
                Figure(
                    size=size,
                    use_case=_median([each[0] for each in rounds]),
                    statements_alone=_median([each[1] for each in rounds]),
                    machine_load=os.getloadavg()[0],
                )
            )
            print(found[-1])
    given.json.write_text(json.dumps([asdict(each) for each in found], indent=2) + "\n")


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        ours=statistics.median(each.ours for each in costs),
        postgresql=statistics.median(each.postgresql for each in costs),
    )


def _round(server: Any, name: str, size: int, records: int, postmaster: int) -> tuple[Cost, Cost]:
    """Answer groups by the use case, and send what it sent to a copy of the database of before."""
    url = database(server, name)
    upgrade(url)
    engines = make_engines(url, prepared_statements=True)
    world = found_world(Store(engines))
    people = list(many_tokens(records))
    report_all(world, "carrier-a", people[::3], "floor")
    engines.close()
    server.psql(f"CREATE DATABASE {name}_copy TEMPLATE {name}")
    groups = _groups(world, people, size)
    sent = _note(engines)
    ours = _timed(groups, lambda each: _answer(world, each), postmaster, size)
    engines.close()
    with psycopg.connect(server.get_uri(f"{name}_copy"), prepare_threshold=5) as connection:
        alone = _timed(sent, lambda each: _send(connection, each), postmaster, size)
    return ours, alone


def _groups(world: World, people: Sequence[SubjectTokens], size: int) -> list[list[Asked]]:
    numbers = iter(range(10**6))
    return [
        [
            an_inquiry(world, f"carrier-{'abc'[number % 3]}", people[number % len(people)], key=f"k{number}")
            for number, _ in zip(numbers, range(size), strict=False)
        ]
        for _ in range(WARM + INQUIRIES // size)
    ]


def _note(engines: Engines) -> list[Sent]:
    """Note from here on what each transaction sends."""
    sent: list[Sent] = []
    event.listen(engines.write, "begin", lambda _: sent.append([]))
    event.listen(
        engines.write,
        "before_cursor_execute",
        lambda _connection, _cursor, text, parameters, *_rest: sent[-1].append((text, parameters)),
    )
    return sent


def _answer(world: World, group: Sequence[Asked]) -> None:
    if len(group) == 1:
        answer_alone(world.registry, group[0])
    else:
        answer_group(world.registry, group)


def _send(connection: psycopg.Connection[Any], sent: Sent) -> None:
    for text, parameters in sent:
        # The text holds no name of ours that a stranger could have written.
        cursor = connection.execute(text.encode(), parameters)
        if cursor.description is not None:
            cursor.fetchall()
    connection.commit()


def _timed(pieces: Sequence[Any], run: Callable[[Any], None], postmaster: int, size: int) -> Cost:
    for each in pieces[:WARM]:
        run(each)
    ours, theirs = time.process_time(), tree_seconds(postmaster)
    for each in pieces[WARM:]:
        run(each)
    count = (len(pieces) - WARM) * size
    return Cost(
        ours=(time.process_time() - ours) / count * 1e6, postgresql=(tree_seconds(postmaster) - theirs) / count * 1e6
    )


if __name__ == "__main__":
    main()
