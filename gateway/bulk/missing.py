"""List the accounts that an export no longer has in ``OUT.missing``, and withdraw their records where that is right.

A missing account was mostly paid: its record is settled then, which gives the clearance. Only a debt that was never
owed, or was given up, is withdrawn.
"""

import csv
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from uuid import UUID

from client.registry import RegistryClient
from client.resources import records
from gateway.bulk.last_run import LastRun
from gateway.bulk.pipeline import chunks
from gateway.bulk.run_plan import RunPlan
from gateway.bulk.verdict_rows import csv_lines
from gateway.errors import FileSuspicious, OutputOfAnotherInput
from protocol.codes import WithdrawalReason
from protocol.messages.limits import MAX_BATCH
from protocol.table_cells import text_of_cell
from serving.files import write_durably

ANOTHER_NUMBER: Final = "missing-another-number"
ACCOUNTS_UNREADABLE: Final = "missing-unreadable"
HELD: Final = "HELD"
_HEADER: Final = ("account", "record_id", "verdict", "outcome")


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """An account that the last run named and the export does not, with its open record; ``outcome`` if withdrawn."""

    account: str
    record_id: UUID
    verdict: str
    outcome: str = ""

    @property
    def is_done(self) -> bool:
        """Tell whether the registry has done, or refused for good, what was asked of the record."""
        return self.outcome not in ("", HELD)


def missing_of(output: Path) -> Path:
    """Return the path of the missing accounts beside an output."""
    return output.with_name(output.name + ".missing")


def gone_records(last: LastRun) -> frozenset[UUID]:
    """Return the records of the accounts that the export does not have; some may have ended since."""
    return frozenset(entry.record_id for _, entry in last.gone())


def find_missing(last: LastRun, still_open: Collection[UUID]) -> list[Missing]:
    """List the missing accounts whose records are open today, in the order of the last run."""
    gone = [(place, entry) for place, entry in last.gone() if entry.record_id in still_open]
    labels = last.accounts_at(place for place, _ in gone)
    return [
        Missing(
            account=labels.get(place, ""),
            record_id=entry.record_id,
            verdict="" if entry.verdict is None else entry.verdict.value,
        )
        for place, entry in gone
    ]


def write_missing(output: Path, missing: Sequence[Missing]) -> None:
    """Write the missing accounts, durably; only the file's owner can read it."""
    lines = ((each.account, str(each.record_id), each.verdict, each.outcome) for each in missing)
    write_durably(missing_of(output), csv_lines([_HEADER, *lines]))


def read_missing(output: Path) -> list[Missing]:
    """Read the missing accounts of a run that was begun. Raises OutputOfAnotherInput."""
    path = missing_of(output)
    try:
        return list(_read(path))
    except FileNotFoundError:
        raise OutputOfAnotherInput(f"{path}: is missing; --restart begins again") from None
    except (ValueError, csv.Error):
        raise OutputOfAnotherInput(f"{path}: is no list of missing accounts; --restart begins again") from None


def refuse_another_number(path: Path, said: int | None, missing: Sequence[Missing], plan: RunPlan) -> None:
    """Raise FileSuspicious unless exactly the said number is missing, and each row of the export names its account.

    A row whose account cannot be read may be about an account that seems to be missing.
    """
    if said is None:
        return
    if said != len(missing):
        what = f"{len(missing)} accounts with an open record are missing, and not {said}; nothing was withdrawn"
        raise FileSuspicious(path, ANOTHER_NUMBER, what)
    if said and plan.nameless:
        what = f"{plan.nameless} rows name no account that can be read, so that theirs seem to be missing"
        raise FileSuspicious(path, ACCOUNTS_UNREADABLE, f"{what}; nothing was withdrawn; mend these rows first")


def withdraw_missing(registry: RegistryClient, output: Path) -> Mapping[str, int]:
    """Withdraw the records in ``OUT.missing`` and note each outcome there; returns the outcomes with their numbers.

    If we die before they are noted, the same call gets them again: a withdrawn record stays so.
    """
    missing = read_missing(output)
    waiting = [each.record_id for each in missing if not each.is_done]
    outcomes: dict[UUID, str] = {}
    try:
        for group in chunks(waiting, MAX_BATCH):
            answers = records.withdraw_many(registry, group, WithdrawalReason.NOT_IN_EXPORT)
            outcomes.update({answer.record_id: answer.outcome for answer in answers})
    finally:
        if outcomes:
            missing = [replace(each, outcome=outcomes.get(each.record_id, each.outcome)) for each in missing]
            write_missing(output, missing)
    return dict(sorted(Counter(each.outcome for each in missing).items()))


def _read(path: Path) -> Iterator[Missing]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, strict=True)
        if tuple(next(rows, ())) != _HEADER:
            raise ValueError("another table")
        for account, record_id, verdict, outcome in rows:
            yield Missing(account=text_of_cell(account), record_id=UUID(record_id), verdict=verdict, outcome=outcome)
