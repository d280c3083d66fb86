"""Measures how long a registry is without service when its database fails, and that nothing is lost or doubled.

Several carriers' counters send inquiries and repeat each under its Idempotency-Key until it is answered, while the
primary is killed and its synchronous standby promoted, or freezes and is replaced, or loses its standby for a while.
"""

import argparse
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg

from benchmarks.failover.pair import Node, Pair, a_pair
from client.peer import PeerSilent, SignedPeer
from protocol.codes import ServiceClass
from protocol.encodings import canonical_json
from protocol.messages.inquiries import InquiryRequest
from protocol.wire.codec import write
from tests.support.builders import tokens
from tests.support.one_registry import OneRegistry, one_registry

SENDERS: Final = 8
WORKERS, THREADS = 2, 8
DEADLINE_SECONDS: Final = 3
"""`database_deadline_seconds`, shorter than the default so that a run takes a minute."""
BEFORE_SECONDS: Final = 2.0
AFTER_SECONDS: Final = 6.0
SILENT_SECONDS: Final = 8.0
_CREATED: Final = 201
_AGAIN_SECONDS: Final = 0.2
_MOST_BYTES: Final = 1 << 20


@dataclass(slots=True)
class Seen:
    """The answers and delays that the senders and the monitor saw; threads append to its lists."""

    answered: list[tuple[float, str, bytes]] = field(default_factory=list)
    """The time, the key, and the answer."""
    refused: list[tuple[float, int, float]] = field(default_factory=list)
    """The time, the status (0: no answer at all), and the seconds until then."""
    health: list[float] = field(default_factory=list)
    readiness: list[float] = field(default_factory=list)

    def gap(self) -> float:
        """Return the longest time in which nobody was answered, in seconds."""
        times = sorted(each for each, _, _ in self.answered)
        return max(after - before for before, after in pairwise(times))

    def measured(self) -> dict[str, Any]:
        statuses = sorted({status for _, status, _ in self.refused})
        return {
            "answered": len(self.answered),
            "longest_without_service_s": round(self.gap(), 2),
            "refused": {str(each): sum(status == each for _, status, _ in self.refused) for each in statuses},
            "slowest_refusal_s": round(max((taken for _, _, taken in self.refused), default=0.0), 2),
            "healthz_slowest_ms": round(max(self.health) * 1000, 1),
            "readyz_slowest_ms": round(max(self.readiness) * 1000, 1),
        }


class Senders:
    """Ask without pause, each a new question as soon as the last one is answered."""

    def __init__(self, here: OneRegistry) -> None:
        self._here = here
        self._stop = threading.Event()
        self.seen: Final = Seen()
        work = [lambda number=number: self._send(number) for number in range(SENDERS)] + [self._monitor]
        self._threads = [threading.Thread(target=each) for each in work]

    def start(self) -> None:
        for each in self._threads:
            each.start()

    def end(self) -> None:
        """Let each sender come to the answer of its last question."""
        self._stop.set()
        for each in self._threads:
            each.join()

    def _send(self, sender: int) -> None:
        with httpx.Client(timeout=60) as http:
            peer = SignedPeer(self._here.url, http, self._here.signer("carrier-b"))
            number = 0
            while not self._stop.is_set():
                number += 1
                self._until_answered(peer, f"{sender}-{number}")

    def _until_answered(self, peer: SignedPeer, key: str) -> None:
        body = inquiry(key)
        while True:
            begun = time.monotonic()
            status, answer = ask(peer, key, body)
            now = time.monotonic()
            if status == _CREATED:
                self.seen.answered.append((now, key, answer))
                return
            self.seen.refused.append((now, status, now - begun))
            time.sleep(_AGAIN_SECONDS)

    def _monitor(self) -> None:
        with httpx.Client(timeout=60) as http:
            while not self._stop.wait(0.05):
                for path, times in (("/healthz", self.seen.health), ("/readyz", self.seen.readiness)):
                    begun = time.monotonic()
                    http.get(self._here.url + path)
                    times.append(time.monotonic() - begun)


def inquiry(key: str) -> bytes:
    """Write an inquiry about somebody of whom nothing is known."""
    request = InquiryRequest(inquiry_ref=key, tokens=tokens(key), service_class=ServiceClass.MOBILE)
    return canonical_json(write(request))


def ask(peer: SignedPeer, key: str, body: bytes) -> tuple[int, bytes]:
    """Send it once; status 0 stands for no answer at all."""
    try:
        answer = peer.exchange("POST", "/v1/inquiries", body=body, max_answer=_MOST_BYTES, idempotency_key=key)
    except PeerSilent:
        return 0, b""
    return answer.status, answer.body


def check_nothing_lost_or_doubled(here: OneRegistry, seen: Seen, primary: Node) -> None:
    """Ask each question again under its key: the same answer; and the database has each inquiry once."""
    with httpx.Client(timeout=60) as http:
        peer = SignedPeer(here.url, http, here.signer("carrier-b"))
        for _, key, answer in seen.answered:
            status, again = ask(peer, key, inquiry(key))
            assert (status, again) == (_CREATED, answer), key
    with psycopg.connect(f"host=127.0.0.1 port={primary.port} user=postgres dbname=clearline") as connection:
        inquiries = connection.execute("SELECT count(*), count(DISTINCT subject_key) FROM inquiry").fetchone()
        entries = connection.execute("SELECT count(*) FROM log_opening WHERE kind = 'inquiry'").fetchone()
    expected = len(seen.answered)
    assert inquiries == (expected, expected), (inquiries, expected)
    assert entries == (expected,), (entries, expected)


def killed_and_promoted(pair: Pair) -> Node:
    """The primary loses its power, and the standby is promoted at once."""
    pair.primary.kill()
    pair.standby.promote()
    return pair.standby


def frozen_and_promoted(pair: Pair) -> Node:
    """The primary freezes, and the standby is promoted at once."""
    pair.primary.freeze()
    pair.standby.promote()
    return pair.standby


def standby_lost(pair: Pair) -> Node:
    """The standby freezes for some seconds; every commit waits for it."""
    pair.standby.freeze()
    time.sleep(SILENT_SECONDS)
    pair.standby.resume()
    return pair.primary


def primary_frozen(pair: Pair) -> Node:
    """The primary freezes for some seconds."""
    pair.primary.freeze()
    time.sleep(SILENT_SECONDS)
    pair.primary.resume()
    return pair.primary


FAILURES: Final[tuple[Callable[[Pair], Node], ...]] = (
    killed_and_promoted,
    frozen_and_promoted,
    standby_lost,
    primary_frozen,
)


@contextmanager
def a_registry() -> Iterator[tuple[Pair, OneRegistry]]:
    """Start a pair of servers, and a registry that knows the addresses of both."""
    with tempfile.TemporaryDirectory(prefix="clearline-failover-") as folder:
        Path(folder).chmod(0o711)
        for name in ("servers", "registry"):
            (Path(folder) / name).mkdir()
        more = f"database_deadline_seconds = {DEADLINE_SECONDS}\n"
        with (
            a_pair(Path(folder) / "servers") as pair,
            one_registry(
                Path(folder) / "registry", database_url=pair.url, workers=WORKERS, threads=THREADS, more=more
            ) as here,
        ):
            yield pair, here


def measure(fail: Callable[[Pair], Node]) -> dict[str, Any]:
    """Let the database fail once under load."""
    with a_registry() as (pair, here):
        senders = Senders(here)
        senders.start()
        time.sleep(BEFORE_SECONDS)
        begun = time.monotonic()
        primary = fail(pair)
        failed_for = time.monotonic() - begun
        time.sleep(AFTER_SECONDS)
        senders.end()
        check_nothing_lost_or_doubled(here, senders.seen, primary)
        return {"failure": fail.__name__, "failed_for_s": round(failed_for, 2), **senders.seen.measured()}


def main() -> None:
    """Print a table, and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", choices=[each.__name__ for each in FAILURES])
    options = parser.parse_args()
    rows = [measure(each) for each in FAILURES if options.only in (None, each.__name__)]
    found = {
        "load_average": round(os.getloadavg()[0], 2),
        "senders": SENDERS,
        "workers": WORKERS,
        "threads": THREADS,
        "database_deadline_seconds": DEADLINE_SECONDS,
        "failures": rows,
    }
    print(json.dumps(found, indent=1))
    if options.json is not None:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
