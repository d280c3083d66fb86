"""Evaluates a batch of blinded elements: a pure function of the share, the batch and randomness."""

from collections.abc import Callable

from crypto.errors import BadElement
from crypto.oprf import server
from custodian.share import HeldShare
from protocol.messages.evaluations import EvaluationAnswer, EvaluationRequest
from protocol.problems import Problem, Refusal


def evaluate(share: HeldShare, request: EvaluationRequest, random: Callable[[int], bytes]) -> EvaluationAnswer:
    """Multiply every element by the share and prove it once for all of them (RFC 9497 section 3.3.2)."""
    if request.epoch != share.epoch:
        raise Refusal(Problem.EPOCH_UNKNOWN)
    try:
        evaluated, proof = server.blind_evaluate(share.sk, share.pk, request.blinded_elements, random)
    except BadElement:
        raise Refusal(Problem.BAD_ELEMENT) from None
    return EvaluationAnswer(epoch=share.epoch, index=share.index, evaluated_elements=tuple(evaluated), proof=proof)
