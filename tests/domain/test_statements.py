"""Free statements are counted by the year; a record's events are told as they happened."""

import datetime as dt
import uuid

from protocol.states import Action, Party, RecordState
from registry.domain.records import RecordTransition
from registry.domain.statements import StatementGiven, free_left, in_order
from tests.support.builders import NOW

_S = RecordState


def given(year: int, *, free: bool = True) -> StatementGiven:
    return StatementGiven(
        subject_key=b"S" * 16,
        statement_id=uuid.UUID(int=1),
        asked_through="carrier-b",
        given_at=NOW,
        year=year,
        free=free,
        log_entry_id=uuid.UUID(int=1),
    )


def an_event(number: int, source: RecordState, target: RecordState, minutes: int) -> RecordTransition:
    return RecordTransition(
        subject_key=b"S" * 16,
        event_id=uuid.UUID(int=number),
        record_id=uuid.UUID(int=1),
        source=source,
        target=target,
        action=Action.DISPUTE,
        party=Party.FILER,
        actor_id="carrier-b",
        reason="reported",
        at=NOW + dt.timedelta(minutes=minutes),
        rules_version="2026-01",
        log_entry_id=uuid.UUID(int=number),
    )


def test_free_statements_are_counted_within_their_year() -> None:
    assert free_left((), 2026, 2) == 2
    assert free_left((given(2026), given(2025), given(2027)), 2026, 2) == 1
    assert free_left((given(2026), given(2026), given(2026, free=False)), 2026, 2) == 0
    assert free_left((given(2026), given(2026), given(2026)), 2026, 2) == 0


def test_events_are_told_by_time_and_within_one_moment_along_the_states() -> None:
    accepted = an_event(3, _S.RECEIVED, _S.PENDING, 0)
    enforced = an_event(2, _S.PENDING, _S.ACTIVE, 0)
    disputed = an_event(1, _S.ACTIVE, _S.DISPUTED, 5)
    assert in_order((disputed, enforced, accepted)) == (accepted, enforced, disputed)
    assert in_order((disputed, enforced)) == (enforced, disputed)
    assert in_order(()) == ()
