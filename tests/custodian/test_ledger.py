import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from custodian.ledger import Ledger, LedgerFull, NonceUse, NonceUsed, QuotaExceeded
from tests.support.builders import NOW, TODAY

KEEP = dt.timedelta(seconds=330)
USE = NonceUse(key_id="k", nonce="n" * 16, now=NOW, keep=KEEP)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    kept = Ledger(tmp_path / "ledger.db")
    yield kept
    kept.close()


def refused(call: Callable[..., None]) -> bool:
    try:
        call()
    except (QuotaExceeded, NonceUsed):
        return True
    return False


def test_what_was_counted_is_on_the_disk_before_it_is_acted_upon(ledger: Ledger) -> None:
    (synchronous,) = ledger._connection.execute("PRAGMA synchronous").fetchone()
    (journal,) = ledger._connection.execute("PRAGMA journal_mode").fetchone()
    assert (synchronous, journal) == (2, "wal"), "2 is FULL: each commit waits for the disk"


def test_threads_together_never_exceed_the_quota(ledger: Ledger) -> None:
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(
            threads.map(lambda _: refused(lambda: ledger.consume("a", day=TODAY, elements=7, quota=100)), range(40))
        )
    assert outcomes.count(False) == 14
    assert ledger.evaluated("a", day=TODAY) == 98


def test_two_processes_share_one_count(tmp_path: Path, ledger: Ledger) -> None:
    other = Ledger(tmp_path / "ledger.db")
    with ThreadPoolExecutor(4) as threads:
        both = [ledger, other] * 10
        outcomes = list(
            threads.map(lambda each: refused(lambda: each.consume("a", day=TODAY, elements=10, quota=100)), both)
        )
    other.close()
    assert outcomes.count(False) == 10


def test_a_refused_batch_counts_nothing(ledger: Ledger) -> None:
    with pytest.raises(QuotaExceeded):
        ledger.consume("a", day=TODAY, elements=101, quota=100)
    assert ledger.evaluated("a", day=TODAY) == 0


def test_carriers_and_days_are_counted_apart(ledger: Ledger) -> None:
    for carrier in ("a", "b"):
        for day in (TODAY, TODAY + dt.timedelta(days=1)):
            ledger.consume(carrier, day=day, elements=100, quota=100)


def test_a_tally_holds_every_carrier_of_one_day_and_no_other(ledger: Ledger) -> None:
    day = TODAY - dt.timedelta(days=60)
    for carrier, elements in (("b", 2), ("a", 100), ("a", 1)):
        ledger.consume(carrier, day=day, elements=elements, quota=1_000)
    ledger.consume("c", day=TODAY, elements=5, quota=1_000)
    ledger.consume("d", day=day, elements=0, quota=1_000)
    assert ledger.tally(day) == {"a": 101, "b": 2}
    assert ledger.tally(day + dt.timedelta(days=1)) == {}
    assert ledger.first_day() == day


def test_an_unused_ledger_has_no_first_day(ledger: Ledger) -> None:
    assert ledger.first_day() is None


def test_of_many_copies_of_a_request_one_gets_in(ledger: Ledger) -> None:
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(
            threads.map(lambda _: refused(lambda: ledger.use_nonce("k", "n" * 16, now=NOW, keep=KEEP)), range(30))
        )
    assert outcomes.count(False) == 1


def test_of_many_copies_of_a_request_one_is_counted(ledger: Ledger) -> None:
    with ThreadPoolExecutor(8) as threads:
        counted = threads.map(
            lambda _: refused(lambda: ledger.consume("a", day=TODAY, elements=7, quota=100, use=USE)), range(30)
        )
        assert list(counted).count(False) == 1
    assert ledger.evaluated("a", day=TODAY) == 7


def test_a_count_over_the_quota_leaves_its_nonce_burnt(ledger: Ledger) -> None:
    with pytest.raises(QuotaExceeded):
        ledger.consume("a", day=TODAY, elements=101, quota=100, use=USE)
    with pytest.raises(NonceUsed):
        ledger.consume("a", day=TODAY, elements=1, quota=100, use=USE)
    assert ledger.evaluated("a", day=TODAY) == 0


def test_a_nonce_outlives_a_restart(tmp_path: Path) -> None:
    first = Ledger(tmp_path / "ledger.db")
    first.use_nonce("k", "n" * 16, now=NOW, keep=KEEP)
    first.close()
    second = Ledger(tmp_path / "ledger.db")
    with pytest.raises(NonceUsed):
        second.use_nonce("k", "n" * 16, now=NOW + KEEP, keep=KEEP)
    second.close()


def test_old_nonces_are_forgotten(tmp_path: Path, ledger: Ledger) -> None:
    ledger.use_nonce("k", "n" * 16, now=NOW, keep=KEEP)
    ledger.use_nonce("k", "m" * 16, now=NOW + dt.timedelta(hours=1), keep=KEEP)
    other = sqlite3.connect(tmp_path / "ledger.db")
    assert other.execute("SELECT nonce FROM used_nonce").fetchall() == [("m" * 16,)]
    other.close()


def test_the_ledger_has_no_column_for_an_element(tmp_path: Path, ledger: Ledger) -> None:
    other = sqlite3.connect(tmp_path / "ledger.db")
    columns = {
        row[0]
        for table in ("evaluation_count", "used_nonce")
        for row in other.execute("SELECT name FROM pragma_table_info(?)", (table,))
    }
    other.close()
    assert columns == {"carrier", "day", "elements", "key_id", "nonce", "expires_at"}


def use_nonces(ledger: Ledger, count: int) -> None:
    for number in range(count):
        ledger.use_nonce("carrier-a-1", f"{number:040}", now=NOW, keep=KEEP)


def test_a_ledger_that_is_full_counts_nothing_and_goes_on_when_there_is_room(ledger: Ledger) -> None:
    ledger.consume("carrier-a", day=TODAY, elements=1, quota=10)
    ledger._connection.execute("PRAGMA max_page_count = 1")  # as a disk that is full
    with pytest.raises(LedgerFull, match="SQLITE_FULL"):
        use_nonces(ledger, 1000)
    ledger._connection.execute("PRAGMA max_page_count = 100000")
    ledger.consume("carrier-a", day=TODAY, elements=1, quota=10)
    assert ledger.evaluated("carrier-a", day=TODAY) == 2
