"""How deliveries are tried again, and when they are given up."""

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from typing import Final

from registry.domain.webhooks import DeadLetter, Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRules:
    """Times in seconds. With the defaults what cannot be delivered is given up after about eight hours."""

    batch: int = 100
    lease: int = 120
    attempts: int = 12
    first_pause: int = 10
    longest_pause: int = 3_600
    turn: float = 2.0
    """Whoever takes longer for a page waits for its next turn with the slow ones, and rests."""
    slow_turn: float = 10.0
    """Whoever takes longer than this has not taken the page."""


DEFAULT_DELIVERY: Final = DeliveryRules()
_CLOCKS_DIFFER: Final = dt.timedelta(hours=1)
"""The clocks of two workers differ by less than this."""


def is_due(hook: Webhook, now: dt.datetime, rules: DeliveryRules) -> bool:
    """Whether a page may be sent now: no pause lasts, and no other worker is at it.

    A pause or lease that ends far later than any can was begun by a clock that has been put back since, and is over.
    """
    waits = _lasts(hook.next_attempt_at, now, rules.longest_pause)
    return not waits and not (hook.leased_until is not None and _lasts(hook.leased_until, now, rules.lease))


def pause(attempts: int, jitter: float, rules: DeliveryRules) -> dt.timedelta:
    """How long to wait after that many failures: doubled each time, then spread from half to whole by ``jitter``."""
    whole = min(rules.longest_pause, rules.first_pause * 2 ** (attempts - 1))
    return dt.timedelta(seconds=whole * (0.5 + jitter / 2))


def leased(hook: Webhook, lease_id: uuid.UUID, now: dt.datetime, rules: DeliveryRules) -> Webhook:
    """Held by one worker for a while."""
    return replace(hook, lease_id=lease_id, leased_until=now + dt.timedelta(seconds=rules.lease))


def delivered(hook: Webhook, last: int, now: dt.datetime, *, rest: dt.timedelta = dt.timedelta()) -> Webhook:
    """What comes next is due at once, or after a rest."""
    return replace(hook, position=last, attempts=0, next_attempt_at=now + rest, lease_id=None, leased_until=None)


def rest_after(seconds: float, rules: DeliveryRules) -> dt.timedelta:
    """How long a webhook rests that took so long for a page: as long again if it was slow."""
    return dt.timedelta(seconds=seconds if seconds >= rules.turn else 0)


def failed(
    hook: Webhook, last: int, reason: str, now: dt.datetime, *, jitter: float, rules: DeliveryRules
) -> tuple[Webhook, DeadLetter | None]:
    """The same again after a pause; after the last attempt it is given up, and what comes next is due."""
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
