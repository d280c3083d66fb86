"""What a custodian says of a finished day, and of which days it says nothing."""

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crypto.oprf.threshold import deal
from crypto.signing.jws import verify_compact
from crypto.signing.keys import generate_signing_key
from custodian.ledger import Ledger
from custodian.settings import Admission, CustodianSettings
from custodian.tallying import TallyRefused, signed_tally, tally_of
from protocol.messages.tallies import MAX_CARRIERS, TALLY_TYPE, read_tally
from tests.support.builders import TODAY
from tests.support.share_books import a_share

DAY = TODAY - dt.timedelta(days=1)
SETTINGS = CustodianSettings(
    index=2,
    epoch=1,
    shares=Path("shares"),
    public_url="http://custodian-2.test",
    listen="127.0.0.1:9102",
    database=Path("ledger.db"),
    admission=Admission(carriers=(), daily_quota=10),
    participant="custodian-2",
)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    kept = Ledger(tmp_path / "ledger.db")
    yield kept
    kept.close()


def counts(ledger: Ledger, day: dt.date, **elements: Any) -> None:
    for carrier, count in elements.items():
        ledger.consume(carrier, day=day, elements=count, quota=10**9)


def why_not(ledger: Ledger, day: dt.date, settings: CustodianSettings = SETTINGS) -> str:
    with pytest.raises(TallyRefused) as refused:
        tally_of(settings, None, ledger, day, today=TODAY)
    return str(refused.value)


def test_a_signed_tally_says_what_the_ledger_holds(ledger: Ledger) -> None:
    counts(ledger, DAY, a=7, b=1)
    counts(ledger, TODAY, a=100)
    tally = tally_of(SETTINGS, None, ledger, DAY, today=TODAY)
    key = generate_signing_key(os.urandom)
    first, second = (signed_tally(tally, key_id="custodian-2-1", private_key=key) for _ in range(2))
    key_id, payload = verify_compact(first, typ=TALLY_TYPE, resolve=lambda _: key.public_key())
    assert (key_id, read_tally(payload), first) == ("custodian-2-1", tally, second)
    assert (tally.custodian, tally.share_index, dict(tally.carriers)) == ("custodian-2", 2, {"a": 7, "b": 1})


def test_a_day_without_work_between_others_is_a_tally_of_nothing(ledger: Ledger) -> None:
    counts(ledger, DAY - dt.timedelta(days=2), a=1)
    assert tally_of(SETTINGS, None, ledger, DAY, today=TODAY).total == 0


def test_nothing_is_said_of_a_day_that_is_not_over(ledger: Ledger) -> None:
    counts(ledger, TODAY, a=1)
    assert "not over" in why_not(ledger, TODAY)


def test_a_ledger_claims_no_zero_for_days_before_its_own(ledger: Ledger) -> None:
    assert "counted nothing on this day or before it" in why_not(ledger, DAY)
    counts(ledger, DAY, a=1)
    assert "counted nothing on this day or before it" in why_not(ledger, DAY - dt.timedelta(days=1))


def test_a_custodian_without_a_name_at_the_registry_says_so(ledger: Ledger) -> None:
    counts(ledger, DAY, a=1)
    assert "no participant" in why_not(ledger, DAY, replace(SETTINGS, participant=None))


def test_a_tally_is_in_the_name_of_the_newest_share(ledger: Ledger) -> None:
    counts(ledger, DAY, a=1)
    share = a_share(deal(None, 2, 3, os.urandom), 3, epoch=4)
    for settings in (SETTINGS, replace(SETTINGS, epoch=None, index=None)):
        tally = tally_of(settings, share, ledger, DAY, today=TODAY)
        assert (tally.epoch, tally.share_index) == (4, 3)
    assert "no share is held" in why_not(ledger, DAY, replace(SETTINGS, index=None))


def test_more_carriers_than_a_tally_holds_are_not_left_out_in_silence(ledger: Ledger) -> None:
    counts(ledger, DAY, **{f"c{number}": 1 for number in range(MAX_CARRIERS + 1)})
    assert "WRONG_CARRIERS" in why_not(ledger, DAY)
