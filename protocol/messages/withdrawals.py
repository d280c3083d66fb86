"""A creditor takes records back: one, many, or all that a batch listed."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from protocol.codes import WithdrawalReason
from protocol.messages.limits import MAX_BATCH
from protocol.messages.steps import Versioned
from protocol.wire.fields import Count, Sum
from protocol.wire.kinds import Items, Text, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal(Versioned):
    """The creditor's reason to take a record back; with ``expected_version`` only if nobody changed it meanwhile."""

    reason: WithdrawalReason

    def __post_init__(self) -> None:
        """Raises ValueError for the reason NOT_IN_EXPORT."""
        _refuse_unbounded(self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyWithdrawals:
    """Up to 1,000 records of the sender's own, and the reason to take them back."""

    record_ids: Annotated[tuple[UUID, ...], Items(least=1, most=MAX_BATCH)]
    reason: WithdrawalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalOutcome:
    """The state that the record came to, or the one that it stays in; NOT_FOUND where the sender has none.

    HELD is an open record that stands since the day's bound on take-outs is reached, for the reason NOT_IN_EXPORT.
    """

    record_id: UUID
    outcome: Annotated[str, Text("[A-Z_]+", most=32)]


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalOutcomes:
    """One outcome an id, in the order of the request, and how many left the list."""

    outcomes: Annotated[tuple[WithdrawalOutcome, ...], Items(least=1, most=MAX_BATCH)]
    withdrawn: Annotated[int, Whole(least=0, most=MAX_BATCH)]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchWithdrawal:
    """The reason to take a whole batch back."""

    reason: WithdrawalReason

    def __post_init__(self) -> None:
        """Raises ValueError for the reason NOT_IN_EXPORT."""
        _refuse_unbounded(self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchWithdrawalProgress:
    """Of ``chunks``, ``done`` are taken back; ``left_alone`` counts records that the batch named and did not list."""

    chunks: Count
    done: Count
    withdrawn: Sum
    left_alone: Sum
    finished: bool


def _refuse_unbounded(reason: WithdrawalReason) -> None:
    """Raise ValueError for a reason that goes with ManyWithdrawals alone, under the day's bound."""
    if reason is WithdrawalReason.NOT_IN_EXPORT:
        raise ValueError("records that an export lacks are taken back together, by their ids")
