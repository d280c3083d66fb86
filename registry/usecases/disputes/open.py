"""File a dispute for a subject at any counter: the records stop blocking at once, unless they were judged before."""

import datetime as dt
from collections.abc import Sequence

from protocol.codes import DisputeOutcome
from protocol.events import EventKind
from protocol.log_entries import EntryKind
from protocol.messages import disputes as messages
from protocol.problems import FieldCode, Problem, Refusal
from protocol.states import Action, DisputeState, Party
from registry.domain.disputes import Dispute, by_record, deadlines, first_reminder
from registry.domain.hearings import Hearing, hearing
from registry.domain.log import LogEntry
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.usecases import edges
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.disputes.shared import close_cases, dispute_message
from registry.usecases.idempotency import answer_once
from registry.usecases.notify import Notice, tell
from registry.usecases.pseudonyms import pseudonyms
from registry.usecases.tidying import up_to_date


def open_dispute(registry: Registry, actor: Actor, call: IdempotentCall, filing: messages.DisputeFiling) -> Outcome:
    """Open a case for each PENDING or ACTIVE record that the filing names; the records become DISPUTED.

    A record whose figures an adjudicator has judged stays ACTIVE while a further ground is heard.
    Raises Refusal: EPOCH_UNKNOWN, BAD_ELEMENT, INVALID_FIELD (a household's token), NOT_FOUND (no such record),
    EDGE_NOT_ALLOWED (every one is disputed already, or was judged on this ground over these figures).
    """
    if filing.tokens.household_register is not None or filing.tokens.household_address is not None:
        raise Refusal(Problem.INVALID_FIELD, fields={"tokens": FieldCode.HAS_A_HOUSEHOLD})
    names = pseudonyms(registry, filing.tokens)

    def work(act: Act) -> tuple[int, object]:
        subject_key = act.key_of(names)
        act.tx.subjects.lock((subject_key,))
        disputed = _disputed(filing, act.tx.records.of_subjects((subject_key,)).get(subject_key, ()))
        records = [record for record in up_to_date(act, disputed) if record.is_open]
        if not records:
            raise Refusal(Problem.NOT_FOUND)
        cases = by_record(act.tx.disputes.of_subjects((subject_key,)).get(subject_key, ()))
        heard = [
            (record, how)
            for record in records
            if (how := hearing(record, filing.ground, cases.get(record.record_id, ()))) is not None
        ]
        if not heard:
            detail = "Every such record is disputed already, or was judged on this ground."
            raise Refusal(Problem.EDGE_NOT_ALLOWED, detail=detail)
        # A case that stops the record replaces one that is heard while the record blocks.
        replaced = [case for record, _ in heard for case in cases.get(record.record_id, ()) if not case.is_closed]
        close_cases(act, replaced, DisputeOutcome.REPLACED)
        return 201, _file(act, filing, heard)

    return answer_once(registry, actor, call, work, names=(names,))


def _disputed(filing: messages.DisputeFiling, records: Sequence[Record]) -> list[Record]:
    """Find the open records that a filing is about."""
    return [
        each
        for each in records
        if each.is_open
        and filing.creditor in (None, each.creditor_id)
        and filing.service_class in (None, each.service_class)
    ]


def _file(act: Act, filing: messages.DisputeFiling, heard: Sequence[tuple[Record, Hearing]]) -> messages.Disputes:
    """Write in bulk the edges of records that their cases stop, the cases, and the notices to the creditors."""
    due = deadlines(act.today, act.rules.disputes)
    filed = [(_case(act, filing, record, how, due), how) for record, how in heard]
    stopping = [record for record, how in heard if how is Hearing.STOPS]
    reason = f"disputed-{filing.ground.lower()}"
    moved = {each.record_id: each for each in edges.move_many(act, stopping, Action.DISPUTE, Party.FILER, reason)}
    act.tx.openings.append([_entry(act, case, how) for case, how in filed])
    act.tx.disputes.add([case for case, _ in filed])
    tell(act, [_notice(case) for case, _ in filed])
    after = [moved.get(record.record_id, record) for record, _ in heard]
    return messages.Disputes(
        disputes=tuple(dispute_message(case, record) for (case, _), record in zip(filed, after, strict=True))
    )


def _case(
    act: Act, filing: messages.DisputeFiling, record: Record, how: Hearing, due: tuple[dt.date, dt.date, dt.date]
) -> Dispute:
    dispute_id = act.new_id()
    answer_due, close_due, lapse_due = due
    return Dispute(
        subject_key=record.subject_key,
        dispute_id=dispute_id,
        record_id=record.record_id,
        creditor_id=record.creditor_id,
        ground=filing.ground,
        principal_fen=record.principal_fen,
        costs_fen=record.costs_fen,
        paid_fen=record.paid_fen,
        filed_by=act.actor_id,
        filed_at=act.now,
        filed_on=act.today,
        stopped_on=act.today if how is Hearing.STOPS else None,
        answer_due=answer_due,
        close_due=close_due,
        lapse_due=lapse_due,
        remind_on=first_reminder(act.today, answer_due, act.rules.dispute_reminder_days),
        state=DisputeState.OPEN,
        rules_version=act.rules.version,
        version=1,
        log_entry_id=dispute_id,
    )


def _entry(act: Act, case: Dispute, how: Hearing) -> LogEntry:
    return act.entry(
        EntryKind.DISPUTE_FILED,
        case.dispute_id,
        {
            "record": str(case.record_id),
            "ground": case.ground.value,
            "hearing": how.value,
            "rules": case.rules_version,
        },
        subject_key=case.subject_key,
        personal={"subject": case.subject_key.hex()},
    )


def _notice(case: Dispute) -> Notice:
    """Tell the creditor of the case that waits for its answer, and of the last day."""
    return Notice(
        recipient=case.creditor_id,
        kind=EventKind.DISPUTE_ANSWER_DUE,
        record_id=case.record_id,
        facts={"dispute": str(case.dispute_id), "answer_due": case.answer_due.isoformat()},
    )
