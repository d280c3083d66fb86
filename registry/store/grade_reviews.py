"""Keep the reviews of decisions that a grade made, each under the subject of its inquiry."""

import uuid
from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from protocol.grades import ReviewOutcome, ReviewReason
from registry.domain.grades import GradeReview
from registry.store import columns
from registry.store.prepared import Insert
from registry.store.repository import Repository

# Like an inquiry's, its subject need not be a stored one. The key is the guard against two reviews at once.
grade_review: Final = sa.Table(
    "grade_review",
    columns.metadata,
    columns.key(),
    columns.uuid("inquiry_id"),
    columns.integer("number"),
    columns.text("participant_id", 64),
    columns.coded("outcome", ReviewOutcome, 16),
    columns.coded("reason", ReviewReason, 32),
    columns.time("asked_at"),
    columns.day("due_on"),
    sa.Column("late", sa.Boolean(), nullable=False),
    columns.time("reviewed_at"),
    columns.octets("content_digest"),
    columns.uuid("log_entry_id"),
    sa.PrimaryKeyConstraint("subject_key", "inquiry_id", "number"),
    columns.references(["participant_id"], "participant"),
    columns.length("subject_key"),
    columns.length("content_digest", 32),
    columns.at_least("number", 1),
    columns.by_age("reviewed_at"),
    info=columns.BY_SUBJECT,
)

_INSERT: Final = Insert(grade_review, new_only=True)
_OF_SUBJECT: Final = (
    sa.select(grade_review)
    .where(grade_review.c.subject_key.in_(sa.bindparam("keys", expanding=True)))
    .order_by(grade_review.c.inquiry_id, grade_review.c.number)
)
_OF_INQUIRIES: Final = _OF_SUBJECT.where(grade_review.c.inquiry_id.in_(sa.bindparam("ids", expanding=True)))


class GradeReviews(Repository):
    """Distribution key: ``subject_key``."""

    def add(self, new: GradeReview) -> None:
        """Keep a review; raises Overtaken if another one has its number: the work runs again, and finds it."""
        _INSERT.add(self._connection, [new])

    def of_inquiries(self, keys: Collection[bytes], inquiry_ids: Collection[uuid.UUID]) -> tuple[GradeReview, ...]:
        """Read the reviews of some inquiries, in their order, under the keys that their people have, or had."""
        return self._all(GradeReview, _OF_INQUIRIES, keys=sorted(keys), ids=sorted(inquiry_ids))

    def of_subject(self, keys: Collection[bytes]) -> tuple[GradeReview, ...]:
        """Read all reviews about a subject, under all keys that it has had, by their inquiries."""
        return self._all(GradeReview, _OF_SUBJECT, keys=sorted(keys))
