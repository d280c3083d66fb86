"""Shares of several committees behind one door: which is served, which is not, and what a monitor hears of it."""

import datetime as dt
import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crypto.oprf.group import random_scalar
from crypto.oprf.threshold import deal, verify_evaluation
from custodian.committee_share import CommitteeShare, evaluate_canary
from custodian.ledger import Ledger
from custodian.served_shares import ServedShares
from custodian.share import save_share
from custodian.share_book import DealtFile, ShareBook
from protocol.messages.evaluations import CustodianKey, EvaluationAnswer, HeldCommittee
from protocol.wire.codec import read
from tests.support.custody import QUOTA, Custody, elements
from tests.support.parties import a_caller, a_custodian, evaluation_body, held
from tests.support.share_books import FORMED, a_book, a_share, ceremony, hold
from tests.support.world import Clock

SECRET = random_scalar(os.urandom)
OLD, NEW = deal(SECRET, 2, 3, os.urandom), deal(SECRET, 3, 5, os.urandom)
FIRST, SECOND = a_share(OLD), a_share(NEW, committee=2)
NOW = FORMED + dt.timedelta(days=30)


class Side:
    """A custodian, its book, and what a test asks it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.clock, self.ledger = Clock(), Ledger(folder / "ledger.db")
        self.book = a_book(folder / "shares", dealt=settings.pop("dealt", None))
        caller = a_caller(self.clock)
        app = a_custodian(
            1,
            shares=ServedShares(self.book, **settings),
            ledger=self.ledger,
            clock=self.clock,
            carriers=(caller.key(),),
            daily_quota=QUOTA,
        )
        self.custody = Custody(OLD, self.ledger, self.clock, caller, app.test_client())

    def ask(self, count: int = 1, **asked: int) -> tuple[int, Any]:
        answer = self.custody.post(evaluation_body(elements(count), **asked))
        return answer.status_code, answer.json.get("type", "").rpartition(":")[2]

    def ready(self) -> tuple[int, list[str]]:
        self.clock.forward(seconds=6)  # the ledger's probe holds for some seconds
        answer = self.custody.client.get("/readyz")
        document: Any = answer.json
        assert document["ready"] is (answer.status_code == 200)
        return answer.status_code, document["alarms"]

    def key(self) -> Any:
        headers = self.custody.caller.headers(None, method="GET", path="/v1/key")
        return self.custody.client.get("/v1/key", headers=headers)


@pytest.fixture
def side(tmp_path: Path) -> Iterator[Side]:
    made = Side(tmp_path)
    yield made
    made.ledger.close()


def test_each_committee_is_answered_with_its_own_share(side: Side) -> None:
    hold(side.book, FIRST)
    hold(side.book, SECOND)
    asked = elements(2)
    for committee, share in ((1, FIRST), (2, SECOND)):
        answer = read(EvaluationAnswer, side.custody.post(evaluation_body(asked, committee=committee)).json)
        assert (answer.epoch, answer.committee, answer.index) == (1, committee, 1)
        verify_evaluation(share.pk, asked, answer.evaluated_elements, answer.proof)


def test_a_request_of_an_earlier_release_is_about_committee_1_and_so_is_its_answer(side: Side) -> None:
    hold(side.book, FIRST)
    hold(side.book, SECOND)
    assert b"committee" not in evaluation_body(elements(1))
    answer = side.custody.evaluate()
    assert sorted(answer.json) == ["epoch", "evaluated_elements", "index", "proof"]


def test_a_committee_that_is_pending_retired_damaged_or_none_is_refused_alike(side: Side, tmp_path: Path) -> None:
    hold(side.book, FIRST)
    for committee in (2, 3, 4):
        side.book.add_pending(a_share(NEW, committee=committee))
    side.book.promote(ceremony(1003))
    side.book.retire(1, 3, side.clock())
    side.book.promote(ceremony(1004))
    (tmp_path / "shares" / "share-1-4.json").write_bytes(b"damaged")
    said = [side.custody.post(evaluation_body(elements(1), committee=number)) for number in (2, 3, 4, 5, 2**31 - 1)]
    assert {answer.status_code for answer in said} == {422}
    assert len({answer.data for answer in said}) == 1
    assert said[0].json["type"] == "urn:clearline:problem:committee-unknown"
    assert side.ask(epoch=2) == side.ask(epoch=2, committee=2) == (422, "epoch-unknown")


@pytest.mark.parametrize("committee", ["0", "-1", "2147483648", '"1"', "1.0", "null", "true"])
def test_a_committee_that_is_no_number_of_one_is_an_invalid_field(side: Side, committee: str) -> None:
    hold(side.book, FIRST)
    body = evaluation_body(elements(1))[:-1] + f',"committee":{committee}}}'.encode()
    answer = side.custody.post(body)
    if committee == "1.0":
        assert answer.status_code == 400
    else:
        assert (answer.status_code, answer.json["errors"]) == (
            422,
            [{"field": "committee", "code": "NOT_A_POSITIVE_INTEGER"}],
        )


def test_a_custodian_before_its_first_ceremony_waits_and_then_serves_without_a_restart(side: Side) -> None:
    assert side.custody.client.get("/healthz").status_code == 200
    assert side.ready() == (503, ["no-share"])
    assert side.ask() == (503, "unavailable")
    assert side.key().status_code == 503
    assert side.ledger.evaluated("carrier-a", day=side.clock().date()) == 0
    side.book.add_pending(FIRST)
    assert (side.ready(), side.ask()) == ((503, ["no-share"]), (503, "unavailable"))
    side.book.promote(ceremony(1001))
    assert (side.ready(), side.ask()) == ((200, []), (200, ""))


def test_a_request_that_finds_no_share_uses_its_nonce_up(side: Side) -> None:
    body = evaluation_body(elements(1))
    headers = side.custody.caller.headers(body)
    assert [side.custody.post(body, headers).status_code for _ in range(2)] == [503, 401]


def test_a_retired_share_is_served_until_its_time_and_deleted_by_the_next_request(side: Side, tmp_path: Path) -> None:
    hold(side.book, FIRST)
    hold(side.book, SECOND)
    side.book.retire(1, 1, side.clock() + dt.timedelta(seconds=60))
    assert side.ask() == (200, "")
    side.clock.forward(seconds=60)
    assert side.ask() == (422, "committee-unknown")
    assert not (tmp_path / "shares" / "share-1-1.json").exists()
    assert (side.ask(committee=2), side.ready()) == ((200, ""), (200, []))


def test_a_custodian_that_only_leaves_is_an_alarm_until_its_last_share_is_gone(side: Side) -> None:
    hold(side.book, FIRST)
    side.book.retire(1, 1, side.clock() + dt.timedelta(days=1))
    assert side.ready() == (200, ["retired-only"])
    side.clock.forward(days=1)
    assert side.ready() == (503, ["no-share"])


def test_a_share_that_cannot_be_deleted_is_an_alarm_and_never_served(
    side: Side, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hold(side.book, FIRST)
    hold(side.book, SECOND)
    side.book.retire(1, 1, side.clock())
    (tmp_path / "shares" / "lock").unlink()
    (tmp_path / "shares" / "lock").mkdir()
    for _ in range(3):
        assert side.ready() == (200, ["share-expired"])
    assert side.ask() == (422, "committee-unknown")
    assert caplog.text.count("shares not deleted") == 1
    (tmp_path / "shares" / "lock").rmdir()
    side.clock.forward(days=1)
    assert side.ready() == (200, [])


def test_a_share_that_misses_its_canary_is_not_served_and_the_others_are(
    side: Side, caplog: pytest.LogCaptureFixture
) -> None:
    hold(side.book, replace(FIRST, canary=SECOND.canary))
    assert side.ready() == (503, ["no-share", "canary"])
    hold(side.book, SECOND)
    assert side.ready() == (200, ["canary"])
    assert (side.ask(), side.ask(committee=2)) == ((422, "committee-unknown"), (200, ""))
    assert caplog.text.count("its canary differs epoch=1 committee=1") == 1


def test_canaries_are_computed_again_with_the_first_request_of_a_day(tmp_path: Path) -> None:
    computed: list[CommitteeShare] = []
    is_faulty = False

    def canary_of(share: CommitteeShare) -> bytes:
        computed.append(share)
        return bytes(32) if is_faulty else evaluate_canary(share)

    side = Side(tmp_path, canary_of=canary_of)
    hold(side.book, FIRST)
    for _ in range(3):
        assert side.ready() == (200, [])
    assert len(computed) == 1
    is_faulty = True
    assert side.ask() == (200, "")
    side.clock.forward(days=1)
    assert side.ask() == (503, "unavailable")
    assert len(computed) == 2
    side.ledger.close()


def test_an_old_share_asks_for_a_refresh_once_a_day_and_serves_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    side = Side(tmp_path, refresh_days=30)
    hold(side.book, replace(FIRST, formed_at=side.clock() - dt.timedelta(days=29)))
    assert side.ready() == (200, [])
    for _ in range(2):
        side.clock.forward(days=1)
        assert side.ready() == side.ready() == (200, ["refresh-due"])
    assert side.ask() == (200, "")
    assert caplog.text.count("refresh due") == 2
    hold(side.book, replace(SECOND, formed_at=side.clock()))
    assert side.ready() == (200, [])
    side.ledger.close()


def test_a_dealers_share_serves_without_canary_or_age(tmp_path: Path) -> None:
    dealt = DealtFile(path=tmp_path / "share.json", threshold=2)
    save_share(dealt.path, held(OLD, 1))
    side = Side(tmp_path, dealt=dealt, refresh_days=1)
    assert (side.ask(), side.ready()) == ((200, ""), (200, ["dealt-share"]))
    dealt.path.write_bytes(b"damaged")
    assert side.ready() == (503, ["no-share", "share-damaged"])
    side.ledger.close()


def test_the_key_tells_the_newest_share_and_all_that_are_served(side: Side) -> None:
    hold(side.book, FIRST)
    hold(side.book, SECOND)
    side.book.add_pending(a_share(NEW, committee=3))
    ends = side.clock() + dt.timedelta(days=7)
    side.book.retire(1, 1, ends)
    key = read(CustodianKey, side.key().json)
    shared = OLD.joint_public_key
    assert (key.index, key.epoch, key.committee, key.threshold, key.public_key) == (1, 1, 2, 3, SECOND.pk)
    assert key.committees == (
        HeldCommittee(
            epoch=1, committee=1, threshold=2, index=1, public_key=FIRST.pk, joint_public_key=shared, retires_at=ends
        ),
        HeldCommittee(epoch=1, committee=2, threshold=3, index=1, public_key=SECOND.pk, joint_public_key=shared),
    )


def test_what_is_deleted_is_forgotten_in_memory_too(tmp_path: Path) -> None:
    book: ShareBook = a_book(tmp_path / "shares", FIRST)
    shares = ServedShares(book)
    assert len(shares.at(NOW)) == 1
    book.retire(1, 1, NOW)
    assert (shares.at(NOW), shares._held, book._shares) == ((), (), {})
