"""Write the rows of a file of decisions: what was decided on each applicant, and how it can be acted upon."""

from dataclasses import dataclass, field, fields
from typing import Final

from gateway.identity.documents import SubjectInputs
from protocol.encodings import format_time
from protocol.messages.inquiries import Alternative, InquiryAnswer

_BETWEEN: Final = "+"
"""Stands between the codes of one cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedRow:
    """One row, cell by cell; a row that was not asked about has its reasons alone."""

    order: str
    decision: str
    reasons: tuple[str, ...]
    household_register: str = ""
    household_address: str = ""
    remedies: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    """PREPAID_ONLY, or DEPOSIT with its amount in fen behind a colon."""
    checked: tuple[str, ...] = ()
    valid_until: str = ""
    inquiry_id: str = ""
    quote_reference: str = field(default="", repr=False)
    total_fen: str = ""
    grade: str = ""
    grade_reasons: tuple[str, ...] = ()
    """By their codes in the rules; the deposit of a decision DEPOSIT is in its own cell, in fen."""
    deposit_fen: str = ""

    def cells(self) -> tuple[str, ...]:
        """Return the cells in the order of HEADER."""
        values = (getattr(self, name) for name in HEADER)
        return tuple(_BETWEEN.join(each) if isinstance(each, tuple) else each for each in values)


HEADER: Final = tuple(each.name for each in fields(DecidedRow))


def decided_row(order: str, inputs: SubjectInputs, answer: InquiryAnswer) -> DecidedRow:
    """Make the row of an applicant from the registry's answer."""
    quote, credit = answer.quote, answer.credit
    return DecidedRow(
        order=order,
        decision=answer.decision.value,
        reasons=tuple(answer.reasons),
        household_register=inputs.register_state.value,
        household_address=inputs.address_state.value,
        remedies=tuple(answer.remedies),
        alternatives=tuple(map(_alternative, answer.alternatives)),
        checked=tuple(answer.checked),
        valid_until="" if answer.valid_until is None else format_time(answer.valid_until),
        inquiry_id=str(answer.inquiry_id),
        quote_reference="" if quote is None else quote.reference,
        total_fen="" if quote is None else str(quote.total_fen),
        grade="" if credit is None else credit.grade.value,
        grade_reasons=() if credit is None else credit.reasons,
        deposit_fen="" if credit is None or not credit.deposit_fen else str(credit.deposit_fen),
    )


def _alternative(offered: Alternative) -> str:
    return offered.kind if offered.amount_fen is None else f"{offered.kind}:{offered.amount_fen}"
