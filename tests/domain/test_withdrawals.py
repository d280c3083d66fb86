"""Which records a batch listed itself, and when its withdrawal is over."""

import uuid

from protocol.codes import Verdict
from protocol.messages.records import RowVerdict
from registry.domain.batches import BatchWithdrawal, listed_by


def a_verdict(verdict: Verdict, number: int | None) -> RowVerdict:
    record_id = None if number is None else uuid.UUID(int=number)
    return RowVerdict(row_id="row", verdict=verdict, record_id=record_id)


def test_only_rows_that_listed_something_count_as_listed() -> None:
    verdicts = [
        a_verdict(Verdict.ACTIVE, 1),
        a_verdict(Verdict.PENDING, 2),
        a_verdict(Verdict.UPDATED, 1),
        a_verdict(Verdict.DUPLICATE, 3),
        a_verdict(Verdict.UPDATED, 4),
        a_verdict(Verdict.REJ_MINOR, None),
    ]
    assert listed_by(verdicts) == ((uuid.UUID(int=1), uuid.UUID(int=2)), 2)


def test_a_withdrawal_is_over_with_its_last_chunk() -> None:
    assert not BatchWithdrawal(chunks=2, done=1, withdrawn=5, left_alone=0).finished
    assert BatchWithdrawal(chunks=2, done=2, withdrawn=9, left_alone=1).finished
