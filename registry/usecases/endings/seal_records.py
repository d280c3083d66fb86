"""The clock takes closed records off the list and seals each whole, for an auditor."""

from protocol.log_entries import EntryKind
from registry.domain.closing import FormerRecord
from registry.domain.record import Record
from registry.domain.retention import SealedRecord, is_seal_due
from registry.policy.rules import beijing_date
from registry.store.dossiers import Dossier
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.context import Registry
from registry.usecases.endings.retaining import DAY, listed_on, over_before, start_of, terms_of
from registry.usecases.endings.sealing import sealed_record
from registry.usecases.reports.histories import former_record


def seal_records(registry: Registry, limit: int = 100) -> int:
    """Seal the due records of up to ``limit`` subjects of each kind; returns how many.

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
        tx.archive.add([_seal(act, former[record.record_id], record, dossiers[record.record_id]) for record in due])
        return len(due)

    return registry.store.write(work)


def _seal(act: Act, former: FormerRecord, record: Record, dossier: Dossier) -> SealedRecord:
    sealed = sealed_record(act, former, record, dossier, act.new_id())
    act.log(
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
    return sealed
