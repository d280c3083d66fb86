"""Takes money for other carriers at this one's counter, answers for what others took, and reads a month of both."""

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from client.errors import RegistryAnswerBroken
from client.incarnations import Steady
from client.peer import Signer
from client.registry import RegistryClient
from crypto.signing.jws import sign_compact
from protocol.codes import CollectionAnswer, CollectionRefusal
from protocol.encodings import b64url_encode, canonical_json
from protocol.messages.collected import COLLECTION_TYPE, CollectionOrder, collection_claims

_FIRST: Final = UUID(int=0)
_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Takings:
    """The whole of a quote, paid at this carrier's counter; fen, and a UTC time (None: now)."""

    quote_reference: str = field(repr=False)
    amount_fen: int
    collected_at: dt.datetime | None = None


class Till:
    """Reports what this carrier's counters take, under its own key; answers for what others took for it."""

    def __init__(self, registry: RegistryClient, signer: Signer, *, carrier: str) -> None:
        self._registry = registry
        self._signer = signer
        self._carrier = carrier

    def collect(self, takings: Takings, *, idempotency_key: str | None = None) -> dict[str, Any]:
        """Clear the whole quote; with a time of its own the same takings again are the same collection."""
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
        key = idempotency_key or f"collection-{b64url_encode(hashlib.sha256(payload).digest())}"
        document = order.to_wire()
        return self._registry.tell("/v1/collections", document, idempotency_key=key, collections=list, clearances=list)

    def collection(self, collection_id: UUID) -> dict[str, Any]:
        """A collection that this carrier made, or that was made for it."""
        return self._registry.ask(f"/v1/collections/{collection_id}", collection_id=str, state=str)

    def answer(
        self, collection_id: UUID, answer: CollectionAnswer, reason: CollectionRefusal | None = None
    ) -> dict[str, Any]:
        """Confirm or refuse what was taken for this carrier; the same answer again is the same answer."""
        document = {"answer": answer.value} if reason is None else {"answer": answer.value, "reason": reason.value}
        key = f"collection-{answer}-{collection_id}"
        path = f"/v1/collections/{collection_id}/answer"
        return self._registry.tell(path, document, idempotency_key=key, collection_id=str, state=str)

    def net_statement(self, month: str, other: str) -> dict[str, Any]:
        """A whole month with another carrier: every page's lines under the sums of the last page."""
        steady = Steady(self._registry)
        page = self._net_page(month, other, str(_FIRST))
        counted, apart = page["counted"], page["apart"]
        while page["next"] is not None:
            page = self._net_page(month, other, page["next"])
            steady.check()
            counted += page["counted"]
            apart += page["apart"]
        return {**page, "counted": counted, "apart": apart}

    def _net_page(self, month: str, other: str, after: str) -> dict[str, Any]:
        page = self._registry.ask(_page_of(month, other, after), counted=list, apart=list, next=None)
        # A page that leads back to itself would be read for ever.
        if page["next"] is not None and (type(page["next"]) is not str or page["next"] == after):
            raise RegistryAnswerBroken("the registry's net statement does not get on")
        return page

    def net_lines(self, month: str, other: str) -> str:
        """The lines of a whole month as one RFC 4180 table."""
        header, lines, more, after = "", [], True, str(_FIRST)
        steady = Steady(self._registry)
        while more:
            path = f"{_page_of(month, other, after)}&format=csv"
            header, *page = self._registry.ask_table(path).splitlines(keepends=True)
            steady.check()
            lines += page
            more = len(page) == _PAGE
            after = page[-1].partition(",")[0] if page else after
        return header + "".join(lines)


def _page_of(month: str, other: str, after: str) -> str:
    return f"/v1/net-statements/{quote(month, safe='')}/{quote(other, safe='')}?after={after}&limit={_PAGE}"
