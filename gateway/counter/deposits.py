"""Give a deposit back at the carrier's counter, and list those that it holds."""

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID

from client.idempotency import named
from client.registry import RegistryClient
from client.resources import deposits
from gateway.counter.inquiries import order_reference
from gateway.errors import OrderUnknown
from gateway.tools import Tools
from protocol.deposits import ReturnKind
from protocol.encodings import b64url_encode, canonical_json
from protocol.messages.deposits import Deposit, DepositReturn, DepositsQuery
from protocol.wire.codec import write


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """A return as a program or a clerk tells it; fen, and a UTC time. ``kept_fen`` was set off against bills."""

    fen: int
    kept_fen: int = 0
    at: dt.datetime
    service_ended_on: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnOfOrder:
    """A return by the number of the order, and the part of it, with which the deposit was taken."""

    order: str = field(repr=False)
    part: int = 1
    given_back: GivenBack


def give_back(
    registry: RegistryClient, activation_id: UUID, told: GivenBack, *, idempotency_key: str | None = None
) -> Deposit:
    """Report a return by the id of its report; the same sums at the same time are the same return."""
    body = DepositReturn(
        fen=told.fen,
        kept_fen=told.kept_fen,
        kind=ReturnKind.SET_OFF if told.kept_fen else ReturnKind.RETURNED,
        at=told.at,
        service_ended_on=told.service_ended_on,
    )
    key = idempotency_key or named("deposit", activation_id.bytes + canonical_json(write(body)))
    return deposits.return_deposit(registry, activation_id, body, key=key)


def give_back_of_order(tools: Tools, told: ReturnOfOrder, *, idempotency_key: str | None = None) -> Deposit:
    """Report a return by the order; raises OrderUnknown where the file of orders knows no deposit of it."""
    activation_id = tools.orders.deposit_of(order_reference(tools, told.order), told.part)
    if activation_id is None:
        raise OrderUnknown
    return give_back(tools.registry, activation_id, told.given_back, idempotency_key=idempotency_key)


def held_page(tools: Tools, after: UUID | None, numbers: dict[bytes, str]) -> dict[str, object]:
    """Read a page of the deposits that this carrier holds, each with its order's number where ``numbers`` has it."""
    page = write(deposits.page(tools.registry, DepositsQuery(after=after)))
    known = {b64url_encode(reference): number for reference, number in numbers.items()}
    for each in page["deposits"]:
        if each["order"] in known:
            each["number"] = known[each["order"]]
    return page
