"""Open a sealed record for an auditor or a regulator, and log each reading."""

import uuid
from typing import Any, Final

from protocol.log_entries import EntryKind
from protocol.messages import archive as messages
from protocol.problems import Problem, Refusal
from protocol.readings import UNTOLD, Reading
from registry.domain.participants import Actor
from registry.domain.retention import is_purge_due
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.archive.shared import opened
from registry.usecases.context import Registry
from registry.usecases.overseeing import log_reading, require_context

_HIDDEN: Final = frozenset({"subject_key", "household_key"})


def read_archive(
    registry: Registry, actor: Actor, record_id: uuid.UUID, *, reading: Reading = UNTOLD
) -> messages.SealedRecord:
    """Read all rows of a closed record, table by table, without its pseudonym.

    Raises Refusal NOT_FOUND, also for a record that is still on the list and for one that is purged, or
    CONTEXT_REQUIRED.
    """

    def work(tx: Transaction) -> messages.SealedRecord:
        act = act_in(registry, tx, actor)
        sealed = tx.archive.find(record_id)
        # Content that is to be destroyed by today is not opened any more, even before the scheduler destroys it.
        over = sealed is None or is_purge_due(sealed, act.today)
        tables = None if sealed is None or over else opened(registry, sealed)
        if sealed is None or tables is None:
            raise Refusal(Problem.NOT_FOUND)
        require_context(act, reading)
        facts = {"record": str(record_id)}
        log_reading(act, reading, EntryKind.ARCHIVE_READ, facts, subject_key=sealed.subject_key)
        return messages.SealedRecord(
            record_id=record_id,
            creditor=sealed.creditor_id,
            state=sealed.state,
            listed_on=sealed.listed_on,
            closed_at=sealed.closed_at,
            sealed_at=sealed.sealed_at,
            purge_on=sealed.purge_on,
            tables={name: [_shown(row) for row in rows] for name, rows in tables.items()},
        )

    return registry.store.write(work)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _HIDDEN}
