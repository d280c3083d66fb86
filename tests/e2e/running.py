"""Starts commands and whole systems for the end-to-end tests, and reads what they wrote."""

import atexit
import csv
import io
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cli.demo.ceremony import Parties, make_parties
from cli.demo.launch import running
from cli.demo.plan import CARRIERS, EXAMPLES, Plan, loopback_addresses, read_sample
from cli.demo.processes import ROOT, Household
from cli.demo.sample import make_sample
from cli.main import main
from protocol.beijing import BEIJING

MAPPINGS = EXAMPLES / "mappings"
LONGEST_RUN = 120
"""Seconds that a test may take from its sample to its last verdict."""
COMMAND = [sys.executable, "-m", "cli"]


@cache
def data() -> Path:
    """The demonstration's sample of today, made once for all tests of this process."""
    not_around_midnight()
    folder = tempfile.mkdtemp(prefix="clearline-sample-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return make_sample(Path(folder) / "sample", datetime.now(UTC))


def not_around_midnight() -> None:
    """Wait until a new day in Beijing has begun if one is about to: a sample is true of its day only."""
    now = datetime.now(BEIJING)
    left = (now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) - now).total_seconds()
    if left < LONGEST_RUN:
        time.sleep(left + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A running system with everything that a test may want to break."""

    plan: Plan
    parties: Parties
    servers: Household

    def report_arguments(self, carrier: str, out: Path) -> list[str]:
        return [
            *("gateway", "report", str(data() / f"{carrier}.csv"), "--json", "--out", str(out)),
            *("--mapping", str(MAPPINGS / f"{carrier}.toml"), "--config", str(self.parties.carriers[carrier])),
        ]


def serving_alone(parties: Parties, carriers: Collection[str]) -> Parties:
    """The parties as the launcher is to see them: each local service takes a second to start, so tests name theirs."""
    return replace(parties, carriers={name: path for name, path in parties.carriers.items() if name in carriers})


@contextmanager
def system(folder: Path, *, chunk_rows: int, serving: Collection[str] = CARRIERS) -> Iterator[System]:
    """A system whose gateways report in small chunks, so that there is a middle to be killed in."""
    sample = read_sample(data(), MAPPINGS)
    plan = Plan(
        var=folder, out=folder / "out", sample=sample, addresses=loopback_addresses(relayed=False), capture=None
    )
    parties = make_parties(folder, plan.addresses)
    for path in parties.carriers.values():
        path.write_text(path.read_text() + f"\n[limits]\nchunk_rows = {chunk_rows}\nattempts = 3\n")
    with running(plan, serving_alone(parties, serving)) as servers:
        yield System(plan=plan, parties=parties, servers=servers)


def run(*arguments: str, stdin: str = "", timeout: float = 300) -> subprocess.CompletedProcess[str]:
    """Run `clearline ...` to its end."""
    return subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=timeout, check=False
    )


def run_here(folder: Path, *words: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    """Run `clearline ...` to its end in a folder, in this process: nothing is imported anew, which is most of the time.

    Its databases may stay open afterwards: where a database is moved or copied alone, ``run`` leaves nothing behind.
    """
    out, err, given = io.StringIO(), io.StringIO(), io.TextIOWrapper(io.BytesIO(stdin.encode()))
    with chdir(folder), redirect_stdout(out), redirect_stderr(err), fed(given):
        try:
            main(list(words))
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


@contextmanager
def fed(given: io.TextIOWrapper) -> Iterator[None]:
    """Standard input for as long as the block runs."""
    before, sys.stdin = sys.stdin, given
    try:
        yield
    finally:
        sys.stdin = before


def start(arguments: Sequence[str]) -> "subprocess.Popen[str]":
    """Start `clearline ...` and leave it running."""
    return subprocess.Popen([*COMMAND, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def rows(path: Path) -> list[list[str]]:
    """The rows of a result or truth file, without the header."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def listed(path: Path) -> int:
    """How many records a truth file puts on the register."""
    counts = Counter(verdict for _, verdict in rows(path))
    return counts["ACTIVE"] + counts["PENDING"]


def json_line(text: str) -> dict[str, Any]:
    """The one JSON object that a command printed."""
    return json.loads(text.strip().splitlines()[-1])
