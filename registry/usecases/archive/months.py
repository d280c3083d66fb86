"""Make the monthly partitions of the tables that grow by the day, before their months begin."""

import datetime as dt
from collections.abc import Sequence
from functools import partial
from typing import Final

from registry.domain.retention import months_from
from registry.store.partitions import PARTITIONED
from registry.store.transactions import Store, Transaction

_MONTHS_AHEAD: Final = 3


def make_months(store: Store, now: dt.datetime) -> None:
    """Make the missing partitions of the UTC month of ``now`` and the next two.

    Each table has a transaction of its own, which locks the whole table for a moment. Raises Refusal UNAVAILABLE where
    somebody else, such as a backup, holds it all the time.
    """
    months = months_from(now.date(), _MONTHS_AHEAD)
    for table in PARTITIONED:
        store.write(partial(_make, table=table, months=months))


def _make(tx: Transaction, *, table: str, months: Sequence[int]) -> None:
    tx.partitions.ensure(table, months)
