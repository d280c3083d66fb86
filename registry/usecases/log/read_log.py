"""Read the log's name, the registry's incarnation, and each year's tree with the code that stops it."""

from protocol.messages import log as messages
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.log.publish import published
from registry.usecases.restores.standing import standing


def read_log(registry: Registry) -> messages.Log:
    """Read the log's name, the incarnation, and each year's published size; ``refused`` is the reason of a halt.

    No promise is given for an entry of a year that is refused. Nobody keeps a promise under another name than this one
    any more: its holder asks for a new one.
    """
    seen = standing(registry)

    def work(tx: Transaction) -> tuple[messages.LogTree, ...]:
        heads = {head.shard: published(head) for head in tx.trees.heads()}
        years = sorted({*heads, *seen.refused})
        sizes = {year: 0 if (head := heads.get(year)) is None else head.size for year in years}
        return tuple(messages.LogTree(year=year, size=sizes[year], refused=seen.refused.get(year)) for year in years)

    trees = registry.store.read(work)
    return messages.Log(name=registry.log.name, incarnation=seen.incarnation, trees=trees)
