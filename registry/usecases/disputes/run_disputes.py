"""The clock runs the days of disputes: a silent creditor is suspended, and a suspended record lapses."""

from collections.abc import Collection
from typing import Final

from protocol.codes import DisputeOutcome
from registry.domain.dispute import Dispute, lapsed, silent
from registry.domain.life import Action, Party, RecordState
from registry.domain.record import Record
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.context import Registry
from registry.usecases.disputes.disputing import CREDITOR_SILENT, close_case, suspend_case

_HEARD: Final = (RecordState.DISPUTED, RecordState.ACTIVE, RecordState.FROZEN)
"""States of a record whose case waits for the creditor's answer."""


def run_disputes(registry: Registry, limit: int = 500) -> int:
    """Take up to ``limit`` cases of each kind over their deadline; returns how many edges.

    Safe to repeat and to run twice at once: what was read as due is read again under the subjects' locks.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        due = (*tx.disputes.due_silent(act.today, limit), *tx.disputes.due_lapsed(act.today, limit))
        ids = {each.dispute_id for each in due}
        return sum(
            _run(act, dispute, record)
            for dispute, record in _locked(act, {each.subject_key for each in due})
            if dispute.dispute_id in ids
        )

    return registry.store.write(work)


def _locked(act: Act, subjects: Collection[bytes]) -> list[tuple[Dispute, Record]]:
    """Every case of the subjects with its record, under their locks."""
    act.tx.subjects.lock(subjects)
    records = {each.record_id: each for owned in act.tx.records.of_subjects(subjects).values() for each in owned}
    cases = act.tx.disputes.of_subjects(subjects)
    return [(case, records[case.record_id]) for owned in cases.values() for case in owned]


def _run(act: Act, dispute: Dispute, record: Record) -> int:
    """Every edge that is due by today: a clock that stood still for long takes both."""
    taken = 0
    if silent(dispute, act.today) and record.state in _HEARD:
        dispute, record = suspend_case(act, dispute, record)
        taken += 1
    if lapsed(dispute, act.today) and record.state in (RecordState.SUSPENDED, RecordState.FROZEN):
        act.move(record, Action.LAPSE, Party.CLOCK, CREDITOR_SILENT)
        close_case(act, dispute, DisputeOutcome.WITHDRAWN)
        taken += 1
    return taken
