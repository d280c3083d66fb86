"""A custodian compares terms with its own settings, shares and transcripts, and refuses others with a reason."""

import datetime as dt
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ceremony.errors import CeremonyRefused, RefusalCode
from ceremony.terms import ceremony_id
from crypto.oprf.group import multiply_base, random_scalar
from crypto.signing.keys import load_private_key
from custodian.ceremonies.errors import CeremonyHalted, HaltCode
from custodian.ceremonies.finishing import retire_former
from custodian.ceremonies.identity import identity_of
from custodian.settings import load
from protocol.messages.ceremonies import CeremonyKind, Proposal, Step
from serving.settings import SettingsError
from tests.support.custodian_homes import make_homes
from tests.support.holders import Hall, hall


@pytest.fixture
def four(tmp_path: Path) -> Iterator[Hall]:
    """Four, of which three hold a key."""
    with hall(tmp_path, 4) as custodians:
        custodians.form(custodians.genesis(1, 2, 3), 1, 2, 3)
        yield custodians


def refused(custodians: Hall, number: int, proposal: Proposal, *, despite_later: bool = False) -> HaltCode:
    before = len(custodians[number].store.all())
    with pytest.raises(CeremonyHalted) as halted:
        custodians[number].consent(proposal, despite_later=despite_later)
    assert len(custodians[number].store.all()) == before
    return halted.value.code


def refresh(custodians: Hall) -> Proposal:
    return custodians.propose(1, CeremonyKind.REFRESH)


def other_former(proposal: Proposal) -> Proposal:
    assert proposal.former is not None
    first, *rest = proposal.former.members
    return replace(proposal, former=replace(proposal.former, members=(replace(first, url="https://x.test"), *rest)))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda terms: replace(terms, follows="0" * 64, without="custodian-4"), HaltCode.SUCCEEDS),
        (lambda terms: replace(terms, ends_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)), HaltCode.OVER),
        (other_former, HaltCode.FORMER_UNKNOWN),
        (
            lambda terms: replace(terms, former_canary=multiply_base(random_scalar(os.urandom))),
            HaltCode.FORMER_UNKNOWN,
        ),
        (
            lambda terms: replace(terms, members=(replace(terms.members[0], url="https://x.test"), *terms.members[1:])),
            HaltCode.NOT_PINNED,
        ),
        (
            lambda terms: replace(
                terms, members=(terms.members[0], replace(terms.members[1], url="https://x.test"), terms.members[2])
            ),
            HaltCode.OTHER_SEAT,
        ),
    ],
    ids=["a successor", "over", "another committee", "another canary", "another peer", "another self"],
)
def test_terms_that_are_not_what_this_custodian_knows_are_refused(
    four: Hall, change: Callable[[Proposal], Proposal], code: HaltCode
) -> None:
    assert refused(four, 2, change(refresh(four))) is code


def test_terms_that_contradict_themselves_are_refused_before_anything_else(four: Hall) -> None:
    with pytest.raises(CeremonyRefused) as wrong:
        four[2].consent(replace(refresh(four), threshold=3, least=3))
    assert wrong.value.code is RefusalCode.INVALID_TERMS


def test_only_parties_that_are_pinned_take_part(four: Hall) -> None:
    assert refused(four, 4, refresh(four)) is HaltCode.NOT_A_PARTY
    four[2].peers = [each for each in four[2].peers if each.custodian != "custodian-3"]
    assert refused(four, 2, refresh(four)) is HaltCode.NOT_PINNED
    four[1].peers = [each for each in four[1].peers if each.custodian != "custodian-3"]
    with pytest.raises(CeremonyHalted, match="custodian-3 is not among the entries"):
        refresh(four)


def test_an_epoch_has_one_key(four: Hall) -> None:
    assert refused(four, 2, four.genesis(1, 2, 3)) is HaltCode.EPOCH_USED
    with pytest.raises(CeremonyHalted, match="a new key needs a threshold and its members"):
        four.propose(1, CeremonyKind.GENESIS, epoch=2)
    with pytest.raises(CeremonyHalted, match="no committee of epoch 2 was formed here"):
        four.propose(1, CeremonyKind.REFRESH, epoch=2)


def test_a_number_that_was_confirmed_is_not_confirmed_again(four: Hall) -> None:
    root = four.consent(refresh(four), 1, 2, 3)
    folder = four[1].store.get(root)
    assert folder is not None
    while not folder.has_own(Step.CONFIRM):
        four.hold(root, 1, 2, 3, rounds=1)
    terms = refresh(four)
    assert terms.committee == 3
    assert refused(four, 1, replace(terms, committee=2)) is HaltCode.NUMBER_USED


def test_a_committee_that_a_later_one_replaces_is_refreshed_no_more(four: Hall) -> None:
    stale = refresh(four)
    formed = four.form(refresh(four), 1, 2, 3)
    stale = replace(stale, committee=3)
    # Before the log's entry nobody knows which of two will stand: the operator has to say it.
    assert refused(four, 3, stale) is HaltCode.LATER_KNOWN
    (note,) = four[3].consent(stale, despite_later=True)
    assert "a later committee, 2, was formed here" in note
    retire_former(formed, four[2].store, four[2].book, entered_at=four.clock())
    assert refused(four, 2, stale, despite_later=True) is HaltCode.FORMER_UNKNOWN
    four.clock.forward(days=8)
    later = four.clock() + dt.timedelta(hours=1)
    assert refused(four, 2, replace(stale, ends_at=later), despite_later=True) is HaltCode.FORMER_UNKNOWN


def test_a_receiver_whose_former_share_is_gone_takes_no_older_committee(four: Hall) -> None:
    back, dealers = {f"custodian-{n}": n for n in (1, 2, 3)}, ("custodian-1", "custodian-2")
    stale = replace(four.propose(1, CeremonyKind.RESHARING, members=back, dealers=dealers), committee=3)
    formed = four.form(refresh(four), 1, 2, 3)
    assert refused(four, 3, stale) is HaltCode.LATER_KNOWN
    retire_former(formed, four[3].store, four[3].book, entered_at=four.clock())
    assert refused(four, 3, stale, despite_later=True) is HaltCode.FORMER_UNKNOWN
    four.clock.forward(days=8)
    stale = replace(stale, ends_at=four.clock() + dt.timedelta(hours=1))
    assert refused(four, 3, stale, despite_later=True) is HaltCode.LATER_KNOWN


def test_a_committee_that_never_reached_the_log_can_be_passed_over(four: Hall) -> None:
    four.form(refresh(four), 1, 2, 3)
    terms = four.propose(1, CeremonyKind.REFRESH, former=1)
    assert (terms.committee, terms.former and terms.former.committee) == (3, 1)
    for number in (1, 2, 3):
        four[number].consent(terms, despite_later=True)
    outcomes = four.hold(ceremony_id(terms), 1, 2, 3)
    assert four.agreed(outcomes, 1, 2, 3).committee.committee == 3
    with pytest.raises(CeremonyHalted, match="no committee 7 of epoch 1 was formed here"):
        four.propose(1, CeremonyKind.REFRESH, former=7)


def test_one_that_was_left_out_comes_back_from_no_older_committee_than_it_knows(four: Hall) -> None:
    back = {f"custodian-{n}": n for n in (1, 2, 3)}
    four.form(four.propose(1, CeremonyKind.REFRESH, without=frozenset({"custodian-3"})), 1, 2)
    stale = replace(four.propose(1, CeremonyKind.RESHARING, members=back), committee=9)
    assert four[3].consent(stale) == ("committee 2 was not formed here: it is taken from the proposal",)
    four.form(four.propose(1, CeremonyKind.RESHARING, members=back), 1, 2, 3)
    assert refused(four, 3, replace(stale, committee=10)) is HaltCode.LATER_KNOWN


def test_settings_without_a_name_or_a_key_hold_no_ceremony(tmp_path: Path) -> None:
    home = make_homes(tmp_path, [9101, 9102])["custodian-1"]
    assert identity_of(load(home, {}), load_private_key).participant == "custodian-1"
    whole = home.read_text()
    home.write_text("\n".join(line for line in whole.splitlines() if not line.startswith("participant")))
    with pytest.raises(SettingsError, match="need participant, signing_key and key_id"):
        identity_of(load(home, {}), load_private_key)
    home.write_text(whole.replace('id = "custodian-2"', 'id = "custodian-1"'))
    with pytest.raises(SettingsError, match="this custodian's own id"):
        identity_of(load(home, {}), load_private_key)


def test_an_accepted_ceremony_is_accepted_once(four: Hall) -> None:
    terms = refresh(four)
    four[2].consent(terms)
    folder = four[2].store.get(ceremony_id(terms))
    assert folder is not None
    before = folder.consent()
    four.clock.forward(minutes=5)
    four[2].consent(terms)
    assert folder.consent() == before
