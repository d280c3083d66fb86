"""A decision token with a context carries its case: the registry reads it from the seal, and nobody can change it."""

import json
import os
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from crypto.signing.jws import sign_compact
from crypto.signing.keys import generate_signing_key
from protocol.codes import ServiceClass
from protocol.encodings import b64url_decode, b64url_encode, canonical_json
from protocol.messages.inquiries import InquiryAnswer, InquiryRequest
from protocol.problems import Problem, Refusal
from protocol.wire.codec import read
from registry.domain.handles import quarter_at
from registry.store.handle_keys import handle_key
from registry.usecases.archive.run_retention import run_retention
from registry.usecases.inquiries.handles import DECISION_TYPE, Decided, read_any_token, read_token
from registry.usecases.inquiries.inquire import inquire, inquire_batch
from registry.usecases.known_handles import KnownHandles
from registry.usecases.pseudonyms import pseudonyms
from tests.support.builders import tokens
from tests.support.contexts import with_context
from tests.support.decision_tokens import claims_of, payload_of
from tests.support.stories import asks
from tests.support.world import World

HOME = tokens("wang", register="home", address="street")
REQUEST = with_context(InquiryRequest(inquiry_ref="order-1", tokens=HOME, service_class=ServiceClass.MOBILE), lines=2)
MOST_TOKEN = 1_300


def answered(world: World, request: InquiryRequest = REQUEST) -> InquiryAnswer:
    outcome = inquire(world.registry, world.actor("carrier-b"), world.call(), request)
    return read(InquiryAnswer, json.loads(outcome.body))


def signed(world: World, claims: dict[str, Any]) -> str:
    """A token with these claims under the registry's own key: only the seal can tell that it is another one."""
    keys = world.registry.keys
    return sign_compact(
        canonical_json(claims), typ=DECISION_TYPE, key_id=keys.signing_key_id, private_key=keys.signing_key
    )


def shown(world: World, token: str, who: str = "carrier-b") -> Decided:
    return read_token(world.registry, token, who)


def refusal(world: World, token: str, who: str = "carrier-b") -> Problem:
    with pytest.raises(Refusal) as refused:
        shown(world, token, who)
    return refused.value.problem


def test_the_token_says_what_was_decided_and_carries_its_case(world: World) -> None:
    answer = answered(world)
    decided = shown(world, answer.decision_token)
    names = pseudonyms(world.registry, HOME)
    assert decided.inquiry_id == answer.inquiry_id
    assert (decided.case.epoch, decided.case.subject) == (1, names.index_key)
    assert (decided.case.register, decided.case.address) == names.household_keys
    said = {name: decided.claims[name] for name in ("v", "order", "lines", "outlet", "checked", "first", "check")}
    assert said == {
        "v": 2,
        "order": b64url_encode(b"o" * 16),
        "lines": 2,
        "outlet": "SH-PD-0123",
        "checked": ["subject", "household_register", "household_address"],
        "first": "ALLOW",
        "check": 0,
    }
    assert len(answer.decision_token) <= MOST_TOKEN


def test_nothing_of_the_case_can_be_read_from_the_token(world: World) -> None:
    payload = payload_of(answered(world).decision_token)
    names = pseudonyms(world.registry, HOME)
    for key in (names.index_key, *names.household_keys):
        for form in (key, key.hex().encode(), b64url_encode(key).encode()):
            assert form not in payload
        assert key not in b64url_decode(json.loads(payload)["handle"])


def test_a_token_of_which_one_claim_changed_is_never_taken(world: World) -> None:
    token = answered(world).decision_token
    claims = claims_of(token)
    other = claims_of(answered(world, with_context(replace(REQUEST, tokens=tokens("li")))).decision_token)
    for name, value in claims.items():
        changed = not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else value[:-1] or [1]
        assert refusal(world, signed(world, claims | {name: changed})) is Problem.TOKEN_INVALID, name
        without = {key: each for key, each in claims.items() if key != name}
        assert refusal(world, signed(world, without)) is Problem.TOKEN_INVALID, name
        if other[name] != value:
            assert refusal(world, signed(world, claims | {name: other[name]})) is Problem.TOKEN_INVALID, name
    assert refusal(world, signed(world, claims | {"further": 1})) is Problem.TOKEN_INVALID


@pytest.mark.parametrize("version", ["with a case", "without one"])
def test_a_token_of_which_one_bit_changed_is_never_taken(world: World, version: str) -> None:
    token = (
        answered(world).decision_token if version == "with a case" else asks(world, "carrier-b", HOME).decision_token
    )
    segments = [b64url_decode(each) for each in token.split(".")]
    for place, segment in enumerate(segments):
        for number in range(0, 8 * len(segment), 7):
            changed = bytearray(segment)
            changed[number // 8] ^= 1 << number % 8
            altered = [*segments[:place], bytes(changed), *segments[place + 1 :]]
            with pytest.raises(Refusal) as refused:
                read_any_token(world.registry, ".".join(map(b64url_encode, altered)), "carrier-b")
            assert refused.value.problem is Problem.TOKEN_INVALID


def test_a_token_under_a_signing_key_that_was_replaced_is_believed_by_its_seal(world: World) -> None:
    token, bare = answered(world).decision_token, asks(world, "carrier-b", HOME).decision_token
    keys = replace(world.registry.keys, signing_key_id="registry-2", signing_key=generate_signing_key(os.urandom))
    later = replace(world.registry, keys=keys)
    assert read_any_token(later, token, "carrier-b")[1] == shown(world, token).case
    header, payload, signature = token.split(".")
    renamed = b64url_encode(b64url_decode(header).replace(b"registry-1", b"registry-3"))
    for each in (bare, f"{renamed}.{payload}.{signature}"):
        with pytest.raises(Refusal) as refused:
            read_any_token(later, each, "carrier-b")
        assert refused.value.problem is Problem.TOKEN_INVALID


@pytest.mark.parametrize("token", ["", "a.b.c", "e30.e30.AA", "x" * 5_000])
def test_what_is_no_token_is_refused(world: World, token: str) -> None:
    assert refusal(world, token) is Problem.TOKEN_INVALID


def test_a_token_works_for_its_own_participant_alone(world: World) -> None:
    assert refusal(world, answered(world).decision_token, "carrier-a") is Problem.TOKEN_FOREIGN


def test_an_inquiry_without_a_context_has_a_token_of_the_first_version(world: World) -> None:
    token = asks(world, "carrier-b", HOME).decision_token
    assert claims_of(token)["v"] == 1
    assert "handle" not in claims_of(token)
    assert refusal(world, token) is Problem.TOKEN_INVALID


def test_another_process_reads_the_key_that_the_first_one_made(world: World) -> None:
    token = answered(world).decision_token
    other = replace(world.registry, known_handles=KnownHandles())
    assert read_token(other, token, "carrier-b").case == shown(world, token).case
    batch = inquire_batch(other, world.actor("carrier-b"), world.call(), [REQUEST])
    assert shown(world, json.loads(batch.body)["answers"][0]["decision_token"]).case == shown(world, token).case


def test_each_quarter_has_a_key_of_its_own(world: World) -> None:
    first = b64url_decode(claims_of(answered(world).decision_token)["handle"])
    world.clock.forward(days=100)
    second = b64url_decode(claims_of(answered(world).decision_token)["handle"])
    assert int.from_bytes(second[:2], "big") == quarter_at(world.clock()) > int.from_bytes(first[:2], "big")


def test_after_two_years_the_key_is_gone_and_the_token_opens_no_more(world: World) -> None:
    token = answered(world).decision_token
    world.clock.forward(days=600)
    assert shown(world, token).claims["v"] == 2
    world.clock.forward(days=140)
    for each in (world.registry, replace(world.registry, known_handles=KnownHandles())):
        with pytest.raises(Refusal) as refused:
            read_token(each, token, "carrier-b")
        assert refused.value.problem is Problem.TOKEN_INVALID
    while run_retention(world.registry):
        pass
    engine = sa.create_engine(world.registry.store._engines.read.url)
    with engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(handle_key)).scalar_one() == 0
    engine.dispose()


def test_a_restart_in_the_middle_of_a_quarter_makes_no_second_key(world: World) -> None:
    keys = set()
    for _ in range(3):
        other = replace(world.registry, known_handles=KnownHandles())
        inquire(other, world.actor("carrier-b"), world.call(), REQUEST)
        quarter, today = quarter_at(world.clock()), world.clock().date()
        keys.add(other.known_handles.find(quarter, today))
    assert len(keys) == 1
