"""One custodian as a WSGI application, and a carrier that signs requests to it by hand."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from crypto.oprf.threshold import deal
from custodian.ledger import Ledger
from tests.support.custody import QUOTA, Custody
from tests.support.parties import a_caller, a_custodian
from tests.support.share_books import a_share, served
from tests.support.small_disk import small_disk
from tests.support.world import Clock


@pytest.fixture
def custody(tmp_path: Path) -> Iterator[Custody]:
    clock, dealing, ledger = Clock(), deal(None, 2, 3, os.urandom), Ledger(tmp_path / "ledger.db")
    caller = a_caller(clock)
    shares = served(tmp_path / "shares", a_share(dealing, committee=1))
    app = a_custodian(1, shares=shares, ledger=ledger, clock=clock, carriers=(caller.key(),), daily_quota=QUOTA)
    with app.test_client() as client:
        yield Custody(dealing, ledger, clock, caller, client)
    ledger.close()
