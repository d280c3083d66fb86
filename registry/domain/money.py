"""What is owed on a day: simple daily late fee, its cap, and how a payment is allocated. All in fen."""

import datetime as dt
from dataclasses import dataclass

PER_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LateFeeRules:
    """The fee: parts per million of the principal a day, and its cap in the same unit (1,000,000 = principal)."""

    daily_ppm: int
    cap_ppm: int


def late_fee_fen(
    principal_fen: int, due_date: dt.date, today: dt.date, stopped_on: dt.date | None, rules: LateFeeRules
) -> int:
    """The fee on ``today``: it runs from the day after the due date, stops on ``stopped_on``, never exceeds the cap.

    Telecommunications Regulations (PRC), article 34: three per mille a day. Fractions of a fen are dropped in
    the debtor's favour.
    """
    last = today if stopped_on is None else min(today, stopped_on)
    days = max(0, (last - due_date).days)
    return min(principal_fen * rules.daily_ppm * days // PER_MILLION, principal_fen * rules.cap_ppm // PER_MILLION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What remains of a debt on a day, after payments were allocated to the fee first and then the principal."""

    principal_fen: int
    late_fee_fen: int

    @property
    def total_fen(self) -> int:
        return self.principal_fen + self.late_fee_fen


def owed(principal_fen: int, late_fee: int, paid_fen: int) -> Owed:
    """Allocate ``paid_fen`` to the fee, then to the principal; an overpayment leaves nothing owed."""
    fee_left = max(0, late_fee - paid_fen)
    principal_left = max(0, principal_fen - max(0, paid_fen - late_fee))
    return Owed(principal_fen=principal_left, late_fee_fen=fee_left)
