"""Take closed records off the list and seal each with all its rows, for an auditor."""

from collections.abc import Sequence
from typing import Final

from protocol.beijing import beijing_date
from protocol.log_entries import EntryKind
from registry.domain.log import LogEntry
from registry.domain.retention import SealedRecord, is_seal_due
from registry.policy.retention import DAY, start_of
from registry.store.prepared import Place
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.archive.shared import listed_on, over_before, sealed_record, terms_of
from registry.usecases.context import Registry
from registry.usecases.records.histories import former_record

_RECORDS_A_SUBJECT: Final = 5
"""Records sealed in one transaction for each subject of its limit."""


def seal_records(registry: Registry, limit: int = 100) -> int:
    """Seal some of the due records of up to ``limit`` subjects of each kind; returns their number.

    It seals at most five times ``limit`` records: a firm's thousands come in pieces, so that nobody waits for all.

    Safe to repeat and to run twice at once. If we die before the commit the record stands in its tables as before;
    after it, in the archive only.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        closed_before = start_of(act.today - (terms_of(act).seal_days - 1) * DAY)
        most = _RECORDS_A_SUBJECT * limit
        looked_at = _of_few(tx.archive.due_sealing(closed_before, over_before(act), most), limit)[:most]
        tx.subjects.lock({key for key, _ in looked_at})
        due = [
            record
            for record in tx.records.these(looked_at).values()
            if is_seal_due(record.state, listed_on(record), beijing_date(record.state_since), act.today, terms_of(act))
        ]
        places = [(each.subject_key, each.record_id) for each in due]
        closings, cases = tx.transitions.closings_of(places), tx.disputes.of_records(places)
        former = {
            each.record_id: former_record(act, each, closings[each.record_id], cases.get(each.record_id, ()))
            for each in due
        }
        rows_of = tx.record_rows.take_out(places)
        # A record that cannot come back weighs on no household.
        tx.archive.unlink(places)
        sealed = [
            sealed_record(act, former[each.record_id], each, rows_of[each.record_id], act.new_id()) for each in due
        ]
        tx.openings.append([_entry(act, each) for each in sealed])
        tx.archive.add(sealed)
        return len(due)

    return registry.store.write(work)


def _of_few(places: Sequence[Place], subjects: int) -> list[Place]:
    """Filter the places to those of the first ``subjects`` subjects."""
    first = set(list(dict.fromkeys(key for key, _ in places))[:subjects])
    return [each for each in places if each[0] in first]


def _entry(act: Act, sealed: SealedRecord) -> LogEntry:
    return act.entry(
        EntryKind.RECORD_SEALED,
        sealed.log_entry_id,
        {
            "record": str(sealed.record_id),
            "state": sealed.state.value,
            "purge_on": sealed.purge_on.isoformat(),
            "rules": act.rules.version,
        },
        subject_key=sealed.subject_key,
        personal={"subject": sealed.subject_key.hex()},
    )
