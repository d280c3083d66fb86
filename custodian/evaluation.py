"""Evaluates a batch of blinded elements: a pure function of the shares, the batch and randomness."""

from collections.abc import Callable, Sequence

from crypto.errors import BadElement
from crypto.oprf import server
from custodian.committee_share import CommitteeShare
from protocol.messages.evaluations import EvaluationAnswer, EvaluationRequest
from protocol.problems import Problem, Refusal


def evaluate(
    shares: Sequence[CommitteeShare], request: EvaluationRequest, random: Callable[[int], bytes]
) -> EvaluationAnswer:
    """Multiply every element by the share that is asked for, and prove it once (RFC 9497 section 3.3.2).

    Raises Refusal EPOCH_UNKNOWN, COMMITTEE_UNKNOWN or BAD_ELEMENT. A share that is pending, retired or unusable is not
    among ``shares``, and is refused like one that never was.
    """
    share = _asked_for(shares, request)
    try:
        evaluated, proof = server.blind_evaluate(share.sk, share.pk, request.blinded_elements, random)
    except BadElement:
        raise Refusal(Problem.BAD_ELEMENT) from None
    return EvaluationAnswer(
        epoch=share.epoch,
        committee=share.committee,
        index=share.index,
        evaluated_elements=tuple(evaluated),
        proof=proof,
    )


def _asked_for(shares: Sequence[CommitteeShare], request: EvaluationRequest) -> CommitteeShare:
    of_epoch = [share for share in shares if share.epoch == request.epoch]
    if not of_epoch:
        raise Refusal(Problem.EPOCH_UNKNOWN)
    for share in of_epoch:
        if share.committee == request.committee:
            return share
    raise Refusal(Problem.COMMITTEE_UNKNOWN)
