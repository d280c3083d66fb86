"""A subject disputes records at any carrier's counter: they stop blocking in the same moment, a judged one excepted."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from protocol.codes import DisputeOutcome, EventKind
from protocol.disputes import DisputeFiling
from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from registry.domain.dispute import Dispute, DisputeState, deadlines, first_reminder
from registry.domain.hearing import Hearing, hearing
from registry.domain.life import Action, Party
from registry.domain.participant import Actor
from registry.domain.record import Record
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.disputes.disputing import close_case, dispute_document
from registry.usecases.events import notify
from registry.usecases.idempotency import answer_once
from registry.usecases.pseudonyms import pseudonyms


def open_dispute(registry: Registry, actor: Actor, call: IdempotentCall, filing: DisputeFiling) -> Outcome:
    """One case for each PENDING or ACTIVE record that the filing names; they become DISPUTED.

    A record about whose figures an adjudicator has judged stays ACTIVE while a further ground is heard.
    Raises Refusal: EPOCH_UNKNOWN, BAD_ELEMENT, INVALID_FIELD (a household's token), NOT_FOUND (no such record),
    EDGE_NOT_ALLOWED (every one is disputed already, or was judged on this ground over these figures).
    """
    if filing.tokens.household_register is not None or filing.tokens.household_address is not None:
        raise Refusal(Problem.INVALID_FIELD, fields={"tokens": "has-a-household"})
    subject_key = pseudonyms(registry, filing.tokens).subject_key

    def work(act: Act) -> tuple[int, Mapping[str, Any]]:
        act.tx.subjects.lock((subject_key,))
        records = _named(filing, act.tx.records.of_subjects((subject_key,)).get(subject_key, ()))
        if not records:
            raise Refusal(Problem.NOT_FOUND)
        cases = _by_record(act.tx.disputes.of_subjects((subject_key,)).get(subject_key, ()))
        documents = [
            _file(act, filing, record, how, cases[record.record_id])
            for record in records
            if (how := hearing(record, filing.ground, cases[record.record_id])) is not None
        ]
        if not documents:
            detail = "Every such record is disputed already, or was judged on this ground."
            raise Refusal(Problem.EDGE_NOT_ALLOWED, detail=detail)
        return 201, {"disputes": documents}

    return answer_once(registry, actor, call, work)


def _by_record(cases: Iterable[Dispute]) -> Mapping[uuid.UUID, list[Dispute]]:
    """All cases of a subject, by the record that they are about."""
    of_record: dict[uuid.UUID, list[Dispute]] = defaultdict(list)
    for each in cases:
        of_record[each.record_id].append(each)
    return of_record


def _named(filing: DisputeFiling, records: Sequence[Record]) -> list[Record]:
    """The open records that a filing is about."""
    return [
        each
        for each in records
        if each.is_open
        and filing.creditor in (None, each.creditor_id)
        and filing.service_class in (None, each.service_class)
    ]


def _file(act: Act, filing: DisputeFiling, record: Record, how: Hearing, cases: Iterable[Dispute]) -> dict[str, Any]:
    """The record's edge where the case stops it, the case and the word to the creditor, in one transaction."""
    for each in cases:
        if not each.is_closed:
            close_case(act, each, DisputeOutcome.REPLACED)
    stops = how is Hearing.STOPS
    dispute_id = act.new_id()
    answer_due, close_due, lapse_due = deadlines(act.today, act.rules.disputes)
    dispute = Dispute(
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
        stopped_on=act.today if stops else None,
        answer_due=answer_due,
        close_due=close_due,
        lapse_due=lapse_due,
        remind_on=first_reminder(act.today, answer_due, act.rules.dispute_reminder_days),
        state=DisputeState.OPEN,
        rules_version=act.rules.version,
        version=1,
        log_entry_id=dispute_id,
    )
    if stops:
        record = act.move(record, Action.DISPUTE, Party.FILER, f"disputed-{filing.ground.lower()}")
    act.log(
        EntryKind.DISPUTE_FILED,
        dispute_id,
        {
            "record": str(record.record_id),
            "ground": filing.ground.value,
            "hearing": how.value,
            "rules": act.rules.version,
        },
        subject_key=record.subject_key,
        personal={"subject": record.subject_key.hex()},
    )
    act.tx.disputes.add((dispute,))
    facts = {"dispute": str(dispute_id), "answer_due": answer_due.isoformat()}
    notify(act, (record.creditor_id,), EventKind.DISPUTE_ANSWER_DUE, record_id=record.record_id, facts=facts)
    return dispute_document(dispute, record)
