"""The holder of a quote's reference sees whom to pay, how much, how, and what is paid already."""

from typing import Any

from protocol.encodings import format_time
from protocol.problems import Problem, Refusal
from registry.domain.inquiry import Quote
from registry.domain.participant import Actor, Participant
from registry.domain.record import Record
from registry.store.transactions import Transaction
from registry.usecases.context import Registry


def read_quote(registry: Registry, actor: Actor, reference: str) -> dict[str, Any]:
    """The quote with its creditors; any authenticated participant may ask. Raises Refusal NOT_FOUND."""
    del actor  # the unguessable reference is the permission; who asked is in the request evidence

    def work(tx: Transaction) -> dict[str, Any]:
        quote = tx.quotes.by_reference(reference)
        if quote is None:
            raise Refusal(Problem.NOT_FOUND)
        records = tx.records.of_subjects({line.subject_key for line in quote.lines})
        by_id = {record.record_id: record for owned in records.values() for record in owned}
        creditors = {line.creditor_id: tx.participants.get(line.creditor_id) for line in quote.lines}
        return _document(quote, by_id, creditors)

    return registry.store.read(work)


def _document(quote: Quote, records: dict[Any, Record], creditors: dict[str, Participant | None]) -> dict[str, Any]:
    lines = []
    for line in quote.lines:
        creditor = creditors[line.creditor_id]
        record = records.get(line.record_id)
        lines.append(
            {
                "creditor": line.creditor_id,
                "creditor_name": line.creditor_id if creditor is None else creditor.name,
                "how_to_pay": "" if creditor is None or creditor.contact is None else creditor.contact,
                "service_class": line.service_class.value,
                "principal_fen": line.principal_fen,
                "late_fee_fen": line.late_fee_fen,
                "costs_fen": line.costs_fen,
                "settled": record is None or not record.is_open,
            }
        )
    return {
        "reference": quote.reference,
        "quoted_at": format_time(quote.quoted_at),
        "valid_until": format_time(quote.valid_until),
        "lines": lines,
        "total_fen": quote.total_fen,
    }
