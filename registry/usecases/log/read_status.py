"""Reports the log's state: its heads, the published ones, and the number and age of waiting entries."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from crypto.tlog.checkpoint import Checkpoint
from registry.domain.ids import time_of
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.log.publish import published
from registry.usecases.restores.standing import look


def read_status(registry: Registry, remembered: Mapping[int, Checkpoint]) -> dict[str, Any]:
    """Read sizes by year, and the waiting entries; ``remembered`` are the published heads outside the database."""
    heads = {head.shard: head for head in registry.store.read(lambda tx: tx.trees.heads())}
    trees = []
    for year in sorted({*heads, *remembered}):
        head, outside = heads.get(year), remembered.get(year)
        shown = None if head is None else published(head)
        trees.append(
            {
                "year": year,
                "size": 0 if head is None else head.size,
                "published_size": None if shown is None else shown.size,
                "remembered_size": None if outside is None else outside.size,
            }
        )
    pending = registry.store.read(lambda tx: tx.pending.count())
    behind = registry.store.read(lambda tx: behind_seconds(tx, registry.clock()))
    seen = look(registry)
    refused = [{"year": year, "code": code} for year, code in sorted(seen.refused.items())]
    told = {"log_name": registry.log.name, "incarnation": seen.incarnation, "undeclared": seen.undeclared}
    return told | {"refused": refused, "trees": trees, "pending": pending, "behind_seconds": behind}


def behind_seconds(tx: Transaction, now: dt.datetime) -> int:
    """Return the age of the oldest waiting entry, in whole seconds; 0 if none waits."""
    oldest = tx.pending.oldest()
    return 0 if oldest is None else max(0, int((now - time_of(oldest)).total_seconds()))
