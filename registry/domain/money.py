"""Computes the debt on a day in fen: the simple daily late fee, its cap, and the allocation of payments."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Final

from protocol.encodings import MAX_JSON_INTEGER
from protocol.messages.rules import PER_MILLION, LateFeeRules
from protocol.states import DebtPart

Pause = tuple[dt.date, dt.date | None]
"""The fee is paused after the first date up to and including the second; None while the pause lasts."""


COSTS_FIRST: Final = (DebtPart.COSTS, DebtPart.FEES, DebtPart.PRINCIPAL)
"""The customary order, and the one of the founding rules."""


def late_fee_fen(
    principal_fen: int,
    due_date: dt.date,
    today: dt.date,
    stopped_on: dt.date | None,
    rules: LateFeeRules,
    *,
    pauses: Sequence[Pause] = (),
    free_days: int = 0,
) -> int:
    """Compute the fee on ``today``: it runs from the day after the due date to ``stopped_on``, up to the cap.

    Telecommunications Regulations (PRC), article 34: three per mille a day. Fractions of a fen are dropped in
    the debtor's favour. The pauses and the ``free_days`` do not overlap; the fee of those days is never charged
    afterwards.
    """
    last = today if stopped_on is None else min(today, stopped_on)
    days = _days(due_date, last) - free_days
    days = max(0, days - paused_days(due_date, last, pauses))
    return min(principal_fen * rules.daily_ppm * days // PER_MILLION, principal_fen * rules.cap_ppm // PER_MILLION)


def paused_days(due_date: dt.date, last: dt.date, pauses: Sequence[Pause]) -> int:
    """Count the paused days after the due date, up to ``last``."""
    return sum(_days(max(due_date, start), min(last, end or last)) for start, end in pauses)


def _days(after: dt.date, until: dt.date) -> int:
    return max(0, (until - after).days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """The rest of a debt on a day, after payments were allocated."""

    principal_fen: int
    late_fee_fen: int
    costs_fen: int

    @property
    def total_fen(self) -> int:
        """Add up all parts."""
        return sum_fen(self.parts().values())

    def parts(self) -> dict[str, int]:
        """Return the parts by their names."""
        return {name: getattr(self, name) for name in _PARTS}


_PARTS: Final = tuple(part.name for part in fields(Owed))


def owed_together(debts: Iterable[Owed]) -> Owed:
    """Add up several debts, part by part."""
    listed = [debt.parts() for debt in debts]
    return Owed(**{name: sum_fen(parts[name] for parts in listed) for name in _PARTS})


def owed(
    principal_fen: int, late_fee: int, costs_fen: int, paid_fen: int, order: Sequence[DebtPart] = COSTS_FIRST
) -> Owed:
    """Allocate ``paid_fen`` to the parts of the debt in ``order``; an overpayment leaves nothing owed."""
    left = {DebtPart.COSTS: costs_fen, DebtPart.FEES: late_fee, DebtPart.PRINCIPAL: principal_fen}
    rest = paid_fen
    for part in order:
        share = min(rest, left[part])
        left[part] -= share
        rest -= share
    return Owed(
        principal_fen=left[DebtPart.PRINCIPAL],
        late_fee_fen=left[DebtPart.FEES],
        costs_fen=left[DebtPart.COSTS],
    )


def sum_fen(amounts: Iterable[int]) -> int:
    """Add amounts up, at most to the largest number that every language holds exactly.

    One creditor's records of one person stay far below it. Several malicious members together could exceed it over a
    household; a sum that cannot be written would then refuse every inquiry about it.
    """
    return min(sum(amounts), MAX_JSON_INTEGER)


def is_settled(remaining_fen: int, tolerance_fen: int) -> bool:
    """Tell whether the debt counts as settled: nothing remains, or less than the tolerance."""
    return remaining_fen == 0 or remaining_fen < tolerance_fen
