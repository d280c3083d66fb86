"""Call the registry about attestations: many in one request, their withdrawal, consents and demands."""

from collections.abc import Sequence
from functools import partial
from typing import Final
from uuid import UUID

from client.batches import whole
from client.errors import NotOffered, RegistryAnswerBroken, RegistryRefused
from client.registry import RegistryClient
from protocol.attestations import DemandReply
from protocol.messages.attestations import (
    AttestationDemand,
    AttestationDemandReply,
    AttestationRow,
    AttestationRowVerdict,
    ConsentWithdrawal,
    DemandCounts,
    EndedAttestation,
    NewAttestationDemand,
    WithdrawnConsents,
)
from protocol.messages.steps import Step
from protocol.problems import Problem

_DEMANDS: Final = "/v1/attestation-demands"


def attest(registry: RegistryClient, key: str, rows: Sequence[AttestationRow]) -> Sequence[AttestationRowVerdict]:
    """Send the rows of one batch; ``key`` names the batch, so that the same call again doubles nothing.

    Raises NotOffered for a registry without attestations.
    """
    try:
        verdicts = registry.post_rows("/v1/attestation-batches", rows, partial(whole, AttestationRowVerdict), key=key)
    except RegistryRefused as refused:
        if refused.problem == Problem.NOT_FOUND.value.name:
            raise NotOffered("attestations") from None
        raise
    if [verdict.row_id for verdict in verdicts] != [row.row_id for row in rows]:
        raise RegistryAnswerBroken("the registry's verdicts are not those of the rows")
    return verdicts


def take_back(registry: RegistryClient, attestation_id: UUID) -> EndedAttestation:
    """Take an attestation of this carrier back."""
    return registry.post(f"/v1/attestations/{attestation_id}/withdrawal", Step(), EndedAttestation)


def withdraw_consent(registry: RegistryClient, word: ConsentWithdrawal, *, key: str | None = None) -> WithdrawnConsents:
    """End a subject's consent, or all of them."""
    return registry.post("/v1/consents/withdraw", word, WithdrawnConsents, key=key)


def demand(registry: RegistryClient, new: NewAttestationDemand, *, key: str | None = None) -> AttestationDemand:
    """Demand an attestation for a subject."""
    return registry.post(_DEMANDS, new, AttestationDemand, key=key)


def answer(registry: RegistryClient, demand_id: UUID, reply: DemandReply) -> AttestationDemand:
    """Say why there is no attestation; the same answer again is the same answer."""
    said, key = AttestationDemandReply(reply=reply), f"attestation-demand-{reply.lower()}-{demand_id}"
    return registry.post(f"{_DEMANDS}/{demand_id}/answer", said, AttestationDemand, key=key)


def count_demands(registry: RegistryClient) -> DemandCounts:
    """Count the demands of which this carrier was told."""
    return registry.get(_DEMANDS, DemandCounts)
