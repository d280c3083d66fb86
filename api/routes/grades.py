"""A carrier's own terms for low grades, and the reviews of decisions by its people."""

from typing import Final

from flask import Response

from api.answers import document, outcome, padded
from api.blueprint import DoorBlueprint
from api.door import actor, call, registry
from api.examples import grades as examples
from api.operations import Answer, Input, operation
from protocol.codes import Role
from protocol.messages.grades import CreditTerms, CreditTermsList, GradeReview, NewCreditTerms, NewGradeReview
from protocol.messages.rules import DayQuery
from registry.usecases.grades.credit_terms import read_credit_terms, set_credit_terms
from registry.usecases.grades.review import review_grade

BLUEPRINT: Final = DoorBlueprint("grades", __name__, description="What a carrier makes of a low grade.")


@operation(
    BLUEPRINT,
    "POST",
    "/v1/credit-terms",
    operation_id="setCreditTerms",
    roles=(Role.INQUIRER,),
    reads=Input(message=NewCreditTerms, example=examples.NEW_CREDIT_TERMS),
    answer=Answer(message=CreditTerms, status=201, description="The terms, set.", example=examples.CREDIT_TERMS),
)
def set_terms(*, body: NewCreditTerms) -> Response:
    """Set the deposit of a tariff for low grades, or whether it is prepaid then, from a day on."""
    return outcome(set_credit_terms(registry(), actor(), call("setCreditTerms"), body))


@operation(
    BLUEPRINT,
    "GET",
    "/v1/credit-terms",
    operation_id="readCreditTerms",
    roles=(Role.INQUIRER,),
    query=DayQuery,
    answer=Answer(message=CreditTermsList, description="The sender's terms.", example=examples.CREDIT_TERMS_LIST),
)
def get_terms(*, query: DayQuery) -> Response:
    """The sender's own terms for low grades on a day, and all that it ever set."""
    return document(read_credit_terms(registry(), actor(), query.at))


@operation(
    BLUEPRINT,
    "POST",
    "/v1/grade-reviews",
    operation_id="reviewGrade",
    roles=(Role.INQUIRER,),
    reads=Input(message=NewGradeReview, example=examples.NEW_GRADE_REVIEW),
    answer=Answer(
        message=GradeReview,
        status=201,
        also={200: "The same was told before; this is what was answered."},
        description="The review is in the log.",
        example=examples.GRADE_REVIEW,
    ),
)
def create_review(*, body: NewGradeReview) -> Response:
    """Tell that a person of the carrier reviewed a decision that a grade made, as its applicant asked."""
    return padded(outcome(review_grade(registry(), actor(), call("reviewGrade"), body)))
