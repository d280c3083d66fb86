"""Take one report of an activation; the same again gets the first answer."""

from protocol.activations import ActivationVerdict
from protocol.messages.activations import ActivationAnswer, ActivationReport
from protocol.problems import Refusal
from registry.domain.participants import Actor
from registry.usecases.act import Act
from registry.usecases.activations.shown import sent
from registry.usecases.activations.take import take
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once


def report_activation(registry: Registry, actor: Actor, call: IdempotentCall, report: ActivationReport) -> Outcome:
    """Take one report of a carrier about its own order.

    Raises Refusal INVALID_FIELD, TOKEN_INVALID, TOKEN_FOREIGN, TOKEN_OTHER_ORDER, TOKEN_EXPIRED,
    SECOND_PERSON_MISSING, SAME_PERSON, ALREADY_REPORTED, EDGE_NOT_ALLOWED or NOT_FOUND; nothing is kept then.
    """
    row = sent(registry, report, actor.participant_id)

    def work(act: Act) -> tuple[int, ActivationAnswer]:
        (taken,) = take(act, (row,))
        if isinstance(taken, Refusal):
            raise taken
        return 200 if taken.verdict is ActivationVerdict.DUPLICATE else 201, taken.answer(report)

    return answer_once(registry, actor, call, work, names=() if row.names is None else (row.names,))
