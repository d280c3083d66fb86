"""The values that the file of orders keeps. An order is its keyed reference; no number, name or address is in them."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final
from uuid import UUID

from protocol.activations import (
    OPENED,
    ActivationOutcome,
    ActivationReason,
    Basis,
    UncheckedCause,
)
from protocol.codes import DecisionCode, ServiceClass
from protocol.context import Channel
from protocol.encodings import b64url_encode, canonical_json, format_time
from protocol.states import HouseholdKeyState

DECISION_KEPT: Final = dt.timedelta(days=90)
"""From the decision on: as long as a carrier may report, in the founding rules."""
REPORTED_KEPT: Final = dt.timedelta(days=400)
"""From the report on: as long as it may be cancelled, in the founding rules."""
DEPOSIT_KEPT: Final = dt.timedelta(days=1100)
"""From the report of a deposit on: at most two years until it is due, and one more in which it may come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDecision:
    """One answer of the registry about an order: the first one of an inquiry, or one of its re-checks."""

    order: bytes = field(repr=False)
    inquiry_id: UUID
    decision_token: str = field(repr=False)
    decision: DecisionCode
    service_class: ServiceClass
    lines: int
    decided_at: dt.datetime
    valid_until: dt.datetime | None
    register_state: HouseholdKeyState
    """As the gateway found it at the first question; a re-check is answered without it."""
    address_state: HouseholdKeyState


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The outcome of one part of an order as the carrier tells it; absent members are filled in from the decision.

    ``order``, ``agent`` and ``approved_by`` are references already. ``span`` is the fineness of ``at``: a time without
    seconds means its whole minute.
    """

    order: bytes = field(repr=False)
    outcome: ActivationOutcome
    at: dt.datetime | None = None
    span: dt.timedelta = dt.timedelta(0)
    part: int | None = None
    revision: int | None = None
    lines: int | None = None
    service_class: ServiceClass | None = None
    reason: ActivationReason | None = None
    channel: Channel | None = None
    outlet: str | None = None
    dealer: str | None = None
    agent: bytes | None = field(default=None, repr=False)
    approved_by: bytes | None = field(default=None, repr=False)
    deposit_fen: int | None = None
    unchecked: UncheckedCause | None = None

    @property
    def part_number(self) -> int:
        """The part: an order that is not divided is part 1."""
        return 1 if self.part is None else self.part

    def digest(self) -> bytes:
        """Digest what is told, so that the same told again is recognised: ``at`` as it was told, or absent."""
        told = {
            each.name: _plain(getattr(self, each.name))
            for each in fields(self)
            if each.name not in ("order", "part", "revision", "span")
        }
        return hashlib.sha256(canonical_json(told)).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One revision of a part, as it was or is being reported.

    ``outcome`` is None of a report that the registry has and that was not made from this file; ``taken`` is false
    until the registry's answer is known.
    """

    revision: int
    digest: bytes
    taken: bool
    outcome: ActivationOutcome | None = None
    done_at: dt.datetime | None = None
    inquiry_id: UUID | None = None
    decided_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A report that is about to be sent: its revision, its time, and the decision whose token it shows."""

    wish: Wish
    revision: int
    at: dt.datetime
    decision: KeptDecision | None
    repeated: bool
    """The registry took the same before."""

    @property
    def can_be_sent(self) -> bool:
        """Tell whether there is a decision to show, or a cause why there is none."""
        return self.decision is not None or self.wish.unchecked is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The registry's word on a report that it has."""

    activation_id: UUID
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreported:
    """The newest decision on an order of which nothing was reported."""

    inquiry_id: UUID
    decision: DecisionCode
    service_class: ServiceClass
    decided_at: dt.datetime
    order: bytes = field(repr=False)


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return b64url_encode(value)
    if isinstance(value, dt.datetime):
        return format_time(value)
    return str(value) if isinstance(value, StrEnum) else value


def next_revision(known: Sequence[Reported], digest: bytes) -> int:
    """Choose the revision of a report that names none: the newest one told again, or the one behind it.

    What was refused because the registry has another report in its place is not turned into a correction by telling it
    once more: whoever means one names the revision.
    """
    newest = max((each.revision for each in known if each.taken), default=0)
    told_before = [
        each.revision
        for each in known
        if each.digest == digest and (each.revision == newest if each.taken else each.revision <= newest)
    ]
    return max(told_before, default=newest + 1)


def before(known: Sequence[Reported], revision: int) -> Reported | None:
    """Return the newest revision before this one that the registry has."""
    earlier = [each for each in known if each.taken and each.revision < revision]
    return max(earlier, key=lambda each: (each.revision, each.outcome is not None), default=None)


def choose_decision(decisions: Sequence[KeptDecision], earlier: Reported | None, wish: Wish) -> KeptDecision | None:
    """Choose the decision behind an outcome: the newest one that was there when it was done.

    A correction of a service that was opened speaks of the inquiry under which it was opened, whatever was asked since.
    """
    fitting = [each for each in decisions if wish.service_class in (None, each.service_class)]
    if earlier is not None and earlier.outcome in OPENED and earlier.inquiry_id is not None:
        fitting = [each for each in fitting if each.inquiry_id == earlier.inquiry_id] or fitting
    newest_first = sorted(fitting, key=lambda each: (each.decided_at, each.inquiry_id), reverse=True)
    if wish.at is None or not newest_first:
        return newest_first[0] if newest_first else None
    latest = wish.at + wish.span
    return next((each for each in newest_first if each.decided_at <= latest), newest_first[0])


def done_at(wish: Wish, decision: KeptDecision | None, now: dt.datetime) -> dt.datetime:
    """Tell when it was done: now where nobody says.

    Nobody acts on a decision before it is made: a clock that is a little behind the registry's, or a time without
    seconds, is moved up to it.
    """
    at = now if wish.at is None else wish.at
    if decision is None or at >= decision.decided_at:
        return at
    is_near = wish.at is None or decision.decided_at < wish.at + wish.span
    return decision.decided_at if is_near else at
