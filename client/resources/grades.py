"""The credit grade at the registry: the sender's own terms for low grades, and its people's reviews of decisions."""

import datetime as dt
from typing import Final

from client.errors import NotOffered, RegistryRefused
from client.registry import RegistryClient
from protocol.messages.grades import CreditTerms, CreditTermsList, GradeReview, NewCreditTerms, NewGradeReview
from protocol.messages.rules import DayQuery
from protocol.problems import Problem

_NOT_FOUND: Final = Problem.NOT_FOUND.value.name


def read_credit_terms(registry: RegistryClient, at: dt.date | None) -> CreditTermsList:
    """Read the sender's terms for low grades on a Beijing date, today by default, and all that it ever set."""
    return registry.get("/v1/credit-terms", CreditTermsList, DayQuery(at=at))


def set_credit_terms(registry: RegistryClient, terms: NewCreditTerms) -> CreditTerms:
    """Set the terms of one tariff for inquiries from a day on."""
    return registry.post("/v1/credit-terms", terms, CreditTerms)


def review_grade(registry: RegistryClient, review: NewGradeReview, *, key: str) -> GradeReview:
    """Tell a review of a decision; the same again gives the first answer.

    Raises NotOffered for a registry without such reviews.
    """
    try:
        return registry.post("/v1/grade-reviews", review, GradeReview, key=key)
    except RegistryRefused as refused:
        if refused.problem == _NOT_FOUND:
            raise NotOffered("reviews of grades") from None
        raise
