"""A custodian takes consent back, and one that was replaced without its part ends its share."""

import datetime as dt
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from custodian.ceremonies.consent import Desk
from custodian.ceremonies.errors import CeremonyHalted, HaltCode
from custodian.ceremonies.finishing import check_left, retire_former, withdraw
from custodian.ceremonies.overview import advice_behind, former_shares, newest_share, states, warnings_about
from protocol.messages.ceremonies import CeremonyKind, Step
from tests.support.holders import Hall, hall

DEALERS = ("custodian-1", "custodian-2")


@pytest.fixture
def four(tmp_path: Path) -> Iterator[Hall]:
    """Four, of which three hold a key."""
    with hall(tmp_path, 4) as custodians:
        custodians.form(custodians.genesis(1, 2, 3), 1, 2, 3)
        yield custodians


def refusal_to_leave(formed: object, desk: Desk) -> HaltCode:
    with pytest.raises(CeremonyHalted) as halted:
        check_left(formed, desk)  # type: ignore[arg-type]
    return halted.value.code


def refusal_to_withdraw(custodians: Hall, number: int, ceremony: str) -> HaltCode:
    with pytest.raises(CeremonyHalted) as halted:
        withdraw(ceremony, custodians[number].store, custodians[number].book)
    return halted.value.code


def test_a_custodian_that_was_replaced_without_its_part_ends_its_share(four: Hall) -> None:
    (genesis,) = four[3].store.formed(1)
    moved = {"custodian-1": 1, "custodian-2": 2, "custodian-4": 3}
    formed = four.form(four.propose(1, CeremonyKind.RESHARING, members=moved, dealers=DEALERS), 1, 2, 4)
    assert four[3].store.get(formed.ceremony) is None
    for number in (1, 2, 4):
        assert refusal_to_leave(formed, four[number].desk) is HaltCode.STILL_A_MEMBER
    entered_at = four.clock()
    for _ in range(2):
        check_left(formed, four[3].desk)
        ends = retire_former(formed, four[3].store, four[3].book, entered_at=entered_at)
    assert ends == entered_at + dt.timedelta(days=7)
    share = newest_share(four[3].book, four.clock(), refresh_days=None)
    assert "only its backups are left to destroy" in advice_behind(share, goes_on=False)
    four.clock.now = ends
    assert len(four[3].book.expire(four.clock())) == 1
    # A repeat after the end is no fault.
    check_left(formed, four[3].desk)
    assert refusal_to_leave(genesis, four[4].desk) is HaltCode.NOT_A_PARTY


def test_a_share_is_not_ended_by_a_ceremony_of_other_keys_or_of_a_committee_that_is_unknown_here(
    four: Hall, tmp_path: Path
) -> None:
    (tmp_path / "others").mkdir()
    with hall(tmp_path / "others", 4) as others:
        others.form(others.genesis(1, 2, 3), 1, 2, 3)
        forged = others.form(others.propose(1, CeremonyKind.REFRESH, without=frozenset({"custodian-3"})), 1, 2)
    assert refusal_to_leave(forged, four[3].desk) is HaltCode.FORMER_UNKNOWN
    formed = four.form(four.propose(1, CeremonyKind.REFRESH, without=frozenset({"custodian-3"})), 1, 2)
    assert refusal_to_leave(formed, four[4].desk) is HaltCode.NOT_A_PARTY
    assert refusal_to_leave(formed, replace(four[3].desk, book=four[2].book)) is HaltCode.FORMER_UNKNOWN
    assert refusal_to_leave(formed, replace(four[3].desk, store=four[4].store)) is HaltCode.FORMER_UNKNOWN


def test_a_wrong_proposal_is_withdrawn_and_leaves_no_secret(four: Hall) -> None:
    four.clock.forward(seconds=1)
    root = four.consent(four.propose(1, CeremonyKind.REFRESH), 1, 2, 3)
    four.hold(root, 1, 2, 3, rounds=2)
    folder = four[1].store.get(root)
    assert folder is not None
    assert folder.secrets("custodian-1") is not None
    with folder.driving():
        assert refusal_to_withdraw(four, 1, root) is HaltCode.DRIVEN
    for _ in range(2):
        assert withdraw(root, four[1].store, four[1].book) == root
    four[1].has_no_secrets()
    assert four[1].store.offered() == ()
    # A drive that waited for the withdrawal takes no further step.
    four.hold(root, 1, 2, 3, rounds=3)
    assert folder.has_own(Step.JOIN)
    assert not folder.has_own(Step.ECHO)
    assert states(four[1].store)[0].standing == "withdrawn here"
    assert refusal_to_withdraw(four, 1, "0" * 64) is HaltCode.UNKNOWN
    for number in (2, 3):
        withdraw(root, four[number].store, four[number].book)
    assert four.form(four.propose(1, CeremonyKind.REFRESH), 1, 2, 3).committee.committee == 3


def test_a_ceremony_that_was_confirmed_or_is_over_is_not_withdrawn(four: Hall) -> None:
    root = four.consent(four.propose(1, CeremonyKind.REFRESH), 1, 2, 3)
    folder = four[1].store.get(root)
    assert folder is not None
    while not folder.has_own(Step.CONFIRM):
        four.hold(root, 1, 2, 3, rounds=1)
    pending = four[1].book.of_ceremony(root)
    assert refusal_to_withdraw(four, 1, root) is HaltCode.CONFIRMED
    assert four[1].book.of_ceremony(root) == pending is not None
    late = four.consent(four.propose(2, CeremonyKind.REFRESH, former=1), 2)
    four.clock.forward(hours=2)
    four.hold(late, 2)
    assert refusal_to_withdraw(four, 2, late) is HaltCode.OVER


def test_a_former_share_says_whether_it_ends(four: Hall) -> None:
    assert former_shares(four[1].book, four.clock()) == ()
    formed = four.form(four.propose(1, CeremonyKind.REFRESH), 1, 2, 3)
    (former,) = former_shares(four[1].book, four.clock())
    assert (former.committee, former.retires_at, former.note) == (1, None, "stays until finish with --url")
    ends = retire_former(formed, four[1].store, four[1].book, entered_at=four.clock())
    (former,) = former_shares(four[1].book, four.clock())
    assert former.retires_at is not None
    assert dt.datetime.fromisoformat(former.retires_at) == ends


def test_one_that_is_behind_is_told_what_fits_it(four: Hall) -> None:
    share = newest_share(four[1].book, four.clock(), refresh_days=None)
    away = advice_behind(share, goes_on=False)
    assert "comes back by a resharing" in away
    assert "ceremony leave TRANSCRIPT" in away
    new = advice_behind(None, goes_on=False)
    assert "comes in as a member of a resharing" in new
    assert "again" not in new
    assert "again" in advice_behind(None, goes_on=True)


def test_a_threshold_of_all_members_is_warned_of(four: Hall) -> None:
    assert warnings_about(four.genesis(1, 2, 3, epoch=2)) == ()
    (warning,) = warnings_about(four.genesis(1, 2, 3, epoch=2, threshold=3))
    assert "all 3 members are needed" in warning


def test_a_peer_that_asks_too_early_fills_no_log(four: Hall, caplog: pytest.LogCaptureFixture) -> None:
    root = four.consent(four.propose(1, CeremonyKind.REFRESH), 1)
    with caplog.at_level(logging.INFO, "clearline.custodian"):
        four.hold(root, 1, rounds=2)
    assert caplog.messages == []
