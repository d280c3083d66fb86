"""Bounds a creditor's take-outs of a day, and counts the held ones, of which another key may confirm more."""

import datetime as dt
import uuid
from dataclasses import dataclass, replace

from protocol.messages.rules import TakeOutTerms


class SameKey(Exception):
    """The confirming key itself sent every held row."""


class MoreThanHeld(Exception):
    """Fewer rows are held today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOutDay:
    """A creditor's take-outs on a Beijing day. A row that moves a record to another person counts too."""

    participant_id: str
    day: dt.date
    open_at_start: int
    """The creditor's number of open records at its first row of the day."""
    taken: int
    held: int
    """The number of held rows since the day began or was last confirmed."""
    held_key_id: str | None
    """The key that sent all of them; None if none is held, or several keys sent them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOutConfirmation:
    """A key's confirmation of so many further take-outs. It counts on its day, for rows of other keys."""

    participant_id: str
    day: dt.date
    take_outs: int
    unused: int
    """The number of them that rows have not used yet."""
    key_id: str
    confirmed_at: dt.datetime
    log_entry_id: uuid.UUID


def room(day: TakeOutDay, confirmation: TakeOutConfirmation | None, terms: TakeOutTerms, *, key_id: str) -> int:
    """Return the number that rows of this key may still take out today; a key cannot use its own confirmation."""
    return _free(day, terms) + _confirmed_for(confirmation, key_id)


def spent(
    day: TakeOutDay,
    confirmation: TakeOutConfirmation | None,
    terms: TakeOutTerms,
    *,
    key_id: str,
    taken: int,
    held: int,
) -> tuple[TakeOutDay, TakeOutConfirmation | None]:
    """Return the day and the rest of its confirmation after rows of this key; raises ValueError beyond the room."""
    if taken > room(day, confirmation, terms, key_id=key_id):
        raise ValueError("more was taken out than there is room for")
    beyond = max(0, taken - _free(day, terms))
    after = replace(day, taken=day.taken + taken, held=day.held + held)
    if held:
        alone = not day.held or day.held_key_id == key_id
        after = replace(after, held_key_id=key_id if alone else None)
    return after, replace(
        confirmation, unused=confirmation.unused - beyond
    ) if confirmation and beyond else confirmation


def confirmed(
    day: TakeOutDay, *, take_outs: int, key_id: str, at: dt.datetime, log_entry_id: uuid.UUID
) -> tuple[TakeOutDay, TakeOutConfirmation]:
    """Return the day with so many held rows confirmed; its count of held rows starts again at 0.

    Raises MoreThanHeld, or SameKey for the one key that sent them all.
    """
    if not 1 <= take_outs <= day.held:
        raise MoreThanHeld
    if day.held_key_id == key_id:
        raise SameKey
    confirmation = TakeOutConfirmation(
        participant_id=day.participant_id,
        day=day.day,
        take_outs=take_outs,
        unused=take_outs,
        key_id=key_id,
        confirmed_at=at,
        log_entry_id=log_entry_id,
    )
    return replace(day, held=0, held_key_id=None), confirmation


def _free(day: TakeOutDay, terms: TakeOutTerms) -> int:
    return max(0, terms.bound(day.open_at_start) - day.taken)


def _confirmed_for(confirmation: TakeOutConfirmation | None, key_id: str) -> int:
    return 0 if confirmation is None or confirmation.key_id == key_id else confirmation.unused
