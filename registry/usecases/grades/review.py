"""Take a carrier's review of a decision that a grade made; the same again gets the first answer."""

import hashlib

from protocol.beijing import beijing_date
from protocol.encodings import b64url_encode, canonical_json, format_time
from protocol.log_entries import EntryKind
from protocol.messages import grades as messages
from protocol.problems import Problem, Refusal
from protocol.wire.codec import message_of, write
from registry.domain.grades import GradeReview
from registry.domain.participants import Actor
from registry.policy.reviewing import check, require_next, review_due
from registry.usecases.act import Act
from registry.usecases.activations.shown import shown
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.inquiries.handles import Decided, people_of, read_token
from registry.usecases.pseudonyms import Names


def review_grade(registry: Registry, actor: Actor, call: IdempotentCall, body: messages.NewGradeReview) -> Outcome:
    """Take the review of a carrier's own decision.

    Raises Refusal TOKEN_INVALID, TOKEN_FOREIGN, INVALID_FIELD, NOT_GRADED, SECOND_PERSON_MISSING, SAME_PERSON or
    EDGE_NOT_ALLOWED (it was reviewed before); nothing is kept then.
    """
    decided = read_token(registry, body.decision_token, actor.participant_id)
    names = people_of(decided.case)

    def work(act: Act) -> tuple[int, messages.GradeReview]:
        return _take(act, body, decided, names)

    return answer_once(registry, actor, call, work, names=(names,))


def _take(act: Act, body: messages.NewGradeReview, decided: Decided, names: Names) -> tuple[int, messages.GradeReview]:
    decision = shown(act, decided.claims)
    check(body, decision, act.now)
    grade = act.book.version(decided.claims["rules_version"]).grade
    if grade is None:
        raise Refusal(Problem.NOT_GRADED)
    subject_key = act.key_of(names)
    earlier = act.tx.grade_reviews.of_inquiries({subject_key, names.index_key}, (decision.inquiry_id,))
    digest = _content_digest(body)
    for each in earlier:
        if each.content_digest == digest:
            return 200, _message(each)
    require_next(body.outcome, earlier)
    due_on, review_id = review_due(body.asked_at, grade.review_working_days, act.rules.collection), act.new_id()
    review = GradeReview(
        subject_key=subject_key,
        inquiry_id=decision.inquiry_id,
        number=len(earlier) + 1,
        participant_id=act.actor_id,
        outcome=body.outcome,
        reason=body.reason,
        asked_at=body.asked_at,
        due_on=due_on,
        late=beijing_date(act.now) > due_on,
        reviewed_at=act.now,
        content_digest=digest,
        log_entry_id=review_id,
    )
    _log(act, review, body)
    act.tx.grade_reviews.add(review)
    return 201, _message(review)


def _content_digest(body: messages.NewGradeReview) -> bytes:
    """Digest a review without the token, of which an inquiry may have several."""
    said = {name: value for name, value in write(body).items() if name != "decision_token"}
    return hashlib.sha256(canonical_json(said)).digest()


def _log(act: Act, review: GradeReview, body: messages.NewGradeReview) -> None:
    late = {"late": 1} if review.late else {}
    approved_by = {} if body.approved_by is None else {"approved_by": b64url_encode(body.approved_by)}
    act.log(
        EntryKind.GRADE_REVIEWED,
        review.log_entry_id,
        {
            "inquiry": str(review.inquiry_id),
            "outcome": review.outcome.value,
            "reason": review.reason.value,
            "asked_at": format_time(review.asked_at),
            **late,
            "rules": act.rules.version,
        },
        subject_key=review.subject_key,
        personal={"subject": review.subject_key.hex(), "agent": b64url_encode(body.agent), **approved_by},
    )


def _message(review: GradeReview) -> messages.GradeReview:
    return message_of(messages.GradeReview, review, review_id=review.log_entry_id)
