"""Report payments that this carrier's counter takes for other carriers, under this carrier's own signature."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Self

from client.idempotency import named
from client.peer import Signer
from client.registry import RegistryClient
from client.resources import collected
from crypto.signing.jws import sign_compact
from protocol.encodings import canonical_json
from protocol.messages.collected import COLLECTION_TYPE, CollectionOrder, CollectionReceipt, collection_claims


@dataclass(frozen=True, slots=True, kw_only=True)
class Takings:
    """The whole of a quote, paid at this carrier's counter; fen, and a UTC time (None: now)."""

    quote_reference: str = field(repr=False)
    amount_fen: int
    collected_at: dt.datetime | None = None


class Till:
    """Reports the takings of this carrier's counters under its own key."""

    def __init__(self, registry: RegistryClient, signer: Signer, *, carrier: str) -> None:
        self._registry = registry
        self._signer = signer
        self._carrier = carrier

    def over(self, registry: RegistryClient) -> Self:
        """Return a till of the same carrier over another line to the registry."""
        return type(self)(registry, self._signer, carrier=self._carrier)

    def collect(self, takings: Takings, *, idempotency_key: str | None = None) -> CollectionReceipt:
        """Clear the whole quote; with a time of its own the same takings again are the same payments."""
        collected_at = takings.collected_at or self._signer.clock()
        claims = collection_claims(
            collector=self._carrier,
            quote_reference=takings.quote_reference,
            amount_fen=takings.amount_fen,
            collected_at=collected_at,
        )
        payload = canonical_json(claims)
        order = CollectionOrder(
            quote_reference=takings.quote_reference,
            amount_fen=takings.amount_fen,
            collected_at=collected_at,
            statement=sign_compact(
                payload, typ=COLLECTION_TYPE, key_id=self._signer.key_id, private_key=self._signer.private_key
            ),
        )
        key = idempotency_key or named("collection", payload)
        return collected.collect(self._registry, order, key=key)
