"""Read an event of TMF622 as the outcome of an order, or of each service of it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from gateway.local.members import invalid
from gateway.tmf.bodies import ProductOrder, ProductOrderItem, ProductOrderStateChangeEvent
from gateway.tmf.reading import read_message, read_time
from gateway.tmf.tables import TmfTables
from protocol.activations import ActivationOutcome, ActivationReason
from protocol.codes import ServiceClass
from protocol.context import MOST_LINES

BY_ACTIVATIONS: Final = "TELL_BY_ACTIVATIONS"
"""The code of an outcome of which an event says too little: a program tells it by POST /activations."""
ORDER: Final = "event.productOrder"
_ITEMS: Final = f"{ORDER}.productOrderItem"
_ADD: Final = "add"


class OrderState(StrEnum):
    """The states of an order in which something has become of it; all others are on the way."""

    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    FAILED = "failed"
    PARTIAL = "partial"


_OPENED: Final = (OrderState.COMPLETED, OrderState.PARTIAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The lines of one service that an order opened, and as what."""

    outcome: ActivationOutcome
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderNews:
    """An outcome of an order. ``numbers`` are those under which it may have been checked, its own first."""

    event_id: str = field(repr=False)
    numbers: tuple[str, ...] = field(repr=False)
    is_completed: bool
    at: dt.datetime | None
    span: dt.timedelta | None
    reason: ActivationReason | None
    opened: dict[ServiceClass, Opened]
    """Of a completed order; empty where its items do not tell."""


def read_event(body: dict[str, Any], tables: TmfTables) -> OrderNews | None:
    """Read an event; None for an order that is still on its way. Raises Refusal."""
    event = read_message(ProductOrderStateChangeEvent, body, is_open=True)
    order = event.event.productOrder
    state = next((each for each in OrderState if each.value == order.state), None)
    if state is None:
        return None
    if state is OrderState.PARTIAL:
        raise invalid(f"{ORDER}.state", BY_ACTIVATIONS)
    is_completed = state is OrderState.COMPLETED
    at, span = _done_at(event, order, is_completed=is_completed)
    _check_items(order.productOrderItem, is_completed=is_completed)
    return OrderNews(
        event_id=event.eventId,
        numbers=(order.id, *(each.id for each in order.externalId)),
        is_completed=is_completed,
        at=at,
        span=span,
        reason=order.clearlineReason,
        opened=_opened(order.productOrderItem, tables) if is_completed else {},
    )


def _done_at(
    event: ProductOrderStateChangeEvent, order: ProductOrder, *, is_completed: bool
) -> tuple[dt.datetime | None, dt.timedelta | None]:
    """Take the time of the order's end, or that of the event."""
    name = "completionDate" if is_completed else "cancellationDate"
    of_order = order.completionDate if is_completed else order.cancellationDate
    if of_order is not None:
        return read_time(of_order, f"{ORDER}.{name}")
    return (None, None) if event.eventTime is None else read_time(event.eventTime, "eventTime")


def _check_items(items: Sequence[ProductOrderItem], *, is_completed: bool) -> None:
    """Refuse an order of whose items something else became: who reports it has to say of which part."""
    for place, item in enumerate(items):
        fits = item.state in (None, OrderState.COMPLETED) if is_completed else item.state not in _OPENED
        if _adds(item) and not fits:
            raise invalid(f"{_ITEMS}.{place}.state", BY_ACTIVATIONS)


def _opened(items: Sequence[ProductOrderItem], tables: TmfTables) -> dict[ServiceClass, Opened]:
    opened: dict[ServiceClass, Opened] = {}
    for place, item in enumerate(items):
        kind = _kind(item, place, tables) if _adds(item) else None
        if kind is None:
            continue
        service_class, outcome = kind
        before = opened.get(service_class, Opened(outcome=outcome, lines=0))
        if before.outcome is not outcome:
            raise invalid(f"{_ITEMS}.{place}.productOffering.id", BY_ACTIVATIONS)
        lines = before.lines + item.quantity
        if lines > MOST_LINES:
            raise invalid(f"{_ITEMS}.{place}.quantity", "OUT_OF_RANGE")
        opened[service_class] = Opened(outcome=outcome, lines=lines)
    return opened


def _kind(item: ProductOrderItem, place: int, tables: TmfTables) -> tuple[ServiceClass, ActivationOutcome] | None:
    """Tell what an item opened: postpaid or prepaid; None for what is no service: a handset, say."""
    offering = None if item.productOffering is None else item.productOffering.id
    if offering in tables.deposit.values():  # the sum that was left is in no event
        raise invalid(f"{_ITEMS}.{place}.productOffering.id", BY_ACTIVATIONS)
    for service_class, prepaid in tables.prepaid.items():
        if offering == prepaid:
            return service_class, ActivationOutcome.PREPAID
    asked = None if offering is None else tables.offerings.get(offering)
    return None if asked is None else (asked, ActivationOutcome.ACTIVATED)


def _adds(item: ProductOrderItem) -> bool:
    return item.action in (None, _ADD)
