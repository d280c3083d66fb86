"""Custodians that hold ceremonies with one another over their signed HTTP."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from ceremony.standing import Formed, Waiting
from ceremony.verify import verify_transcript
from crypto.errors import BadThreshold
from custodian.ceremonies.errors import CeremonyHalted, HaltCode
from custodian.ceremonies.finishing import complete, retire_former
from custodian.ceremonies.overview import former_shares, newest_share, states
from protocol.messages.ceremonies import CeremonyKind, Step
from tests.support.holders import Hall, hall
from tests.support.passphrases import a_provider


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Hall]:
    with hall(tmp_path, 3) as custodians:
        yield custodians


@pytest.fixture
def four(tmp_path: Path) -> Iterator[Hall]:
    """Four, of which three hold a key."""
    with hall(tmp_path, 4) as custodians:
        custodians.form(custodians.genesis(1, 2, 3), 1, 2, 3)
        yield custodians


def test_three_custodians_form_a_committee_and_keep_no_secret_but_their_share(three: Hall) -> None:
    formed = three.form(three.genesis(1, 2, 3), 1, 2, 3)
    assert verify_transcript(complete(three[2].store, formed.ceremony).transcript).committee == formed.committee
    assert three.token(1, 1, 2) == three.token(1, 3, 2)
    assert [each.standing for each in states(three[1].store)] == ["formed"]
    assert three[1].store.offered() == ()


def test_a_refresh_changes_every_share_and_no_token_and_the_former_shares_end(four: Hall) -> None:
    token = four.token(1, 1, 2)
    former = [four[n].book.get(1, 1, four.clock()) for n in (1, 2, 3)]
    formed = four.form(four.propose(2, CeremonyKind.REFRESH), 1, 2, 3)
    renewed = [four[n].book.get(1, 2, four.clock()) for n in (1, 2, 3)]
    assert four.token(2, 3, 1) == four.token(1, 3, 1) == token
    assert len({each.sk for each in (*former, *renewed) if each is not None}) == 6
    entered_at = four.clock()
    for number in (1, 2, 3):
        holder = four[number]
        for _ in range(2):
            ends = retire_former(formed, holder.store, holder.book, entered_at=entered_at)
        assert ends == entered_at + dt.timedelta(days=7)
        four.clock.now = ends - dt.timedelta(seconds=1)
        assert holder.book.get(1, 1, four.clock()) is not None
        four.clock.now = ends
        assert holder.book.get(1, 1, four.clock()) is None
        assert len(holder.book.expire(four.clock())) == 1
        four.clock.now = entered_at
    assert four.token(2, 1, 2) == token


def test_a_replacement_gives_a_newcomer_a_share_and_the_leaving_custodian_none(four: Hall) -> None:
    token = four.token(1, 1, 2)
    moved = {"custodian-2": 1, "custodian-3": 2, "custodian-4": 3}
    proposal = four.propose(
        1, CeremonyKind.RESHARING, members=moved, threshold=3, dealers=("custodian-1", "custodian-3")
    )
    assert four[4].consent(proposal) == ("committee 1 was not formed here: it is taken from the proposal",)
    formed = four.form(proposal, 1, 2, 3, 4)
    assert four.token(2, 2, 3, 4) == token
    assert four[1].book.get(1, 2, four.clock()) is None
    assert complete(four[1].store, formed.ceremony) == formed
    retire_former(formed, four[1].store, four[1].book, entered_at=four.clock())
    four.clock.forward(days=8)
    assert four[1].book.held(four.clock()) == ()
    # Two were enough before, and are not any more.
    with pytest.raises(BadThreshold):
        four.token(2, 2, 3)


def test_one_that_was_away_at_a_refresh_comes_back_by_a_resharing(four: Hall) -> None:
    token = four.token(1, 1, 2)
    second = four.form(four.propose(1, CeremonyKind.REFRESH, without=frozenset({"custodian-3"})), 1, 2)
    assert [each.custodian for each in second.committee.members] == ["custodian-1", "custodian-2"]
    back = {f"custodian-{n}": n for n in (1, 2, 3)}
    third = four.form(four.propose(1, CeremonyKind.RESHARING, members=back), 1, 2, 3)
    assert third.committee.committee == 3
    assert four.token(3, 3, 1) == token
    retire_former(third, four[3].store, four[3].book, entered_at=four.clock())
    four.clock.forward(days=8)
    assert [each.committee for each in four[3].book.held(four.clock())] == [3]


def test_one_whose_disk_is_lost_comes_back_as_a_member_that_does_not_deal(four: Hall) -> None:
    token = four.token(1, 1, 2)
    four[3].lose_folder()
    back = {"custodian-1": 1, "custodian-2": 2, "custodian-3": 4}
    dealers = ("custodian-1", "custodian-2")
    proposal = four.propose(1, CeremonyKind.RESHARING, members=back, dealers=dealers)
    assert four[3].consent(proposal) == ("committee 1 was not formed here: it is taken from the proposal",)
    assert four[2].consent(proposal) == ()
    four.form(proposal, 1, 2, 3)
    assert four.token(2, 3, 1) == token


def test_a_drive_of_a_complete_ceremony_changes_nothing(four: Hall) -> None:
    (folder,) = four[1].store.all()
    before = {path: path.stat().st_mtime_ns for path in four[1].folder.rglob("*.json")}
    for _ in range(2):
        outcome = four.tick(1, folder.ceremony)
        assert outcome is not None
        assert isinstance(outcome.standing, Formed)
    assert {path: path.stat().st_mtime_ns for path in four[1].folder.rglob("*.json")} == before


def test_a_share_that_was_confirmed_in_vain_is_kept_until_the_log_takes_a_later_committee(four: Hall) -> None:
    lost = four.consent(four.propose(1, CeremonyKind.REFRESH), 1, 2, 3)
    folder = four[1].store.get(lost)
    assert folder is not None
    four.hold(lost, 1, rounds=1)
    while not folder.has_own(Step.CONFIRM):
        four.hold(lost, 2, 3, 1, rounds=1)
    four.clock.forward(hours=2)
    outcomes = four.hold(lost, 1, 2, 3)
    assert [outcomes[n].has_confirmed for n in (1, 2, 3)] == [True, False, False]
    formed = four.form(four.propose(1, CeremonyKind.REFRESH), 1, 2, 3)
    assert formed.committee.committee == 3
    assert four[1].book.of_ceremony(lost) is not None
    retire_former(formed, four[1].store, four[1].book, entered_at=four.clock())
    assert four[1].book.of_ceremony(lost) is None


def test_a_sealed_custodian_shows_no_secret_at_any_step(three: Hall) -> None:
    three[1].provider.inner = a_provider()
    root = three.consent(three.genesis(1, 2, 3), 1, 2, 3)
    shown = []
    for _ in range(5):
        outcomes = three.hold(root, 1, 2, 3, rounds=1)
        if three[1].provider.secrets:
            assert three[1].secrets_on_disk() == []
        # One without a passphrase has its polynomial and its keys in a file until it has confirmed.
        shown.append(len(three[2].secrets_on_disk()) if three[2].provider.secrets else 0)
    assert max(shown) == 5
    assert shown[-1] == 0
    three.agreed(outcomes | three.hold(root, 1, 2, 3), 1, 2, 3)


def test_a_driver_says_whom_it_waits_for(three: Hall) -> None:
    root, pauses = three.consent(three.genesis(1, 2, 3), 1, 2, 3), list[float]()

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) > 20:
            three.clock.forward(hours=2)

    with three.driver(1, root) as driver:
        outcome = driver.run(sleep)
    assert outcome.standing == Waiting(step=Step.JOIN, parties=("custodian-2", "custodian-3"))
    assert three[1].lines == [
        f"{root[:12]} JOIN custodian-1", f"{root[:12]} waits for JOIN of custodian-2, custodian-3"
    ]  # fmt: skip
    assert (min(pauses), max(pauses)) == (0.1, 1.0)


def test_a_ceremony_that_nobody_formed_is_not_finished(three: Hall) -> None:
    root = three.consent(three.genesis(1, 2, 3), 1)
    with pytest.raises(CeremonyHalted) as halted:
        complete(three[1].store, root)
    assert halted.value.code is HaltCode.NOT_FORMED
    with pytest.raises(CeremonyHalted) as halted:
        complete(three[1].store, "0" * 64)
    assert halted.value.code is HaltCode.UNKNOWN


def test_the_newest_share_says_when_its_refresh_is_due(four: Hall) -> None:
    share = newest_share(four[1].book, four.clock(), refresh_days=90)
    assert share is not None
    assert (share.committee, share.refresh_due_at is not None) == (1, True)
    assert newest_share(four[4].book, four.clock(), refresh_days=90) is None


def test_a_share_whose_time_is_over_is_shown_until_its_file_is_gone(four: Hall) -> None:
    formed = four.form(four.propose(2, CeremonyKind.REFRESH, keep_days=0), 1, 2, 3)
    book, notes = four[1].book, []
    notes += [each.note for each in former_shares(book, four.clock())]
    retire_former(formed, four[1].store, book, entered_at=four.clock())
    notes += [each.note for each in former_shares(book, four.clock())]
    assert notes[0] == "stays until finish with --url"
    assert notes[1].startswith("over, and not deleted yet")
    book.expire(four.clock())
    assert former_shares(book, four.clock()) == ()
