"""The holder of a quote's reference sees whom to pay, how much, how, and which debts are paid already."""

import uuid
from collections.abc import Collection
from typing import Any

from protocol.encodings import format_time
from protocol.problems import Problem, Refusal
from registry.domain.inquiries import Quote, QuoteLine, QuoteTotal
from registry.domain.participants import Actor, Participant
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry
from registry.usecases.standings import as_of_today


def read_quote(registry: Registry, actor: Actor, reference: str) -> dict[str, Any]:
    """The quote with its creditors; any authenticated participant may ask. Raises Refusal NOT_FOUND."""
    del actor  # the unguessable reference is the permission; who asked is in the request evidence

    def work(tx: Transaction) -> dict[str, Any]:
        quote = tx.quotes.by_reference(reference)
        if quote is None:
            raise Refusal(Problem.NOT_FOUND)
        creditors = {total.creditor_id: tx.participants.get(total.creditor_id) for total in quote.totals}
        quoted = tx.records.these([(line.subject_key, line.record_id) for line in quote.lines])
        today = as_of_today(act_in(registry, tx, None), quoted.values())
        return _document(quote, frozenset(each.record_id for each in today if each.is_open), creditors)

    return registry.store.read(work)


def _document(
    quote: Quote, still_open: Collection[uuid.UUID], creditors: dict[str, Participant | None]
) -> dict[str, Any]:
    payees = {creditor_id: _payee(creditor_id, creditor) for creditor_id, creditor in creditors.items()}
    return {
        "reference": quote.reference,
        "quoted_at": format_time(quote.quoted_at),
        "valid_until": format_time(quote.valid_until),
        "records": quote.records,
        "creditors": [payees[total.creditor_id] | _total(total) for total in quote.totals],
        "lines": [
            payees[line.creditor_id] | _line(line, settled=line.record_id not in still_open) for line in quote.lines
        ],
        "total_fen": quote.total_fen,
    }


def _payee(creditor_id: str, creditor: Participant | None) -> dict[str, Any]:
    return {
        "creditor": creditor_id,
        "creditor_name": creditor_id if creditor is None else creditor.name,
        "how_to_pay": "" if creditor is None or creditor.contact is None else creditor.contact,
    }


def _total(total: QuoteTotal) -> dict[str, Any]:
    return {
        "records": total.records,
        "principal_fen": total.principal_fen,
        "late_fee_fen": total.late_fee_fen,
        "costs_fen": total.costs_fen,
        "total_fen": total.total_fen,
    }


def _line(line: QuoteLine, *, settled: bool) -> dict[str, Any]:
    return {
        "service_class": line.service_class.value,
        "principal_fen": line.principal_fen,
        "late_fee_fen": line.late_fee_fen,
        "costs_fen": line.costs_fen,
        "settled": settled,
    }
