"""Read a creditor's own records, one or page by page, and the progress of a batch; an office reads any one."""

import uuid

from protocol.messages import records as messages
from protocol.problems import FieldCode, Problem, Refusal
from protocol.readings import UNTOLD, Reading
from protocol.wire.codec import message_of
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.store.record_pages import Wanted
from registry.store.records import Day
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.archive.shared import over_before
from registry.usecases.chunks import progress_of
from registry.usecases.context import Registry
from registry.usecases.overseeing import note_reading, oversees, read_as
from registry.usecases.standings import as_of_today


def read_record(
    registry: Registry, actor: Actor, record_id: uuid.UUID, *, reading: Reading = UNTOLD
) -> messages.ShownRecord:
    """Read a record as it is today: the creditor its own, an auditor or a regulator any, with creditor and events.

    An office's reading is logged. Raises Refusal NOT_FOUND, also for a creditor's records of others, CONTEXT_REQUIRED.
    """

    def work(tx: Transaction) -> messages.ShownRecord:
        act = act_in(registry, tx, actor)
        record = find_any(tx, record_id) if oversees(actor) else find_own(tx, actor, record_id)
        (today,) = as_of_today(act, (record,))
        if record.creditor_id == actor.participant_id:
            return message_of(messages.ShownRecord, today, creditor=None, events=())
        note_reading(registry, tx, actor, reading, what="record", of=record_id, subject_key=record.subject_key)
        events = tx.transitions.of_record(record.subject_key, record_id)
        return message_of(
            messages.ShownRecord,
            today,
            creditor=record.creditor_id,
            events=tuple(message_of(messages.RecordEvent, each, actor=each.actor_id) for each in events),
        )

    return read_as(registry, actor, work)


def list_records(registry: Registry, actor: Actor, query: messages.RecordsQuery) -> messages.RecordPage:
    """Read a page behind the record ``after``, in a fixed order; ``next`` is null on the last one.

    A record is listed, and chosen, in its state of today, with the creditor's own account reference, the only way
    to recognise its account. By the reference of the person the creditor tells which of its next rows would give the
    account to somebody else.
    Raises Refusal INVALID_FIELD when ``after`` is not a record of the creditor's.
    """

    def work(tx: Transaction) -> messages.RecordPage:
        last = None
        if query.after is not None:
            try:
                last = find_own(tx, actor, query.after)
            except Refusal:
                raise Refusal(Problem.INVALID_FIELD, fields={"after": FieldCode.UNKNOWN}) from None
        act = act_in(registry, tx, actor)
        wanted = Wanted(state=query.state, day=Day(today=act.today, over=over_before(act)))
        page = page_of_creditor(act, act.actor_id, last, query.limit + 1, wanted)
        shown = page[: query.limit]
        return messages.RecordPage(
            records=tuple(message_of(messages.ListedRecord, record) for record in shown),
            next=shown[-1].record_id if len(page) > query.limit else None,
        )

    return registry.store.read(work)


def batch_progress(registry: Registry, actor: Actor, batch_key: str) -> messages.BatchProgress:
    """Read the progress of a batch; raises Refusal NOT_FOUND."""
    return progress_of(registry, actor, batch_key, batch_key)


def list_batches(registry: Registry, actor: Actor, query: messages.BatchesQuery) -> messages.BatchPage:
    """Read a page of the sender's own batches, by their keys; those that are forgotten are not on it."""
    found = registry.store.read(lambda tx: tx.batches.listed(actor.participant_id, query.after or "", query.limit + 1))
    page = found[: query.limit]
    return messages.BatchPage(
        batches=tuple(message_of(messages.BatchTotals, each) for each in page),
        next=page[-1].batch_key if len(found) > query.limit else None,
    )


def find_own(tx: Transaction, actor: Actor, record_id: uuid.UUID) -> Record:
    """Find the record if this actor reported it; raises Refusal NOT_FOUND otherwise, giving nothing away."""
    record = tx.records.find(record_id)
    if record is None or record.creditor_id != actor.participant_id:
        raise Refusal(Problem.NOT_FOUND)
    return record


def find_any(tx: Transaction, record_id: uuid.UUID) -> Record:
    """Find a record of any creditor, for the neutral bodies; raises Refusal NOT_FOUND."""
    record = tx.records.find(record_id)
    if record is None:
        raise Refusal(Problem.NOT_FOUND)
    return record


def record_message(record: Record) -> messages.Record:
    """Build the message of a record as its creditor sees it."""
    return message_of(messages.Record, record)


def page_of_creditor(act: Act, creditor_id: str, after: Record | None, count: int, wanted: Wanted) -> list[Record]:
    """Read ``count`` records in their state of today: the database chooses candidates, and their dates decide."""
    page: list[Record] = []
    while len(page) < count:
        read = act.tx.record_pages.of_creditor(creditor_id, after, count, wanted)
        page += [record for record in as_of_today(act, read) if wanted.state in (None, record.state)]
        if len(read) < count:
            break
        after = read[-1]
    return page[:count]
