"""Whoever stands at a counter gets an answer within three seconds, whatever stands still behind the local service."""

import http.client
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest

from cli.demo.plan import CARRIERS
from cli.demo.tokens import bearer
from gateway.local.tokens import Scope
from registry.store.engines import make_engines
from registry.store.transactions import Store
from tests.e2e.running import System, system
from tests.support.exports import resident

pytestmark = pytest.mark.e2e

LONGEST = 3.0
"""Seconds that any answer may take."""
SOON = 10.0
"""Seconds within which readiness tells the truth."""
AT_ONCE = 60
ASKS = CARRIERS[1]


@dataclass(frozen=True, slots=True)
class Said:
    """An answer of the local service, and how long it took."""

    status: int
    seconds: float
    headers: Mapping[str, str]
    document: Any


@dataclass(frozen=True, slots=True)
class Counterside:
    """A running system as a program at the counter of one carrier sees it."""

    system: System

    @property
    def netloc(self) -> str:
        return self.system.plan.addresses.gateways[ASKS].listen

    def ask(self, method: str, path: str, body: object = None) -> Said:
        connection = http.client.HTTPConnection(self.netloc, timeout=60)
        headers = {"Content-Type": "application/json", **bearer(self.system.plan.var / ASKS, Scope.CHECK)}
        began = time.monotonic()
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        document = json.loads(answer.read())
        taken = time.monotonic() - began
        connection.close()
        return Said(answer.status, taken, dict(answer.getheaders()), document)

    def check(self, number: int = 1) -> Said:
        applicant = {"document": {"kind": "RESIDENT_ID", "number": resident(number)}, "service_class": "MOBILE"}
        return self.ask("POST", "/check", applicant)

    def readyz(self) -> Said:
        return self.ask("GET", "/readyz")

    def many(self, count: int) -> tuple[list[Said], list[Said]]:
        """So many checks at once, and what monitors heard meanwhile."""
        with ThreadPoolExecutor(count + 1) as threads:
            under_way = [threads.submit(self.check, number) for number in range(count)]
            heard = []
            while not all(each.done() for each in under_way):
                heard.append(self.ask("GET", "/healthz"))
                heard.append(self.readyz())
                time.sleep(0.1)
            return [each.result() for each in under_way], heard

    def until(self, condition: Callable[[Any], bool], *, ready: bool) -> float:
        """Ask for readiness until it is so; the seconds that it took."""
        began = time.monotonic()
        while True:
            said = self.readyz()
            assert said.seconds < LONGEST
            assert (said.status, said.document["ready"]) in {(200, True), (503, False)}
            if said.document["ready"] is ready and condition(said.document):
                return time.monotonic() - began
            assert time.monotonic() - began < SOON, said.document
            time.sleep(0.1)

    def inquiries(self) -> int:
        """Count the registry's entries of inquiries."""
        engines = make_engines(f"sqlite:///{self.system.parties.registry.parent / 'registry.db'}")
        try:
            entries = Store(engines).read(lambda tx: tx.openings.first(100_000))
        finally:
            engines.close()
        return Counter(each.kind for each in entries)["inquiry"]

    @contextmanager
    def frozen(self, *names: str) -> Iterator[None]:
        """Stop the processes of some servers: their kernel still takes connections and bytes, and nobody reads them."""
        groups = [self.system.servers.child(name).process.pid for name in names]
        for group in groups:
            os.killpg(group, signal.SIGSTOP)
        try:
            yield
        finally:
            for group in groups:
                with suppress(ProcessLookupError):
                    os.killpg(group, signal.SIGCONT)

    @property
    def custodians(self) -> list[str]:
        return [each.name for each in self.system.plan.addresses.custodians.values()]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counterside]:
    with system(tmp_path_factory.mktemp("deadline") / "var", chunk_rows=1000, serving={ASKS}) as running:
        yield Counterside(running)


def registry_is(state: str) -> Callable[[Any], bool]:
    return lambda document: document["registry"] == state


def all_well(document: Any) -> bool:
    return document["registry"] == "OK" and all(each["state"] == "OK" for each in document["custodians"])


def test_a_frozen_registry_holds_nobody_for_long_and_afterwards_all_goes_on(here: Counterside) -> None:
    here.until(all_well, ready=True)
    assert here.check().status == 200
    before = here.inquiries()
    with here.frozen("registry"):
        answers, heard = here.many(AT_ONCE)
        assert {each.status for each in answers} == {503}
        assert all(each.seconds < LONGEST and each.headers["Retry-After"] for each in answers)
        assert all(each.seconds < LONGEST for each in heard)
        assert all(each.document == {"status": "ok"} for each in heard[::2])
        here.until(registry_is("UNREACHABLE"), ready=False)
        refused = here.check()
        assert (refused.status, refused.seconds < 0.5) == (503, True)
        assert "was not called" in refused.document["detail"]
    here.until(all_well, ready=True)
    assert here.check().status == 200
    # Those that had a place reached the kernel, which kept them; each is one inquiry, however often it was sent.
    time.sleep(1)
    assert before + 1 <= here.inquiries() <= before + 1 + 16


@pytest.mark.parametrize("ended_by", [signal.SIGKILL, signal.SIGTERM])
def test_a_dead_or_stopped_registry_is_refused_for_at_once_and_found_when_it_is_back(
    here: Counterside, ended_by: signal.Signals
) -> None:
    here.until(all_well, ready=True)
    before, registry = here.inquiries(), here.system.servers.child("registry")
    os.killpg(registry.process.pid, ended_by)
    registry.process.wait(30)
    answers, heard = here.many(20)
    assert {each.status for each in answers} == {503}
    assert all(each.seconds < LONGEST for each in [*answers, *heard])
    here.until(registry_is("UNREACHABLE"), ready=False)
    assert here.inquiries() == before
    config = str(here.system.parties.registry)
    again = here.system.servers.start("registry", ["registry", "serve", "--config", config])
    here.system.servers.wait_healthy(again, here.system.plan.addresses.registry.local_url)
    here.until(all_well, ready=True)
    assert [here.check(number).status for number in range(3)] == [200] * 3
    assert here.inquiries() == before + 3


def test_one_frozen_custodian_costs_a_moment_and_two_a_clear_refusal(here: Counterside) -> None:
    here.until(all_well, ready=True)
    before = here.inquiries()
    first, second, _ = here.custodians
    with here.frozen(first):
        answers = [here.check(number) for number in range(6)]
        assert {each.status for each in answers} == {200}
        assert all(each.seconds < LONGEST for each in answers)
        here.until(lambda document: document["custodians"][0]["state"] == "UNREACHABLE", ready=True)
    assert here.inquiries() == before + 6
    with here.frozen(first, second):
        answers, heard = here.many(20)
        assert {each.status for each in answers} == {503}
        assert all(each.seconds < LONGEST for each in [*answers, *heard])
        here.until(lambda document: document["registry"] == "OK", ready=False)
        refused = here.check()
        assert (refused.status, refused.seconds < 0.5) == (503, True)
    assert here.inquiries() == before + 6
    here.until(all_well, ready=True)
    assert here.check().status == 200
