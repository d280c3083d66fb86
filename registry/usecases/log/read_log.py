"""Tells a participant the log's name, the database's incarnation, the trees' sizes, and the halted years."""

from typing import Any

from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.log.publish import published
from registry.usecases.restores.standing import standing


def read_log(registry: Registry) -> dict[str, Any]:
    """Read the log's present name, the incarnation, and each year's published size; ``refused`` is a halt's reason.

    The registry promises no entry of a refused year. A promise under another name no longer holds: its holder asks for
    a new one.
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
