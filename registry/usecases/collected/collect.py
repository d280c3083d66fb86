"""A counter takes the whole of a quote for its creditors: nothing of it blocks any more from this moment on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from protocol.beijing import BEIJING
from protocol.codes import DisputeOutcome, EventKind, SettlementKind
from protocol.encodings import format_time
from protocol.log_entries import EntryKind
from protocol.messages.collected import COLLECTION_TYPE, CollectionOrder, collection_claims
from protocol.problems import Problem, Refusal
from protocol.states import Action, CollectionState, Party
from registry.domain.collected import Collection, confirm_due
from registry.domain.disputes import Dispute, by_record, pauses
from registry.domain.ids import month_of
from registry.domain.inquiries import Quote, QuoteLine
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.domain.settlements import Clearance, Settlement
from registry.usecases.act import Act
from registry.usecases.collected.shared import collection_document
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.disputes.shared import close_with_record
from registry.usecases.idempotency import answer_once
from registry.usecases.inquiries.quotes import owed_on
from registry.usecases.notify import notify
from registry.usecases.settlements.clearing import issue_clearance, write_settlement
from registry.usecases.signed_word import CLOCK_SKEW, check_signed
from registry.usecases.standings import blocking
from registry.usecases.tidying import up_to_date


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paid:
    """One line of the quote, paid: its settlement and, where it is owed to another carrier, the collection."""

    settlement: Settlement
    collection: Collection | None


def collect(registry: Registry, actor: Actor, call: IdempotentCall, order: CollectionOrder) -> Outcome:
    """Clear every record of a quote at once, or none.

    Raises Refusal: NOT_FOUND (no quote of the actor's own inquiry), INVALID_FIELD (the quote is over or has more debts
    than lines, another amount than its total, collected before the quote or in the future), STATEMENT_INVALID,
    EDGE_NOT_ALLOWED (something of it is not owed any more as it was quoted: the applicant asks again and gets a new
    quote).
    """

    def work(act: Act) -> tuple[int, Mapping[str, Any]]:
        quote = _own_quote(act, order.quote_reference)
        _check_order(act, order, quote)
        return 201, _receipt(act, order, *_enter(act, order, quote))

    return answer_once(registry, actor, call, work)


def _own_quote(act: Act, reference: str) -> Quote:
    """The quote, if the actor's own inquiry brought it about; a reference that was seen elsewhere opens nothing."""
    quote = act.tx.quotes.by_reference(reference)
    if quote is None:
        raise Refusal(Problem.NOT_FOUND)
    asked = act.tx.inquiries.find(quote.subject_key, month_of(quote.quoted_at), quote.inquiry_id)
    if asked is None or asked.participant_id != act.actor_id:
        raise Refusal(Problem.NOT_FOUND)
    return quote


def _check_order(act: Act, order: CollectionOrder, quote: Quote) -> None:
    wrong: dict[str, str] = {}
    if act.now > quote.valid_until:
        wrong["quote_reference"] = "no-longer-valid"
    elif quote.records > len(quote.lines):
        # Each debt of it is settled, and told of, in this one transaction: so many go to their creditors.
        wrong["quote_reference"] = "too-many-records"
    if order.amount_fen != quote.total_fen:
        wrong["amount_fen"] = "not-the-quoted-total"
    if order.collected_at > act.now + CLOCK_SKEW:
        wrong["collected_at"] = "in-the-future"
    if order.collected_at < quote.quoted_at - CLOCK_SKEW:
        wrong["collected_at"] = "before-the-quote"
    if wrong:
        raise Refusal(Problem.INVALID_FIELD, fields=wrong)
    claims = collection_claims(
        collector=act.actor_id,
        quote_reference=order.quote_reference,
        amount_fen=order.amount_fen,
        collected_at=order.collected_at,
    )
    check_signed(act, order.statement, typ=COLLECTION_TYPE, claims=claims)


def _enter(act: Act, order: CollectionOrder, quote: Quote) -> tuple[list[_Paid], list[Clearance]]:
    """Pay every line under the locks of all its debtors, taken in one order; then clear whom nothing blocks now."""
    debtors = {line.subject_key for line in quote.lines}
    act.tx.subjects.lock(debtors)
    quoted = act.tx.records.these([(line.subject_key, line.record_id) for line in quote.lines])
    known = {each.record_id: each for each in up_to_date(act, quoted.values())}
    disputes = act.tx.disputes.of_subjects(debtors)
    cases = by_record(case for owned in disputes.values() for case in owned)
    for line in quote.lines:
        _check_still_owed(act, line, known.get(line.record_id), cases.get(line.record_id, ()))
    paid = [_pay(act, order, quote, line, known[line.record_id]) for line in quote.lines]
    blocked = blocking(act, debtors)
    last = {each.settlement.subject_key: each.settlement for each in paid}
    cleared = [settlement for subject_key, settlement in sorted(last.items()) if subject_key not in blocked]
    return paid, [issue_clearance(act, each) for each in cleared]


def _check_still_owed(act: Act, line: QuoteLine, record: Record | None, cases: Sequence[Dispute]) -> None:
    """Nobody pays twice: what was settled, withdrawn, disputed or paid on since has to be quoted anew."""
    if record is None or not record.blocks or _owed_fen(act, record, cases) < line.total_fen:
        detail = "The quote is not what is owed any more; ask again for a new one."
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail=detail)


def _owed_fen(act: Act, record: Record, cases: Sequence[Dispute]) -> int:
    return owed_on(record, act.today, act.rules_of(record), pauses(cases, record.record_id)).total_fen


def _pay(act: Act, order: CollectionOrder, quote: Quote, line: QuoteLine, record: Record) -> _Paid:
    own = record.creditor_id == act.actor_id
    settlement = _settlement(act, order, line, SettlementKind.FULL if own else SettlementKind.COLLECTED)
    write_settlement(act, settlement)
    paid = replace(record, paid_fen=record.paid_fen + line.total_fen)
    party = Party.CREDITOR if own else Party.COLLECTOR
    act.move(paid, Action.CLEAR, party, f"settled-{settlement.kind.lower()}")
    close_with_record(act, record, DisputeOutcome.SETTLED)
    # Nobody confirms to itself what its own counter took for itself.
    return _Paid(settlement=settlement, collection=None if own else _collection(act, order, quote, settlement))


def _settlement(act: Act, order: CollectionOrder, line: QuoteLine, kind: SettlementKind) -> Settlement:
    settlement_id = act.new_id()
    return Settlement(
        subject_key=line.subject_key,
        settlement_id=settlement_id,
        record_id=line.record_id,
        creditor_id=line.creditor_id,
        kind=kind,
        amount_fen=line.total_fen,
        settled_at=order.collected_at,
        received_at=act.now,
        statement=order.statement,
        log_entry_id=settlement_id,
    )


def _collection(act: Act, order: CollectionOrder, quote: Quote, settlement: Settlement) -> Collection:
    """Keep the collection, log it and tell the creditor, which has two working days to object."""
    collection_id = act.new_id()
    collection = Collection(
        subject_key=settlement.subject_key,
        collection_id=collection_id,
        record_id=settlement.record_id,
        settlement_id=settlement.settlement_id,
        quote_id=quote.quote_id,
        collector_id=act.actor_id,
        creditor_id=settlement.creditor_id,
        amount_fen=settlement.amount_fen,
        collected_at=order.collected_at,
        collected_month=month_of(order.collected_at.astimezone(BEIJING)),
        received_at=act.now,
        confirm_due=confirm_due(act.today, act.rules.collection),
        state=CollectionState.TO_CONFIRM,
        rules_version=act.rules.version,
        log_entry_id=collection_id,
    )
    act.log(
        EntryKind.COLLECTED,
        collection_id,
        {"record": str(collection.record_id), "creditor": collection.creditor_id, "rules": collection.rules_version},
        subject_key=collection.subject_key,
        personal={"subject": collection.subject_key.hex(), "amount_fen": collection.amount_fen},
    )
    act.tx.collected.add(collection)
    facts: dict[str, str | int] = {
        "collection": str(collection_id),
        "collector": collection.collector_id,
        "amount_fen": collection.amount_fen,
        "confirm_due": collection.confirm_due.isoformat(),
    }
    kind = EventKind.COLLECTION_TO_CONFIRM
    notify(act, (collection.creditor_id,), kind, record_id=collection.record_id, facts=facts)
    return collection


def _receipt(
    act: Act, order: CollectionOrder, paid: Sequence[_Paid], clearances: Sequence[Clearance]
) -> dict[str, Any]:
    return {
        "amount_fen": order.amount_fen,
        "collected_at": format_time(order.collected_at),
        "collections": [
            collection_document(each.collection, act.actor_id, act.today)
            for each in paid
            if each.collection is not None
        ],
        "clearances": [{"clearance_id": str(each.clearance_id), "clearance": each.jws} for each in clearances],
    }
