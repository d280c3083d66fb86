"""Read a quote for the holder of its reference: creditors, amounts, payment details, and the paid debts."""

from typing import Any

from protocol.messages import inquiries as messages
from protocol.problems import Problem, Refusal
from protocol.wire.codec import message_of
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.context import Registry
from registry.usecases.standings import as_of_today


def read_quote(registry: Registry, actor: Actor, reference: str) -> messages.Quote:
    """Read the quote with its creditors; any authenticated participant may ask. Raises Refusal NOT_FOUND."""
    del actor  # the unguessable reference is the permission; the request evidence names the reader

    def work(tx: Transaction) -> messages.Quote:
        quote = tx.quotes.by_reference(reference)
        if quote is None:
            raise Refusal(Problem.NOT_FOUND)
        payees = {total.creditor_id: _payee(tx, total.creditor_id) for total in quote.totals}
        quoted = tx.records.these([(line.subject_key, line.record_id) for line in quote.lines])
        today = as_of_today(act_in(registry, tx, None), quoted.values())
        still_open = {record.record_id for record in today if record.is_open}
        return message_of(
            messages.Quote,
            quote,
            creditors=tuple(
                message_of(messages.QuoteTotal, total, **payees[total.creditor_id]) for total in quote.totals
            ),
            lines=tuple(
                message_of(
                    messages.QuoteLine, line, **payees[line.creditor_id], settled=line.record_id not in still_open
                )
                for line in quote.lines
            ),
        )

    return registry.store.read(work)


def _payee(tx: Transaction, creditor_id: str) -> dict[str, Any]:
    """Return the members of a debt that name its payee and the payment details."""
    creditor = tx.participants.get(creditor_id)
    return {
        "creditor": creditor_id,
        "creditor_name": creditor_id if creditor is None else creditor.name,
        "how_to_pay": "" if creditor is None or creditor.contact is None else creditor.contact,
    }
