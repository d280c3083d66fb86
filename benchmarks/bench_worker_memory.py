"""Measures the memory that each registry worker has of its own, when it starts and after some thousand inquiries."""

import argparse
import json
import os
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.bench_inquiry import database, postgres
from benchmarks.inquiry import servers
from benchmarks.inquiry.load import send


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Megabytes of one worker process: all that it maps, and what it shares with nobody."""

    when: str
    resident_mb: float
    own_mb: float


def measured(when: str, pid: int) -> Worker:
    """Read a process's memory (proc(5), smaps_rollup)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()

    def total(name: str) -> float:
        return sum(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024

    return Worker(when=when, resident_mb=round(total("Rss:"), 1), own_mb=round(total("Private_"), 1))


def main() -> None:
    """Start a registry on PostgreSQL, ask it, and write what its workers hold."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--requests", type=int, default=3_000)
    arguments.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "worker_memory.json")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        (home / "registry").mkdir()
        with (
            postgres(home / "data") as server,
            servers.registry("postgresql", home / "registry", database(server, "clearline"), 1_000) as ours,
        ):
            listed = subprocess.run(["pgrep", "-P", str(ours.pid)], capture_output=True, text=True, check=True).stdout  # noqa: S603, S607
            pids = [int(pid) for pid in listed.split()]
            found = [measured("at the start", pid) for pid in pids]
            send("127.0.0.1", ours.port, ours.requests(given.requests), 32)
            found += [measured(f"after {given.requests} inquiries", pid) for pid in pids]
    for each in found:
        print(f"{each.when:<22} {each.resident_mb:6.1f} MB resident   {each.own_mb:6.1f} MB of its own")
    document = {"load": os.getloadavg()[0], "workers": [asdict(each) for each in found]}
    given.out.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
