"""Judges a scorecard: no version of the rules may have one by which it pays to pay late, or to say nothing.

ADR 0065 has the reason of each condition; together they make dominance hold for every history.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final

from protocol.grades import ABSENT, DEBT_OPEN, NOTHING_ADVERSE, WEIGHED, CreditInput, Grade
from protocol.grading import CreditFacts, graded
from protocol.messages.grades import Characteristic, GradeTerms
from protocol.problems import FieldCode

_RISING: Final = frozenset({CreditInput.CLEARED_DAYS, CreditInput.TENURE})
"""The inputs of which more is better; of all others more is worse."""
_LETTERS: Final = (Grade.A, Grade.B, Grade.C)
Fault = tuple[str, FieldCode]


def first_fault(terms: GradeTerms) -> Fault | None:
    """Return the path below ``grade`` and the code of the first condition that does not hold."""
    return next(_faults(terms), None)


def _faults(terms: GradeTerms) -> Iterator[Fault]:
    """Later conditions rely on the earlier ones, so only the first fault of a scorecard means something."""
    if sorted(each.input for each in terms.characteristics) != sorted(WEIGHED):
        yield "characteristics", FieldCode.NOT_EVERY_PART_ONCE
    if tuple(each.grade for each in terms.cuts) != _LETTERS:
        yield "cuts", FieldCode.NOT_EVERY_PART_ONCE
    if any(better.at_least <= worse.at_least for better, worse in pairwise(terms.cuts)):
        yield "cuts", FieldCode.OUT_OF_ORDER
    by_input = {each.input: each for each in terms.characteristics}
    for place, each in enumerate(terms.characteristics):
        for code in _of_bins(each):
            yield f"characteristics.{place}.bins", code
    if _lowest(by_input, CreditInput.PLAN_RUNNING) > _lowest(by_input, CreditInput.CLEARED_DAYS):
        yield "characteristics", FieldCode.PLAN_BEATS_PAYMENT
    if graded(CreditFacts(), terms).grade is not Grade.C:
        yield "base", FieldCode.NOT_GRADE_C
    yield from _of_texts(terms)


def _of_bins(each: Characteristic) -> Iterator[FieldCode]:
    values = [bin_.from_value for bin_ in each.bins]
    points = [bin_.points for bin_ in each.bins]
    if values != sorted(set(values)):
        yield FieldCode.OUT_OF_ORDER
    if values[0] != (ABSENT if each.input is CreditInput.CLEARED_DAYS else 0):
        yield FieldCode.FIRST_BIN_MISSING
    if points[0] != 0:
        yield FieldCode.NOTHING_WEIGHS
    # No day at all is better than any number of days, however many.
    by_merit = [*points[1:], points[0]] if each.input is CreditInput.CLEARED_DAYS else points
    if by_merit != sorted(by_merit, reverse=each.input not in _RISING):
        yield FieldCode.NOT_MONOTONE
    if any(bin_.points < 0 and bin_.reason is None for bin_ in each.bins):
        yield FieldCode.REASON_MISSING


def _lowest(by_input: Mapping[CreditInput, Characteristic], name: CreditInput) -> int:
    return min(each.points for each in by_input[name].bins)


def _of_texts(terms: GradeTerms) -> Iterator[Fault]:
    codes = [each.code for each in terms.reasons]
    if len(set(codes)) < len(codes):
        yield "reasons", FieldCode.REPEATED
    used = {bin_.reason for each in terms.characteristics for bin_ in each.bins if bin_.reason is not None}
    if not {DEBT_OPEN, NOTHING_ADVERSE, *used} <= set(codes):
        yield "reasons", FieldCode.TEXT_MISSING
