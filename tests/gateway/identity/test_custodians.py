import dataclasses
import datetime as dt
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from crypto.oprf.group import multiply, scalar_add, scalar_mul
from crypto.oprf.suite import Mode, hash_to_group
from crypto.oprf.threshold import deal, lagrange_coefficients
from gateway.errors import CustodiansUnavailable
from gateway.gateway import Gateway
from gateway.identity.documents import RawIdentity, read_identity
from gateway.settings import GatewaySettings
from gateway.wiring import build, try_custodians
from protocol.encodings import b64url_decode, b64url_encode
from protocol.identifiers import DocumentKind
from serving.settings import SettingsError
from tests.support.exports import resident
from tests.support.parties import Parties, custodian_url, gather
from tests.support.share_books import a_book, a_share, hold
from tests.support.world import World

WHO = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=resident(1), household_register="4201060011665")


def joint_secret(parties: Parties) -> bytes:
    shares = {share.index: share.sk for share in parties.dealing.shares[:2]}
    weights = lagrange_coefficients(shares)
    return scalar_add(scalar_mul(weights[1], shares[1]), scalar_mul(weights[2], shares[2]))


def test_tokens_are_the_joint_key_times_the_hashed_input(gateway: Gateway, parties: Parties) -> None:
    [tokens] = gateway.tokenise([WHO])
    _, inputs = read_identity(WHO, today=dt.date(2026, 11, 21))
    key = joint_secret(parties)
    assert inputs.household_register is not None
    assert tokens.subject == multiply(key, hash_to_group(inputs.subject, Mode.VOPRF))
    assert tokens.household_register == multiply(key, hash_to_group(inputs.household_register, Mode.VOPRF))
    assert tokens.household_address is None


@pytest.mark.parametrize("dead", [1, 2, 3])
def test_any_two_custodians_give_the_same_token(gateway: Gateway, parties: Parties, dead: int) -> None:
    whole = gateway.tokenise([WHO])
    parties.custodian(dead).dead = True
    assert gateway.tokenise([WHO]) == whole


def test_custodians_are_asked_in_turn(gateway: Gateway, parties: Parties) -> None:
    for _ in range(6):
        gateway.tokenise([WHO])
    assert [parties.custodian(index).requests for index in (1, 2, 3)] == [4, 4, 4]


def test_a_dead_custodian_is_asked_last_for_a_while(gateway: Gateway, parties: Parties) -> None:
    parties.custodian(2).dead = True
    for _ in range(6):
        gateway.tokenise([WHO])
    assert parties.custodian(2).requests == 1


def wrong_proof(answer: dict[str, Any]) -> dict[str, Any]:
    proof = bytearray(b64url_decode(answer["proof"]))
    proof[0] ^= 1
    return answer | {"proof": b64url_encode(bytes(proof))}


def other_element(answer: dict[str, Any]) -> dict[str, Any]:
    return answer | {"evaluated_elements": [answer["evaluated_elements"][-1]] * len(answer["evaluated_elements"])}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (wrong_proof, "the proof does not verify under its pinned key"),
        (other_element, "the proof does not verify under its pinned key"),
        (lambda answer: answer | {"index": 2}, "answered with another index"),
        (lambda answer: answer | {"epoch": 2}, "answered for another epoch"),
        (lambda answer: answer | {"committee": 2}, "answered for another committee"),
        (lambda answer: answer | {"evaluated_elements": answer["evaluated_elements"][:1]}, "number of elements"),
        (lambda answer: answer | {"evaluated_elements": []}, "number of elements"),
        (lambda answer: answer | {"proof": "AA"}, "not an evaluation"),
        (lambda answer: {"index": 1}, "not an evaluation"),
        (lambda answer: answer | {"evaluated_elements": 1}, "not an evaluation"),
    ],
)
def test_a_wrong_answer_names_its_custodian_and_is_never_used(
    gateway: Gateway,
    parties: Parties,
    caplog: pytest.LogCaptureFixture,
    change: Callable[..., dict[str, int]],
    reason: str,
) -> None:
    whole = gateway.tokenise([WHO])
    parties.custodian(1).change = change
    for _ in range(3):
        assert gateway.tokenise([WHO]) == whole
    assert list(gateway.custodian_faults()) == [1]
    assert reason in gateway.custodian_faults()[1]
    assert "custodian faulty index=1" in caplog.text


def test_a_custodian_with_another_share_is_named(gateway: Gateway, parties: Parties) -> None:
    whole = gateway.tokenise([WHO])
    stranger = gather(
        _folder(parties, "other"), clock=parties.clock, signing_keys=parties.signing_keys, registry=parties.registry
    )
    try:
        parties.lines[custodian_url(3)].inner = stranger.custodian(3).inner
        assert [gateway.tokenise([WHO]) for _ in range(3)] == [whole] * 3
        assert gateway.custodian_faults() == {3: "the proof does not verify under its pinned key"}
    finally:
        stranger.close()


def test_two_wrong_custodians_are_one_clear_error(gateway: Gateway, parties: Parties) -> None:
    parties.custodian(1).change = wrong_proof
    parties.custodian(2).change = lambda answer: answer | {"epoch": 9}
    with pytest.raises(CustodiansUnavailable) as unavailable:
        gateway.tokenise([WHO])
    assert unavailable.value.reasons == {
        1: "the proof does not verify under its pinned key",
        2: "answered for another epoch",
    }


def test_a_slow_custodian_is_hedged(parties: Parties) -> None:
    parties.custodian(1).delay_seconds = 3.0
    with parties.gateway(hedge_seconds=0.1) as gateway:
        started = time.monotonic()
        gateway.tokenise([WHO])
        assert time.monotonic() - started < 2.5
    assert [parties.custodian(index).requests for index in (1, 2, 3)] == [1, 1, 1]


def test_a_quick_house_is_not_hedged(gateway: Gateway, parties: Parties) -> None:
    gateway.tokenise([WHO])
    assert [parties.custodian(index).requests for index in (1, 2, 3)] == [1, 1, 0]


def test_a_used_up_quota_is_said_by_name(tmp_path: Path, world: World) -> None:
    parties = gather(
        _fresh(tmp_path),
        clock=world.clock,
        signing_keys=world.signing_keys,
        registry=httpx.MockTransport(lambda _: httpx.Response(503)),
        daily_quota=1,
    )
    with parties.gateway() as gateway, pytest.raises(CustodiansUnavailable, match="quota-exceeded"):
        gateway.tokenise([WHO])
    parties.close()


def test_more_than_a_thousand_inputs_go_in_full_requests(gateway: Gateway, parties: Parties) -> None:
    people = [
        dataclasses.replace(WHO, number=resident(n % 990, born=dt.date(1950 + n // 990, 1, 1))) for n in range(1001)
    ]
    tokens = gateway.tokenise(people)
    assert len({each.subject for each in tokens}) == 1001
    assert sum(parties.custodian(index).requests for index in (1, 2, 3)) == 4


def test_pins_that_do_not_belong_together_are_refused_at_the_start(parties: Parties) -> None:
    settings = parties.settings("carrier-a")
    wrong = dataclasses.replace(settings, joint_public_key=deal(None, 2, 3, os.urandom).joint_public_key)
    with pytest.raises(SettingsError, match="joint public key"):
        build(wrong)


@pytest.mark.parametrize("url", ["registry.example", "ftp://registry.example", "https://registry.example:none"])
def test_an_address_that_is_none_is_refused_at_the_start(parties: Parties, url: str) -> None:
    with pytest.raises(SettingsError, match="is not the address of a server"):
        build(dataclasses.replace(parties.settings("carrier-a"), registry_url=url))


def of_second_committee(parties: Parties, *, holders: tuple[int, ...] = (1, 2, 3)) -> GatewaySettings:
    """Give the custodians shares of a second committee of the same key; return the settings that pin it."""
    second = deal(joint_secret(parties), 2, 3, os.urandom)
    for index in holders:
        hold(a_book(parties.folder / f"shares-{index}"), a_share(second, index, committee=2))
    settings = parties.settings("carrier-a")
    pins = (dataclasses.replace(pin, public_key=second.shares[pin.index - 1].pk) for pin in settings.custodians)
    return dataclasses.replace(settings, committee=2, custodians=tuple(pins))


def test_another_committee_of_the_key_gives_the_same_tokens_and_the_same_target(
    gateway: Gateway, parties: Parties
) -> None:
    whole = gateway.tokenise([WHO])
    with build(of_second_committee(parties), transports=parties.lines, clock=parties.clock) as other:
        for _ in range(3):
            assert gateway.tokenise([WHO]) == other.tokenise([WHO]) == whole
        assert other.tools.target == gateway.tools.target
        assert not gateway.custodian_faults() | other.custodian_faults()


def test_a_custodian_without_a_share_of_the_committee_is_passed_over(parties: Parties) -> None:
    with build(of_second_committee(parties, holders=(2, 3)), transports=parties.lines, clock=parties.clock) as gateway:
        whole = gateway.tokenise([WHO])
        assert [gateway.tokenise([WHO]) for _ in range(2)] == [whole, whole]
        parties.custodian(2).dead = True
        with pytest.raises(CustodiansUnavailable, match=r"committee-unknown \(422\)"):
            gateway.tokenise([WHO])
        assert gateway.custodian_faults() == {}


def test_pins_of_one_committee_believe_no_answer_of_another(parties: Parties) -> None:
    settings = dataclasses.replace(of_second_committee(parties), committee=1)
    with (
        build(settings, transports=parties.lines, clock=parties.clock) as gateway,
        pytest.raises(CustodiansUnavailable, match="does not verify under its pinned key"),
    ):
        gateway.tokenise([WHO])


def older(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer of a custodian of an earlier release, which knows no committees."""
    return {name: value for name, value in answer.items() if name not in {"committee", "committees"}}


def test_the_pinned_share_is_compared_whatever_later_one_the_custodian_serves(parties: Parties) -> None:
    first, later = parties.settings("carrier-a"), of_second_committee(parties, holders=(1, 2))
    parties.custodian(3).change = older
    wrong = "its public key is not the pinned one"
    trials = [try_custodians(pins, transports=parties.lines, clock=parties.clock) for pins in (first, later)]
    assert [[each.refusal for each in asked] for asked in trials] == [[None, None, None], [None, None, wrong]]


def _folder(parties: Parties, name: str) -> Path:
    folder = parties.folder / name
    folder.mkdir()
    return folder


def _fresh(tmp_path: Path) -> Path:
    folder = tmp_path / "fresh"
    folder.mkdir()
    return folder
