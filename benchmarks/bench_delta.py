"""Measures a monthly report: a full run of N rows, and the next month's, of which one row in a hundred changed.

Real processes on loopback: three custodians, the registry with its worker on PostgreSQL (or SQLite), and the command
`clearline gateway report`. `--rows 1000000` is a large carrier's export; both runs are side by side in one go.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks.bench_inquiry import database, postgres
from benchmarks.check.system import use_database
from benchmarks.delta.export import MAPPING, write_export
from cli.demo.ceremony import Parties, make_parties
from cli.demo.launch import running
from cli.demo.plan import EXAMPLES, Plan, loopback_addresses, read_sample
from cli.demo.processes import Household, tree_seconds
from cli.demo.sample import make_sample
from protocol.beijing import beijing_date
from serving.clock import system_clock
from serving.files import make_folder

RESULTS: Final = Path(__file__).parent / "results"
CARRIER: Final = "carrier-a"
CHANGED_EVERY: Final = 100
_SERVERS: Final = ("registry", "custodian-1", "custodian-2", "custodian-3")


@contextmanager
def system(folder: Path, url: str | None) -> Iterator[tuple[Parties, Household]]:
    """Run custodians, registry, worker and gateways; nobody is listed yet."""
    make_folder(folder)
    addresses = loopback_addresses(relayed=False)
    parties = make_parties(folder, addresses)
    sample = read_sample(make_sample(folder / "sample", system_clock()), EXAMPLES / "mappings")
    plan = Plan(var=folder, out=folder / "out", sample=sample, addresses=addresses, capture=None)
    if url is not None:
        use_database(parties, url)
    with running(plan, parties) as servers:
        if url is not None:
            servers.start("worker", ["registry", "worker", "--config", str(parties.registry)])
        yield parties, servers


def report(parties: Parties, servers: Household, postmaster: int | None, *words: str) -> dict[str, Any]:
    """Run the command once; returns its summary, its time and memory, and everybody's CPU time."""
    before = _server_seconds(servers, postmaster)
    command = [sys.executable, "-m", "cli", "gateway", "report", *words, "--json"]
    command += ["--config", str(parties.carriers[CARRIER]), "--mapping", str(EXAMPLES / "mappings" / f"{MAPPING}.toml")]
    load, began = os.getloadavg()[0], time.monotonic()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out)  # noqa: S603 - our own program
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        summary = json.loads(out.read())
    after = _server_seconds(servers, postmaster)
    return {
        "seconds": round(seconds, 1),
        "rows_per_second": round(summary["rows"] / seconds),
        "gateway_cpu": round(used.ru_utime + used.ru_stime, 1),
        "gateway_peak_mb": round(used.ru_maxrss / 1024),
        "server_cpu": {name: round(after[name] - before[name], 1) for name in after},
        "load_before": round(load, 2),
        "summary": {name: value for name, value in summary.items() if name not in ("output", "seconds")},
    }


def _server_seconds(servers: Household, postmaster: int | None) -> dict[str, float]:
    spent = {name: tree_seconds(servers.child(name).process.pid) for name in _SERVERS}
    return spent | ({} if postmaster is None else {"postgresql": tree_seconds(postmaster)})


def measure(folder: Path, url: str | None, postmaster: int | None, rows: int) -> dict[str, Any]:
    """Report two months, the second since the first."""
    today = beijing_date(system_clock())
    first, second = folder / "first.csv", folder / "second.csv"
    write_export(first, rows, today, month=1)
    write_export(second, rows, today, month=2, changed_every=CHANGED_EVERY)
    with system(folder / "var", url) as (parties, servers):
        full = report(parties, servers, postmaster, str(first), "--out", str(folder / "first-out.csv"))
        since = ("--since", str(folder / "first-out.csv"))
        delta = report(parties, servers, postmaster, str(second), "--out", str(folder / "second-out.csv"), *since)
    return {
        "rows": rows,
        "changed_every": CHANGED_EVERY,
        "full": full,
        "delta": delta,
        "times_faster": round(full["seconds"] / delta["seconds"], 1),
        "delta_us_a_row": round(delta["seconds"] / rows * 1e6, 1),
        "rows_file_bytes_a_row": round((folder / "first-out.csv.rows").stat().st_size / rows, 1),
    }


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--on", choices=["postgresql", "sqlite"], default="postgresql")
    parser.add_argument("--folder", type=Path, help="where the databases and the files go")
    parser.add_argument("--out", type=Path, default=RESULTS / "delta.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="clearline-delta-", dir=options.folder) as place:
        folder = Path(place)
        if options.on == "sqlite":
            found = measure(folder, None, None, options.rows)
        else:
            with postgres(folder / "data") as server:
                postmaster = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
                found = measure(folder, database(server, "delta"), postmaster, options.rows)
    found |= {"on": options.on, "python": platform.python_version(), "cores": os.cpu_count()}
    options.out.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    print(json.dumps(found, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
