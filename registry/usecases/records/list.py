"""A creditor lists its own records, page by page: to transfer them, to withdraw them, to compare."""

import uuid
from typing import Any

from protocol.encodings import b64url_encode
from protocol.problems import Problem, Refusal
from protocol.states import RecordState
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.store.records import Day
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.archive.shared import over_before
from registry.usecases.context import Registry
from registry.usecases.records.read import find_own, record_document
from registry.usecases.standings import as_of_today


def list_records(
    registry: Registry, actor: Actor, *, state: RecordState | None, after: uuid.UUID | None, limit: int
) -> dict[str, Any]:
    """A page behind the record ``after``, in an order that does not change; ``next`` is null on the last one.

    Each is told, and chosen, in its state of today, with its account reference: that is the creditor's own, and
    the only way to tell which of its accounts it is. The reference of the person tells the creditor which of its next
    rows would give the account to somebody else.
    Raises Refusal INVALID_FIELD when ``after`` is not a record of the creditor's.
    """

    def work(tx: Transaction) -> dict[str, Any]:
        last = None
        if after is not None:
            try:
                last = find_own(tx, actor, after)
            except Refusal:
                raise Refusal(Problem.INVALID_FIELD, fields={"after": "unknown"}) from None
        page = _page(act_in(registry, tx, actor), state, last, limit + 1)
        shown = page[:limit]
        return {
            "records": [record_document(each) | _references(each) for each in shown],
            "next": str(shown[-1].record_id) if len(page) > limit else None,
        }

    return registry.store.read(work)


def _references(record: Record) -> dict[str, str | None]:
    return {
        "account_ref": b64url_encode(record.account_ref),
        "person_ref": None if record.person_ref is None else b64url_encode(record.person_ref),
    }


def _page(act: Act, state: RecordState | None, after: Record | None, count: int) -> list[Record]:
    """So many records that are in ``state`` today; the database chooses who may be, and each is judged by its dates."""
    found: list[Record] = []
    while len(found) < count:
        read = act.tx.records.page_of(act.actor_id, state, after, count, Day(today=act.today, over=over_before(act)))
        found += [each for each in as_of_today(act, read) if state is None or each.state is state]
        if len(read) < count:
            break
        after = read[-1]
    return found[:count]
