"""The database keeps readings of the clock and the operator's confirmations of the time."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Final, Literal

ClockWordFault = Literal[
    "word-malformed",  # not a signed word of this kind, or not in its canonical form
    "not-the-operator",  # no live key of a participant with the role OPERATOR signed it
    "other-registry",  # it names another registry
    "word-used",  # it was applied before
    "other-time",  # it names another time than the registry's clock shows now
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReading:
    """A moment at which the clock was trusted, and the reading of the steady clock since that boot."""

    boot: str
    """The machine and its boot from which ``steady_ms`` counts."""
    at: dt.datetime
    steady_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockConfirmation:
    """The operator confirmed that the registry's clock was right at ``confirmed_at``, its reference from then on."""

    number: int
    """1, 2, 3: the order of the confirmations, whatever their times are."""
    word_digest: bytes = field(repr=False)
    operator_id: str
    key_id: str
    confirmed_at: dt.datetime
    newest_entry_at: dt.datetime | None
    """The newest log entry before it; that entry and older ones no longer serve as a reference."""
    database_ahead_ms: int
    """The lead of the database's clock over the registry's; that much difference is accepted from then on."""
    log_entry_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTimes:
    """The earlier times that the database knows."""

    confirmation: ClockConfirmation | None
    """The latest confirmation."""
    reading: ClockReading | None
    """The reading since this boot of the machine, if there is one."""
    newest_reading_at: dt.datetime | None
    newest_entry_at: dt.datetime | None
    outage_since: dt.datetime | None
    """The time at which a gap was found that waits for a person."""


class ClockWordRefused(Exception):
    """A confirmation of the time is refused; the code is stable and the message repeats no input."""

    def __init__(self, code: ClockWordFault, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code: Final = code
