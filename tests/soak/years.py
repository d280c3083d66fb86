"""Years of a registry with bad nights, beside a model of when each debt may block and what its carriers heard."""

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from protocol.beijing import beijing_date
from protocol.codes import DecisionCode, Verdict
from protocol.incarnation import read_cursor
from protocol.messages.events import EventPage
from protocol.problems import Problem, Refusal
from registry.domain.retention import debt_digest, expires_on, purges_on
from registry.policy.rules import DEFAULT_RULES
from registry.store.archive import sealed_record
from registry.store.columns import metadata
from registry.store.records import record
from registry.usecases.clock.judge_clock import judge_clock
from registry.usecases.events.read import read_events
from registry.work.worker import tick
from tests.soak.machine import Machine
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.stories import asks, reports, settles
from tests.support.table_ends import ENDS

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
JUMPS: Final = (HOUR, DAY, 7 * 365 * DAY)
CARRIERS: Final = ("carrier-a", "carrier-b")
COUNTER: Final = "carrier-c"
RULES: Final = DEFAULT_RULES.in_force(TODAY)
RETENTION: Final = RULES.retention
_OF_THE_CLOCK: Final = frozenset({"clock_reading", "clock_outage", "clock_confirmation", "work_round", "log_refusal"})
_PAID: Final = frozenset({"CLEARED", "CANCELLED"})
"""A debt that is paid before its lead time is over is not listed at all."""
_PAGE: Final = 50


@dataclass(kw_only=True)
class Debt:
    """One debt, and when it may block: from ``begins`` until it is paid or its years are over."""

    name: str
    number: str
    carrier: str
    due: dt.date
    noticed: dt.date
    listed: dt.date
    begins: dt.date
    paid: dt.date | None = None
    enforced: bool = False
    """A trusted round has run since it began: from now on it has to block."""

    @property
    def ends(self) -> dt.date:
        return expires_on(self.listed, RETENTION)

    def may_block(self, today: dt.date) -> bool:
        return self.paid is None and self.begins <= today < self.ends

    def closed(self, today: dt.date) -> dt.date | None:
        """When it ceased to be open."""
        return self.paid or (self.ends if today >= self.ends else None)


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How much happens: days between two rounds, debts a round, and people asked for a round."""

    step_days: int
    debts: int
    asked: int
    years: float = 5.5

    @property
    def rounds(self) -> int:
        return int(self.years * 365 / self.step_days)


@dataclass
class Years:
    """Drives a machine through the years; every claim is checked as it goes."""

    machine: Machine
    scale: Scale
    chance: random.Random
    debts: dict[str, Debt] = field(default_factory=dict)
    since_backup: list[tuple[str, Callable[[], None]]] = field(default_factory=list)
    cursors: dict[str, int] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)
    backup: str | None = None

    @property
    def today(self) -> dt.date:
        return beijing_date(self.machine.world.clock())

    def pass_round(self) -> None:
        self.machine.clocks.pass_(days=self.scale.step_days)

    # What carriers do.

    def report_some(self) -> None:
        for _ in range(self.scale.debts):
            number = f"D{len(self.debts)}"
            debt = Debt(
                name=f"debtor {number}",
                number=number,
                carrier=self.chance.choice(CARRIERS),
                due=self.today - dt.timedelta(days=200),
                noticed=self.today - dt.timedelta(days=self.chance.choice((1, 10, 29, 30, 45))),
                listed=self.today,
                begins=self.today,
            )
            self.debts[number] = debt
            self._does("report", lambda debt=debt: self._report(debt))

    def _report(self, debt: Debt) -> None:
        submitted = a_report(debt.name, debt.number, due_date=debt.due, notice_date=debt.noticed)
        verdict = reports(self.machine.world, debt.carrier, submitted).verdict
        lead = RULES.listing.notice_lead_days
        debt.listed, debt.begins = self.today, max(self.today, debt.noticed + dt.timedelta(days=lead))
        debt.enforced = debt.begins <= self.today
        assert verdict is (Verdict.ACTIVE if debt.enforced else Verdict.PENDING), (debt, verdict)

    def pay_some(self) -> None:
        """A debtor or two pays, one of them somebody whose debt waits for its lead time or blocks already."""
        open_debts = [each for each in self.debts.values() if each.closed(self.today) is None]
        for debt in self.chance.sample(open_debts, min(len(open_debts), self.chance.choice((0, 1, 2)))):
            self._does("pay", lambda debt=debt: self._pay(debt))

    def _pay(self, debt: Debt) -> None:
        settles(self.machine.world, debt.carrier, tokens(debt.name), account(debt.number))
        debt.paid = self.today

    def _does(self, _what: str, act: Callable[[], None]) -> None:
        act()
        self.since_backup.append((_what, act))

    # What is checked.

    def ask_some(self) -> None:
        """Nobody blocks outside his time, whoever ran or stood still; and whoever is to block does."""
        names = sorted(self.debts)
        for number in self.chance.sample(names, min(len(names), self.scale.asked)):
            self.ask(self.debts[number])

    def ask(self, debt: Debt) -> None:
        blocks = asks(self.machine.world, COUNTER, tokens(debt.name)).decision is DecisionCode.PAY_FIRST
        may = debt.may_block(self.today)
        assert may or not blocks, ("blocked outside its time", debt, self.today)
        assert blocks or not (may and debt.enforced), ("does not block in its time", debt, self.today)

    def look_at_the_rows(self) -> None:
        """Nothing is listed, ended or purged early, and nothing that was acknowledged is missing."""
        with self.machine.engines.read.connect() as connection:
            listed = {row.account_ref: row.state for row in connection.execute(sa.select(record))}
            sealed = list(connection.execute(sa.select(sealed_record)))
        whole = {each.debt_digest for each in sealed if each.wrapped_key is not None}
        for debt in self.debts.values():
            state, closed = listed.get(account(debt.number)), debt.closed(self.today)
            if state is not None:
                assert state != "ACTIVE" or debt.begins <= self.today, ("listed early", debt)
                assert (state in _PAID) == (debt.paid is not None), (debt, state)
                assert state != "EXPIRED" or self.today >= debt.ends, ("ended early", debt)
                continue
            assert closed is not None, ("acknowledged and gone", debt)
            if self.today < purges_on(debt.listed, closed, RETENTION):
                assert debt_digest(debt.carrier, account(debt.number), debt.due) in whole, (
                    "purged early",
                    debt,
                    self.today,
                )

    def read_feeds(self, readers: tuple[str, ...] = CARRIERS) -> None:
        """Each carrier reads on: every place is told, or said to be dropped."""
        for carrier in readers:
            self._read_feed(carrier)

    def _read_feed(self, carrier: str) -> None:
        world, more = self.machine.world, True
        while more:
            after = self.cursors.get(carrier, 0)
            page = read_events(world.registry, world.actor(carrier), after, _PAGE)
            self._follow(after, page)
            self.cursors[carrier], more = page.next, page.more

    def _follow(self, after: int, page: EventPage) -> None:
        incarnation, place = read_cursor(after)
        if incarnation != page.incarnation:
            self.told["restored"] += 1
            place = 0
        oldest = read_cursor(page.oldest)[1]
        if oldest > place + 1:
            self.told["dropped"] += 1
            place = oldest - 1
        for event in page.events:
            assert read_cursor(event.position) == (page.incarnation, place + 1), (after, event)
            place += 1
            self.told["event"] += 1

    # What goes wrong.

    def work(self) -> None:
        """A round of the worker and one of the integrator, by a trusted clock."""
        assert judge_clock(self.machine.world.registry).ends
        tick(self.machine.world.registry)
        faults = self.machine.integrate().faults
        assert faults == (), faults
        for debt in self.debts.values():
            debt.enforced = debt.enforced or debt.begins <= self.today

    def wake_up(self) -> None:
        """The machine was off: people are served at once, and a person confirms the time before anything ends."""
        self.machine.boot()
        before = self._rows()
        if not judge_clock(self.machine.world.registry).ends:
            assert tick(self.machine.world.registry) == 0
            assert self._rows() == before, "the clock acted before a person confirmed the time"
            self.machine.clocks.confirm()

    def jump(self, by: dt.timedelta, *, database: bool) -> None:
        """A wrong clock dates, lists, ends, purges and begins nothing; put right, everything goes on."""
        registry = self.machine.world.registry
        self.machine.integrate()
        before = self._rows()
        with self._jumped(by, database=database):
            assert tick(registry) == 0
            self.machine.integrate()
            for debt in list(self.debts.values())[:1]:
                assert self._refused(debt), "a decision was given by a wrong clock"
        after = self._rows()
        assert after == before, (
            "a wrong clock changed something",
            by,
            {each: (before[each], after[each]) for each in after if before[each] != after[each]},
        )
        assert judge_clock(registry).ends

    @contextmanager
    def _jumped(self, by: dt.timedelta, *, database: bool) -> Iterator[None]:
        self.machine.clocks.jump(by, database=database)
        yield
        self.machine.clocks.jump(-by, database=database)

    def _refused(self, debt: Debt) -> bool:
        try:
            asks(self.machine.world, COUNTER, tokens(debt.name))
        except Refusal as refusal:
            return refusal.problem is Problem.CLOCK_NOT_TRUSTED
        return False

    def back_up(self) -> None:
        self.backup, self.since_backup = self.machine.back_up(), []

    def restore(self) -> None:
        """The database is put back, and the carriers send again what they had sent since the backup."""
        assert self.backup is not None
        again = self.since_backup
        incarnation = self.machine.restore(self.backup)
        assert incarnation == self.told["restores"] + 2
        self.told["restores"] += 1
        if not judge_clock(self.machine.world.registry).ends:
            self.machine.clocks.confirm()
        for what, act in again:
            act()
            self.told[f"{what} sent again"] += 1
        self.backup, self.since_backup = None, []

    def _rows(self) -> dict[str, Any]:
        """How many rows each table has, the records by state, and how many sealed ones can still be opened."""
        with self.machine.engines.read.connect() as connection:
            counted = {
                name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for name, table in metadata.tables.items()
                if name not in _OF_THE_CLOCK
            }
            states = connection.execute(sa.select(record.c.state, sa.func.count()).group_by(record.c.state)).all()
            whole = sa.select(sa.func.count()).where(sealed_record.c.wrapped_key.is_not(None))
            return counted | {"states": sorted(map(tuple, states)), "whole": connection.execute(whole).scalar_one()}

    def left_over(self) -> dict[str, int]:
        """The rows of tables that have an end."""
        rows = self._rows()
        return {name: rows[name] for name in ENDS if rows[name]}
