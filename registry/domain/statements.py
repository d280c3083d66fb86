"""A statement given to a subject: all that is held about it; some of a calendar year are free."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from registry.domain.life import RecordState
from registry.domain.records import RecordTransition


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementGiven:
    """That a statement was given, through whom and when; what it said is not kept here."""

    subject_key: bytes = field(repr=False)
    statement_id: uuid.UUID
    asked_through: str
    given_at: dt.datetime
    year: int
    """The calendar year in Beijing: what is free is counted within it."""
    free: bool
    log_entry_id: uuid.UUID


def free_left(given: Iterable[StatementGiven], year: int, free_a_year: int) -> int:
    """How many statements of a year are still free after those that were given."""
    return max(0, free_a_year - sum(each.free for each in given if each.year == year))


def in_order(events: Iterable[RecordTransition]) -> tuple[RecordTransition, ...]:
    """A record's events as they happened: by time, and within one moment each edge where the last one ended."""
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
