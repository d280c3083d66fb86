"""A statement discloses to a subject all data about it; some statements of a calendar year are free."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from protocol.states import RecordState
from registry.domain.records import RecordTransition


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementGiven:
    """A row for each given statement: its carrier and time, without its content."""

    subject_key: bytes = field(repr=False)
    statement_id: uuid.UUID
    asked_through: str
    given_at: dt.datetime
    year: int
    """The calendar year in Beijing, within which free statements are counted."""
    free: bool
    log_entry_id: uuid.UUID


def free_left(given: Iterable[StatementGiven], year: int, free_a_year: int) -> int:
    """Return the number of statements of a year that are still free."""
    return max(0, free_a_year - sum(each.free for each in given if each.year == year))


def in_order(events: Iterable[RecordTransition]) -> tuple[RecordTransition, ...]:
    """Sort a record's transitions by time, and within one moment so that each begins where the last one ended."""
    left = sorted(events, key=lambda each: each.at)
    ordered: list[RecordTransition] = []
    state = RecordState.RECEIVED
    while left:
        moment = [each for each in left if each.at == left[0].at]
        following = next((each for each in moment if each.source is state), moment[0])
        left.remove(following)
        ordered.append(following)
        state = following.target
    return tuple(ordered)
