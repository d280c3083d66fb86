"""Measures the delay of ten members' events while an eleventh member's webhook hangs, drips or is slow."""

import argparse
import datetime as dt
import itertools
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from crypto.signing.keys import generate_signing_key, public_bytes
from protocol.codes import Role
from protocol.events import EventKind
from protocol.messages.participants import NewParticipant
from protocol.messages.webhooks import NewWebhook
from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store
from registry.usecases.act import act_in
from registry.usecases.notify import notify
from registry.usecases.participants.admit import register_participant
from registry.usecases.participants.webhooks import admit_webhook
from registry.work import webhooks
from registry.work.outgoing import Caller, make_http
from tests.support.world import CARRIER_ROLES, World, found_world

HEALTHY = tuple(f"member-{number:02d}" for number in range(1, 11))
BAD = "member-00"
"""The first name in order, so that its webhook is called before the others."""
PEACE, HANGS, DRIPS, NINE_SECONDS = "nobody is slow", "hangs", "drips", "answers after 9 s"
_INTERVAL_SECONDS = 2.0
"""The interval at which `clearline registry worker` looks for due deliveries."""
_SLOW_ANSWER_SECONDS = 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """Seconds from an event's commit to its arrival, over all healthy members."""

    case: str
    events: int
    missing: int
    """The number of events that had not arrived at the end; each of them waits longer than the times here."""
    median: float
    p99: float
    longest: float


@dataclass
class Receivers:
    """One server for all members, each under a path of its own; the bad one behaves as its case demands."""

    case: str
    url: str = ""
    arrived: dict[tuple[str, int], float] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one page."""
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        who = handler.path.removeprefix("/")
        if who == BAD:
            self._be_bad(handler)
        for each in json.loads(body)["events"]:
            self.arrived.setdefault((who, each["facts"]["bound"]), time.monotonic())
        with suppress(OSError):
            handler.send_response(204)
            handler.end_headers()

    def _be_bad(self, handler: BaseHTTPRequestHandler) -> None:
        if self.case == HANGS:
            self.over.wait()
        if self.case == NINE_SECONDS:
            self.over.wait(_SLOW_ANSWER_SECONDS)
        while self.case == DRIPS and not self.over.wait(1):
            try:
                handler.connection.sendall(b"H")
            except OSError:
                return


@contextmanager
def serving(receivers: Receivers) -> Iterator[None]:
    """Serve the receivers over real HTTP, on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receivers.take(self)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        receivers.url = f"http://127.0.0.1:{server.server_address[1]}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        receivers.over.set()
        server.shutdown()


def a_world(url: str, receivers: Receivers) -> World:
    """Make a registry whose eleven members have admitted webhooks."""
    world = found_world(Store(make_engines(url)))
    world.registry = replace(world.registry, private_webhooks=True, clock=lambda: dt.datetime.now(dt.UTC))
    operator = world.actor("operator", Role.OPERATOR)
    for name in (BAD, *HEALTHY):
        admission = NewParticipant(
            participant_id=name,
            name=name,
            roles=tuple(sorted(CARRIER_ROLES)),
            contact="a counter",
            key_id=f"{name}-1",
            public_key=public_bytes(generate_signing_key(os.urandom)),
        )
        register_participant(world.registry, operator, world.call(), admission)
        admit_webhook(
            world.registry, operator, world.call(), participant_id=name, new=NewWebhook(url=receivers.url + name)
        )
    return world


def tell_all(world: World, number: int) -> float:
    """Store one event for every member; return the moment of its commit."""

    def work(tx: Any) -> None:
        notify(
            act_in(world.registry, tx, None),
            [BAD, *HEALTHY],
            EventKind.TAKE_OUTS_HELD,
            facts={"day": "2026-11-21", "bound": number},
        )

    world.registry.store.write(work)
    return time.monotonic()


def measure(case: str, url: str, seconds: float) -> Waited:
    """Store an event a second for every member, while the real worker delivers."""
    receivers, stop, told = Receivers(case), threading.Event(), {}
    with serving(receivers), make_http() as http:
        world = a_world(url, receivers)
        caller = Caller(http=http, private_allowed=True)
        work = (world.registry, caller, stop, _INTERVAL_SECONDS)
        threading.Thread(target=webhooks.run, args=work, daemon=True).start()
        end = time.monotonic() + seconds
        for number in itertools.count():
            told[number] = tell_all(world, number)
            if time.monotonic() >= end:
                break
            time.sleep(1)
        time.sleep(2 * _INTERVAL_SECONDS)
        now = time.monotonic()
        stop.set()
    there = receivers.arrived
    waits = sorted(there.get((who, number), now) - at for who in HEALTHY for number, at in told.items())
    missing = sum((who, number) not in there for who in HEALTHY for number in told)
    return Waited(
        case=case,
        events=len(waits),
        missing=missing,
        median=round(statistics.median(waits), 2),
        p99=round(waits[int(len(waits) * 0.99)], 2),
        longest=round(waits[-1], 2),
    )


def main() -> None:
    """Measure each case and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="how long events come, in each case (default 20)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well, under --name")
    parser.add_argument("--name", default="after", help="of these figures in FILE, beside others (default after)")
    options = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory(prefix="clearline-bench-") as directory:
        for place, case in enumerate((PEACE, HANGS, DRIPS, NINE_SECONDS)):
            url = f"sqlite:///{directory}/{place}.db"
            upgrade(url)
            found.append(measure(case, url, options.seconds))
            print(found[-1], flush=True)
    if options.json:
        kept = json.loads(options.json.read_text()) if options.json.exists() else {}
        kept[options.name] = [asdict(each) for each in found]
        options.json.write_text(json.dumps(kept, indent=1) + "\n")
    # End at once, without waiting for threads that wait for a hanging answer.
    os._exit(0)


if __name__ == "__main__":
    main()
