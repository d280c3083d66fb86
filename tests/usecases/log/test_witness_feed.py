"""Witnesses that wait to be asked are fed over real HTTP: honest, forgetful, lying, slow-witted and silent ones."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from crypto.errors import TlogRefused
from crypto.tlog.checkpoint import Checkpoint, parse_signed_checkpoint
from crypto.tlog.cosignature import cosign
from crypto.tlog.witness import check_submission, parse_add_checkpoint
from registry.work.outgoing import Caller, make_http
from registry.work.witness_feed import WitnessFeed
from tests.support.builders import tokens
from tests.support.log_rounds import YEAR, admit_witnesses, integrate_all, propose, witness_name
from tests.support.logs import seeded_key
from tests.support.stories import asks
from tests.support.world import World

Answer = tuple[int, str, bytes]
STATUSES = {"origin-unknown": 404, "no-known-signature": 403, "signature-invalid": 403, "old-above-new": 400}


@dataclass
class StockWitness:
    """A c2sp.org/tlog-witness server; ``lie`` changes what it answers."""

    world: World
    label: str
    held: Checkpoint | None = None
    asked: list[int] = field(default_factory=list)
    lie: Callable[[Answer], Answer] = lambda answer: answer

    def answer(self, body: bytes) -> Answer:
        log = self.world.registry.log
        asked = parse_add_checkpoint(body)
        self.asked.append(asked.old_size)
        try:
            new = check_submission(asked, held=self.held, origin=log.origin(YEAR), log_keys=[log.key(YEAR)])
        except TlogRefused as refused:
            if refused.code == "stale":
                size = 0 if self.held is None else self.held.size
                return 409, "text/x.tlog.size", f"{size}\n".encode()
            return STATUSES.get(refused.code, 422), "text/plain", b""
        self.held = new
        timestamp = int(self.world.clock.now.timestamp())
        key = seeded_key(f"witness {self.label}")
        line = cosign(new, name=witness_name(self.label), private_key=key, timestamp=timestamp)
        return 200, "text/plain; charset=utf-8", line.line.encode()


@contextmanager
def serving(witness: StockWitness) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found = witness.lie(witness.answer(body)) if self.path == "/w/add-checkpoint" else (404, "text/plain", b"")
            status, kind, answer = found
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/w/"
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Fed:
    """A world whose log is fed to the witnesses a, b and c."""

    world: World
    folder: Path
    feed: WitnessFeed
    witnesses: dict[str, StockWitness]

    def grown(self) -> Checkpoint:
        """A newer head, for which the witnesses are asked."""
        asks(self.world, "carrier-a", tokens("somebody"))
        self.world.clock.forward(seconds=21)
        integrate_all(self.world, self.folder)
        return propose(self.world)

    def names(self) -> set[str]:
        """Who has cosigned the candidate."""
        state = self.world.registry.store.read(lambda tx: tx.witnesses.state(YEAR))
        assert state.candidate is not None
        candidate = parse_signed_checkpoint(state.candidate)
        return {each.name for each in candidate.note.signatures} - {candidate.checkpoint.origin}

    def witnessed(self) -> int | None:
        state = self.world.registry.store.read(lambda tx: tx.witnesses.state(YEAR))
        return None if state.witnessed is None else parse_signed_checkpoint(state.witnessed).checkpoint.size


@pytest.fixture
def fed(world: World, tmp_path: Path) -> Iterator[Fed]:
    world.registry = replace(world.registry, private_webhooks=True)
    witnesses = {label: StockWitness(world, label) for label in "abc"}
    with ExitStack() as servers, make_http() as http:
        for label, witness in witnesses.items():
            admit_witnesses(world, label, url=servers.enter_context(serving(witness)))
        caller = Caller(http=http, private_allowed=True)
        yield Fed(world, tmp_path, WitnessFeed(registry=world.registry, caller=caller), witnesses)


def test_honest_witnesses_are_fed_each_candidate_once(fed: Fed) -> None:
    first = fed.grown()
    assert fed.feed.round() == 3
    assert fed.witnessed() == first.size
    assert fed.feed.round() == 0
    second = fed.grown()
    assert fed.feed.round() == 3
    assert fed.witnessed() == second.size > first.size
    assert {tuple(each.asked) for each in fed.witnesses.values()} == {(0, first.size)}


def test_who_starts_anew_takes_the_sizes_from_the_witnessed_head(fed: Fed) -> None:
    first = fed.grown()
    fed.feed.round()
    fed.grown()
    assert WitnessFeed(registry=fed.world.registry, caller=fed.feed.caller).round() == 3
    assert fed.witnesses["a"].asked == [0, first.size]


def test_a_witness_that_holds_another_size_says_so_and_is_asked_again_from_there(fed: Fed) -> None:
    first = fed.grown()
    fed.feed.round()
    second = fed.grown()
    forgetful = fed.witnesses["a"]
    forgetful.held = None
    assert fed.feed.round() == 3
    assert forgetful.asked == [0, first.size, 0]
    assert fed.witnessed() == second.size
    assert forgetful.held == second


def test_a_witness_that_was_fed_a_newer_head_waits_for_the_next_candidate(fed: Fed) -> None:
    fed.grown()
    ahead = fed.witnesses["a"]
    ahead.lie = lambda answer: (409, "text/x.tlog.size", b"1000000\n")
    assert fed.feed.round() == 2
    assert len(ahead.asked) == 1
    fed.feed.round()
    assert len(ahead.asked) == 1


LIES: dict[str, Callable[[Answer], Answer]] = {
    "another size again and again": lambda answer: (409, "text/x.tlog.size", b"1\n"),
    "a size that is no number": lambda answer: (409, "text/x.tlog.size", b"1_0\n"),
    "a conflict without a size": lambda answer: (409, "text/plain", b"fork"),
    "nothing": lambda answer: (200, "text/plain", b""),
    "no text": lambda answer: (200, "text/plain", b"\xff\xfe"),
    "a line cut short": lambda answer: (200, "text/plain", answer[2][:-9] + b"\n"),
    "a line that is too long for an answer": lambda answer: (200, "text/plain", answer[2] * 1_000),
    "its line twice": lambda answer: (200, "text/plain", answer[2] * 2),
    "a server error": lambda answer: (500, "text/plain", b""),
    "a redirection": lambda answer: (302, "text/plain", b""),
    "a forged line": lambda answer: (200, "text/plain", _forged()),
    "a stranger's line": lambda answer: (200, "text/plain", answer[2].replace(b"a.example", b"z.example")),
    "another witness's line": lambda answer: (200, "text/plain", answer[2].replace(b"a.example", b"b.example")),
}


def _forged() -> bytes:
    other = Checkpoint(origin="log.example/2026", size=1, root=bytes(32))
    return cosign(other, name=witness_name("a"), private_key=seeded_key("witness a"), timestamp=1).line.encode()


@pytest.mark.parametrize("lie", list(LIES))
def test_a_witness_that_lies_costs_its_own_line_and_nothing_else(
    fed: Fed, lie: str, caplog: pytest.LogCaptureFixture
) -> None:
    head = fed.grown()
    fed.witnesses["a"].lie = LIES[lie]
    assert fed.feed.round() == 2
    assert fed.names() == {witness_name("b"), witness_name("c")}
    assert fed.witnessed() == head.size
    (told,) = [each.getMessage() for each in caplog.records if each.name == "clearline.witness_feed"]
    assert witness_name("a") in told
    assert "127.0.0.1" not in told


def test_a_silent_witness_and_a_private_address_hold_up_nobody(fed: Fed, caplog: pytest.LogCaptureFixture) -> None:
    admit_witnesses(fed.world, "d", url="http://127.0.0.1:1")
    fed.grown()
    assert fed.feed.round() == 3
    fed.grown()
    shy = WitnessFeed(registry=fed.world.registry, caller=replace(fed.feed.caller, private_allowed=False))
    assert shy.round() == 0
    told = {each.getMessage().rpartition(": ")[2] for each in caplog.records if each.name == "clearline.witness_feed"}
    assert told == {"connection", "not-https"}


def test_a_log_that_is_damaged_is_shown_to_no_witness_and_the_feed_goes_on(
    fed: Fed, caplog: pytest.LogCaptureFixture
) -> None:
    fed.grown()
    store = fed.world.registry.store
    head = store.read(lambda tx: tx.trees.head(YEAR))
    assert head is not None
    damaged = replace(head, edges=bytes(len(head.edges)))
    store.write(lambda tx: tx.trees.advance(head, damaged))
    assert fed.feed.round() == 0
    told = {each.getMessage().rpartition(": ")[2] for each in caplog.records if each.name == "clearline.witness_feed"}
    assert told == {"edges-wrong"}
    assert fed.witnesses["a"].asked == []
    store.write(lambda tx: tx.trees.advance(damaged, head))
    assert fed.feed.round() == 3


def test_the_feed_runs_until_it_is_stopped(fed: Fed) -> None:
    head = fed.grown()
    stop = threading.Event()
    running = threading.Thread(target=fed.feed.run, args=(stop, 0.02))
    running.start()
    while fed.witnessed() != head.size:
        stop.wait(0.02)
    stop.set()
    running.join(timeout=5)
    assert not running.is_alive()
    assert fed.names() == {witness_name(label) for label in "abc"}


@contextmanager
def running(fed: Fed) -> Iterator[None]:
    """The worker's own feed, beside the test."""
    stop = threading.Event()
    thread = threading.Thread(target=fed.feed.run, args=(stop, 0.02))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


def test_a_witness_that_hangs_keeps_no_other_from_the_next_candidate(fed: Fed) -> None:
    let_go = threading.Event()
    first = fed.grown()
    fed.witnesses["a"].lie = lambda answer: (let_go.wait(20), answer)[1]
    with running(fed):
        wait_for(lambda: fed.names() == {witness_name("b"), witness_name("c")})
        second = fed.grown()
        wait_for(lambda: {each.held for each in (fed.witnesses["b"], fed.witnesses["c"])} == {second})
        assert fed.witnesses["a"].asked == [0]
        let_go.set()
    assert first.size < second.size


def test_a_witness_that_gives_no_line_is_asked_more_and_more_seldom(fed: Fed) -> None:
    fed.grown()
    fed.witnesses["a"].lie = LIES["a server error"]
    with running(fed):
        wait_for(lambda: len(fed.witnesses["a"].asked) == 1)
        time.sleep(0.3)
    assert len(fed.witnesses["a"].asked) == 1
    assert fed.feed.round() == 0
    fed.witnesses["a"].lie = lambda answer: answer
    assert fed.feed.round() == 1


def test_the_last_entries_of_december_are_fed_after_an_outage_into_february(fed: Fed) -> None:
    fed.world.clock.now = dt.datetime(YEAR, 12, 31, 23, 59, 30, tzinfo=dt.UTC)
    fed.grown()
    assert fed.feed.round() == 3
    fed.world.clock.now = dt.datetime(YEAR, 12, 31, 23, 59, 59, 999_000, tzinfo=dt.UTC)
    asks(fed.world, "carrier-a", tokens("the last one of the year"))
    fed.world.clock.now = dt.datetime(YEAR + 1, 2, 3, 8, tzinfo=dt.UTC)
    last = integrate_all(fed.world, fed.folder)
    assert propose(fed.world) == last
    assert fed.feed.round() == 3
    assert fed.witnessed() == last.size
    assert fed.feed.round() == 0
    for label in "abc":
        assert fed.witnesses[label].held == last


def test_a_witness_that_does_not_know_last_years_log_is_asked_for_it_hourly_at_last(fed: Fed) -> None:
    now = 0.0
    feed = replace(fed.feed, monotonic=lambda: now)
    fed.grown()
    fed.world.clock.now = dt.datetime(YEAR + 1, 2, 3, 8, tzinfo=dt.UTC)
    fed.witnesses["a"].lie = lambda answer: (404, "text/plain", b"")
    key = (YEAR, witness_name("a"))
    for _ in range(13):
        feed.round()
    assert not feed._is_due(key, now + 3599)
    assert feed._is_due(key, now + 3600)
