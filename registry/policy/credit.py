"""Turns a letter into its effect: a deposit or a prepaid line in place of a plain yes, and nothing else (ADR 0065).

The amounts are the carrier's own tariff. The rules only cap them: a registry that named prices would fix them among
competitors.
"""

from dataclasses import dataclass
from typing import Final

from protocol.codes import DecisionCode, ServiceClass
from protocol.context import Purpose
from protocol.grades import Grade, GradeUse
from protocol.grading import CreditFacts, Graded, graded
from protocol.messages.grades import GradeTerms
from protocol.values import quick
from registry.domain.grades import CreditTerms

_OF_AN_EXISTING_LINE: Final = frozenset({Purpose.REINSTATEMENT})


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """The grade of an applicant for one order, with its limit and deposit in fen; 0 is none."""

    facts: CreditFacts
    graded: Graded
    limit_fen: int
    deposit_fen: int
    asks: DecisionCode | None
    """The terms that take the place of ALLOW, with the other ones beside them; None where the grade does not bind."""


def is_graded(purpose: Purpose | None, terms: CreditTerms | None) -> bool:
    """Tell whether an inquiry reads a grade: it says why it asks, about a new order, and its carrier wants to know."""
    if purpose is None or purpose in _OF_AN_EXISTING_LINE:
        return False
    return terms is None or terms.use is not GradeUse.OFF


def credit_of(facts: CreditFacts, rules: GradeTerms, service: ServiceClass, terms: CreditTerms | None) -> Credit:
    """Grade an applicant for an order of a carrier; ``terms`` are None of a carrier that set none, whom nothing binds.

    Only D asks for anything: E has its debt to be paid first.
    """
    found = graded(facts, rules)
    bill_fen = rules.average_bill_fen.of(service) if terms is None else terms.average_bill_fen
    deposit_fen = 0
    if terms is not None and found.grade is Grade.D:
        deposit_fen = terms.deposit_fen(rules.deposit.cap_fen)
    binds = terms is not None and terms.use is GradeUse.BINDING and terms.prepaid and deposit_fen > 0
    return Credit(
        facts=facts,
        graded=found,
        limit_fen=rules.limit_bills.of(found.grade) * bill_fen,
        deposit_fen=deposit_fen,
        asks=DecisionCode(terms.asks) if terms is not None and binds else None,
    )
