"""Call the registry about activations: the outcomes of orders, one at a time or many in one request."""

from collections.abc import Sequence
from functools import partial

from client.batches import whole
from client.errors import NotOffered, RegistryAnswerBroken, RegistryRefused
from client.registry import RegistryClient
from protocol.messages.activations import ActivationAnswer, ActivationReport, ActivationRowVerdict
from protocol.problems import Problem

_WHAT = "reports of activations"


def report_activation(registry: RegistryClient, report: ActivationReport, *, key: str) -> ActivationAnswer:
    """Report the outcome of one part of an order; the same call again gives the first answer."""
    try:
        answer = registry.post("/v1/activations", report, ActivationAnswer, key=key)
    except RegistryRefused as refused:
        raise _plain(refused) from None
    if answer.row_id != report.row_id:
        raise RegistryAnswerBroken("the registry's answer is not to this report")
    return answer


def report_activations(
    registry: RegistryClient, key: str, rows: Sequence[ActivationReport]
) -> Sequence[ActivationRowVerdict]:
    """Report the outcomes of one batch; ``key`` names the batch, so that the same call again doubles nothing."""
    try:
        verdicts = registry.post_rows("/v1/activation-batches", rows, partial(whole, ActivationRowVerdict), key=key)
    except RegistryRefused as refused:
        raise _plain(refused) from None
    if [verdict.row_id for verdict in verdicts] != [row.row_id for row in rows]:
        raise RegistryAnswerBroken("the registry's verdicts are not those of the rows")
    return verdicts


def _plain(refused: RegistryRefused) -> RegistryRefused | NotOffered:
    """Tell a missing path from a refusal: no report of an activation is answered with 404."""
    return NotOffered(_WHAT) if refused.problem == Problem.NOT_FOUND.value.name else refused
