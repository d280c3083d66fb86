"""A deposit: taken with an order, due back on a day, given back in one or more parts (docs/spec/deposits.md)."""

import datetime as dt
import uuid
from dataclasses import dataclass, field, replace
from typing import Final, Self

from protocol.codes import ServiceClass
from protocol.deposits import DepositState
from protocol.messages.grades import DepositTerms
from registry.domain.activations import order_key
from registry.domain.months import months_on

KEPT_MONTHS: Final = 12
"""A row is kept so many months after its deposit was due, returned, or corrected away."""
_YEAR_DAYS: Final = 365
_MILLION: Final = 1_000_000


def simple_interest(fen: int, ppm_year: int, since: dt.date, until: dt.date) -> int:
    """Compute the simple interest, in whole fen rounded down, of a sum over the days from one date to a later one."""
    return max(0, (until - since).days) * fen * ppm_year // (_YEAR_DAYS * _MILLION)


def due_on(taken_on: dt.date, service_ended_on: dt.date | None, terms: DepositTerms) -> dt.date:
    """Return the last day for giving a deposit back, as far as the registry can know it."""
    at_last = months_on(taken_on, terms.months)
    return at_last if service_ended_on is None else min(at_last, service_ended_on + dt.timedelta(days=terms.end_days))


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """The deposit of one part of an order. Its terms are those of ``rules_version``, which held when it was told."""

    subject_key: bytes = field(repr=False)
    """As of its activation; without a decision a key of the order, so that it is about nobody."""
    participant_id: str
    order_ref: bytes = field(repr=False)
    part: int
    activation_id: uuid.UUID
    """Of the newest report that says that it was taken."""
    service_class: ServiceClass
    state: DepositState
    fen: int
    repaid_fen: int
    """The part of ``returned_fen`` and ``kept_fen`` that was no interest."""
    interest_fen: int
    """Counted up to ``counted_on``, and not yet paid: it bears no interest."""
    counted_on: dt.date
    returned_fen: int
    kept_fen: int
    returned_on: dt.date | None
    taken_on: dt.date
    service_ended_on: dt.date | None
    due_on: dt.date
    tell_on: dt.date | None
    """The next day on which the carrier is told that it is due."""
    drop_on: dt.date
    """The first day on which the row is dropped."""
    rules_version: str
    log_entry_id: uuid.UUID

    @property
    def subject(self) -> bytes | None:
        """The key of the person; None where the order had no decision."""
        return None if self.subject_key == order_key(self.participant_id, self.order_ref) else self.subject_key

    @property
    def is_held(self) -> bool:
        return self.state is DepositState.HELD

    @property
    def principal_fen(self) -> int:
        """The part of ``fen`` that is held still."""
        return max(0, self.fen - self.repaid_fen) if self.is_held else 0

    def left_on(self, day: dt.date, terms: DepositTerms) -> int:
        """Return what is due back on a day, in fen, with its interest; 0 once nothing is held."""
        return self.principal_fen + self._interest_on(day, terms)

    def is_overdue(self, day: dt.date) -> bool:
        return self.is_held and day > self.due_on

    def taken_again(self, newer: Self, terms: DepositTerms, today: dt.date) -> Self:
        """Return the deposit as a later report tells it, with another sum or day; what was returned stays returned."""
        changed = replace(
            newer,
            repaid_fen=self.repaid_fen,
            interest_fen=self.interest_fen,
            counted_on=newer.taken_on if self.returned_on is None else self.counted_on,
            returned_fen=self.returned_fen,
            kept_fen=self.kept_fen,
            returned_on=self.returned_on,
            service_ended_on=self.service_ended_on,
            rules_version=self.rules_version,
        )
        if not changed.principal_fen + changed.interest_fen:
            return changed.over(DepositState.RETURNED, today)
        return changed.due_again(self.service_ended_on, terms, since=self)

    def ended(self, service_ended_on: dt.date, terms: DepositTerms) -> Self:
        """Return the deposit once the service has ended: what is held is due back soon."""
        return self.due_again(service_ended_on, terms, since=self) if self.is_held else self

    def given_back(
        self,
        fen: int,
        kept_fen: int,
        day: dt.date,
        terms: DepositTerms,
        today: dt.date,
        *,
        log_entry_id: uuid.UUID,
    ) -> Self:
        """Return the deposit after a return, on a day, of no more than was left: interest is paid first."""
        interest = self._interest_on(day, terms)
        paid = fen + kept_fen
        rest = replace(
            self,
            repaid_fen=self.repaid_fen + max(0, paid - interest),
            interest_fen=max(0, interest - paid),
            counted_on=max(day, self.counted_on),
            returned_fen=self.returned_fen + fen,
            kept_fen=self.kept_fen + kept_fen,
            returned_on=day if self.returned_on is None else max(day, self.returned_on),
            log_entry_id=log_entry_id,
        )
        return rest if rest.principal_fen + rest.interest_fen else rest.over(DepositState.RETURNED, today)

    def over(self, state: DepositState, today: dt.date) -> Self:
        """Return the deposit as one of which nothing is held any more."""
        drop_on = months_on(today, KEPT_MONTHS)
        return replace(self, state=state, interest_fen=0, tell_on=None, drop_on=drop_on)

    def told(self, today: dt.date) -> Self:
        """Return the deposit after its carrier was told: once more a month after the day, and then no more."""
        again = months_on(self.due_on, 1)
        return replace(self, tell_on=again if today < again else None)

    def _interest_on(self, day: dt.date, terms: DepositTerms) -> int:
        return self.interest_fen + simple_interest(self.principal_fen, terms.interest_ppm_year, self.counted_on, day)

    def due_again(self, service_ended_on: dt.date | None, terms: DepositTerms, *, since: Self) -> Self:
        """Return the deposit with its due day; if ``since``, as it was before, had another, it is told anew."""
        day = due_on(self.taken_on, service_ended_on, terms)
        tell_on = since.tell_on if since.is_held and day == since.due_on else day
        return replace(
            self,
            state=DepositState.HELD,
            service_ended_on=service_ended_on,
            due_on=day,
            tell_on=tell_on,
            drop_on=months_on(day, KEPT_MONTHS),
        )
