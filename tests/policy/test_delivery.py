"""Pauses grow and are spread; after the last attempt a page is given up and the next one is due."""

import datetime as dt
import uuid
from typing import Any

import pytest

from registry.domain.webhooks import Webhook
from registry.policy.delivery import (
    DEFAULT_DELIVERY,
    DeliveryRules,
    delivered,
    failed,
    is_due,
    leased,
    pause,
    rest_after,
)
from tests.support.builders import NOW

LEASE = uuid.UUID(int=7)


def a_webhook(**changes: Any) -> Webhook:
    values: dict[str, Any] = {
        "recipient": "carrier-b",
        "url": "https://b.example/",
        "registered_at": NOW,
        "position": 40,
    }
    return Webhook(**(values | {"next_attempt_at": NOW, "log_entry_id": uuid.UUID(int=1)} | changes))


def test_by_the_rules_of_delivery_a_page_is_given_up_after_eight_hours() -> None:
    rules = DeliveryRules(
        batch=100, lease=120, attempts=12, first_pause=10, longest_pause=3_600, turn=2.0, slow_turn=10.0
    )
    assert rules == DEFAULT_DELIVERY
    waited = sum((pause(attempt, 1.0, rules) for attempt in range(1, rules.attempts)), dt.timedelta())
    assert waited == dt.timedelta(seconds=10 * (2**9 - 1) + 2 * 3_600)


@pytest.mark.parametrize(
    ("attempts", "jitter", "seconds"), [(1, 1, 10), (1, 0, 5), (2, 1, 20), (3, 0.5, 30), (9, 1, 2560), (10, 1, 3600)]
)
def test_a_pause_doubles_up_to_an_hour(attempts: int, jitter: float, seconds: int) -> None:
    assert pause(attempts, jitter, DEFAULT_DELIVERY) == dt.timedelta(seconds=seconds)


def test_a_lease_keeps_others_away_until_it_runs_out() -> None:
    hook = leased(a_webhook(), LEASE, NOW, DEFAULT_DELIVERY)
    assert not is_due(hook, NOW + dt.timedelta(seconds=119), DEFAULT_DELIVERY)
    assert is_due(hook, NOW + dt.timedelta(seconds=120), DEFAULT_DELIVERY)
    assert hook.lease_id == LEASE


def test_what_was_delivered_makes_room_for_what_comes_next() -> None:
    hook = delivered(leased(a_webhook(attempts=3), LEASE, NOW, DEFAULT_DELIVERY), 50, NOW)
    assert hook == a_webhook(position=50)
    assert is_due(hook, NOW, DEFAULT_DELIVERY)


def test_a_failure_is_tried_again_after_its_pause() -> None:
    held = leased(a_webhook(), LEASE, NOW, DEFAULT_DELIVERY)
    hook, letter = failed(held, 50, "timeout", NOW, jitter=1.0, rules=DEFAULT_DELIVERY)
    assert letter is None
    assert (hook.position, hook.attempts, hook.lease_id) == (40, 1, None)
    assert not is_due(hook, NOW + dt.timedelta(seconds=9), DEFAULT_DELIVERY)
    assert is_due(hook, NOW + dt.timedelta(seconds=10), DEFAULT_DELIVERY)


def test_after_the_last_attempt_a_page_is_given_up_and_named() -> None:
    rules = DeliveryRules(attempts=3)
    hook, letter = failed(a_webhook(attempts=2), 50, "status-500", NOW, jitter=1.0, rules=rules)
    assert letter is not None
    assert (letter.first_position, letter.last_position, letter.attempts, letter.reason) == (41, 50, 3, "status-500")
    assert (hook.position, hook.attempts) == (50, 0)
    assert is_due(hook, NOW, DEFAULT_DELIVERY)


@pytest.mark.parametrize(("seconds", "rest"), [(0.1, 0), (1.9, 0), (2.0, 2), (9.0, 9)])
def test_who_was_slow_rests_as_long_as_it_took(seconds: float, rest: int) -> None:
    hook = delivered(a_webhook(), 50, NOW, rest=rest_after(seconds, DEFAULT_DELIVERY))
    assert hook.next_attempt_at == NOW + dt.timedelta(seconds=rest)


@pytest.mark.parametrize("years", [1, 7])
def test_a_clock_that_was_put_back_stops_no_delivery(years: int) -> None:
    """It was ahead when the pause or the lease began, so that each would last for years."""
    ahead = NOW + dt.timedelta(days=366 * years)
    paused, _ = failed(a_webhook(), 50, "timeout", ahead, jitter=1.0, rules=DEFAULT_DELIVERY)
    assert is_due(paused, NOW, DEFAULT_DELIVERY)
    assert is_due(delivered(a_webhook(), 50, ahead), NOW, DEFAULT_DELIVERY)
    held = leased(a_webhook(), LEASE, ahead, DEFAULT_DELIVERY)
    assert is_due(held, NOW, DEFAULT_DELIVERY)


def test_a_lease_of_a_worker_whose_clock_is_ahead_keeps_others_away() -> None:
    held = leased(a_webhook(), LEASE, NOW + dt.timedelta(minutes=5), DEFAULT_DELIVERY)
    assert not is_due(held, NOW, DEFAULT_DELIVERY)
