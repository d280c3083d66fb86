"""Checks have places and time of their own; a full house is refused at once, and readiness tells the truth."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from client.circuit import CircuitRules
from client.errors import RegistryUnreachable
from gateway.errors import CustodiansUnavailable
from gateway.gateway import Gateway
from gateway.identity.documents import RawIdentity
from gateway.local.app import create_app
from gateway.local.contract.operations import SCOPES
from gateway.local.health import readiness
from gateway.local.lanes import CHECK_ROUTES, CHECKS, OTHERS, THREADS
from gateway.local.tokens import TokenBook
from gateway.wiring import build
from protocol.identifiers import DocumentKind
from tests.support.contract import DocumentedClient
from tests.support.local import HERE, NUMBER, a_client, a_token, ask, look_at_all, name
from tests.support.parties import Parties

WHO = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=NUMBER)
OUTCOMES = {"outcomes": [{"order": "1", "outcome": "ACTIVATED", "unchecked": "MIGRATED", "service_class": "MOBILE"}]}
SETTLEMENT = {"document": ask()["document"], "account": "A1", "kind": "FULL", "amount_fen": 1}


@pytest.fixture
def service(gateway: Gateway, checks: Gateway, tmp_path: Path) -> FlaskClient:
    return a_service(gateway, checks, tmp_path / "tokens.json", seconds=30)


def a_service(gateway: Gateway, checks: Gateway, path: Path, *, seconds: float) -> FlaskClient:
    token = a_token(path)
    app = create_app(gateway, checks=checks, check_seconds=seconds, tokens=TokenBook(path), monotonic=time.monotonic)
    app.test_client_class = DocumentedClient
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def post(client: FlaskClient, path: str, body: dict[str, Any]) -> TestResponse:
    # A test client is no client of several threads.
    return client.application.test_client().post(
        path, json=body, base_url=HERE, headers={"Authorization": client.environ_base["HTTP_AUTHORIZATION"]}
    )


class Gate:
    """Holds every call to the registry until it is opened."""

    def __init__(self, parties: Parties) -> None:
        self._inner, self._open = parties.registry.inner, threading.Event()
        self.waiting = 0
        self._lock = threading.Lock()
        parties.registry.inner = self  # type: ignore[assignment]

    def handle_request(self, request: Any) -> Any:
        with self._lock:
            self.waiting += 1
        assert self._open.wait(30)
        return self._inner.handle_request(request)

    def let_through(self) -> None:
        self._open.set()

    def wait_for(self, count: int) -> None:
        end = time.monotonic() + 30
        while self.waiting < count:
            assert time.monotonic() < end
            time.sleep(0.005)


def test_a_full_house_of_checks_refuses_the_next_at_once_and_everything_else_goes_on(
    service: FlaskClient, parties: Parties
) -> None:
    gate = Gate(parties)
    with ThreadPoolExecutor(CHECKS) as many:
        under_way = [many.submit(post, service, "/check", ask()) for _ in range(CHECKS)]
        gate.wait_for(CHECKS)
        refused = post(service, "/check", ask())
        assert (refused.status_code, name(refused), refused.headers["Retry-After"]) == (503, "unavailable", "1")
        assert service.get("/healthz", base_url=HERE).status_code == 200
        gate.let_through()
        assert post(service, "/settlements", SETTLEMENT).status_code == 404
        assert post(service, "/activations/batch", OUTCOMES).status_code == 200
        assert [each.result().status_code for each in under_way] == [200] * CHECKS
    assert post(service, "/check", ask()).status_code == 200


def test_slow_counters_take_no_place_of_a_check(service: FlaskClient, parties: Parties) -> None:
    assert post(service, "/check", ask()).status_code == 200
    gate = Gate(parties)
    with ThreadPoolExecutor(OTHERS) as many:
        under_way = [many.submit(post, service, "/statement", {"document": ask()["document"]}) for _ in range(OTHERS)]
        gate.wait_for(OTHERS)
        assert post(service, "/settlements", SETTLEMENT).status_code == 503
        with ThreadPoolExecutor(1) as one:
            check = one.submit(post, service, "/check", ask())
            gate.wait_for(OTHERS + 1)
            gate.let_through()
            assert check.result().status_code == 200
        assert [each.result().status_code for each in under_way] == [201] * OTHERS


def test_a_refused_or_broken_request_gives_its_place_back(service: FlaskClient) -> None:
    for _ in range(2 * CHECKS):
        assert post(service, "/check", {"unknown": 1}).status_code == 422
    assert post(service, "/check", ask()).status_code == 200


def test_some_threads_are_nobodys() -> None:
    assert THREADS - CHECKS - OTHERS >= 2
    assert SCOPES.keys() >= CHECK_ROUTES


def test_a_check_has_one_deadline_for_custodians_and_registry(
    gateway: Gateway, checks: Gateway, parties: Parties, tmp_path: Path
) -> None:
    service = a_service(gateway, checks, tmp_path / "tokens.json", seconds=0.4)
    for index in (1, 2):
        parties.custodian(index).delay_seconds = 1.0
    began = time.monotonic()
    answer = post(service, "/check", ask())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "2 key custodians are needed" in answer.json["detail"]
    assert time.monotonic() - began < 0.9
    assert parties.registry.requests == 0


def test_a_settlement_that_was_given_up_says_that_it_may_have_been_taken(
    service: FlaskClient, parties: Parties
) -> None:
    parties.registry.dead = True
    answer = post(service, "/settlements", SETTLEMENT)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "it may have been taken" in answer.json["detail"]
    assert "may have been taken" not in post(service, "/check", ask()).json["detail"]


def test_a_check_asks_no_custodian_for_a_registry_whose_circuit_is_open(checks: Gateway, parties: Parties) -> None:
    parties.registry.dead = True
    asked = None
    for _ in range(4):
        with pytest.raises(RegistryUnreachable):
            checks.registry.ask_incarnation()
        asked = parties.registry.requests
    with pytest.raises(RegistryUnreachable, match="was not called"):
        checks.registry.expect_answer()
    assert parties.registry.requests == asked == CircuitRules().misses


def test_a_custodian_that_does_not_answer_is_soon_asked_no_more(checks: Gateway, parties: Parties) -> None:
    for index in (2, 3):
        parties.custodian(index).dead = True
    for _ in range(8):
        with pytest.raises(CustodiansUnavailable):
            checks.tokenise([WHO])
    assert [parties.custodian(index).requests for index in (2, 3)] == [5, 5]


def test_readiness_needs_no_token_and_names_only_codes(checks: Gateway, gateway: Gateway, tmp_path: Path) -> None:
    a_token(tmp_path / "tokens.json")
    stranger = a_client(gateway, tmp_path / "tokens.json", token="")
    unheard = stranger.get("/readyz", base_url=HERE)
    nobody = [{"index": index, "state": "UNREACHABLE"} for index in (1, 2, 3)]
    assert unheard.status_code == 503
    assert unheard.json == {"ready": False, "registry": "UNREACHABLE", "custodians": nobody, "alarms": []}
    look_at_all(gateway)
    heard = stranger.get("/readyz", base_url=HERE)
    all_ok = [{"index": index, "state": "OK"} for index in (1, 2, 3)]
    assert heard.status_code == 200
    assert heard.json == {"ready": True, "registry": "OK", "custodians": all_ok, "alarms": []}


@pytest.mark.parametrize(("dead", "ready"), [((), True), ((2,), True), ((2, 3), False)])
def test_the_service_is_ready_as_long_as_enough_custodians_answer(
    checks: Gateway, parties: Parties, dead: tuple[int, ...], ready: bool
) -> None:
    for index in dead:
        parties.custodian(index).dead = True
    look_at_all(checks)
    told = readiness(checks)
    assert told["ready"] is ready
    assert [each["index"] for each in told["custodians"] if each["state"] == "UNREACHABLE"] == list(dead)


def test_the_service_is_not_ready_without_the_registry_and_is_again_with_it(checks: Gateway, parties: Parties) -> None:
    parties.registry.dead = True
    look_at_all(checks)
    assert (readiness(checks)["ready"], readiness(checks)["registry"]) == (False, "UNREACHABLE")
    parties.registry.dead = False
    parties.registry.fail_next.append(503)
    look_at_all(checks)
    look_at_all(checks)
    assert (readiness(checks)["ready"], readiness(checks)["registry"]) == (True, "OK")


def test_looking_asks_a_custodian_for_nothing_that_counts(checks: Gateway, parties: Parties) -> None:
    look_at_all(checks)
    assert all(b"/v1/key" in parties.custodian(index).sent[0] for index in (1, 2, 3))


def test_a_gateway_for_files_has_no_circuit_and_keeps_its_patience(parties: Parties) -> None:
    settings = parties.settings("carrier-a", attempts=3)
    with build(settings, transports=parties.lines, clock=parties.clock, sleep=lambda _: None) as gateway:
        parties.registry.dead = True
        for _ in range(4):
            with pytest.raises(RegistryUnreachable, match="in 3 attempts"):
                gateway.registry.ask_incarnation()
    assert parties.registry.requests == 12
