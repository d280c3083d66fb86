"""The clock takes closed records off the list and seals each whole, for an auditor."""

from typing import Final

from protocol.log_entries import EntryKind
from registry.domain.evidence import LogEntry
from registry.domain.retention import SealedRecord, is_seal_due
from registry.policy.rules import beijing_date
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.context import Registry
from registry.usecases.endings.retaining import DAY, listed_on, over_before, start_of, terms_of
from registry.usecases.endings.sealing import sealed_record
from registry.usecases.reports.histories import former_record

_RECORDS_A_SUBJECT: Final = 5
"""Records sealed in one transaction for each subject of its limit."""


def seal_records(registry: Registry, limit: int = 100) -> int:
    """Seal some of the due records of up to ``limit`` subjects of each kind; returns how many.

    At most five times ``limit`` records: a firm's thousands go in pieces, and nobody waits for all of them.

    Safe to repeat and to run twice at once. If we die before the commit the record stands in its tables as before;
    after it, in the archive only.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        closed_before = start_of(act.today - (terms_of(act).seal_days - 1) * DAY)
        subjects = tx.archive.due_sealing(closed_before, over_before(act), limit)
        tx.subjects.lock(subjects)
        due = [
            record
            for owned in tx.records.of_subjects(subjects).values()
            for record in owned
            if is_seal_due(record.state, listed_on(record), beijing_date(record.state_since), act.today, terms_of(act))
        ]
        del due[_RECORDS_A_SUBJECT * limit :]
        places = [(each.subject_key, each.record_id) for each in due]
        keys = {each.subject_key for each in due}
        closings, cases = tx.events.closings(keys), tx.disputes.of_subjects(keys)
        former = {
            each.record_id: former_record(act, each, closings[each.record_id], cases.get(each.subject_key, ()))
            for each in due
        }
        dossiers = tx.archive.take_out(places)
        # A record that cannot come back weighs on no household.
        tx.archive.unlink(places)
        sealed = [
            sealed_record(act, former[each.record_id], each, dossiers[each.record_id], act.new_id()) for each in due
        ]
        tx.log.append([_entry(act, each) for each in sealed])
        tx.archive.add(sealed)
        return len(due)

    return registry.store.write(work)


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
