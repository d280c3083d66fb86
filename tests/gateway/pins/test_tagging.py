"""A registry and custodians that feed one carrier a key of their own: each way ends in a refusal or a stop.

Whatever they try, the gateway sends no token that is not the pinned key times the hashed input.
"""

from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from ceremony.terms import check_proposal
from crypto.oprf.group import multiply, scalar_add, scalar_mul
from crypto.oprf.suite import Mode, hash_to_group
from crypto.oprf.threshold import lagrange_coefficients
from gateway.errors import CustodiansUnavailable
from gateway.gateway import Gateway
from gateway.identity.documents import RawIdentity, read_identity
from gateway.pins.codes import STOPPING, KeyChanged, PinCode
from gateway.pins.values import Taken, kept
from protocol.identifiers import DocumentKind
from tests.support.ceremonies import Body, Held, bodies, genesis, hold, refresh
from tests.support.exports import resident
from tests.support.log_server import URL
from tests.support.pins import FORMED_AT, PinHouse, at_our_custodians

WHO = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=resident(1))
Attack = Callable[[PinHouse], None]


def pinned_token(house: PinHouse, gateway: Gateway) -> bytes:
    """k * H(x) of the pinned key, computed by whoever knows all shares."""
    committee, shares = house.first.formed.committee, house.first.shares
    index_of = {each.custodian: each.index for each in committee.members[: committee.threshold]}
    weights = lagrange_coefficients(index_of.values())
    terms = [scalar_mul(weights[index], shares[name]) for name, index in index_of.items()]
    key = terms[0]
    for each in terms[1:]:
        key = scalar_add(key, each)
    return multiply(key, hash_to_group(read_identity(WHO, today=gateway.today())[1].subject, Mode.VOPRF))


def assert_only_the_pinned_key_makes_tokens(house: PinHouse) -> None:
    """Restarted or not, the gateway gives the pinned key's token, or none."""
    for _ in range(2):
        with house.gateway() as gateway:
            try:
                [tokens] = gateway.tokenise([WHO])
            except (KeyChanged, CustodiansUnavailable):
                continue
            assert tokens.subject == pinned_token(house, gateway)


def made_up(house: PinHouse, **numbers: int) -> Held:
    """A key of their own, from a ceremony that they held with colluders, under the addresses of the real custodians."""
    colluders = bodies(3)
    return hold(at_our_custodians(genesis(colluders, 2, **numbers)), colluders)


def serve_instead(house: PinHouse, held: Held, *indices: int) -> None:
    """These custodians serve a share of another key under the pinned number."""
    (house.folder / "stranger").mkdir()
    stranger = PinHouse(house.folder / "stranger", first=held)
    house.ledgers += stranger.ledgers
    for index in indices:
        house.custodian(index).inner = stranger.custodian(index).inner


def own_key_as_the_next_committee(house: PinHouse) -> None:
    held = made_up(house, committee=2)
    house.serve(held)
    house.offer(held)


def own_key_under_the_pinned_number(house: PinHouse) -> None:
    house.offer(made_up(house))


def own_key_behind_an_honest_committee(house: PinHouse) -> None:
    second = house.refreshed(house.first)
    house.serve(second)
    house.offer(second)
    house.offer(made_up(house, committee=3))


def a_transcript_with_a_changed_step(house: PinHouse) -> None:
    second = house.refreshed(house.first)
    house.serve(second)
    transcript = second.formed.transcript.decode("ascii")
    house.offer(second, transcript=transcript.replace('"keep_days":7', '"keep_days":0'))


def another_canary_than_the_transcript(house: PinHouse) -> None:
    second = house.refreshed(house.first)
    house.offer(second, canary=made_up(house).formed.canary)


def a_detail_of_another_committee_than_the_list(house: PinHouse) -> None:
    second, other = house.refreshed(house.first), house.refreshed(house.first)
    house.serve(second)
    house.offer(second)
    listed = house.log.documents["/v1/ceremonies"]
    house.tell([])
    house.offer(other)
    house.log.documents["/v1/ceremonies"] = listed


def stolen_shares_without_the_signing_keys(house: PinHouse) -> None:
    """Thieves of t shares hold a refresh among themselves; the witnessed log has it."""
    thieves = bodies(3)
    house.offer(_handed_over(house, thieves))


def stolen_shares_and_one_signing_key(house: PinHouse) -> None:
    thieves = bodies(3) | {"custodian-1": house.custodians["custodian-1"]}
    house.offer(_handed_over(house, thieves))


def _handed_over(house: PinHouse, thieves: dict[str, Body]) -> Held:
    former = house.first.formed.committee
    members = tuple(
        replace(
            each,
            key_id=thieves[each.custodian].signer.key_id,
            public_key=thieves[each.custodian].seat(each.index).public_key,
        )
        for each in former.members
    )
    committee = replace(former, members=members)
    held = Held(formed=replace(house.first.formed, committee=committee), shares=house.first.shares)
    proposal = refresh(held)
    check_proposal(proposal)
    return hold(proposal, thieves, former=held)


def a_second_history_of_the_log(house: PinHouse) -> None:
    """The gateway has followed the log; its operator signs another history for this carrier."""
    second = house.refreshed(house.first)
    house.serve(second)
    house.offer(second)
    assert house.check().is_taken
    third = house.refreshed(second)
    house.log.fork(10)
    house.tell(house.offered)
    house.offer(third)


def two_custodians_of_another_key(house: PinHouse) -> None:
    serve_instead(house, made_up(house), 1, 2)


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        (own_key_as_the_next_committee, PinCode.OTHER_KEY),
        (own_key_under_the_pinned_number, PinCode.OTHER_KEY),
        (own_key_behind_an_honest_committee, PinCode.OTHER_KEY),
        (a_transcript_with_a_changed_step, PinCode.TRANSCRIPT_INVALID),
        (another_canary_than_the_transcript, PinCode.TRANSCRIPT_INVALID),
        (a_detail_of_another_committee_than_the_list, PinCode.FORK),
        (stolen_shares_without_the_signing_keys, PinCode.QUORUM_MISSING),
        (stolen_shares_and_one_signing_key, PinCode.QUORUM_MISSING),
        (a_second_history_of_the_log, PinCode.LOG_FORKED),
        (two_custodians_of_another_key, PinCode.CUSTODIANS_DIFFER),
    ],
)
def test_an_attack_stops_the_gateway_with_its_own_reason_until_a_person_looks(
    house: PinHouse, attack: Attack, code: PinCode, caplog: pytest.LogCaptureFixture
) -> None:
    attack(house)
    assert code in STOPPING
    assert house.check().stopped is code
    assert f"key-changed: tokenising stopped code={code}" in caplog.text
    with house.gateway() as gateway:
        with pytest.raises(KeyChanged, match=code):
            gateway.tokenise([WHO])
        assert "key-changed" in gateway.alarms()
    assert_only_the_pinned_key_makes_tokens(house)
    # Nothing but a person's look ends it, even once the registry offers nothing false any more.
    house.tell([])
    with house.checking() as check:
        check.is_due_soon()
    assert house.book().read().stopped is not None


def test_a_persons_check_ends_the_stop_that_it_knows_of_and_no_later_one(house: PinHouse) -> None:
    own_key_as_the_next_committee(house)
    house.check()
    house.tell([])
    known = house.book().read().stopped
    assert known is not None
    with house.checking() as check:
        check.end_stop(replace(known, since=FORMED_AT))
        with pytest.raises(KeyChanged):
            check.book.refuse_stopped()
        check.end_stop(known)
        check.book.refuse_stopped()


def test_a_key_of_a_later_epoch_is_never_taken_by_itself(house: PinHouse) -> None:
    held = made_up(house, epoch=2)
    house.serve(held)
    house.offer(held)
    outcome = house.check()
    assert outcome.refused is not None
    assert (outcome.refused.code, outcome.pins.number) == (PinCode.OTHER_EPOCH, (1, 1))
    assert_only_the_pinned_key_makes_tokens(house)


@pytest.mark.parametrize("witnesses", [(), ("w1",)])
def test_a_split_view_without_the_witnesses_quorum_is_refused(house: PinHouse, witnesses: tuple[str, ...]) -> None:
    """Even where all that it shows were true: nobody else may have seen it."""
    second = house.refreshed(house.first)
    house.serve(second)
    house.offer(second, witnesses=witnesses)
    outcome = house.check()
    assert outcome.refused is not None
    assert (outcome.refused.code, outcome.pins.number) == (PinCode.NOT_WITNESSED, (1, 1))
    assert_only_the_pinned_key_makes_tokens(house)


def test_two_committees_under_one_number_stop_a_gateway_that_took_the_other(house: PinHouse) -> None:
    second, other = house.refreshed(house.first), house.refreshed(house.first)
    house.serve(second)
    house.offer(second)
    assert house.check().is_taken
    house.tell([])
    house.offer(other)
    assert house.check().stopped is PinCode.FORK
    assert_only_the_pinned_key_makes_tokens(house)


def test_stolen_shares_are_no_successor_of_a_committee_that_is_known_by_its_digest(house: PinHouse) -> None:
    house.book().change(lambda content: replace(content, pins=kept(house.first.formed, Taken.NAMED, FORMED_AT)))
    stolen_shares_and_one_signing_key(house)
    assert house.check().stopped is PinCode.NOT_A_SUCCESSOR


def test_one_custodian_of_another_key_is_named_and_stops_nobody(house: PinHouse) -> None:
    serve_instead(house, made_up(house), 1)
    outcome = house.check()
    assert outcome.is_well
    with house.gateway() as gateway:
        for _ in range(3):
            [tokens] = gateway.tokenise([WHO])
            assert tokens.subject == pinned_token(house, gateway)
        assert gateway.alarms() == ("custodian-wrong",)


def test_offers_that_the_registry_did_not_sign_stop_nobody(house: PinHouse) -> None:
    house.offer(made_up(house, committee=2))
    lie = house.log.documents["/v1/ceremonies"]
    house.lines[URL].inner = httpx.MockTransport(lambda _: httpx.Response(200, stream=httpx.ByteStream(lie)))
    outcome = house.check()
    assert (outcome.stopped, outcome.is_well) == (None, False)
    assert outcome.silent is not None
