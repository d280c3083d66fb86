"""Answers a repeated request with the stored answer, which commits together with the business."""

import datetime as dt
from collections.abc import Callable, Collection

from protocol.problems import Problem, Refusal
from registry.domain.idempotency import StoredAnswer
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import Act, act_in
from registry.usecases.arrivals import Arrivals, let_in
from registry.usecases.context import IdempotentCall, Outcome, Registry, json_body
from registry.usecases.pseudonyms import Names


def answer_once(
    registry: Registry,
    actor: Actor,
    call: IdempotentCall,
    work: Callable[[Act], tuple[int, object]],
    *,
    names: Collection[Names] = (),
) -> Outcome:
    """Run ``work`` in one transaction, or return the stored answer of its key; ``names`` are people it asks about.

    After a crash before the commit nothing has happened and the sender's retry does the work; after a later crash the
    retry finds the answer. Raises Refusal: IN_FLIGHT, IDEMPOTENCY_KEY_REUSED and the refusals of ``work``.
    """

    def in_transaction(tx: Transaction) -> Outcome:
        arrivals = Arrivals(registry, tx, [(actor, call)], names)
        (refusal,) = arrivals.refusals()
        if refusal is not None:
            raise refusal
        if not arrivals.has_claimed(actor, call):
            raise Refusal(Problem.IN_FLIGHT)
        stored = arrivals.stored(actor, call)
        if stored is not None:
            let_in(tx, [actor])
            return answer_of(stored, call)
        act = act_in(registry, tx, actor, approvals=arrivals.found.approvals, people=arrivals.found.people)
        status, answer = work(act)
        body = json_body(answer)
        with tx.joined():
            let_in(tx, [actor])
            tx.idempotency.keep(stored_answer(actor, call, status, body, act.now))
        return Outcome(status=status, body=body)

    return registry.store.write(in_transaction)


def answer_given(tx: Transaction, actor: Actor, call: IdempotentCall) -> Outcome | None:
    """Return the answer stored under the key; raises Refusal IDEMPOTENCY_KEY_REUSED if another request got it."""
    stored = tx.idempotency.find(actor.participant_id, call.key)
    return None if stored is None else answer_of(stored, call)


def answer_of(stored: StoredAnswer, call: IdempotentCall) -> Outcome:
    """Return the stored answer; raises Refusal IDEMPOTENCY_KEY_REUSED if another request got it."""
    if (stored.request_digest, stored.operation) != (call.request_digest, call.operation):
        raise Refusal(Problem.IDEMPOTENCY_KEY_REUSED)
    return Outcome(status=stored.status, body=stored.body, replayed=True)


def stored_answer(actor: Actor, call: IdempotentCall, status: int, body: bytes, now: dt.datetime) -> StoredAnswer:
    """Make the row of an answer that commits together with its business."""
    return StoredAnswer(
        participant_id=actor.participant_id,
        idempotency_key=call.key,
        operation=call.operation,
        request_digest=call.request_digest,
        status=status,
        body=body,
        created_at=now,
    )
