"""What a creditor has to say and show of its records: that the debts are still unpaid, and the evidence it keeps."""

from collections import Counter
from pathlib import Path

from client.answers import items, read
from client.incarnations import Steady
from client.registry import RegistryClient
from gateway.bulk.pipeline import chunks
from gateway.bulk.record_files import record_ids
from protocol.messages.inquiries import MAX_BATCH


def confirm_unpaid(registry: RegistryClient, verdicts: Path) -> dict[str, int]:
    """Confirm every record that a file of verdicts names; how many came to which outcome. Safe to repeat.

    Nothing is kept of an earlier call on purpose: the same file again tomorrow is tomorrow's word.
    """
    counts: Counter[str] = Counter()
    steady = Steady(registry)
    for ids in chunks(record_ids(verdicts), MAX_BATCH):
        answer = registry.tell("/v1/records/confirmations", {"record_ids": [str(each) for each in ids]})
        steady.check()
        counts.update(read(lambda each: str(each["outcome"]), each) for each in items(answer, "confirmations"))
    return dict(sorted(counts.items()))
