"""Call the registry about payments that came undone."""

from uuid import UUID

from client.idempotency import named
from client.registry import RegistryClient
from protocol.encodings import canonical_json
from protocol.messages.reversals import Reversal, ReversalProposal
from protocol.messages.steps import Step
from protocol.wire.codec import write

_PATH = "/v1/reversals"


def propose(registry: RegistryClient, settlement_id: UUID, proposal: ReversalProposal) -> Reversal:
    """Propose to reverse a settlement; the same again is the same proposal."""
    key = named("reversal", settlement_id.bytes + canonical_json(write(proposal)))
    return registry.post(f"/v1/settlements/{settlement_id}/reversals", proposal, Reversal, key=key)


def confirm(registry: RegistryClient, reversal_id: UUID) -> Reversal:
    """Confirm a reversal that another person proposed."""
    return registry.post(f"{_PATH}/{reversal_id}/confirmation", Step(), Reversal, key=f"confirmation-{reversal_id}")


def read(registry: RegistryClient, reversal_id: UUID) -> Reversal:
    """Read a reversal of this carrier's own."""
    return registry.get(f"{_PATH}/{reversal_id}", Reversal)
