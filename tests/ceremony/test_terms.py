"""A proposal whose terms contradict themselves is refused, and everybody derives the same successor."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ceremony.canonical import canonical_bytes, read_canonical
from ceremony.errors import CeremonyRefused, RefusalCode
from ceremony.terms import ceremony_id, check_proposal, committee_digest, parties, seats, successor
from protocol.messages.ceremonies import Proposal
from tests.support.ceremonies import bodies, genesis, hold, refresh, resharing

BODIES = bodies(5)
FIRST = {name: BODIES[name] for name in ("custodian-1", "custodian-2", "custodian-3")}
BEFORE = hold(genesis(FIRST, 2), BODIES)
GENESIS, REFRESH = genesis(FIRST, 2), refresh(BEFORE)
RESHARING = resharing(
    BEFORE,
    seats=[BODIES["custodian-2"].seat(1), BODIES["custodian-4"].seat(2), BODIES["custodian-5"].seat(9)],
    dealers=["custodian-1", "custodian-3"],
    threshold=3,
)
FORMER = BEFORE.formed.committee
CHANGED_KEY = replace(BODIES["custodian-2"].seat(1), public_key=BODIES["custodian-1"].seat(1).public_key)
Change = Callable[[Proposal], Proposal]


def with_members(proposal: Proposal, *indices: int) -> Proposal:
    members = tuple(replace(seat, index=index) for seat, index in zip(proposal.members, indices, strict=True))
    return replace(proposal, members=members)


def with_last(proposal: Proposal, **changes: Any) -> Proposal:
    return replace(proposal, members=(*proposal.members[:-1], replace(proposal.members[-1], **changes)))


REFUSED: list[tuple[str, Proposal, Change]] = [
    ("two members of one index", GENESIS, lambda p: with_members(p, 1, 1, 2)),
    ("indices that do not rise", GENESIS, lambda p: with_members(p, 2, 1, 3)),
    ("one custodian twice", GENESIS, lambda p: replace(p, members=(*p.members, replace(p.members[0], index=4)))),
    ("one key twice", GENESIS, lambda p: with_last(p, public_key=p.members[0].public_key)),
    ("one key id twice", GENESIS, lambda p: with_last(p, key_id=p.members[0].key_id)),
    ("one address twice", GENESIS, lambda p: with_last(p, url=p.members[0].url)),
    ("a key that is none", GENESIS, lambda p: with_last(p, public_key=bytes(32))),
    ("a threshold above the members", GENESIS, lambda p: replace(p, threshold=4, least=4)),
    ("a successor with fewer than the threshold", GENESIS, lambda p: replace(p, threshold=3, least=2)),
    ("a successor with more than the members", GENESIS, lambda p: replace(p, least=4)),
    ("a member that does not deal", GENESIS, lambda p: replace(p, dealers=p.dealers[:2])),
    ("a dealer that is no member", GENESIS, lambda p: replace(p, dealers=(*p.dealers, "custodian-4"))),
    ("dealers out of order", GENESIS, lambda p: replace(p, dealers=p.dealers[::-1])),
    ("a new key with a former committee", GENESIS, lambda p: replace(p, former=FORMER, committee=2)),
    ("a new key with a former canary", GENESIS, lambda p: replace(p, former_canary=BEFORE.formed.canary)),
    ("a successor of nobody left out", GENESIS, lambda p: replace(p, follows="0" * 64)),
    ("a refresh of nothing", REFRESH, lambda p: replace(p, former=None)),
    ("a refresh without a canary", REFRESH, lambda p: replace(p, former_canary=None)),
    ("a refresh of another epoch", REFRESH, lambda p: replace(p, epoch=2)),
    ("a refresh under the same number", REFRESH, lambda p: replace(p, committee=1)),
    ("a refresh under another threshold", REFRESH, lambda p: replace(p, threshold=3, least=3)),
    ("a refresh with another index", REFRESH, lambda p: with_members(p, 1, 2, 4)),
    ("a refresh with a new member", REFRESH, lambda p: replace(p, members=(*p.members, BODIES["custodian-4"].seat(4)))),
    ("a resharing by too few", RESHARING, lambda p: replace(p, dealers=("custodian-1",))),
    ("a resharing by a stranger", RESHARING, lambda p: replace(p, dealers=("custodian-1", "custodian-4"))),
    ("a resharing with a changed key", RESHARING, lambda p: replace(p, members=(CHANGED_KEY, *p.members[1:]))),
]


@pytest.mark.parametrize("terms", [GENESIS, REFRESH, RESHARING], ids=lambda p: p.kind)
def test_terms_in_order_are_taken_and_have_one_spelling(terms: Proposal) -> None:
    check_proposal(terms)
    assert read_canonical(Proposal, canonical_bytes(terms), max_bytes=100_000) == terms


@pytest.mark.parametrize(("why", "terms", "change"), REFUSED, ids=[why for why, _, _ in REFUSED])
def test_terms_that_contradict_themselves_are_refused(why: str, terms: Proposal, change: Change) -> None:
    assert why
    with pytest.raises(CeremonyRefused) as refused:
        check_proposal(change(terms))
    assert refused.value.code is RefusalCode.INVALID_TERMS


@pytest.mark.parametrize(
    "change",
    [
        lambda c: replace(c, joint_public_key=c.members[0].share_public_key),
        lambda c: replace(c, joint_public_key=bytes(32)),
        lambda c: replace(c, threshold=3),
        lambda c: replace(c, members=c.members[::-1]),
        lambda c: replace(c, members=(c.members[0], *c.members)),
    ],
    ids=["another key", "no key", "another threshold", "unsorted", "a member twice"],
)
@pytest.mark.parametrize("terms", [REFRESH, RESHARING], ids=lambda p: p.kind)
def test_a_former_committee_that_is_no_sharing_of_its_key_is_refused(terms: Proposal, change: Callable) -> None:  # type: ignore[type-arg]
    with pytest.raises(CeremonyRefused) as refused:
        check_proposal(replace(terms, former=change(FORMER)))
    assert refused.value.code in {RefusalCode.FORMER_INVALID, RefusalCode.INVALID_TERMS}


def test_a_former_canary_that_is_no_element_is_refused() -> None:
    with pytest.raises(CeremonyRefused) as refused:
        check_proposal(replace(REFRESH, former_canary=bytes(32)))
    assert refused.value.code is RefusalCode.FORMER_INVALID


def test_the_parties_are_the_future_members_and_former_ones_that_only_deal() -> None:
    assert parties(RESHARING) == tuple(f"custodian-{n}" for n in (1, 2, 3, 4, 5))
    assert seats(RESHARING)["custodian-1"].public_key == FORMER.members[0].public_key


def test_a_successor_leaves_one_party_out_and_takes_the_next_number() -> None:
    wide = replace(genesis(BODIES, 2), least=3)
    after = successor(wide, "custodian-2")
    assert after is not None
    check_proposal(after)
    assert [each.custodian for each in after.members] == ["custodian-1", "custodian-3", "custodian-4", "custodian-5"]
    assert (after.committee, after.follows, after.without) == (2, ceremony_id(wide), "custodian-2")
    again = successor(after, "custodian-5")
    assert again is not None
    assert successor(again, "custodian-1") is None


def test_a_resharing_ends_where_too_few_dealers_are_left() -> None:
    assert successor(RESHARING, "custodian-1") is None
    assert successor(replace(RESHARING, threshold=2, least=2), "custodian-5") is not None


def test_a_committee_s_digest_tells_committees_apart() -> None:
    digest = committee_digest(FORMER)
    assert digest == committee_digest(replace(FORMER))
    assert digest != committee_digest(replace(FORMER, committee=2))
