"""Transfers from before they ended get their dates from the days of their steps, on both databases."""

import datetime as dt
from contextlib import closing
from dataclasses import replace

from protocol.states import TransferState
from registry.store.engines import make_engines
from registry.store.migrate import upgrade
from registry.store.participants import participant
from registry.store.transactions import Store, exclusive
from registry.store.transfers import transfer, transfer_item
from tests.storage import values as v
from tests.storage.revisions import before, insert, insert_entries, upgrade_to
from tests.storage.values import TRANSFER, an_item

REVISION = "0038"
DAY = dt.timedelta(days=1)
OLD = replace(TRANSFER, proposed_at=dt.datetime(2026, 11, 20, 17, tzinfo=dt.UTC))
"""The 21st in Beijing."""
OFFERED = replace(OLD, transfer_id=v.an_id(71), state=TransferState.OFFERED, confirmed_at=OLD.proposed_at + DAY)
SOLD = replace(OFFERED, transfer_id=v.an_id(72), state=TransferState.ACCEPTED, ended_at=OLD.proposed_at + 2 * DAY)


def test_offers_and_sales_from_before_end_ninety_days_after_their_last_step(empty_url: str) -> None:
    upgrade_to(empty_url, before(REVISION))
    with closing(make_engines(empty_url)) as engines, exclusive(engines) as connection:
        insert_entries(connection, v.a_log_entry(1), v.a_log_entry(70))
        insert(connection, participant, v.a_participant("carrier-a"), v.a_participant("carrier-b"))
        insert(connection, transfer, OLD, OFFERED, SOLD)
        insert(connection, transfer_item, an_item(10))
    upgrade(empty_url)
    with closing(Store(make_engines(empty_url))) as store:

        def dates(number: int) -> tuple[dt.date, dt.date | None]:
            found = store.read(lambda tx: tx.transfers.find(v.an_id(number)))
            assert found is not None
            return found.lapses_on, found.undo_ends_on

        assert dates(70) == (dt.date(2027, 2, 19), None)
        assert dates(71) == (dt.date(2027, 2, 20), None)
        assert dates(72) == (dt.date(2027, 2, 20), dt.date(2027, 2, 21))
        assert store.read(lambda tx: tx.transfers.items(TRANSFER)) == (an_item(10),)
