"""Confirm that the records of a file of verdicts are still unpaid."""

from collections import Counter
from pathlib import Path

from client.incarnations import Steady
from client.registry import RegistryClient
from client.resources import records
from gateway.bulk.pipeline import chunks
from gateway.bulk.record_files import record_ids
from protocol.messages.limits import MAX_BATCH


def confirm_unpaid(registry: RegistryClient, verdicts: Path) -> dict[str, int]:
    """Confirm every record that a file of verdicts names, and count the outcomes. Safe to repeat.

    It keeps nothing of an earlier call on purpose: the same file tomorrow is a new confirmation.
    """
    counts: Counter[str] = Counter()
    steady = Steady(registry)
    for ids in chunks(record_ids(verdicts), MAX_BATCH):
        confirmations = records.confirm_unpaid(registry, ids)
        steady.check()
        counts.update(each.outcome.value for each in confirmations)
    return dict(sorted(counts.items()))
