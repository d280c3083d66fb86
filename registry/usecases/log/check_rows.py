"""Compares rows with the log: every entry that a row names has to be there.

A trigger refuses a row without its entry. Where the tables are spread over nodes it can look only into its own node, so
that the rows of no subject are compared here instead, and of a subject those in which its other rows find entries.
"""

from functools import partial

from registry.store.log.naming import compared_tables
from registry.store.transactions import Transaction
from registry.usecases.context import Registry


def rows_without_entry(registry: Registry) -> dict[str, int]:
    """Count, by table, the entries that rows name and that the log does not have; tables without one are left out.

    It takes no lock, and each table is read by itself: an entry is there before the row that names it.
    """
    counts = {name: registry.store.read(partial(_count, name=name)) for name in compared_tables()}
    return {name: count for name, count in counts.items() if count}


def _count(tx: Transaction, *, name: str) -> int:
    return tx.naming.without_entry(name)
