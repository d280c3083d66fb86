"""The clock runs the days of disputes: a silent creditor is suspended, and a suspended record lapses."""

from collections.abc import Collection, Sequence

from protocol.codes import DisputeOutcome
from registry.domain.dispute import Dispute, lapsed, silent
from registry.domain.life import Action, Party, RecordState
from registry.domain.record import Record
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.context import Registry
from registry.usecases.disputes.disputing import CREDITOR_SILENT, close_cases, suspend_cases


def run_disputes(registry: Registry, limit: int = 500) -> int:
    """Take up to ``limit`` cases of each kind over their deadline; returns how many edges.

    Safe to repeat and to run twice at once: what was read as due is read again under the subjects' locks.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        due = (*tx.disputes.due_silent(act.today, limit), *tx.disputes.due_lapsed(act.today, limit))
        ids = {each.dispute_id for each in due}
        held = _locked(act, {each.subject_key for each in due})
        return _run(act, [each for each in held if each[0].dispute_id in ids])

    return registry.store.write(work)


def _locked(act: Act, subjects: Collection[bytes]) -> list[tuple[Dispute, Record]]:
    """Every case of the subjects with its record, under their locks."""
    act.tx.subjects.lock(subjects)
    records = {each.record_id: each for owned in act.tx.records.of_subjects(subjects).values() for each in owned}
    cases = act.tx.disputes.of_subjects(subjects)
    return [(case, records[case.record_id]) for owned in cases.values() for case in owned]


def _run(act: Act, held: Sequence[tuple[Dispute, Record]]) -> int:
    """Every edge that is due by today: a clock that stood still for long takes both of a case."""
    late = [each for each in held if silent(each[0], act.today) and each[1].state is RecordState.DISPUTED]
    stopped = suspend_cases(act, late)
    now = {case.dispute_id: (case, record) for case, record in (*held, *stopped)}
    over = [each for each in now.values() if lapsed(each[0], act.today) and each[1].state is RecordState.SUSPENDED]
    act.move_many([record for _, record in over], Action.LAPSE, Party.CLOCK, CREDITOR_SILENT)
    close_cases(act, [case for case, _ in over], DisputeOutcome.WITHDRAWN)
    return len(late) + len(over)
