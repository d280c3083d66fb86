"""Find payments that were taken for others, write the creditor's answer, and build their messages."""

import datetime as dt
import uuid

from protocol.log_entries import EntryKind
from protocol.messages.collected import Collection
from protocol.problems import Problem, Refusal
from protocol.wire.codec import message_of
from registry.domain.collected import CollectedPayment
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import Act


def visible_payment(tx: Transaction, actor: Actor, collection_id: uuid.UUID) -> CollectedPayment:
    """Find the payment for its collector and its creditor; raises Refusal NOT_FOUND for everybody else."""
    payment = tx.collected.find(collection_id)
    if payment is None or actor.participant_id not in (payment.collector_id, payment.creditor_id):
        raise Refusal(Problem.NOT_FOUND)
    return payment


def write_answer(act: Act, after: CollectedPayment) -> None:
    """Write the creditor's answer, or its silence, with its log entry."""
    facts = {"collection": str(after.collection_id), "state": after.state.value}
    if after.refusal is not None:
        facts["reason"] = after.refusal.value
    act.log(
        EntryKind.COLLECTION_ANSWERED,
        after.log_entry_id,
        facts,
        subject_key=after.subject_key,
        personal={"subject": after.subject_key.hex()},
    )
    act.tx.collected.update(after)


def payment_message(payment: CollectedPayment, today: dt.date, *, names_record: bool) -> Collection:
    """Build the message; ``names_record`` for the creditor and for an office. No pseudonym is in it."""
    return message_of(
        Collection,
        payment,
        collector=payment.collector_id,
        creditor=payment.creditor_id,
        record_id=payment.record_id if names_record else None,
        state=payment.state_on(today),
    )
