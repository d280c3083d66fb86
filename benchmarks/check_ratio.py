"""Fails if an inquiry over HTTP costs much more CPU beside bare Flask than it did: `make ratio`, run in CI.

It compares a ratio in one run and no seconds, on SQLite, under the same gunicorn, and its bound is generous: it finds a
path that became twice as slow, and no slow machine. `make bench-quick` measures.
"""

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.inquiry import servers
from benchmarks.inquiry.load import send
from cli.demo.processes import tree_seconds

BOUND: Final = 11.0
"""An inquiry costs five to six times bare Flask (`benchmarks/results/inquiry.json`)."""
_ROUNDS: Final = 3
_REQUESTS: Final = 200
_CONNECTIONS: Final = 16


def cpu_of(server: servers.Server, requests: int) -> float:
    """Return the seconds of CPU a request of one round."""
    prepared = server.requests(requests)
    before = tree_seconds(server.pid)
    send("127.0.0.1", server.port, prepared, _CONNECTIONS)
    return (tree_seconds(server.pid) - before) / requests


def main() -> None:
    """Compare, and exit with 1 beyond the bound."""
    with (
        tempfile.TemporaryDirectory() as place,
        servers.bare_flask() as bare,
        servers.registry("sqlite", Path(place), "sqlite:///registry.db", 300) as ours,
    ):
        cpu_of(ours, _REQUESTS), cpu_of(bare, _REQUESTS)  # warm
        rounds = [(cpu_of(ours, _REQUESTS), cpu_of(bare, 4 * _REQUESTS)) for _ in range(_ROUNDS)]
    ratio = statistics.median(one / other for one, other in rounds)
    print(f"an inquiry costs {ratio:.1f} times bare Flask, at most {BOUND:.0f} are allowed")
    sys.exit(ratio > BOUND)


if __name__ == "__main__":
    main()
