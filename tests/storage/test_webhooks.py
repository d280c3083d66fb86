"""Webhooks and what was given up come back, on both databases."""

from dataclasses import replace

from registry.domain.webhooks import DeadLetter, Webhook
from registry.store.transactions import Store
from tests.storage import values as v


def a_webhook(recipient: str = "carrier-a", **changes: object) -> Webhook:
    values = {
        "recipient": recipient,
        "url": "https://a.example/",
        "registered_at": v.LATER,
        "position": 3,
        "next_attempt_at": v.LATER,
        "log_entry_id": v.an_id(1),
    }
    return Webhook(**(values | changes))  # type: ignore[arg-type]


def test_a_webhook_is_stored_replaced_and_locked(store: Store) -> None:
    v.founded(store)
    hook, other = a_webhook(), a_webhook("carrier-b")
    store.write(lambda tx: [tx.webhooks.put(each) for each in (other, hook)])
    assert store.read(lambda tx: tx.webhooks.all()) == (hook, other)
    leased = replace(hook, position=9, attempts=2, lease_id=v.an_id(5), leased_until=v.LATER)
    store.write(lambda tx: tx.webhooks.put(leased))
    assert store.read(lambda tx: tx.webhooks.get("carrier-a")) == leased
    assert store.read(lambda tx: tx.webhooks.get("carrier-c")) is None
    assert store.write(lambda tx: tx.webhooks.lock("carrier-a")) == leased
    assert store.write(lambda tx: tx.webhooks.lock("carrier-c")) is None


def test_a_webhook_is_held_by_its_last_lease_only(store: Store) -> None:
    v.founded(store)
    hook = a_webhook(lease_id=v.an_id(5))
    store.write(lambda tx: tx.webhooks.put(hook))
    assert store.write(lambda tx: tx.webhooks.held("carrier-a", v.an_id(5))) == hook
    assert store.write(lambda tx: tx.webhooks.held("carrier-a", v.an_id(6))) is None
    assert store.write(lambda tx: tx.webhooks.held("carrier-b", v.an_id(5))) is None


def test_what_was_given_up_is_listed_once_the_newest_first(store: Store) -> None:
    v.founded(store)
    letters = [
        DeadLetter(
            recipient="carrier-a",
            first_position=first,
            last_position=first + 9,
            attempts=12,
            reason="timeout",
            given_up_at=v.LATER,
        )
        for first in (1, 11, 21)
    ]
    for each in (*letters, letters[0]):
        store.write(lambda tx, each=each: tx.webhooks.give_up(each))
    assert store.read(lambda tx: tx.webhooks.dead_letters("carrier-a", 2)) == (letters[2], letters[1])
    assert store.read(lambda tx: tx.webhooks.dead_letters("carrier-b", 2)) == ()
