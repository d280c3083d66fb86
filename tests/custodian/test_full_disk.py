"""A custodian whose ledger cannot count evaluates nothing, says so in its readiness, and recovers by itself."""

import os
from pathlib import Path

from crypto.oprf.threshold import deal
from custodian.ledger import Ledger
from tests.support.custody import QUOTA, Custody
from tests.support.parties import a_caller, a_custodian
from tests.support.share_books import a_share, served
from tests.support.small_disk import fill
from tests.support.world import Clock


def custody_on(folder: Path) -> Custody:
    clock, dealing, ledger = Clock(), deal(None, 2, 3, os.urandom), Ledger(folder / "ledger.db")
    caller = a_caller(clock)
    shares = served(folder / "shares", a_share(dealing))
    app = a_custodian(1, shares=shares, ledger=ledger, clock=clock, carriers=(caller.key(),), daily_quota=QUOTA)
    return Custody(dealing, ledger, clock, caller, app.test_client())


def ready(custody: Custody) -> tuple[int, object]:
    custody.clock.forward(seconds=6)  # what was found holds for some seconds
    answer = custody.client.get("/readyz")
    return answer.status_code, answer.json


def test_a_full_disk_is_503_and_named_and_over_when_there_is_room(small_disk: Path) -> None:
    custody = custody_on(small_disk)
    assert ready(custody) == (200, {"ready": True, "alarms": []})
    filler = small_disk / "filler"
    fill(filler)
    for _ in range(2):  # a COMMIT that found no room leaves no transaction behind
        refused = custody.evaluate()
        assert (refused.status_code, refused.json["type"].rpartition(":")[2]) == (503, "unavailable")
    assert ready(custody) == (503, {"ready": False, "alarms": ["disk-full"]})
    filler.unlink()
    assert custody.evaluate().status_code == 200
    assert ready(custody) == (200, {"ready": True, "alarms": []})
    custody.ledger.close()
