"""The operations of the local service for attestations: a consent ends, and one is demanded."""

from typing import Final

from gateway.local.contract import bodies
from gateway.local.contract.operation import Operation
from gateway.local.tokens import Scope
from protocol.messages.attestations import AttestationDemand, WithdrawnConsents
from protocol.problems import Problem

_ASKED_AGAIN: Final = "The same call under the same key gives the stored answer and doubles nothing."
ATTESTATION_OPERATIONS: Final = (
    Operation(
        endpoint="withdraw_consent",
        operation_id="withdrawConsent",
        method="POST",
        path="/consents/withdraw",
        scope=Scope.COUNTER,
        summary="End a consent of the subject at the counter, or all, whichever carrier they were given to.",
        description=f"What was attested under it is deleted at once. {_ASKED_AGAIN}",
        body=bodies.ConsentWithdrawal,
        has_key=True,
        answer=WithdrawnConsents,
        answered=((200, "The number of attestations that ended."),),
        passed_on=(Problem.INVALID_FIELD, Problem.IDEMPOTENCY_KEY_REUSED, Problem.QUOTA_EXCEEDED),
    ),
    Operation(
        endpoint="demand_attestation",
        operation_id="demandAttestation",
        method="POST",
        path="/attestation-demands",
        scope=Scope.COUNTER,
        summary="Demand, for the subject at the counter, that its carrier attest how it pays.",
        description=(
            "Tell the subject the `demand_id`: it names it at its carrier, which is not told whom the demand is about."
            f" {_ASKED_AGAIN}"
        ),
        body=bodies.DemandedAttestation,
        has_key=True,
        answer=AttestationDemand,
        answered=((201, "The demand."),),
        passed_on=(
            Problem.EDGE_NOT_ALLOWED,
            Problem.INVALID_FIELD,
            Problem.IDEMPOTENCY_KEY_REUSED,
            Problem.QUOTA_EXCEEDED,
        ),
    ),
)
