"""Take the whole of a quote at a counter, for its creditors: nothing of it blocks any more from this moment on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from protocol.beijing import BEIJING
from protocol.codes import DisputeOutcome, SettlementKind
from protocol.events import EventKind
from protocol.log_entries import EntryKind
from protocol.messages.collected import (
    COLLECTION_TYPE,
    CollectionOrder,
    CollectionReceipt,
    IssuedClearance,
    collection_claims,
)
from protocol.problems import Problem, Refusal
from protocol.states import Action, CollectionState, Party
from registry.domain.collected import CollectedPayment, confirm_due
from registry.domain.credit import settled
from registry.domain.disputes import Dispute, by_record, pauses
from registry.domain.ids import month_of
from registry.domain.inquiries import Quote, QuoteLine
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.domain.settlements import Clearance, Settlement
from registry.usecases import edges
from registry.usecases.act import Act
from registry.usecases.collected.shared import payment_message
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.disputes.shared import close_with_record
from registry.usecases.idempotency import answer_once
from registry.usecases.inquiries.quotes import owed_on
from registry.usecases.notify import notify
from registry.usecases.settlements.clearing import issue_clearance, write_settlement
from registry.usecases.signed_word import CLOCK_SKEW, check_signed
from registry.usecases.standings import blocking
from registry.usecases.tidying import up_to_date


def collect(registry: Registry, actor: Actor, call: IdempotentCall, order: CollectionOrder) -> Outcome:
    """Clear every record of a quote at once, or none.

    Raises Refusal: NOT_FOUND (no quote of the actor's own inquiry), INVALID_FIELD (the quote is over or has more debts
    than lines, another amount than its total, collected before the quote or in the future), STATEMENT_INVALID,
    EDGE_NOT_ALLOWED (a debt of it is not owed any more as it was quoted: the applicant asks again and gets a new
    quote).
    """

    def work(act: Act) -> tuple[int, object]:
        quote = _own_quote(act, order.quote_reference)
        _check_order(act, order, quote)
        judgement = _judge(act, order, quote, _read(act, quote))
        return 201, _receipt(act, order, judgement, _write(act, judgement))

    return answer_once(registry, actor, call, work)


def _own_quote(act: Act, reference: str) -> Quote:
    """Find the quote of the actor's own inquiry; a reference that was seen elsewhere opens nothing."""
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
        # This one transaction settles each debt and tells its creditor, so their number is bounded.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Debts:
    """The quoted debts as they are today, under the locks of all their debtors."""

    records: Mapping[UUID, Record]
    cases: Mapping[UUID, tuple[Dispute, ...]]
    blocking: Mapping[bytes, tuple[Record, ...]]
    """Every record that blocks one of the debtors, quoted or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line of the quote as it is paid; ``payment`` where another carrier is the creditor."""

    record: Record
    """The record as it was before."""
    settlement: Settlement
    payment: CollectedPayment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judgement:
    """All lines, and the last settlement of each debtor without a blocking record."""

    lines: tuple[_Line, ...]
    cleared: tuple[Settlement, ...]


def _read(act: Act, quote: Quote) -> _Debts:
    debtors = {line.subject_key for line in quote.lines}
    act.tx.subjects.lock(debtors)
    quoted = act.tx.records.these([(line.subject_key, line.record_id) for line in quote.lines])
    records = {record.record_id: record for record in up_to_date(act, quoted.values())}
    disputes = act.tx.disputes.of_subjects(debtors)
    cases = by_record(case for owned in disputes.values() for case in owned)
    return _Debts(records=records, cases=cases, blocking=blocking(act, debtors, cases))


def _judge(act: Act, order: CollectionOrder, quote: Quote, debts: _Debts) -> _Judgement:
    """Pay every line, and clear the debtors without a blocking record; writes nothing, may raise EDGE_NOT_ALLOWED."""
    lines = tuple(_judge_line(act, order, quote, line, debts) for line in quote.lines)
    paid = {line.record.record_id for line in lines}
    blocked = {
        debtor for debtor, records in debts.blocking.items() if any(record.record_id not in paid for record in records)
    }
    last = {line.settlement.subject_key: line.settlement for line in lines}
    cleared = tuple(settlement for debtor, settlement in sorted(last.items()) if debtor not in blocked)
    return _Judgement(lines=lines, cleared=cleared)


def _judge_line(act: Act, order: CollectionOrder, quote: Quote, line: QuoteLine, debts: _Debts) -> _Line:
    """Settle one debt. Nobody pays twice: one that was settled, withdrawn or disputed since has to be quoted anew."""
    record = debts.records.get(line.record_id)
    if record is None or not record.blocks or _owed_fen(act, record, debts) < line.total_fen:
        detail = "The quote is not what is owed any more; ask again for a new one."
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail=detail)
    if record.creditor_id == act.actor_id:
        # A creditor does not confirm payments that its own counter took for itself.
        return _Line(record=record, settlement=_settlement(act, order, line, SettlementKind.FULL), payment=None)
    settlement = _settlement(act, order, line, SettlementKind.COLLECTED)
    return _Line(record=record, settlement=settlement, payment=_payment(act, order, quote, settlement))


def _owed_fen(act: Act, record: Record, debts: _Debts) -> int:
    stopped = pauses(debts.cases.get(record.record_id, ()), record.record_id)
    return owed_on(record, act.today, act.rules_of(record), stopped).total_fen


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


def _payment(act: Act, order: CollectionOrder, quote: Quote, settlement: Settlement) -> CollectedPayment:
    collection_id = act.new_id()
    return CollectedPayment(
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


def _write(act: Act, judgement: _Judgement) -> list[Clearance]:
    """Write every line, then the clearances."""
    for line in judgement.lines:
        write_settlement(act, line.settlement)
        paid = replace(line.record, paid_fen=line.record.paid_fen + line.settlement.amount_fen)
        party = Party.CREDITOR if line.payment is None else Party.COLLECTOR
        paid = settled(paid, line.settlement.settled_on)
        edges.move(act, paid, Action.CLEAR, party, f"settled-{line.settlement.kind.lower()}")
        close_with_record(act, line.record, DisputeOutcome.SETTLED)
        if line.payment is not None:
            _write_payment(act, line.payment)
    return [issue_clearance(act, settlement) for settlement in judgement.cleared]


def _write_payment(act: Act, payment: CollectedPayment) -> None:
    """Write and log the payment, and tell the creditor, which has two working days to object."""
    act.log(
        EntryKind.COLLECTED,
        payment.log_entry_id,
        {"record": str(payment.record_id), "creditor": payment.creditor_id, "rules": payment.rules_version},
        subject_key=payment.subject_key,
        personal={"subject": payment.subject_key.hex(), "amount_fen": payment.amount_fen},
    )
    act.tx.collected.add(payment)
    facts: dict[str, str | int] = {
        "collection": str(payment.collection_id),
        "collector": payment.collector_id,
        "amount_fen": payment.amount_fen,
        "confirm_due": payment.confirm_due.isoformat(),
    }
    kind = EventKind.COLLECTION_TO_CONFIRM
    notify(act, (payment.creditor_id,), kind, record_id=payment.record_id, facts=facts)


def _receipt(
    act: Act, order: CollectionOrder, judgement: _Judgement, clearances: Sequence[Clearance]
) -> CollectionReceipt:
    return CollectionReceipt(
        amount_fen=order.amount_fen,
        collected_at=order.collected_at,
        collections=tuple(
            payment_message(line.payment, act.today, names_record=act.actor_id == line.payment.creditor_id)
            for line in judgement.lines
            if line.payment is not None
        ),
        clearances=tuple(
            IssuedClearance(clearance_id=clearance.clearance_id, clearance=clearance.jws) for clearance in clearances
        ),
    )
