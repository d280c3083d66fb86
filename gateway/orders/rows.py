"""Turn the rows of the file of orders into values; times are whole microseconds since 1970."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from gateway.orders.values import DECISION_KEPT, KeptDecision, Plan, Reported, Unreported
from protocol.activations import ActivationOutcome
from protocol.codes import DecisionCode, ServiceClass
from protocol.states import HouseholdKeyState

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)


def key_of(plan: Plan) -> tuple[bytes, int, int, bytes]:
    """Return the primary key of a report: order, part, revision, digest."""
    return plan.wish.order, plan.wish.part_number, plan.revision, plan.wish.digest()


def decision_row(kept: KeptDecision) -> tuple[Any, ...]:
    """Write the row of a decision, column by column."""
    return (
        kept.order,
        kept.inquiry_id.bytes,
        number(kept.decided_at),
        kept.decision_token,
        kept.decision.value,
        kept.service_class.value,
        kept.lines,
        None if kept.valid_until is None else number(kept.valid_until),
        kept.register_state.value,
        kept.address_state.value,
        number(kept.decided_at + DECISION_KEPT),
    )


def decision_of(order: bytes, row: Sequence[Any]) -> KeptDecision:
    """Read a decision on an order."""
    inquiry_id, decided_at, token, decision, service_class, lines, valid_until, register, address = row
    return KeptDecision(
        order=order,
        inquiry_id=UUID(bytes=inquiry_id),
        decision_token=token,
        decision=DecisionCode(decision),
        service_class=ServiceClass(service_class),
        lines=lines,
        decided_at=moment(decided_at),
        valid_until=None if valid_until is None else moment(valid_until),
        register_state=HouseholdKeyState(register),
        address_state=HouseholdKeyState(address),
    )


def report_of(row: Sequence[Any]) -> Reported:
    """Read one revision of a part."""
    revision, digest, taken, outcome, at, inquiry_id, decided_at = row
    return Reported(
        revision=revision,
        digest=digest,
        taken=bool(taken),
        outcome=None if outcome is None else ActivationOutcome(outcome),
        done_at=None if at is None else moment(at),
        inquiry_id=None if inquiry_id is None else UUID(bytes=inquiry_id),
        decided_at=None if decided_at is None else moment(decided_at),
    )


def unreported_of(row: Sequence[Any]) -> Unreported:
    """Read the newest decision on an order of which nothing was reported."""
    order, inquiry_id, decision, service_class, decided_at = row
    return Unreported(
        order=order,
        inquiry_id=UUID(bytes=inquiry_id),
        decision=DecisionCode(decision),
        service_class=ServiceClass(service_class),
        decided_at=moment(decided_at),
    )


def number(at: dt.datetime) -> int:
    """Count the microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def moment(microseconds: int) -> dt.datetime:
    """Return the time after so many microseconds, in UTC."""
    return _EPOCH + microseconds * _MICROSECOND
