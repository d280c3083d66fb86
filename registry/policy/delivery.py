"""Decides when a webhook's delivery is due, tried again and given up."""

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from typing import Final

from registry.domain.webhooks import DeadLetter, Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRules:
    """Times in seconds. With the defaults, deliveries that keep failing are given up after about eight hours."""

    batch: int = 100
    lease: int = 120
    attempts: int = 12
    first_pause: int = 10
    longest_pause: int = 3_600
    turn: float = 2.0
    """A recipient that takes longer for a page moves to the slow lane, and pauses."""
    slow_turn: float = 10.0
    """A page that takes longer than this has failed."""


DEFAULT_DELIVERY: Final = DeliveryRules()
_CLOCKS_DIFFER: Final = dt.timedelta(hours=1)
"""The clocks of two workers may differ by less than this."""


def is_due(hook: Webhook, now: dt.datetime, rules: DeliveryRules) -> bool:
    """Tell whether a page may be sent now: there is no pause and no other worker's lease.

    A pause or lease with an impossibly late end was begun by a clock that has been put back since: it no longer counts.
    """
    waits = _lasts(hook.next_attempt_at, now, rules.longest_pause)
    return not waits and not (hook.leased_until is not None and _lasts(hook.leased_until, now, rules.lease))


def pause(attempts: int, jitter: float, rules: DeliveryRules) -> dt.timedelta:
    """Return the pause after that many failures: doubled each time, then spread from half to whole by ``jitter``."""
    whole = min(rules.longest_pause, rules.first_pause * 2 ** (attempts - 1))
    return dt.timedelta(seconds=whole * (0.5 + jitter / 2))


def leased(hook: Webhook, lease_id: uuid.UUID, now: dt.datetime, rules: DeliveryRules) -> Webhook:
    """Return the webhook under one worker's lease."""
    return replace(hook, lease_id=lease_id, leased_until=now + dt.timedelta(seconds=rules.lease))


def delivered(hook: Webhook, last: int, now: dt.datetime, *, rest: dt.timedelta = dt.timedelta()) -> Webhook:
    """Return the webhook after a delivery up to ``last``; the next page is due at once, or after ``rest``."""
    return replace(hook, position=last, attempts=0, next_attempt_at=now + rest, lease_id=None, leased_until=None)


def rest_after(seconds: float, rules: DeliveryRules) -> dt.timedelta:
    """Return the pause after a page that took ``seconds``: as long again if the webhook was slow."""
    return dt.timedelta(seconds=seconds if seconds >= rules.turn else 0)


def failed(
    hook: Webhook, last: int, reason: str, now: dt.datetime, *, jitter: float, rules: DeliveryRules
) -> tuple[Webhook, DeadLetter | None]:
    """Schedule the page again after a pause; after the last attempt give it up, and the next page is due."""
    attempts = hook.attempts + 1
    if attempts < rules.attempts:
        again = now + pause(attempts, jitter, rules)
        return replace(hook, attempts=attempts, next_attempt_at=again, lease_id=None, leased_until=None), None
    letter = DeadLetter(
        recipient=hook.recipient,
        first_position=hook.position + 1,
        last_position=last,
        attempts=attempts,
        reason=reason,
        given_up_at=now,
    )
    return delivered(hook, last, now), letter


def _lasts(end: dt.datetime, now: dt.datetime, longest: int) -> bool:
    return now < end <= now + dt.timedelta(seconds=longest) + _CLOCKS_DIFFER
