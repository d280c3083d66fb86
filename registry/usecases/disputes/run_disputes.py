"""The clock runs the days of disputes: a silent creditor is suspended, and a suspended record lapses."""

from collections.abc import Sequence
from typing import Final

from protocol.codes import DisputeOutcome
from registry.domain.dispute import Dispute, lapsed, silent
from registry.domain.life import Action, Party, RecordState
from registry.domain.record import Record
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.context import Registry
from registry.usecases.disputes.disputing import CREDITOR_SILENT, close_cases, suspend_cases

_HEARD: Final = (RecordState.DISPUTED, RecordState.ACTIVE, RecordState.FROZEN)
"""States of a record whose case waits for the creditor's answer."""
_SILENT: Final = (RecordState.SUSPENDED, RecordState.FROZEN)
"""States of a record whose creditor let its days for an answer go by."""


def run_disputes(registry: Registry, limit: int = 500) -> int:
    """Take up to ``limit`` cases of each kind over their deadline; returns how many edges.

    Safe to repeat and to run twice at once: what was read as due is read again under the subjects' locks.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        due = (*tx.disputes.due_silent(act.today, limit), *tx.disputes.due_lapsed(act.today, limit))
        return _run(act, _locked(act, due))

    return registry.store.write(work)


def _locked(act: Act, due: Sequence[Dispute]) -> list[tuple[Dispute, Record]]:
    """These cases, each with its record, as they are under the locks of their subjects."""
    act.tx.subjects.lock({each.subject_key for each in due})
    cases = act.tx.disputes.these([(each.subject_key, each.dispute_id) for each in due])
    records = act.tx.records.these([(each.subject_key, each.record_id) for each in cases])
    return [(case, records[case.record_id]) for case in cases]


def _run(act: Act, held: Sequence[tuple[Dispute, Record]]) -> int:
    """Every edge that is due by today: a clock that stood still for long takes both of a case."""
    late = [each for each in held if silent(each[0], act.today) and each[1].state in _HEARD]
    stopped = suspend_cases(act, late)
    now = {case.dispute_id: (case, record) for case, record in (*held, *stopped)}
    over = [each for each in now.values() if lapsed(each[0], act.today) and each[1].state in _SILENT]
    act.move_many([record for _, record in over], Action.LAPSE, Party.CLOCK, CREDITOR_SILENT)
    close_cases(act, [case for case, _ in over], DisputeOutcome.WITHDRAWN)
    return len(late) + len(over)
