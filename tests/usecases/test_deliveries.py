"""Events arrive at a webhook, over real HTTP: signed, in order, again after failures, once with two workers."""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from crypto.signing.content_digest import verify_content_digest
from crypto.signing.http_message import SignedRequest, verify_request
from protocol.codes import Role
from protocol.encodings import format_time
from protocol.events import EventKind
from protocol.messages.webhooks import NewWebhook
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write
from registry.policy.delivery import DeliveryRules
from registry.store.transactions import Store
from registry.usecases.act import act_in
from registry.usecases.events.deliver import settle_delivery, take_delivery
from registry.usecases.notify import notify
from registry.usecases.participants.webhooks import admit_webhook, read_webhook
from registry.work.outgoing import Caller, make_http
from registry.work.webhooks import deliver_due, run
from tests.support.loopback import NO_TLS
from tests.support.world import World, found_world

RULES = DeliveryRules(batch=3, attempts=3)


@dataclass
class Receiver:
    """A carrier's own little server; what it answers next is up to the test."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    slow: dict[str, threading.Event] = field(default_factory=dict)
    """By path: what an answer there waits for."""
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def positions(self) -> list[int]:
        return [each["position"] for _, _, body in self.got for each in json.loads(body)["events"]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.answers.pop(0) if receiver.answers else 204
            receiver.got.append((self.path, dict(self.headers), body))
            if self.path in receiver.slow:
                receiver.slow[self.path].wait(20)
            with suppress(OSError):
                self.send_response(status)
                self.send_header("Location", receiver.url + "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook?x=1"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield receiver
        server.shutdown()
        thread.join()


@pytest.fixture
def sender() -> Iterator[Caller]:
    with make_http() as http:
        yield Caller(http=http, private_allowed=True)


@pytest.fixture
def open_world(world: World) -> World:
    """A world whose operator allows webhooks on this machine."""
    world.registry = replace(world.registry, private_webhooks=True)
    return world


def tell(world: World, *numbers: int, who: str = "carrier-b") -> None:
    for number in numbers:
        world.clock.forward(seconds=1)

        def work(tx: Any, number: int = number) -> None:
            notify(
                act_in(world.registry, tx, None),
                [who],
                EventKind.TAKE_OUTS_HELD,
                facts={"day": "2026-11-21", "bound": number},
            )

        world.registry.store.write(work)


def admits(world: World, url: str, after: int = 0, who: str = "carrier-b") -> None:
    operator = world.actor("operator", Role.OPERATOR)
    admit_webhook(world.registry, operator, world.call(), participant_id=who, new=NewWebhook(url=url, after=after))


def shown(world: World, who: str = "carrier-b") -> dict[str, Any]:
    return write(read_webhook(world.registry, world.actor(who), who))


@contextmanager
def delivering(world: World, sender: Caller, rules: DeliveryRules) -> Iterator[None]:
    """The worker's own deliveries, beside the test."""
    stop = threading.Event()
    running = threading.Thread(target=run, args=(world.registry, sender, stop, 0.02, rules))
    running.start()
    try:
        yield
    finally:
        stop.set()
        running.join(20)


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


def test_events_arrive_in_pages_and_in_order(open_world: World, receiver: Receiver, sender: Caller) -> None:
    admits(open_world, receiver.url)
    tell(open_world, *range(7))
    assert deliver_due(open_world.registry, sender, RULES) == 3
    assert receiver.positions() == list(range(1, 8))
    assert [json.loads(body)["more"] for _, _, body in receiver.got] == [True, True, False]
    assert deliver_due(open_world.registry, sender, RULES) == 0
    assert shown(open_world)["position"] == 7


def test_a_delivery_carries_the_registrys_signature(open_world: World, receiver: Receiver, sender: Caller) -> None:
    admits(open_world, receiver.url)
    tell(open_world, 1)
    deliver_due(open_world.registry, sender, RULES)
    ((path, headers, body),) = receiver.got
    assert receiver.url.endswith(path)
    verified = verify_request(
        SignedRequest(method="POST", target_uri=receiver.url, headers=headers),
        has_body=True,
        public_key=open_world.signing_keys["registry"].public_key(),
        now=open_world.clock.now,
    )
    assert verified.key_id == "registry-1"
    verify_content_digest(headers["Content-Digest"], hashlib.sha256(body).digest())
    assert headers["Idempotency-Key"] == "events.carrier-b.1.1-1"


def test_a_failed_page_is_sent_again_under_the_same_name(open_world: World, receiver: Receiver, sender: Caller) -> None:
    admits(open_world, receiver.url)
    tell(open_world, 1, 2)
    receiver.answers = [500, 302]
    assert deliver_due(open_world.registry, sender, RULES) == 0
    assert deliver_due(open_world.registry, sender, RULES) == 0
    assert len(receiver.got) == 1
    open_world.clock.forward(seconds=10)
    assert deliver_due(open_world.registry, sender, RULES) == 0
    assert shown(open_world)["attempts"] == 2
    open_world.clock.forward(seconds=20)
    assert deliver_due(open_world.registry, sender, RULES) == 1
    assert {path for path, _, _ in receiver.got} == {"/hook?x=1"}
    assert {headers["Idempotency-Key"] for _, headers, _ in receiver.got} == {"events.carrier-b.1.1-2"}
    assert shown(open_world)["dead_letters"] == []


def test_what_cannot_be_delivered_is_listed_and_the_rest_goes_on(
    open_world: World, receiver: Receiver, sender: Caller
) -> None:
    admits(open_world, receiver.url)
    tell(open_world, *range(4))
    receiver.answers = [503] * 3
    for _ in range(3):
        deliver_due(open_world.registry, sender, RULES)
        open_world.clock.forward(hours=1)
    (letter,) = shown(open_world)["dead_letters"]
    assert (letter["first_position"], letter["last_position"], letter["reason"]) == (1, 3, "status-503")
    receiver.got.clear()
    assert deliver_due(open_world.registry, sender, RULES) == 1
    assert receiver.positions() == [4]
    admits(open_world, receiver.url, after=0)
    receiver.got.clear()
    assert deliver_due(open_world.registry, sender, RULES) == 2
    assert receiver.positions() == [1, 2, 3, 4]


def test_a_server_that_is_gone_is_tried_again(open_world: World, sender: Caller) -> None:
    admits(open_world, "http://127.0.0.1:9/")
    tell(open_world, 1)
    assert deliver_due(open_world.registry, sender, RULES) == 0
    assert shown(open_world)["attempts"] == 1


def test_a_worker_that_dies_leaves_its_page_to_the_next(open_world: World, receiver: Receiver, sender: Caller) -> None:
    admits(open_world, receiver.url)
    tell(open_world, 1)
    assert deliver_due(open_world.registry, sender, RULES) == 1
    tell(open_world, 2)
    assert deliver_due(open_world.registry, sender, RULES) == 1
    tell(open_world, 3)
    open_world.registry.store.write(lambda tx: tx.events.number("carrier-b", 10))
    dead = take_delivery(open_world.registry, "carrier-b", RULES)
    assert dead is not None
    assert deliver_due(open_world.registry, sender, RULES) == 0
    open_world.clock.forward(seconds=RULES.lease)
    assert deliver_due(open_world.registry, sender, RULES) == 1
    settle_delivery(open_world.registry, dead, "timeout", RULES)
    assert (shown(open_world)["position"], shown(open_world)["attempts"]) == (3, 0)
    assert receiver.positions() == [1, 2, 3]


def test_two_workers_deliver_each_page_once(store: Store, receiver: Receiver, sender: Caller) -> None:
    world = found_world(store)
    world.registry = replace(world.registry, private_webhooks=True)
    admits(world, receiver.url)
    tell(world, *range(30))
    with ThreadPoolExecutor(4) as threads:
        rounds = [threads.submit(deliver_due, world.registry, sender, RULES) for _ in range(8)]
        assert sum(each.result(60) for each in rounds) == 10
    assert sorted(receiver.positions()) == list(range(1, 31))


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1"])
def test_a_name_that_stands_for_a_private_address_is_not_called(world: World, address: str) -> None:
    admits(world, "https://carrier.example/")
    tell(world, 1)
    with httpx.Client(verify=NO_TLS) as http:
        careful = Caller(http=http, private_allowed=False, resolve=lambda _host, _port: ["8.8.8.8", address])
        assert deliver_due(world.registry, careful, DeliveryRules(attempts=1)) == 0
    assert shown(world)["dead_letters"][0]["reason"] == "private-address"


def test_a_name_that_stands_for_nothing_and_a_url_no_longer_allowed_are_failures(open_world: World) -> None:
    admits(open_world, "http://127.0.0.1:1/")
    tell(open_world, 1)
    with make_http() as http:
        careful = Caller(http=http, private_allowed=False)
        deliver_due(open_world.registry, careful, DeliveryRules(attempts=1))
        assert shown(open_world)["dead_letters"][0]["reason"] == "not-https"
        admits(open_world, "https://carrier.invalid/")
        nowhere = Caller(http=http, private_allowed=False, resolve=lambda _host, _port: [])
        tell(open_world, 2)
        deliver_due(open_world.registry, nowhere, DeliveryRules(attempts=1, batch=10))
    assert shown(open_world)["position"] == 2


def test_without_the_setting_no_private_url_is_admitted(world: World) -> None:
    for url in ("http://127.0.0.1/", "https://10.0.0.1/", "http://carrier.example/"):
        with pytest.raises(Refusal) as refused:
            admits(world, url)
        assert refused.value.problem is Problem.INVALID_FIELD
    with pytest.raises(Refusal) as unknown:
        admits(world, "https://carrier.example/", who="nobody")
    assert unknown.value.problem is Problem.NOT_FOUND


def test_a_member_that_hangs_holds_up_nobody(open_world: World, receiver: Receiver, sender: Caller) -> None:
    let_go = receiver.slow["/hangs"] = threading.Event()
    admits(open_world, receiver.url.replace("/hook?x=1", "/hangs"), who="carrier-a")
    admits(open_world, receiver.url)
    tell(open_world, 1, who="carrier-a")
    rules = replace(RULES, turn=10)
    with delivering(open_world, sender, rules):
        wait_for(lambda: [path for path, _, _ in receiver.got] == ["/hangs"])
        tell(open_world, *range(7))
        wait_for(lambda: shown(open_world)["position"] == 7)
        # All that while the first one has been waited for.
        assert (shown(open_world, "carrier-a")["position"], shown(open_world, "carrier-a")["attempts"]) == (0, 0)
        let_go.set()


def test_a_slow_member_loses_its_turn_and_gets_its_page_with_the_slow_ones(
    open_world: World, receiver: Receiver, sender: Caller
) -> None:
    never = receiver.slow["/hook?x=1"] = threading.Event()
    admits(open_world, receiver.url)
    tell(open_world, *range(4))
    with delivering(open_world, sender, replace(RULES, turn=0.2, slow_turn=10)):
        wait_for(lambda: shown(open_world)["attempts"] == 1)
        never.set()
        receiver.slow.clear()
        open_world.clock.forward(seconds=10)
        wait_for(lambda: shown(open_world)["position"] == 4)
    assert [headers["Idempotency-Key"] for _, headers, _ in receiver.got] == [
        "events.carrier-b.1.1-3",
        "events.carrier-b.1.1-3",
        "events.carrier-b.1.4-4",
    ]


def test_a_member_that_takes_long_for_a_page_is_waited_for_and_rests(
    open_world: World, receiver: Receiver, sender: Caller
) -> None:
    """It was cut off once, and is known from then on: nine seconds are an answer in time."""
    first = receiver.slow["/hook?x=1"] = threading.Event()
    admits(open_world, receiver.url)
    tell(open_world, *range(4))
    with delivering(open_world, sender, replace(RULES, turn=0.2, slow_turn=10)):
        wait_for(lambda: shown(open_world)["attempts"] == 1)
        open_world.clock.forward(seconds=10)
        wait_for(lambda: len(receiver.got) == 2)
        time.sleep(0.3)
        first.set()
        wait_for(lambda: shown(open_world)["position"] == 3)
        rests = shown(open_world)
        assert rests["attempts"] == 0
        assert rests["next_attempt_at"] > format_time(open_world.clock.now)
        open_world.clock.forward(seconds=10)
        wait_for(lambda: shown(open_world)["position"] == 4)


def test_a_slow_member_is_served_by_workers_that_run_one_round_each(
    open_world: World, receiver: Receiver, sender: Caller
) -> None:
    """None of them remembers who was slow; the page does."""
    rules = replace(RULES, turn=0.2, slow_turn=10)
    first = receiver.slow["/hook?x=1"] = threading.Event()
    admits(open_world, receiver.url)
    tell(open_world, 1)
    assert deliver_due(open_world.registry, sender, rules) == 0
    first.set()
    receiver.slow["/hook?x=1"] = slow = threading.Event()
    open_world.clock.forward(seconds=10)
    timer = threading.Timer(0.4, slow.set)
    timer.start()
    assert deliver_due(open_world.registry, sender, rules) == 1
    assert shown(open_world)["position"] == 1
