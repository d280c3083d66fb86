"""Monthly partitions for tests that write in months of their own."""

from collections.abc import Iterable

from registry.store.partitions import PARTITIONED
from registry.store.transactions import Store


def ensure_months(store: Store, months: Iterable[int], tables: Iterable[str] = PARTITIONED) -> None:
    """Make the partitions of these months in every table that has some."""
    wanted = tuple(months)
    for table in tables:
        store.write(lambda tx, table=table: tx.partitions.ensure(table, wanted))
