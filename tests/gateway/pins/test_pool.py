"""A running gateway goes over to another committee of its key without dropping a call, and to another key never."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway.gateway import Gateway
from gateway.identity.custodians import CustodianPool
from gateway.identity.documents import RawIdentity
from gateway.local.app import create_app
from gateway.local.health import readiness
from gateway.local.tokens import TokenBook
from gateway.pins.codes import KeyChanged, PinCode
from gateway.pins.renewal import Renewal
from gateway.pins.values import Doubt, Taken, kept
from protocol.identifiers import DocumentKind
from tests.support.ceremonies import genesis, hold
from tests.support.contract import DocumentedClient
from tests.support.exports import resident
from tests.support.local import HERE, a_token, ask, name
from tests.support.pins import FORMED_AT, PinHouse, at_our_custodians

WHO = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=resident(1))
LATER = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=resident(2))


class Gate:
    """Holds all calls to a custodian until it is opened."""

    def __init__(self, inner: Any) -> None:
        self._inner, self.is_open, self.is_reached = inner, threading.Event(), threading.Event()

    def handle_request(self, request: Any) -> Any:
        self.is_reached.set()
        assert self.is_open.wait(30)
        return self._inner.handle_request(request)


def test_calls_under_way_end_at_the_former_committee(house: PinHouse) -> None:
    second = house.refreshed(house.first)
    house.serve(second)
    with house.gateway() as gateway, ThreadPoolExecutor(1) as one:
        before = gateway.tokenise([WHO])
        gate = Gate(house.custodian(2).inner)
        house.custodian(2).inner = gate  # type: ignore[assignment]
        under_way = one.submit(gateway.tokenise, [WHO])
        assert gate.is_reached.wait(30)
        house.offer(second)
        house.book().change(lambda content: replace(content, pins=kept(second.formed, Taken.LOGGED, FORMED_AT)))
        assert not gateway.pool.is_stopped()
        assert gateway.pool.members[0].public_key == second.formed.committee.members[0].share_public_key
        gate.is_open.set()
        assert under_way.result() == before == gateway.tokenise([WHO])


def test_another_key_is_used_at_the_next_start_and_not_before(house: PinHouse) -> None:
    other = hold(at_our_custodians(genesis(house.custodians, 2, epoch=2)), house.custodians)
    house.serve(other)
    with house.gateway() as gateway:
        gateway.tokenise([WHO])
        house.book().change(lambda content: replace(content, pins=kept(other.formed, Taken.NAMED, FORMED_AT)))
        with pytest.raises(KeyChanged, match="start-again"):
            gateway.tokenise([WHO])
    with house.gateway() as gateway:
        [tokens] = gateway.tokenise([WHO])
        assert tokens.epoch == 2


def test_who_watches_the_pool_sees_each_later_one_before_it_is_used(house: PinHouse) -> None:
    second = house.refreshed(house.first)
    house.serve(second)
    seen: list[CustodianPool] = []
    with house.gateway() as gateway:
        gateway.pool.each_pool(seen.append)
        house.book().change(lambda content: replace(content, pins=kept(second.formed, Taken.LOGGED, FORMED_AT)))
        gateway.tokenise([WHO])
        assert [pool.is_left.is_set() for pool in seen] == [True, False]
    assert all(pool.is_left.is_set() for pool in seen)


@pytest.fixture
def service(house: PinHouse, tmp_path: Path) -> Any:
    token = a_token(tmp_path / "local-tokens.json")
    with house.gateway() as checks, house.gateway() as others:
        yield checks, _client(checks, others, tmp_path / "local-tokens.json", token)


def _client(checks: Gateway, others: Gateway, path: Path, token: str) -> FlaskClient:
    app = create_app(others, checks=checks, check_seconds=30, tokens=TokenBook(path), monotonic=lambda: 0.0)
    app.test_client_class = DocumentedClient
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def test_a_stopped_service_refuses_every_check_and_is_not_ready(
    house: PinHouse, service: tuple[Gateway, FlaskClient]
) -> None:
    checks, client = service
    house.book().stop(Doubt(code=PinCode.OTHER_KEY, since=FORMED_AT))
    refused = client.post("/check", json=ask(), base_url=HERE)
    assert (refused.status_code, name(refused)) == (503, "key-changed")
    ready = client.get("/readyz", base_url=HERE)
    assert (ready.status_code, ready.get_json()["alarms"]) == (503, ["key-changed"])
    assert readiness(checks)["ready"] is False
    assert not any(line.requests for url, line in house.lines.items() if "custodian" in url)


def test_callers_that_wait_share_one_check() -> None:
    begun, go_on, ended = [], threading.Event(), []

    def check() -> bool:
        begun.append(1)
        return not go_on.wait(30)

    renewal = Renewal(check, lambda: 100.0)
    with ThreadPoolExecutor(4) as many:
        waiting = [many.submit(renewal.run, 30.0) for _ in range(4)]
        go_on.set()
        ended = [each.result() for each in waiting]
    renewal.run(30.0)
    assert (len(begun), len(ended)) == (1, 4)


def test_a_serving_process_checks_at_its_start_and_from_day_to_day() -> None:
    rounds, over = threading.Semaphore(0), threading.Event()
    clock = iter(range(0, 10_000, 100))

    def check() -> bool:
        rounds.release()
        return False

    Renewal(check, lambda: float(next(clock))).keep_running(over, day=0.01, soon=30.0)
    for _ in range(3):
        assert rounds.acquire(timeout=30)
    over.set()


def test_a_check_that_could_not_end_is_repeated_soon() -> None:
    rounds, over = threading.Semaphore(0), threading.Event()
    clock = iter(range(0, 10_000, 100))

    def check() -> bool:
        rounds.release()
        raise KeyChanged("pins-malformed", "for the test")

    Renewal(check, lambda: float(next(clock))).keep_running(over, day=30.0, soon=0.01)
    for _ in range(3):
        assert rounds.acquire(timeout=30)
    over.set()
