"""Deposits: the ones that a carrier holds, when each is due back, and the return of one."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated, Final
from uuid import UUID

from protocol.codes import ServiceClass
from protocol.deposits import DepositState, ReturnKind
from protocol.messages.activations import MOST_DEPOSIT_FEN, MOST_PARTS
from protocol.wire.fields import Count, Octets16, ParticipantId, Sum
from protocol.wire.kinds import Items, Whole

MAX_PAGE: Final = 500
_Returned = Annotated[int, Whole(least=0, most=2 * MOST_DEPOSIT_FEN)]
"""Interest may make it more than what was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositReturn:
    """A return, in whole or in part: ``fen`` went to the customer, ``kept_fen`` was set off against undisputed bills.

    SET_OFF alone keeps something, and only once the service has ended: by ``service_ended_on``, or as reported before.
    """

    fen: _Returned
    kept_fen: _Returned
    kind: ReturnKind
    at: dt.datetime
    """The moment at which it was given back."""
    service_ended_on: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """A deposit of the caller's own, as it is today: days are Beijing dates, and ``left_fen`` is with interest.

    ``activation_id`` is that of the report which says that it was taken; ``order`` and ``part`` are the report's.
    """

    activation_id: UUID
    order: Octets16 = field(repr=False)
    part: Annotated[int, Whole(least=1, most=MOST_PARTS)]
    service_class: ServiceClass
    state: DepositState
    fen: Annotated[int, Whole(least=1, most=MOST_DEPOSIT_FEN)]
    returned_fen: Sum
    kept_fen: Sum
    left_fen: Sum
    taken_on: dt.date
    service_ended_on: dt.date | None
    due_on: dt.date
    """It is to be given back by then, that day included; earlier after bills that were paid in time."""
    returned_on: dt.date | None
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedDeposit:
    """A deposit as its customer reads it; ``returned_on`` is the day of the last return."""

    participant: ParticipantId
    service_class: ServiceClass
    state: DepositState
    fen: Annotated[int, Whole(least=1, most=MOST_DEPOSIT_FEN)]
    returned_fen: Sum
    kept_fen: Sum
    left_fen: Sum
    taken_on: dt.date
    due_on: dt.date
    returned_on: dt.date | None
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositsQuery:
    """The id after which a page begins, and the page's length."""

    after: UUID | None = None
    limit: Annotated[int, Whole(least=1, most=MAX_PAGE)] = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposits:
    """A page of the caller's deposits that are held, by id; ``next`` is the ``after`` of the next, null on the last.

    Of those that came due or back in the last 12 months (``due``), so many came back in time; null but for the first
    page.
    """

    due: Count | None
    returned_in_time: Count | None
    deposits: Annotated[tuple[Deposit, ...], Items(least=0, most=MAX_PAGE)]
    next: UUID | None
