"""The database's own clock, and what is kept of earlier times; each on both databases."""

import datetime as dt
import uuid
from contextlib import closing

from registry.domain.clock import ClockConfirmation, ClockReading
from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.transactions import Store, exclusive
from tests.storage import values as v
from tests.storage.revisions import before, insert_entries, upgrade_to
from tests.support.builders import NOW
from tests.support.log_entries import an_entry

DAY = dt.timedelta(days=1)
READING = ClockReading(boot="boot-1", at=NOW, steady_ms=5_000)


def test_the_database_tells_the_time_of_its_own(store: Store) -> None:
    told = store.read(lambda tx: tx.clock.database_now())
    assert told.utcoffset() == dt.timedelta()
    assert abs(told - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)


def test_each_start_of_a_machine_has_one_reading_and_an_outage_ends_with_a_trusted_one(store: Store) -> None:
    store.write(lambda tx: tx.clock.find_outage(NOW))
    store.write(lambda tx: tx.clock.find_outage(NOW + DAY))
    assert store.read(lambda tx: tx.clock.known("boot-1", NOW)).outage_since == NOW + DAY
    later = ClockReading(boot="boot-1", at=NOW + DAY, steady_ms=6_000)
    for reading in (READING, later, ClockReading(boot="boot-2", at=NOW, steady_ms=1)):
        store.write(lambda tx, reading=reading: tx.clock.keep_reading(reading))
    known = store.read(lambda tx: tx.clock.known("boot-1", NOW))
    assert (known.reading, known.newest_reading_at, known.outage_since) == (later, NOW + DAY, None)
    assert store.read(lambda tx: tx.clock.known("boot-3", NOW)).reading is None
    store.write(lambda tx: tx.clock.keep_reading(ClockReading(boot="boot-3", at=NOW + 31 * DAY, steady_ms=1)))
    assert store.read(lambda tx: tx.clock.known("boot-2", NOW)).reading is None


def test_a_confirmation_ends_what_was_read_before_and_its_word_is_used(store: Store) -> None:
    v.founded(store, 1)
    entry = an_entry(NOW)
    confirmation = ClockConfirmation(
        number=1,
        word_digest=b"w" * 32,
        operator_id="carrier-a",
        key_id="carrier-a-1",
        confirmed_at=NOW,
        newest_entry_at=None,
        database_ahead_ms=-5,
        log_entry_id=entry.entry_id,
    )
    assert store.read(lambda tx: tx.clock.last_number()) == 0
    store.write(lambda tx: tx.clock.keep_reading(READING))
    store.write(lambda tx: tx.clock.find_outage(NOW))
    store.write(lambda tx: tx.openings.append((entry,)))
    store.write(lambda tx: tx.clock.confirm(confirmation))
    known = store.read(lambda tx: tx.clock.known("boot-1", NOW))
    assert (known.confirmation, known.reading, known.outage_since) == (confirmation, None, None)
    assert store.read(lambda tx: tx.clock.last_number()) == 1
    assert store.read(lambda tx: (tx.clock.is_used(b"w" * 32), tx.clock.is_used(b"x" * 32))) == (True, False)


def test_a_registry_from_before_is_measured_by_its_newest_entry(empty_url: str) -> None:
    upgrade_to(empty_url, before("0035"))
    with closing(make_engines(empty_url)) as engines:
        with exclusive(engines) as connection:
            insert_entries(connection, an_entry(NOW), an_entry(NOW - DAY))
        upgrade(empty_url)
        known = Store(engines).read(lambda tx: tx.clock.known(str(uuid.uuid4()), NOW))
    assert (known.newest_entry_at, known.newest_reading_at, known.confirmation) == (NOW, None, None)
