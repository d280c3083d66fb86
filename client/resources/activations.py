"""Call the registry about activations: the outcomes of orders, one at a time or many in one request."""

import json
from collections.abc import Sequence
from functools import partial
from typing import Final

from client.batches import whole
from client.errors import NotOffered, RegistryAnswerBroken, RegistryRefused
from client.registry import RegistryClient
from protocol.encodings import EncodingError, b64url_decode
from protocol.messages.activations import ActivationAnswer, ActivationReport, ActivationRowVerdict
from protocol.problems import Problem

_WHAT: Final = "reports of activations"
_NOT_FOUND: Final = Problem.NOT_FOUND.value.name


def report_activation(registry: RegistryClient, report: ActivationReport, *, key: str) -> ActivationAnswer:
    """Report the outcome of one part of an order; the same call again gives the first answer.

    Raises NotOffered for a registry without such reports.
    """
    try:
        answer = registry.post("/v1/activations", report, ActivationAnswer, key=key)
    except RegistryRefused as refused:
        # Only a token that does not name its case can be one whose inquiry is not found.
        if refused.problem == _NOT_FOUND and (report.decision_token is None or _names_its_case(report.decision_token)):
            raise NotOffered(_WHAT) from None
        raise
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
        if refused.problem == _NOT_FOUND:
            raise NotOffered(_WHAT) from None
        raise
    if [verdict.row_id for verdict in verdicts] != [row.row_id for row in rows]:
        raise RegistryAnswerBroken("the registry's verdicts are not those of the rows")
    return verdicts


def _names_its_case(token: str) -> bool:
    """Tell whether a decision token has a sealed handle; nothing that it says is relied upon."""
    try:
        return "handle" in json.loads(b64url_decode(token.split(".")[1]))
    except (EncodingError, ValueError, IndexError, TypeError):
        return False
