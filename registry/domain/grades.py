"""A carrier's own terms for low grades, one for each of its tariffs, and the reviews of decisions by its people."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from protocol.alternatives import AlternativeKind
from protocol.codes import ServiceClass
from protocol.grades import GradeUse, ReviewOutcome, ReviewReason
from protocol.messages.activations import MOST_DEPOSIT_FEN
from protocol.messages.grades import PER_MILLE

_YUAN: Final = 100
DEFAULT_TARIFF: Final = ""
"""The name under which terms lie that hold for every tariff of a service without terms of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTerms:
    """One carrier's terms for low grades in one tariff, for inquiries from a Beijing date on; amounts in fen."""

    participant_id: str
    terms_id: uuid.UUID
    service_class: ServiceClass
    tariff: str
    average_bill_fen: int
    deposit_permille_of_bill: int
    prepaid: bool
    use: GradeUse
    asks: AlternativeKind
    """The terms that a low grade asks for; the other ones are the alternative."""
    effective_from: dt.date
    set_at: dt.datetime
    log_entry_id: uuid.UUID

    def deposit_fen(self, cap_fen: int) -> int:
        """Compute the deposit of a low grade, in whole yuan of at most ``cap_fen``; 0 is none."""
        asked_fen = min(self.deposit_permille_of_bill * self.average_bill_fen // PER_MILLE, cap_fen)
        return asked_fen - asked_fen % _YUAN

    @property
    def leaves_a_choice(self) -> bool:
        """Tell whether the tariff can be had with a deposit as well as prepaid."""
        return self.prepaid and self.deposit_fen(MOST_DEPOSIT_FEN) > 0


def terms_for(
    terms: Iterable[CreditTerms], service: ServiceClass, tariff: str | None, day: dt.date
) -> CreditTerms | None:
    """Return the terms of a tariff on a day, or else those of its service; None where the carrier set neither."""
    in_force = {(each.service_class, each.tariff): each for each in terms_on(terms, day)}
    own = None if tariff is None else in_force.get((service, tariff))
    return own if own is not None else in_force.get((service, DEFAULT_TARIFF))


def terms_on(terms: Iterable[CreditTerms], day: dt.date) -> tuple[CreditTerms, ...]:
    """Return the terms of each tariff on a day: those of the latest date, and of two for one date the later ones."""
    begun = sorted((each for each in terms if each.effective_from <= day), key=_rank)
    newest = {(each.service_class.value, each.tariff): each for each in begun}
    return tuple(newest[place] for place in sorted(newest))


def _rank(terms: CreditTerms) -> tuple[dt.date, dt.datetime, uuid.UUID]:
    return terms.effective_from, terms.set_at, terms.terms_id


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeReview:
    """One review of a decision that a grade made, numbered from 1; two at most, and LIFTED is the last one."""

    subject_key: bytes = field(repr=False)
    inquiry_id: uuid.UUID
    number: int
    participant_id: str
    outcome: ReviewOutcome
    reason: ReviewReason
    asked_at: dt.datetime
    due_on: dt.date
    late: bool
    reviewed_at: dt.datetime
    content_digest: bytes = field(repr=False)
    log_entry_id: uuid.UUID
