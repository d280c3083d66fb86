"""Defines a creditor's own late fee: never above the rules, never for debts listed before."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from protocol.messages.rules import LateFeeRules, NewCreditorTerms


class TermsAboveRules(Exception):
    """The creditor asks for more than the rules allow; ``field`` is the figure."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeTerms:
    """One creditor's late fee for records that are listed from a Beijing date on."""

    creditor_id: str
    terms_id: uuid.UUID
    effective_from: dt.date
    daily_ppm: int
    cap_ppm: int
    set_at: dt.datetime
    log_entry_id: uuid.UUID


def check_within(asked: NewCreditorTerms, rules: LateFeeRules) -> None:
    """Raise TermsAboveRules for the first figure that exceeds the rules."""
    if asked.daily_ppm > rules.daily_ppm:
        raise TermsAboveRules("daily_ppm")
    if asked.cap_ppm > rules.cap_ppm:
        raise TermsAboveRules("cap_ppm")


def terms_on(terms: Iterable[FeeTerms], day: dt.date) -> FeeTerms | None:
    """Return the terms that apply on a day: those of the latest date, and of two for one date the later ones."""
    begun = [each for each in terms if each.effective_from <= day]
    return max(begun, key=lambda each: (each.effective_from, each.set_at, each.terms_id), default=None)


def fee_when_listed(terms: FeeTerms | None, rules: LateFeeRules) -> LateFeeRules:
    """Return the fee that a record gets for its whole life: the creditor's, if that is the lower one.

    Terms that were within the rules of their day may exceed later rules.
    """
    if terms is None:
        return rules
    return LateFeeRules(
        daily_ppm=min(terms.daily_ppm, rules.daily_ppm),
        cap_ppm=min(terms.cap_ppm, rules.cap_ppm),
    )
