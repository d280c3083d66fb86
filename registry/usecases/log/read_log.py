"""Tells a participant of the log and the database behind it: name, incarnation, sizes, and what stands still."""

from typing import Any

from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.log.publish import published
from registry.usecases.restores.standing import standing


def read_log(registry: Registry) -> dict[str, Any]:
    """The log's name of now, the incarnation, and each year's published size; ``refused`` says why a year stands still.

    No promise is given for an entry of a year that is refused. A promise under another name than this one is
    kept by nobody any more: its holder asks for a new one.
    """
    seen = standing(registry)

    def work(tx: Transaction) -> list[dict[str, Any]]:
        heads = {head.shard: head for head in tx.trees.heads()}
        shown = {year: published(head) for year, head in heads.items()}
        years = sorted({*heads, *seen.refused})
        sizes = {year: 0 if (head := shown.get(year)) is None else head.size for year in years}
        return [{"year": year, "size": sizes[year], "refused": seen.refused.get(year)} for year in years]

    trees = registry.store.read(work)
    return {"name": registry.log.name, "incarnation": seen.incarnation, "trees": trees}
