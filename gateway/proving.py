"""What a creditor has to say and show of its records: that the debts are still unpaid, and the evidence it keeps."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

from gateway.errors import VerdictsBroken
from gateway.pipeline import chunks
from gateway.registry_client import RegistryClient

_MOST: Final = 1_000
"""Records in one confirmation."""


def confirm_unpaid(registry: RegistryClient, verdicts: Path) -> dict[str, int]:
    """Confirm every record that a file of verdicts names; how many came to which outcome. Safe to repeat.

    Nothing is kept of an earlier call on purpose: the same file again tomorrow is tomorrow's word.
    """
    counts: Counter[str] = Counter()
    for ids in chunks(dict.fromkeys(_record_ids(verdicts)), _MOST):
        answer = registry.tell("/v1/records/confirmations", {"record_ids": [str(each) for each in ids]})
        counts.update(each["outcome"] for each in answer["confirmations"])
    return dict(sorted(counts.items()))


def _record_ids(verdicts: Path) -> Iterator[UUID]:
    with verdicts.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if "record_id" not in (rows.fieldnames or ()):
            raise VerdictsBroken(f"{verdicts}: has no column record_id; report the file again to get one")
        for row in rows:
            try:
                if row["record_id"]:
                    yield UUID(row["record_id"])
            except ValueError:
                raise VerdictsBroken(f"{verdicts}: line {rows.line_num} holds no record id") from None
