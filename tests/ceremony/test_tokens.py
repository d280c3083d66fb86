"""A key that nobody dealt gives one token, whoever holds its shares after whatever ceremonies."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceremony.steps import PartySigner, sign_step
from crypto.errors import BadThreshold
from crypto.oprf.group import multiply_base
from crypto.oprf.suite import Mode, hash_to_group
from protocol.messages.ceremonies import MAX_MEMBERS, MAX_STEP, Deal, Join, Seat
from tests.support.ceremonies import Held, bodies, genesis, hold, refresh, resharing

INPUT = b"an input that belongs to nobody"
BODIES = bodies(9)


def named(*numbers: int) -> list[str]:
    return [f"custodian-{n}" for n in numbers]


def first_of(count: int, threshold: int) -> Held:
    return hold(genesis({name: BODIES[name] for name in named(*range(1, count + 1))}, threshold), BODIES)


def seats_of(names: list[str], first_index: int) -> list[Seat]:
    return [BODIES[name].seat(index) for index, name in enumerate(names, start=first_index)]


def tokens_of_every_quorum(held: Held) -> set[bytes]:
    names = [each.custodian for each in held.formed.committee.members]
    quorums = itertools.combinations(names, held.formed.committee.threshold)
    return {held.token(INPUT, quorum) for quorum in quorums}


@st.composite
def successions(draw: st.DrawFn) -> list[Held]:
    """A genesis of 2 to 4 members, and up to three further ceremonies of any kind."""
    count = draw(st.integers(2, 4))
    chain = [first_of(count, draw(st.integers(2, count)))]
    for _ in range(draw(st.integers(1, 3))):
        former = chain[-1].formed.committee
        names = [each.custodian for each in former.members]
        if draw(st.booleans()):
            taking_part = draw(st.lists(st.sampled_from(names), min_size=former.threshold, unique=True))
            chain.append(hold(refresh(chain[-1], names=taking_part), BODIES, former=chain[-1]))
            continue
        dealers = draw(st.lists(st.sampled_from(names), min_size=former.threshold, unique=True))
        members = draw(st.lists(st.sampled_from(sorted(BODIES)), min_size=2, max_size=4, unique=True))
        proposal = resharing(
            chain[-1],
            seats=seats_of(members, draw(st.integers(1, 200))),
            dealers=dealers,
            threshold=draw(st.integers(2, len(members))),
        )
        chain.append(hold(proposal, BODIES, former=chain[-1]))
    return chain


@settings(max_examples=15, deadline=None)
@given(successions())
def test_every_quorum_of_every_committee_of_a_key_gives_the_same_token(chain: list[Held]) -> None:
    assert len(set.union(*(tokens_of_every_quorum(held) for held in chain))) == 1
    assert len({held.formed.canary for held in chain}) == 1
    assert len({held.formed.committee.joint_public_key for held in chain}) == 1


@settings(max_examples=15, deadline=None)
@given(successions())
def test_no_share_is_used_in_two_committees_and_each_is_the_one_that_is_published(chain: list[Held]) -> None:
    shares = [share for held in chain for share in held.shares.values()]
    assert len(set(shares)) == len(shares)
    for held in chain:
        published = {each.custodian: each.share_public_key for each in held.formed.committee.members}
        assert {name: multiply_base(share) for name, share in held.shares.items()} == published


@settings(max_examples=10, deadline=None)
@given(st.integers(2, 4), st.data())
def test_shares_of_before_and_after_a_refresh_give_nothing_together(count: int, data: st.DataObject) -> None:
    threshold = data.draw(st.integers(2, count))
    before = first_of(count, threshold)
    after = hold(refresh(before), BODIES, former=before)
    quorum = data.draw(st.permutations(named(*range(1, count + 1))))[:threshold]
    old = data.draw(st.sets(st.sampled_from(quorum), min_size=1, max_size=threshold - 1))
    mixed = {name: (before if name in old else after).shares[name] for name in quorum}
    token = before.token(INPUT, quorum)
    assert Held(formed=after.formed, shares=mixed).token(INPUT, quorum) != token
    assert after.token(INPUT, quorum) == token


def test_shares_of_before_and_after_a_replacement_give_nothing_together() -> None:
    before = first_of(3, 2)
    proposal = resharing(before, seats=seats_of(named(1, 2, 4), 1), dealers=named(1, 2), threshold=2)
    after = hold(proposal, BODIES, former=before)
    token = before.token(INPUT, named(1, 2))
    for old, new in itertools.permutations(named(1, 2), 2):
        mixed = Held(formed=after.formed, shares={old: before.shares[old], new: after.shares[new]})
        assert mixed.token(INPUT, [old, new]) != token


def test_fewer_than_the_threshold_give_nothing() -> None:
    held = first_of(4, 3)
    token = held.token(INPUT, named(1, 2, 3))
    with pytest.raises(BadThreshold):
        held.token(INPUT, named(1, 2))
    # Nor do they by a threshold of their own: two points do not fix a polynomial of degree two.
    smaller = genesis({name: BODIES[name] for name in named(1, 2, 3, 4)}, 2)
    as_if = Held(formed=hold(smaller, BODIES).formed, shares=held.shares)
    assert as_if.token(INPUT, named(1, 2)) != token


def test_each_part_of_the_key_s_randomness_is_a_dealer_s_own() -> None:
    first, second = first_of(3, 2), first_of(3, 2)
    assert first.formed.committee.joint_public_key != second.formed.committee.joint_public_key
    assert not set(first.shares.values()) & set(second.shares.values())


def test_the_canary_is_a_token_like_any_other() -> None:
    held = first_of(3, 2)
    canary_input = b"clearline/canary/v1\n1"
    assert held.token(canary_input, named(1, 3)) == held.formed.canary
    assert hash_to_group(canary_input, Mode.VOPRF) != held.formed.canary


def test_a_new_key_of_another_ceremony_gives_other_tokens() -> None:
    assert first_of(3, 2).token(INPUT, named(1, 2)) != first_of(3, 2).token(INPUT, named(1, 2))


def test_twelve_custodians_hold_a_ceremony() -> None:
    many = bodies(12)
    held = hold(genesis(many, 7), many)
    assert held.token(INPUT, named(*range(1, 8))) == held.token(INPUT, named(*range(6, 13)))


def test_the_largest_deal_fits_into_its_step() -> None:
    elements = (bytes(32),) * MAX_MEMBERS
    digests = ("0" * 64,) * MAX_MEMBERS
    name = "a" * 64
    deal = Deal(ceremony="0" * 64, party=name, joins="0" * 64, commitments=elements, proof=bytes(64), sealed=digests)
    join = Join(ceremony="0" * 64, party=name, commitments_digest="0" * 64, sealing_keys=elements)
    signer = PartySigner(key_id="k" * 64, private_key=BODIES["custodian-1"].signer.private_key)
    assert max(len(sign_step(step, signer).jws) for step in (deal, join)) <= MAX_STEP
