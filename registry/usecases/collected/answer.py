"""Answer as the creditor for money that another carrier took; a refusal is the two carriers' matter alone."""

import uuid

from protocol.codes import CollectionAnswer
from protocol.events import EventKind
from protocol.messages.collected import CollectionAnswerBody
from protocol.problems import FieldCode, Problem, Refusal
from registry.domain.collected import AnsweredAlready, answered
from registry.domain.participants import Actor
from registry.usecases.act import Act
from registry.usecases.collected.shared import payment_message, visible_payment, write_answer
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.notify import notify


def answer_collected(
    registry: Registry, actor: Actor, call: IdempotentCall, *, collection_id: uuid.UUID, body: CollectionAnswerBody
) -> Outcome:
    """Confirm or refuse; the record stays cleared either way, since the debtor holds the collector's receipt.

    Raises Refusal: NOT_FOUND, NOT_THE_CREDITOR, INVALID_FIELD (a refusal without a reason, a reason without a
    refusal), EDGE_NOT_ALLOWED (answered already, or silent beyond the last day).
    """
    answer, reason = body.answer, body.reason
    if (reason is None) is (answer is CollectionAnswer.REFUSED):
        raise Refusal(
            Problem.INVALID_FIELD, fields={"reason": FieldCode.REQUIRED if reason is None else FieldCode.INVALID}
        )

    def work(act: Act) -> tuple[int, object]:
        act.tx.subjects.lock((visible_payment(act.tx, actor, collection_id).subject_key,))
        # Read again under the lock: the scheduler may have confirmed it in between.
        payment = visible_payment(act.tx, actor, collection_id)
        if payment.creditor_id != act.actor_id:
            raise Refusal(Problem.NOT_THE_CREDITOR)
        try:
            after = answered(payment, answer, reason, today=act.today, at=act.now, log_entry_id=act.new_id())
        except AnsweredAlready as already:
            raise Refusal(Problem.EDGE_NOT_ALLOWED, detail=f"The collection is {already.state}.") from None
        write_answer(act, after)
        if reason is not None:
            facts = {"collection": str(collection_id), "reason": reason.value}
            notify(act, (after.collector_id,), EventKind.COLLECTION_REFUSED, facts=facts)
        return 200, payment_message(after, act.today, names_record=True)

    return answer_once(registry, actor, call, work)
