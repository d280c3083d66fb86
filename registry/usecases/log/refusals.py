"""Stores the years whose logs refuse the database, so that every process of the registry knows them."""

from collections.abc import Mapping

from registry.store.transactions import Transaction
from registry.usecases.context import Registry


def note_refusals(registry: Registry, refused: Mapping[int, str]) -> None:
    """Store ``refused`` (codes by year); write only if it differs from the stored codes."""
    if registry.store.read(lambda tx: tx.restores.refused()) == refused:
        return

    def work(tx: Transaction) -> None:
        for year in tx.restores.refused().keys() - refused.keys():
            tx.restores.accept(year)
        for year, code in sorted(refused.items()):
            tx.restores.refuse(year, code, registry.clock())

    registry.store.write(work)
