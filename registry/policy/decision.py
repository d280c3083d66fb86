"""Decides an inquiry: own arrears come first, a household's weigh only as far as the rules allow."""

from dataclasses import dataclass, replace
from typing import Final

from protocol.codes import DecisionCode, ReasonCode, Remedy, ServiceClass
from protocol.values import quick
from registry.domain.records import Record
from registry.policy.credit import Credit

RED_LIST_WAIVES: Final = frozenset({DecisionCode.PAY_FIRST, DecisionCode.DEPOSIT, DecisionCode.PREPAID_ONLY})
"""The red list turns these into ALLOW: they ask for money beforehand. REVIEW and VERIFY_ID stay."""
MARKER_VERIFIES: Final = frozenset({DecisionCode.ALLOW, DecisionCode.REVIEW})
"""A victim's marker turns these into VERIFY_ID."""
_OF_A_GRADE: Final = (Remedy.PAY_DEPOSIT, Remedy.TAKE_PREPAID, Remedy.ASK_REVIEW)


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryFacts:
    """The facts about an applicant: its own records, and records of others in the same household."""

    service_class: ServiceClass
    own: tuple[Record, ...]
    household: tuple[Record, ...]
    red_listed: bool = False
    """The applicant itself has an effective entry on the red list."""
    victim: bool = False
    """The applicant's identity was stolen once, and the marker holds."""
    credit: Credit | None = None
    """The applicant's grade for this order; None where nobody is graded."""


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer, its reasons, the applicant's remedies, and the records of the quote."""

    code: DecisionCode
    reasons: tuple[ReasonCode, ...]
    remedies: tuple[Remedy, ...]
    to_pay: tuple[Record, ...]


def decide(facts: InquiryFacts) -> Decision:
    """Decide ``facts``; records that do not block are ignored.

    A grade turns ALLOW alone into something else, and always leaves a choice and a review by a person. The red list
    waives and never hides: arrears, remedies and amounts stay in the answer. A victim's marker comes last: it turns
    ALLOW and REVIEW into VERIFY_ID, and leaves PAY_FIRST.
    """
    # A thief must not buy a line with a deposit: a stolen identity is verified, whatever its grade.
    decision = _by_grade(_by_records(facts), None if facts.victim else facts.credit)
    if facts.red_listed and decision.code in RED_LIST_WAIVES:
        decision = replace(decision, code=DecisionCode.ALLOW, reasons=(*decision.reasons, ReasonCode.RED_LIST))
    return _verified(decision) if facts.victim else decision


def _by_grade(decision: Decision, credit: Credit | None) -> Decision:
    """Ask for what a binding grade asks for; two soft signs do not add up, so REVIEW stays as it is."""
    if credit is None or credit.asks is None or decision.code is not DecisionCode.ALLOW:
        return decision
    return replace(decision, code=credit.asks, reasons=(ReasonCode.LOW_GRADE,), remedies=_OF_A_GRADE)


def _verified(decision: Decision) -> Decision:
    """Decide for the bearer of a stolen identity: the victim, or the thief at another counter."""
    return replace(
        decision,
        code=DecisionCode.VERIFY_ID if decision.code in MARKER_VERIFIES else decision.code,
        reasons=(*(each for each in decision.reasons if each is not ReasonCode.NO_ARREARS), ReasonCode.VICTIM_MARKER),
        remedies=(
            *(each for each in decision.remedies if each is not Remedy.NONE_NEEDED),
            Remedy.VERIFY_AT_COUNTER,
        ),
    )


def _by_records(facts: InquiryFacts) -> Decision:
    """Decide by the records alone.

    A household's arrears for a fixed line hold back another fixed line; every other household hit is a weak sign
    and gives REVIEW, never a refusal on its own.
    """
    own = tuple(record for record in facts.own if record.blocks)
    household = tuple(record for record in facts.household if record.blocks)
    binding = tuple(
        each for each in household if each.service_class.is_fixed_line and facts.service_class.is_fixed_line
    )
    reasons: list[ReasonCode] = []
    if own:
        reasons.append(ReasonCode.OWN_ARREARS)
    if binding:
        reasons.append(ReasonCode.HOUSEHOLD_FIXED_LINE_ARREARS)
    if reasons:
        remedies = [Remedy.PAY_QUOTE, Remedy.DISPUTE_RECORD]
        if binding:
            remedies.append(Remedy.REBUT_HOUSEHOLD)
        return Decision(
            code=DecisionCode.PAY_FIRST, reasons=tuple(reasons), remedies=tuple(remedies), to_pay=own + binding
        )
    if household:
        return Decision(
            code=DecisionCode.REVIEW,
            reasons=(ReasonCode.HOUSEHOLD_ARREARS,),
            remedies=(Remedy.REBUT_HOUSEHOLD,),
            to_pay=(),
        )
    return Decision(
        code=DecisionCode.ALLOW, reasons=(ReasonCode.NO_ARREARS,), remedies=(Remedy.NONE_NEEDED,), to_pay=()
    )
