"""Readings of the clock that the database keeps, an operator's confirmation of the time, and what refuses one."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Final, Literal

ClockWordFault = Literal[
    "word-malformed",  # not a signed word of this kind, or not the text that its signer would have written
    "not-the-operator",  # no live key of a participant with the role OPERATOR signed it
    "other-registry",  # it names another registry
    "word-used",  # it was applied before
    "other-time",  # it names another time than the registry's clock says now
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReading:
    """A moment at which the clock was trusted, and how far the steady clock of that start of the machine was."""

    boot: str
    """Which start of which machine ``steady_ms`` counts from."""
    at: dt.datetime
    steady_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockConfirmation:
    """The operator said that the registry's clock was right at ``confirmed_at``: the measure from then on."""

    number: int
    """1, 2, 3: the order of saying, whatever the times are."""
    word_digest: bytes = field(repr=False)
    operator_id: str
    key_id: str
    confirmed_at: dt.datetime
    newest_entry_at: dt.datetime | None
    """The newest entry of the log before; it and what is older measure nothing any more."""
    database_ahead_ms: int
    """By how much the database's clock was ahead of the registry's: as much is no difference any more."""
    log_entry_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTimes:
    """What the database knows of earlier times."""

    confirmation: ClockConfirmation | None
    """The last one that was said."""
    reading: ClockReading | None
    """The reading of this very start of the machine, if there is one."""
    newest_reading_at: dt.datetime | None
    newest_entry_at: dt.datetime | None
    outage_since: dt.datetime | None
    """A gap that waits for a person: when it was found."""


class ClockWordRefused(Exception):
    """A confirmation of the time that is not accepted; the code is stable and the message repeats no input."""

    def __init__(self, code: ClockWordFault, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code: Final = code
