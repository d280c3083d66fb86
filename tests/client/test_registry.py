import dataclasses
import datetime as dt
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from client.errors import RegistryAnswerBroken, RegistryRefused, RegistryUnreachable
from client.resources import disputes, participants
from client.resources.collected import net_statement
from client.resources.inquiries import ask_many
from client.resources.records import own_records, report_batch
from crypto.signing import http_message
from crypto.signing.http_message import SignedRequest
from crypto.signing.keys import generate_signing_key, public_bytes
from gateway.bulk.withdraw import withdraw_records
from gateway.counter.events import follow
from gateway.gateway import Gateway
from gateway.wiring import build
from protocol.codes import Role, ServiceClass, WithdrawalReason
from protocol.messages.collected import Direction, Net, NetStatement
from protocol.messages.inquiries import InquiryRequest
from protocol.messages.participants import Participant, ParticipantKey
from protocol.messages.rules import ListingRules
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write
from tests.support.applications import apply
from tests.support.builders import NOW, a_report, tokens
from tests.support.exports import resident
from tests.support.parties import Parties


def test_the_rules_are_asked_for_once(gateway: Gateway, parties: Parties) -> None:
    rules = gateway.registry.rules()
    assert gateway.registry.rules() == rules
    assert rules.listing == ListingRules(
        minimum_principal_fen=100_00, minimum_days_past_due=90, maximum_days_past_due=1_095, notice_lead_days=30
    )
    assert parties.registry.requests == 1


def test_an_altered_answer_is_not_believed(gateway: Gateway, parties: Parties) -> None:
    parties.registry.change = lambda answer: answer | {"minimum_principal_fen": 1}
    with pytest.raises(RegistryAnswerBroken, match="does not verify: digest"):
        gateway.registry.rules()


def test_an_answer_whose_signature_was_stripped_is_not_believed(gateway: Gateway, parties: Parties) -> None:
    inner = parties.registry.inner

    class Stripping(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = inner.handle_request(request)
            del answer.headers["Signature"]
            return answer

    parties.registry.inner = Stripping()
    with pytest.raises(RegistryAnswerBroken, match="not signed"):
        gateway.registry.rules()


@pytest.mark.parametrize("media_type", ["application/x-ndjson", "Application/X-NDJSON; charset=utf-8"])
def test_an_unsigned_answer_is_not_believed_because_it_calls_itself_a_stream(
    gateway: Gateway, parties: Parties, media_type: str
) -> None:
    class Streaming(httpx.BaseTransport):
        def handle_request(self, _request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, headers={"Content-Type": media_type}, stream=httpx.ByteStream(b'{"keys":[]}'))

    parties.registry.inner = Streaming()
    for call in (gateway.registry.rules, lambda: participants.read(gateway.registry, "carrier-b")):
        with pytest.raises(RegistryAnswerBroken, match="not signed"):
            call()


@pytest.mark.parametrize("status", [302, 403, 404, 409, 410, 422])
def test_a_refusal_that_says_what_is_the_case_is_believed_only_if_it_is_signed(
    gateway: Gateway, parties: Parties, status: int
) -> None:
    class Refusing(httpx.BaseTransport):
        def handle_request(self, _request: httpx.Request) -> httpx.Response:
            body = b'{"type":"urn:clearline:problem:not-found"}'
            return httpx.Response(status, stream=httpx.ByteStream(body))

    parties.registry.inner = Refusing()
    with pytest.raises(RegistryAnswerBroken) as broken:
        gateway.quote("a-quote-that-nobody-made")
    assert broken.value.code == "answer-unsigned"


def test_an_answer_to_another_request_is_not_believed(gateway: Gateway, parties: Parties) -> None:
    inner, first = parties.registry.inner, list[Any]()

    class Replaying(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = inner.handle_request(request)
            if not first:
                first.append((answer.status_code, answer.headers, answer.read()))
            status, headers, body = first[0]
            return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))

    parties.registry.inner = Replaying()
    gateway.check(apply(resident(1)))
    with pytest.raises(RegistryAnswerBroken, match="signature does not verify"):
        gateway.check(apply(resident(2)))


def test_another_registry_than_the_pinned_one_is_not_believed(parties: Parties) -> None:
    stranger = public_bytes(generate_signing_key(os.urandom))
    settings = dataclasses.replace(parties.settings("carrier-a"), registry_public_key=stranger)
    with (
        build(settings, transports=parties.lines, clock=parties.clock) as gateway,
        pytest.raises(RegistryAnswerBroken, match="signature does not verify"),
    ):
        gateway.registry.rules()


@dataclass
class Resigning(httpx.BaseTransport):
    """The registry's own key over another answer than the one that it gave, or under another name of the key."""

    inner: httpx.BaseTransport
    private_key: Ed25519PrivateKey
    clock: Callable[[], dt.datetime]
    change: Callable[[bytes], bytes] = bytes
    key_id: str = "registry-1"
    status: int | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.inner.handle_request(request)
        body, status = self.change(answer.read()), self.status or answer.status_code
        answer.headers["Content-Length"] = str(len(body))
        if "Signature" in answer.headers:
            signed = http_message.sign_response(
                status=status,
                content_type=answer.headers["Content-Type"],
                content_digest=http_message.content_digest(body),
                request=SignedRequest(
                    method=request.method, target_uri=str(request.url), headers=dict(request.headers)
                ),
                key_id=self.key_id,
                private_key=self.private_key,
                created=self.clock(),
                incarnation=int(answer.headers[http_message.INCARNATION_HEADER]),
            )
            answer.headers.update(signed)
        return httpx.Response(status, headers=answer.headers, stream=httpx.ByteStream(body))


@pytest.fixture
def resigning(parties: Parties) -> Resigning:
    """The registry behind a hand that holds its signing key."""
    registry = parties.registry
    registry.inner = Resigning(registry.inner, parties.signing_keys["registry"], parties.clock)
    return registry.inner


def test_the_pinned_key_under_another_key_id_is_not_believed(gateway: Gateway, resigning: Resigning) -> None:
    gateway.registry.ask_incarnation()
    resigning.key_id = "registry-2"
    with pytest.raises(RegistryAnswerBroken, match="another key than the pinned one") as broken:
        gateway.registry.ask_incarnation()
    assert broken.value.code == "answer-signature"


def turned(body: bytes) -> bytes:
    """The answers of a batch of inquiries, the last one first."""
    document = json.loads(body)
    return json.dumps(document | {"answers": document["answers"][::-1]}).encode()


def test_inquiries_that_are_answered_in_another_order_are_not_believed(gateway: Gateway, resigning: Resigning) -> None:
    asked = [
        InquiryRequest(inquiry_ref=name, tokens=tokens(name), service_class=ServiceClass.MOBILE)
        for name in ("first", "second")
    ]
    assert [answer.inquiry_ref for answer in ask_many(gateway.registry, asked)] == ["first", "second"]
    resigning.change = turned
    with pytest.raises(RegistryAnswerBroken, match="order of the inquiries"):
        ask_many(gateway.registry, asked)


def swapped(body: bytes) -> bytes:
    """The verdicts of a batch, of which the first two change places."""
    first, second, *rest = body.splitlines(keepends=True)
    return b"".join((second, first, *rest))


def without_the_first(body: bytes) -> bytes:
    return b"".join(body.splitlines(keepends=True)[1:])


@pytest.mark.parametrize("change", [swapped, without_the_first])
def test_verdicts_that_are_not_those_of_the_rows_in_their_order_are_not_believed(
    gateway: Gateway, resigning: Resigning, change: Callable[[bytes], bytes]
) -> None:
    rows = [a_report(name, name.upper()) for name in ("a1", "b1")]
    assert len(report_batch(gateway.registry, "batch-1", rows)) == 2
    resigning.change = change
    with pytest.raises(RegistryAnswerBroken, match="not those of the rows"):
        report_batch(gateway.registry, "batch-1", rows)


def nobody_watches(_done: int, _total: int) -> None:
    """Watch nothing."""


FROM_A, FROM_B = (
    Direction(collector=collector, creditor=creditor, counted=0, counted_fen=0, apart=0, apart_fen=0)
    for collector, creditor in (("carrier-a", "carrier-b"), ("carrier-b", "carrier-a"))
)
NET_STATEMENT = NetStatement(
    month="2026-11",
    stated_at=NOW,
    directions=(FROM_A, FROM_B),
    net=Net(payer=None, payee=None, amount_fen=0),
    counted=(),
    apart=(),
    next=UUID(int=1),
)
CARRIER_B = Participant(
    participant_id="carrier-b",
    name="Carrier B",
    roles=(Role.REPORTER,),
    contact=None,
    created_at=NOW,
    left_at=None,
    keys=(ParticipantKey(key_id="carrier-b-1", public_key=bytes(32), added_at=NOW, revoked_at=None),),
)
ONE = str(UUID(int=1))
STRANGE_PAGES: list[tuple[Callable[[Gateway, Path], object], dict[str, object], str]] = [
    (
        lambda gateway, _: list(disputes.every(gateway.registry)),
        {"disputes": [], "next": str(UUID(int=1))},
        "cases does not get on",
    ),
    (
        lambda gateway, _: list(own_records(gateway.registry)),
        {"records": [], "next": str(UUID(int=1))},
        "records does not get on",
    ),
    (
        lambda gateway, _: net_statement(gateway.registry, "2026-11", "carrier-b"),
        write(NET_STATEMENT),
        "net statement does not get on",
    ),
    (
        lambda gateway, _: net_statement(gateway.registry, "2026-11", "carrier-b"),
        write(NET_STATEMENT) | {"next": 7},
        "does not have the agreed form",
    ),
    (
        lambda gateway, folder: list(follow(gateway.registry, folder / "cursor")),
        {"events": [], "next": 0, "oldest": 0, "more": True},
        "feed goes backwards",
    ),
    (
        lambda gateway, folder: list(follow(gateway.registry, folder / "cursor")),
        {"events": [], "next": -1, "oldest": 0, "more": False},
        "feed goes backwards",
    ),
    (
        lambda gateway, _: withdraw_records(
            gateway.registry, [UUID(int=1), UUID(int=2)], WithdrawalReason.REPORTED_IN_ERROR, nobody_watches
        ),
        {
            "outcomes": [{"record_id": str(UUID(int=number)), "outcome": "WITHDRAWN"} for number in (2, 1)],
            "withdrawn": 2,
        },
        "not those of the records",
    ),
    (
        lambda gateway, _: participants.read_key(gateway.registry, "carrier-b", "carrier-b-2"),
        write(CARRIER_B),
        "no such key",
    ),
]


@pytest.mark.parametrize(("call", "page", "said"), STRANGE_PAGES)
def test_a_page_that_leads_nowhere_is_not_read_for_ever_and_not_believed(
    gateway: Gateway,
    resigning: Resigning,
    tmp_path: Path,
    *,
    call: Callable[[Gateway, Path], object],
    page: dict[str, object],
    said: str,
) -> None:
    resigning.status, resigning.change = 200, lambda _: json.dumps(page).encode()
    with pytest.raises(RegistryAnswerBroken, match=said):
        call(gateway, tmp_path)


def test_a_registry_that_stays_silent_is_given_up(gateway: Gateway, parties: Parties) -> None:
    parties.registry.dead = True
    with pytest.raises(RegistryUnreachable, match="no answer in 3 attempts: not reachable"):
        gateway.registry.rules()
    assert parties.registry.requests == 3


def test_every_attempt_is_signed_anew_under_one_key(gateway: Gateway, parties: Parties) -> None:
    parties.registry.fail_next = [503, httpx.ReadError]
    gateway.check(apply(resident(1)))
    keys = {line.partition(b"Idempotency-Key', b'")[2].partition(b"'")[0] for line in parties.registry.sent}
    nonces = {line.partition(b'nonce="')[2].partition(b'"')[0] for line in parties.registry.sent}
    assert (len(keys), len(nonces), len(parties.registry.sent)) == (1, 3, 3)


def test_a_refusal_is_not_repeated(gateway: Gateway, parties: Parties) -> None:
    with pytest.raises(RegistryRefused, match=r"not-found \(404\)"):
        gateway.quote("a-quote-that-nobody-made")
    assert parties.registry.requests == 1


def test_a_batch_key_with_other_rows_is_refused(gateway: Gateway) -> None:
    report_batch(gateway.registry, "batch-1", [a_report()])
    with pytest.raises(RegistryRefused, match="idempotency-key-reused"):
        report_batch(gateway.registry, "batch-1", [a_report(principal_fen=999_00)])


def test_a_batch_whose_end_is_lost_is_sent_again(gateway: Gateway, parties: Parties) -> None:
    inner, cut = parties.registry.inner, [True]

    class Cutting(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = inner.handle_request(request)
            body = answer.read()
            if cut.pop() if cut else False:
                body = b"".join(body.splitlines(keepends=True)[:-1])
            return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body))

    parties.registry.inner = Cutting()
    [verdict] = report_batch(gateway.registry, "batch-1", [a_report()])
    assert verdict.verdict == "ACTIVE"
    assert parties.registry.requests == 2


def test_a_batch_waits_for_its_turn_for_longer_than_its_attempts(gateway: Gateway, parties: Parties) -> None:
    inner, refusals = parties.registry.inner, [Problem.TOO_MANY_BATCHES] * 12

    class Busy(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if not refusals:
                return inner.handle_request(request)
            body = json.dumps(Refusal(refusals.pop()).to_wire()).encode()
            headers = {"Content-Type": "application/problem+json", "Retry-After": "5"}
            return httpx.Response(503, headers=headers, stream=httpx.ByteStream(body))

    parties.registry.inner = Busy()
    [verdict] = report_batch(gateway.registry, "batch-busy", [a_report()])
    assert verdict.verdict == "ACTIVE"
    assert parties.registry.requests == 13


def test_a_batch_that_ended_with_malformed_rows_is_refused_and_not_sent_again(
    gateway: Gateway, parties: Parties
) -> None:
    class Stopping(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002 - the transport is handed it
            problem = Refusal(Problem.TOO_MANY_MALFORMED_ROWS).to_wire()
            body = json.dumps({"end": False, "problem": problem}).encode() + b"\n"
            return httpx.Response(200, headers={"Content-Type": "application/x-ndjson"}, stream=httpx.ByteStream(body))

    parties.registry.inner = Stopping()
    with pytest.raises(RegistryRefused, match="too-many-malformed-rows"):
        report_batch(gateway.registry, "batch-malformed", [a_report()])
    assert parties.registry.requests == 1


def test_an_answer_without_end_is_cut_off(gateway: Gateway, parties: Parties) -> None:
    class Endless(httpx.BaseTransport):
        def handle_request(self, _request: httpx.Request) -> httpx.Response:
            def pieces() -> Iterator[bytes]:
                while True:
                    yield b"x" * 1_000_000

            return httpx.Response(200, content=pieces())

    parties.registry.inner = Endless()
    asked = parties.registry.requests
    with pytest.raises(RegistryAnswerBroken, match="too long") as broken:
        gateway.registry.rules()
    # Asked once: another attempt would fetch as much again.
    assert (broken.value.code, parties.registry.requests) == ("answer-too-long", asked + 1)


def test_threads_share_one_client(gateway: Gateway) -> None:
    failures = []

    def work(n: int) -> None:
        try:
            report_batch(gateway.registry, f"batch-{n}", [a_report(f"debtor-{n}", f"A{n}")])
        except RegistryRefused as refused:
            failures.append(refused)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_tokens_are_in_no_repr() -> None:
    assert tokens("debtor").subject.hex() not in repr(a_report())
