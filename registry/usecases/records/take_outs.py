"""Apply the daily bound on rows that take out a creditor's own open records, in the transaction that judges them."""

from protocol.events import EventKind
from protocol.log_entries import Facts
from registry.domain.participants import Actor
from registry.domain.take_outs import TakeOutDay, room, spent
from registry.usecases.act import Act
from registry.usecases.archive.shared import over_before
from registry.usecases.notify import notify


def room_today(act: Act) -> int:
    """Return the number of open records that the actor's rows may still take out today.

    Needs to be called before the act changes a record: the first call of the day counts the open ones. The day's row
    stays locked until the transaction ends, so it comes after the subjects' locks, and of two chunks one waits.
    """
    day = _held_day(act)
    confirmation = act.tx.take_outs.confirmation(day.participant_id, day.day)
    return room(day, confirmation, act.rules.take_outs, key_id=_creditor(act).key_id)


def spend(act: Act, *, taken: int, held: int) -> None:
    """Count the act's take-outs and held rows; an event tells the creditor of the day's first held rows.

    Raises ValueError when more is taken than ``room_today`` returned.
    """
    if not taken and not held:
        return
    day = _held_day(act)
    confirmation = act.tx.take_outs.confirmation(day.participant_id, day.day)
    terms = act.rules.take_outs
    after, left = spent(day, confirmation, terms, key_id=_creditor(act).key_id, taken=taken, held=held)
    act.tx.take_outs.update(after)
    if left is not None and left != confirmation:
        act.tx.take_outs.confirm(left)
    if held and not day.held:
        facts: Facts = {"day": day.day.isoformat(), "bound": terms.bound(day.open_at_start)}
        notify(act, (day.participant_id,), EventKind.TAKE_OUTS_HELD, facts=facts)


class Allowance:
    """The take-outs that one call may still make; the first of them locks the day's row."""

    def __init__(self, act: Act) -> None:
        self._act = act
        self._room: int | None = None
        self._taken = 0
        self._held = 0

    def grants(self, records: int = 1) -> bool:
        """Tell whether a row may take out so many more records, and count these, or else the row as held."""
        if self._room is None:
            self._room = room_today(self._act)
        granted = self._taken + records <= self._room
        self._taken += records if granted else 0
        self._held += not granted
        return granted

    def spend(self) -> None:
        """Write the counts of take-outs and held rows."""
        spend(self._act, taken=self._taken, held=self._held)


def _held_day(act: Act) -> TakeOutDay:
    """Lock the creditor's count of the day; the day's first caller makes it."""
    repository, creditor_id = act.tx.take_outs, act.actor_id
    day = repository.lock(creditor_id, act.today)
    if day is None:
        open_now = sum(act.tx.records.open_of(creditor_id, over_before(act)).values())
        repository.first_count(
            TakeOutDay(
                participant_id=creditor_id, day=act.today, open_at_start=open_now, taken=0, held=0, held_key_id=None
            )
        )
        # Another transaction may have been first: its row counts.
        day = repository.lock(creditor_id, act.today)
    if day is None:
        raise LookupError("the day's count is gone")
    return day


def _creditor(act: Act) -> Actor:
    if act.actor is None:
        raise ValueError("only a creditor's rows take out its records")
    return act.actor
