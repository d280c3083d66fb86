"""Compare the rows of a file with those of the run before it, and confirm the unchanged ones by their record ids."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from client.registry import RegistryClient
from client.resources import records
from gateway.bulk.export import RawRow
from gateway.bulk.last_run import LastRun
from gateway.bulk.pipeline import chunks
from gateway.bulk.progress import digest_of
from gateway.bulk.row_digests import RowDigests
from gateway.bulk.rows_file import RowEntry
from protocol.codes import Verdict
from protocol.messages.confirmations import MAX_CONFIRMATIONS, UnchangedAnswer, UnchangedRecord
from protocol.messages.records import RowVerdict
from protocol.states import UnchangedOutcome
from protocol.values import quick


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """A row that the last run reported in the same words, and that then named an open record."""

    label: str
    row_id: str
    raw: RawRow = field(repr=False)
    entry: RowEntry = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """The last run, and how the present file's rows are compared with it."""

    last: LastRun
    digests: RowDigests
    rules: str
    """The version of the rules in force when the run goes on."""
    in_full: str | None
    """Why every row is judged all the same; None where unchanged rows are confirmed."""

    def unchanged(self, row: RawRow) -> Unchanged | None:
        """Return the row as an unchanged one; None for a row that has to be read and judged."""
        digest = None if self.in_full is not None else self.digests.of_row(row)
        entry = None if digest is None else self.last.find(digest)
        return None if entry is None else Unchanged(label=row.label, row_id=str(row.number), raw=row, entry=entry)


def confirm_rows(registry: RegistryClient, key: str, rows: Sequence[Unchanged]) -> dict[str, UnchangedAnswer]:
    """Confirm the rows of a chunk; returns the answers by row id, without those that have to be judged after all.

    The registry keeps its answer under the chunk's key, so that a repeated chunk judges the same rows.
    """
    known = {
        row.entry.record: UnchangedRecord(record_id=row.entry.record_id, version=row.entry.version) for row in rows
    }
    answers: dict[bytes, UnchangedAnswer] = {}
    for number, part in enumerate(chunks(known.values(), MAX_CONFIRMATIONS)):
        for answer in records.confirm_unchanged(registry, digest_of(key, "unchanged", str(number)), part):
            if answer.outcome is UnchangedOutcome.CONFIRMED:
                answers[answer.record_id.bytes] = answer
    return {row.row_id: answers[row.entry.record] for row in rows if row.entry.record in answers}


def verdict_on(row: Unchanged, answer: UnchangedAnswer) -> RowVerdict:
    """Return the verdict that the registry would have given to a confirmed row."""
    return RowVerdict(
        row_id=row.row_id,
        verdict=Verdict.DUPLICATE,
        record_id=answer.record_id,
        enforceable_from=answer.enforceable_from,
        notes=row.entry.notes,
        version=answer.version,
    )
