"""Move PENDING records on after the lead time: they block, wait for a confirmation, or lapse without one."""

from collections.abc import Sequence

from protocol.events import EventKind
from protocol.states import Action, Party, RecordState
from registry.domain.confirmations import ClockStep, asked, clock_step
from registry.domain.records import Record, RecordTransition
from registry.store.transactions import Transaction
from registry.usecases import edges
from registry.usecases.act import Act, act_in
from registry.usecases.context import Registry
from registry.usecases.notify import Notice, tell
from registry.usecases.records.confirm import confirmation_terms
from registry.usecases.records.listing import LEAD_TIME_OVER
from registry.usecases.tidying import NEVER_CONFIRMED


def enforce_due(registry: Registry, limit: int = 500) -> int:
    """Move up to ``limit`` due records on; returns their number. Safe to repeat and to run twice at once.

    Due records are read again under the subjects' locks: in between the creditor may have cleared one. A
    record that waits for its creditor's confirmation is not due again before its next change.
    """

    def work(tx: Transaction) -> int:
        act = act_in(registry, tx, None)
        due = tx.records.due_pending(act.today, limit)
        subjects = {record.subject_key for record in due}
        tx.subjects.lock(subjects)
        ids = {record.record_id for record in due}
        records = (each for owned in tx.records.of_subjects(subjects).values() for each in owned)
        return _move_on(act, [each for each in records if each.record_id in ids and each.state is RecordState.PENDING])

    return registry.store.write(work)


def _move_on(act: Act, waiting: Sequence[Record]) -> int:
    changes: list[tuple[Record, int]] = []
    taken: list[tuple[Record, RecordTransition]] = []
    to_ask: list[Record] = []
    for record in waiting:
        terms = confirmation_terms(act, record)
        match clock_step(record, act.today, terms):
            case ClockStep.ENFORCE:
                taken.append(edges.take_edge(act, record, Action.ENFORCE, Party.CLOCK, LEAD_TIME_OVER))
            case ClockStep.LAPSE:
                taken.append(edges.take_edge(act, record, Action.LAPSE, Party.CLOCK, NEVER_CONFIRMED))
            case ClockStep.ASK:
                to_ask.append(asked(record, act.today, terms))
            case ClockStep.WAIT:
                pass
    changes += [(changed, changed.version - 1) for changed, _ in taken]
    # The request for a confirmation does not change the creditor's record: its version stays.
    changes += [(record, record.version) for record in to_ask]
    edges.log_edges(act, taken)
    act.tx.records.update_many(changes)
    edges.write_events(act, taken)
    _ask(act, to_ask)
    return len(changes)


def _ask(act: Act, records: Sequence[Record]) -> None:
    """Tell each creditor that its confirmation is due, and the day on which the record lapses without it."""
    tell(
        act,
        [
            Notice(
                recipient=record.creditor_id,
                kind=EventKind.CONFIRMATION_DUE,
                record_id=record.record_id,
                facts={
                    "enforceable_from": record.enforceable_from.isoformat(),
                    "lapses_on": record.clock_on.isoformat(),
                },
            )
            for record in records
        ],
    )
