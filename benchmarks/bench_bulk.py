"""Measures bulk reports and batches of inquiries beside raw COPY of exactly the rows that they write, in one run.

`python -m benchmarks.bench_bulk` reports 20,000 rows; `--rows 5000000` takes an hour and 40 GB. The first figure is
CPU, of the registry's process and of all of PostgreSQL (Linux: /proc). Memory over the rows is drawn beside it.
Autovacuum is off, since it would count on the side that it happens to meet; ANALYZE runs before the inquiries, on both.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from benchmarks.bench_inquiry import database, postgres
from benchmarks.bulk import floor
from benchmarks.bulk.rows import write_file
from benchmarks.bulk.work import BATCH, Cost
from benchmarks.plot import lines

RESULTS: Final = Path(__file__).parent / "results"
MOST_IN_CHUNKS: Final = 50_000
"""Beyond so many rows a chunk's rows cannot be picked out of the tables in reasonable time."""


def run_work(url: str, file: Path, rows: int, batches: int, postmaster: int = 0) -> dict[str, Any]:
    """Run the registry's work in a process of its own; returns its figures."""
    command = [sys.executable, "-m", "benchmarks.bulk.work", url, str(file), "--rows", str(rows)]
    command += ["--batches", str(batches), "--postmaster", str(postmaster)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)  # noqa: S603 - our own program
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def one_round(server: Any, number: int, file: Path, options: argparse.Namespace, postmaster: int) -> dict[str, Any]:
    """Report and ask on an empty database, then COPY the same rows into another."""
    load = os.getloadavg()[0]
    ours, raw = database(server, f"ours_{number}"), database(server, f"raw_{number}")
    floor.empty_copy(ours)
    server.psql("CHECKPOINT")
    work = run_work(ours, file, options.rows, options.batches, postmaster)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        counts = floor.dump(ours, Path(folder))
        batches = floor.asked(ours)
        floor.empty_copy(raw)
        floor.seed(ours, raw)
        server.psql("CHECKPOINT")
        reported = floor.load(raw, Path(folder), options.rows, postmaster)
    asked = floor.ask(raw, batches, postmaster)
    in_chunks = {}
    if options.rows <= MOST_IN_CHUNKS:
        chunked = database(server, f"chunked_{number}")
        floor.empty_copy(chunked)
        floor.seed(ours, chunked)
        server.psql("CHECKPOINT")
        in_chunks["report_floor_in_chunks"] = asdict(floor.load_chunks(ours, chunked, options.rows, postmaster))
        server.psql(f"DROP DATABASE chunked_{number}")
    for name in (f"ours_{number}", f"raw_{number}"):
        server.psql(f"DROP DATABASE {name}")
    return in_chunks | {
        "load": round(load, 2),
        "rows_written": counts,
        "report": work["report"],
        "report_floor": asdict(reported),
        "inquire": work["inquire"],
        "inquire_floor": asdict(asked),
        "peak_mb": work["peak_mb"],
        "memory": work["memory"],
    }


def figure(rounds: Sequence[dict[str, Any]], step: str) -> dict[str, float]:
    """The medians of a step over the rounds, in microseconds a unit, and its part of the floor's speed."""
    ours = [Cost(**each[step]) for each in rounds]
    found = _medians(ours)
    for name in ("floor", "floor_in_chunks"):
        if f"{step}_{name}" not in rounds[0]:
            continue
        floors = [Cost(**each[f"{step}_{name}"]) for each in rounds]
        found |= {f"{name}_{what}": value for what, value in _medians(floors).items()}
        pairs = list(zip(ours, floors, strict=True))
        found[f"of_{name}_cpu"] = round(statistics.median(_cpu(raw) / _cpu(own) for own, raw in pairs), 3)
        found[f"of_{name}_clock"] = round(statistics.median(raw.clock / own.clock for own, raw in pairs), 3)
    return found


def _cpu(cost: Cost) -> float:
    return cost.process_cpu + cost.server_cpu


def _medians(costs: Sequence[Cost]) -> dict[str, float]:
    return {
        name: round(statistics.median(getattr(each, name) / each.units for each in costs) * 1e6, 1)
        for name in ("process_cpu", "server_cpu", "clock")
    }


def table(found: dict[str, Any]) -> str:
    """A Markdown table."""
    lines = [
        "| step | database | process + database, CPU a unit | raw COPY | of its speed: CPU, clock |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for base in ("postgresql", "sqlite"):
        for step, name in (("report", "a reported row"), ("inquire", f"an inquiry of a batch of {BATCH:,}")):
            if base not in found:
                continue
            each = found[base][step]
            ours = f"{each['process_cpu']:.0f} + {each['server_cpu']:.0f} us"
            floors = [(name, each) for each in ("floor", "floor_in_chunks") if f"{each}_clock" in found[base][step]]
            if not floors:
                lines.append(f"| {name} | {base} | {ours} | | |")
            for called, raw in floors:
                beside = ", in chunks of 500" if raw == "floor_in_chunks" else ""
                cost = f"{each[f'{raw}_process_cpu']:.0f} + {each[f'{raw}_server_cpu']:.0f} us"
                part = f"{each[f'of_{raw}_cpu']:.3f}, {each[f'of_{raw}_clock']:.3f}"
                lines.append(f"| {called} | {base} | {ours} | {cost}{beside} | {part} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure in turn and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--batches", type=int, default=5, help="of 1,000 inquiries")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["postgresql", "sqlite"], help="one database instead of both")
    parser.add_argument("--file", type=Path, help="a file of at least so many rows that an earlier run made")
    parser.add_argument("--folder", type=Path, help="where the databases and the file go")
    parser.add_argument("--out", type=Path, default=RESULTS / "bulk.json")
    options = parser.parse_args()
    found: dict[str, Any] = {"rows": options.rows}
    with tempfile.TemporaryDirectory(prefix="clearline-bulk-", dir=options.folder) as place:
        file = options.file or Path(place) / "file.ndjson"
        if options.file is None:
            write_file(file, options.rows)
        if options.only != "sqlite":
            with postgres(Path(place) / "data") as server:
                postmaster = int((Path(place) / "data" / "postmaster.pid").read_text().splitlines()[0])
                server.psql("ALTER SYSTEM SET autovacuum = off")
                server.psql("SELECT pg_reload_conf()")
                rounds = [one_round(server, each, file, options, postmaster) for each in range(options.rounds)]
            found["postgresql"] = _summary(rounds)
        if options.only != "postgresql":
            works = []
            for number in range(options.rounds):
                base = Path(place) / f"{number}.db"
                works.append(run_work(f"sqlite:///{base}", file, options.rows, options.batches))
                base.unlink()
            found["sqlite"] = _summary(works)
    print(table(found))
    options.out.write_text(json.dumps(found, indent=1) + "\n")
    options.out.with_suffix(".md").write_text(table(found))
    options.out.with_suffix(".svg").write_text(
        lines(
            "Resident memory of the registry's process, MB",
            {name: found[name]["memory"] for name in ("postgresql", "sqlite") if name in found},
            x_name="rows reported",
        )
    )


def _summary(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """The medians, the memory of the last round, and the rounds."""
    last = rounds[-1]
    return {
        "report": figure(rounds, "report"),
        "inquire": figure(rounds, "inquire"),
        "peak_mb": last["peak_mb"],
        "memory": last["memory"],
        "rounds": [{name: value for name, value in each.items() if name != "memory"} for each in rounds],
    }


if __name__ == "__main__":
    main()
