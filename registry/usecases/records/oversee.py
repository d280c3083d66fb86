"""Read records of every creditor as an auditor or a regulator; each page is logged."""

from protocol.messages import records as messages
from protocol.problems import FieldCode, Problem, Refusal
from protocol.readings import UNTOLD, Reading
from protocol.wire.codec import message_of
from registry.domain.participants import Actor
from registry.store.record_pages import Wanted
from registry.store.records import Day
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.archive.shared import over_before
from registry.usecases.context import Registry
from registry.usecases.overseeing import note_page
from registry.usecases.records.read import page_of_creditor
from registry.usecases.standings import as_of_today


def oversee_records(
    registry: Registry, actor: Actor, query: messages.OverseenRecordsQuery, *, reading: Reading = UNTOLD
) -> messages.OverseenRecordPage:
    """Read a page of records in their states of today: by id, or in the order of its accounts for one creditor.

    A page looks at a bounded number of records, so that it may hold fewer than it has room for, and go on.
    Raises Refusal INVALID_FIELD when ``after`` is not a record of the named creditor's, CONTEXT_REQUIRED.
    """

    def work(tx: Transaction) -> messages.OverseenRecordPage:
        act = act_in(registry, tx, actor)
        page = _of_all(act, query) if query.creditor is None else _of_creditor(act, query, query.creditor)
        note_page(registry, tx, actor, reading, what="records", shown=[each.record_id for each in page.records])
        return page

    return registry.store.write(work)


def _of_all(act: Act, query: messages.OverseenRecordsQuery) -> messages.OverseenRecordPage:
    found, following = act.tx.record_pages.of_all(query.after, query.limit, _wanted(act, query))
    today = (each for each in as_of_today(act, found) if query.state in (None, each.state))
    return messages.OverseenRecordPage(
        records=tuple(message_of(messages.OverseenRecord, each, creditor=each.creditor_id) for each in today),
        next=following,
    )


def _of_creditor(act: Act, query: messages.OverseenRecordsQuery, creditor: str) -> messages.OverseenRecordPage:
    last = None if query.after is None else act.tx.records.find(query.after)
    if query.after is not None and (last is None or last.creditor_id != creditor):
        raise Refusal(Problem.INVALID_FIELD, fields={"after": FieldCode.UNKNOWN})
    page = page_of_creditor(act, creditor, last, query.limit + 1, _wanted(act, query))
    shown = page[: query.limit]
    return messages.OverseenRecordPage(
        records=tuple(message_of(messages.OverseenRecord, each, creditor=creditor) for each in shown),
        next=shown[-1].record_id if len(page) > query.limit else None,
    )


def _wanted(act: Act, query: messages.OverseenRecordsQuery) -> Wanted:
    day = Day(today=act.today, over=over_before(act))
    return Wanted(state=query.state, day=day, due_from=query.due_from, due_to=query.due_to)
