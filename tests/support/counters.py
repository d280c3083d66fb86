"""Short words for a counter that takes money for others, and for the creditor's answer."""

import datetime as dt
import json
import uuid
from typing import Any

from crypto.signing.jws import sign_compact
from protocol.codes import CollectionAnswer, CollectionRefusal
from protocol.encodings import canonical_json
from protocol.events import EventKind
from protocol.messages.collected import COLLECTION_TYPE, CollectionAnswerBody, CollectionOrder, collection_claims
from protocol.messages.inquiries import InquiryAnswer, QuoteSummary
from protocol.messages.tokens import SubjectTokens
from protocol.wire.codec import write
from registry.usecases.collected.answer import answer_collected
from registry.usecases.collected.collect import collect
from registry.usecases.context import IdempotentCall
from registry.usecases.events.read import read_events
from tests.support.stories import asks
from tests.support.world import World


def quote_for(world: World, counter: str, tokens: SubjectTokens, **more: Any) -> QuoteSummary:
    answer: InquiryAnswer = asks(world, counter, tokens, **more)
    assert answer.quote is not None
    return answer.quote


def an_order(
    world: World,
    counter: str,
    quote: QuoteSummary,
    *,
    amount_fen: int | None = None,
    collected_at: dt.datetime | None = None,
    signer: str | None = None,
) -> CollectionOrder:
    """An order with the counter's own statement, or with somebody else's signature under it."""
    amount_fen = quote.total_fen if amount_fen is None else amount_fen
    collected_at = world.clock() if collected_at is None else collected_at
    claims = collection_claims(
        collector=counter, quote_reference=quote.reference, amount_fen=amount_fen, collected_at=collected_at
    )
    signer = counter if signer is None else signer
    statement = sign_compact(
        canonical_json(claims), typ=COLLECTION_TYPE, key_id=f"{signer}-1", private_key=world.signing_keys[signer]
    )
    return CollectionOrder(
        quote_reference=quote.reference, amount_fen=amount_fen, collected_at=collected_at, statement=statement
    )


def collects(
    world: World, counter: str, quote: QuoteSummary, *, call: IdempotentCall | None = None, **order: Any
) -> dict[str, Any]:
    given = collect(
        world.registry, world.actor(counter), call or world.call(), an_order(world, counter, quote, **order)
    )
    return dict(json.loads(given.body))


def answers(
    world: World,
    creditor: str,
    collection_id: str,
    answer: CollectionAnswer = CollectionAnswer.CONFIRMED,
    reason: CollectionRefusal | None = None,
) -> dict[str, Any]:
    given = answer_collected(
        world.registry,
        world.actor(creditor),
        world.call(),
        collection_id=uuid.UUID(collection_id),
        body=CollectionAnswerBody(answer=answer, reason=reason),
    )
    return dict(json.loads(given.body))


def told(world: World, participant: str, kind: EventKind) -> list[dict[str, Any]]:
    """The events of one kind that a participant has got."""
    events = read_events(world.registry, world.actor(participant), 0, 500).events
    return [write(event) for event in events if event.kind == kind]
