"""Deliver events: take a page under a lease, send it outside any transaction, then settle it under the same lease."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from crypto.signing.content_digest import content_digest
from crypto.signing.http_message import sign_request
from protocol.encodings import b64url_encode, canonical_json
from protocol.incarnation import read_cursor
from protocol.wire.codec import write
from registry.domain.webhooks import Webhook
from registry.policy.delivery import DeliveryRules, delivered, failed, is_due, leased, rest_after
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.clock.judge_clock import judge_clock
from registry.usecases.context import Registry
from registry.usecases.events.read import event_delivery, number_events
from registry.usecases.restores.standing import standing

CONTENT_TYPE: Final = "application/json"
_NONCE_BYTES: Final = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One page of a feed on its way; ``key`` is the same at each attempt at the same page."""

    recipient: str
    url: str
    lease_id: uuid.UUID
    last: int
    more: bool
    """True when the feed has another page behind this one."""
    key: str
    body: bytes = field(repr=False)


def due_webhooks(registry: Registry, rules: DeliveryRules, busy: Collection[str] = ()) -> list[Webhook]:
    """Find the due webhooks with events to deliver, without ``busy``; writes only where events have no places yet.

    The longest wait comes first. None is due while the clock is in doubt: no signature of ours would have a right date,
    and no lease either.
    """
    if not judge_clock(registry).acts:
        return []
    now = registry.clock()
    known = registry.store.read(lambda tx: tx.webhooks.all())
    hooks = [each for each in known if each.recipient not in busy and is_due(each, now, rules)]
    hooks.sort(key=lambda each: each.next_attempt_at)
    for each in hooks:
        number_events(registry, each.recipient)

    def waiting(tx: Transaction) -> list[Webhook]:
        return [each for each in hooks if tx.events.page(each.recipient, each.position, 1)]

    return registry.store.read(waiting)


def take_delivery(registry: Registry, recipient: str, rules: DeliveryRules) -> Delivery | None:
    """Lease the next page of a recipient to the caller; None when there is none or another worker has it.

    If we die before it is settled, the lease runs out and the same page is delivered again.
    """
    incarnation = standing(registry).incarnation

    def work(tx: Transaction) -> Delivery | None:
        hook = tx.webhooks.lock(recipient)
        act = act_in(registry, tx, None)
        if hook is None or not is_due(hook, act.now, rules):
            return None
        page = tx.events.page(recipient, hook.position, rules.batch + 1)
        events = page[: rules.batch]
        if not events:
            return None
        delivery = event_delivery(events, hook.position, incarnation, more=len(page) > rules.batch)
        lease_id = act.new_id()
        tx.webhooks.put(leased(hook, lease_id, act.now, rules))
        return Delivery(
            recipient=recipient,
            url=hook.url,
            lease_id=lease_id,
            last=read_cursor(delivery.next)[1],
            more=delivery.more,
            key=f"events.{recipient}.{incarnation}.{delivery.events[0].position}-{delivery.next}",
            body=canonical_json(write(delivery)),
        )

    return registry.store.write(work)


def delivery_headers(registry: Registry, delivery: Delivery) -> dict[str, str]:
    """Sign the delivery, afresh for each attempt (RFC 9421, the profile of every request)."""
    return sign_request(
        method="POST",
        target_uri=delivery.url,
        content_type=CONTENT_TYPE,
        content_digest=content_digest(delivery.body),
        key_id=registry.keys.signing_key_id,
        private_key=registry.keys.signing_key,
        created=registry.clock(),
        nonce=b64url_encode(registry.random(_NONCE_BYTES)),
        idempotency_key=delivery.key,
    )


def settle_delivery(
    registry: Registry, delivery: Delivery, failure: str | None, rules: DeliveryRules, *, seconds: float = 0.0
) -> None:
    """Note the result of the delivery, unless another worker has the lease now; ``failure`` is a stable word.

    ``seconds`` is the time that the receiver took; a slow one gets its next page after a pause.
    """

    def work(tx: Transaction) -> None:
        hook = tx.webhooks.held(delivery.recipient, delivery.lease_id)
        if hook is None:
            return
        now = registry.clock()
        if failure is None:
            tx.webhooks.put(delivered(hook, delivery.last, now, rest=rest_after(seconds, rules)))
            return
        jitter = int.from_bytes(registry.random(4), "big") / 2**32
        again, letter = failed(hook, delivery.last, failure, now, jitter=jitter, rules=rules)
        tx.webhooks.put(again)
        if letter is not None:
            tx.webhooks.give_up(letter)

    registry.store.write(work)
