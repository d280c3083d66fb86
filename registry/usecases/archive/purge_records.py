"""Destroy the content of sealed records whose time is over, in archive and log; a tombstone stays."""

from typing import Final

from protocol.log_entries import EntryKind
from protocol.states import Party
from registry.domain.log import LogEntry
from registry.domain.retention import SealedRecord, is_purge_due, purged
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.archive.erasing import erase, told_of
from registry.usecases.context import Registry

RETENTION_OVER: Final = "retention-over"


def purge_records(registry: Registry, limit: int = 500) -> int:
    """Purge up to ``limit`` due records; returns their number. Safe to repeat and to run twice at once.

    The personal parts of these records' own log entries are erased with them; other entries about their subjects
    stay until the subjects are forgotten.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        places = tx.archive.due_purge(act.today, limit)
        tx.subjects.lock({key for key, _ in places})
        due = [each for each in tx.archive.these(places) if is_purge_due(each, act.today)]
        if due:
            records = {each.record_id for each in due}
            keys = {each.subject_key for each in due}
            openings = told_of(records, tx.openings.with_cores(tx.personal.of_subjects(keys)))
            erase(act, openings, {"records": len(due)})
        tombstones = [purged(each, at=act.now, log_entry_id=act.new_id()) for each in due]
        tx.openings.append([_entry(act, *each) for each in zip(due, tombstones, strict=True)])
        tx.archive.update(tombstones)
        tx.archive.forget_hits([(each.subject_key, each.record_id) for each in due])
        # A step of its own checks whether anything else keeps the subject.
        tx.idle_subjects.look_again({each.subject_key: act.today for each in due})
        return len(due)

    return registry.store.write(work)


def _entry(act: Act, sealed: SealedRecord, tombstone: SealedRecord) -> LogEntry:
    """Build the log entry of the edge to a tombstone; its leaf names nobody."""
    return act.entry(
        EntryKind.RECORD_TRANSITION,
        tombstone.log_entry_id,
        {
            "record": str(sealed.record_id),
            "edge": f"{sealed.state}>{tombstone.state}",
            "party": Party.CLOCK.value,
            "reason": RETENTION_OVER,
            "rules": act.rules.version,
        },
        # Beside the tombstone that names it, until the subject is forgotten; it has no personal part.
        subject_key=sealed.subject_key,
    )
