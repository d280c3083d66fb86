"""A creditor's days of take-outs come back as they were kept, on both databases."""

import datetime as dt
from dataclasses import replace

from registry.domain.take_outs import TakeOutConfirmation, TakeOutDay
from registry.store.transactions import Store, Transaction
from tests.storage import values as v
from tests.support.builders import TODAY

DAY = TakeOutDay(participant_id="carrier-a", day=TODAY, open_at_start=5, taken=2, held=0, held_key_id=None)
CONFIRMATION = TakeOutConfirmation(
    participant_id="carrier-a",
    day=TODAY,
    take_outs=7,
    unused=7,
    key_id="carrier-a-2",
    confirmed_at=v.LATER,
    log_entry_id=v.an_id(3),
)


def test_the_first_count_of_a_day_stands_and_is_changed_under_its_lock(store: Store) -> None:
    v.founded(store)
    assert store.read(lambda tx: tx.take_outs.find("carrier-a", TODAY)) is None
    store.write(lambda tx: tx.take_outs.first_count(DAY))
    store.write(lambda tx: tx.take_outs.first_count(replace(DAY, open_at_start=99)))
    assert store.write(lambda tx: tx.take_outs.lock("carrier-a", TODAY)) == DAY
    changed = replace(DAY, taken=9, held=4, held_key_id="carrier-a-1")
    store.write(lambda tx: tx.take_outs.update(changed))
    assert store.read(lambda tx: tx.take_outs.find("carrier-a", TODAY)) == changed
    assert store.read(lambda tx: tx.take_outs.find("carrier-b", TODAY)) is None


def test_a_day_has_one_confirmation_and_the_later_one_is_it(store: Store) -> None:
    v.founded(store)
    store.write(lambda tx: tx.take_outs.first_count(DAY))
    assert store.read(lambda tx: tx.take_outs.confirmation("carrier-a", TODAY)) is None
    later = replace(CONFIRMATION, unused=0, key_id="carrier-a-3", log_entry_id=v.an_id(4))
    for each in (CONFIRMATION, later):
        store.write(lambda tx, kept=each: tx.take_outs.confirm(kept))
        assert store.read(lambda tx: tx.take_outs.confirmation("carrier-a", TODAY)) == each


def test_days_are_forgotten_with_their_confirmations(store: Store) -> None:
    v.founded(store)
    tomorrow = replace(DAY, day=TODAY + dt.timedelta(days=1))

    def keep(tx: Transaction) -> None:
        for each in (DAY, tomorrow):
            tx.take_outs.first_count(each)
        tx.take_outs.confirm(CONFIRMATION)

    store.write(keep)
    assert store.write(lambda tx: tx.take_outs.forget(TODAY)) == 0
    assert store.write(lambda tx: tx.take_outs.forget(tomorrow.day)) == 1
    assert store.read(lambda tx: tx.take_outs.confirmation("carrier-a", TODAY)) is None
    assert store.read(lambda tx: tx.take_outs.find("carrier-a", tomorrow.day)) == tomorrow
