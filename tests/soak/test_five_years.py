"""Five and a half years with bad nights: nobody is blocked outside his time, and nothing is lost or kept for ever."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.soak.machine import Machine, PostgresDatabase, SqliteDatabase
from tests.soak.years import CARRIERS, COUNTER, JUMPS, Scale, Years
from tests.support.sizes import FULL_SIZE

SMALL = Scale(step_days=30, debts=1, asked=2)
LARGE = Scale(step_days=5, debts=2, asked=6)
SCALE = LARGE if FULL_SIZE else SMALL
SEED = int(os.environ.get("SOAK_SEED", "2026"))


@pytest.fixture(params=["sqlite", "postgresql"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    if request.param == "sqlite":
        url = str(request.getfixturevalue("sqlite_url"))
        made = Machine(SqliteDatabase(Path(url.removeprefix("sqlite:///"))), tmp_path)
    else:
        server = request.getfixturevalue("postgres")
        made = Machine(PostgresDatabase(server, server.copy(request.getfixturevalue("postgres_template"))), tmp_path)
    yield made
    made.close()


def test_years_of_bad_nights_block_list_end_and_lose_nothing_wrongly(machine: Machine) -> None:
    years = Years(machine, SCALE, random.Random(SEED))
    rounds = SCALE.rounds
    months = max(1, 30 // SCALE.step_days)
    # In which rounds the worker stands still for months, and how it comes back.
    asleep = {
        at: nap for start, nap in ((8, 5), (22, 4), (40, 7)) for at in range(start * months, (start + nap) * months)
    }
    backups, restores = {14 * months, 48 * months}, {16 * months, 51 * months}
    jumps = {at * months for at in (3, 19, 33, 57)}
    years.work()
    for at in range(rounds):
        years.pass_round()
        if at in asleep:
            years.read_feeds()
            years.ask_some()
            if at + 1 not in asleep:
                years.wake_up() if asleep[at] % 2 else None
                years.work()
            continue
        years.report_some()
        years.pay_some()
        years.work()
        years.ask_some()
        if at in jumps:
            for jump in JUMPS:
                years.jump(jump, database=True)
                years.jump(-jump, database=at % 2 == 0)
        if at in backups:
            years.back_up()
        if at in restores:
            years.restore()
            years.work()
        if at % (6 * months) == 0:
            years.look_at_the_rows()
            years.read_feeds()
    years.look_at_the_rows()
    # The counter has not read for years.
    years.read_feeds((*CARRIERS, COUNTER))
    for debt in years.debts.values():
        years.ask(debt)
    assert machine.faults_of_the_log() == {}
    assert years.told["restores"] == 2
    assert min(years.told[each] for each in ("event", "dropped", "restored")) > 0
    assert years.told["report sent again"] > 0
    assert_every_table_ends(years)


def assert_every_table_ends(years: Years) -> None:
    """Years later nothing is left of any table that has an end."""
    for _ in range(6):
        years.machine.clocks.pass_(days=500)
        years.machine.boot()
        years.machine.clocks.confirm()
        years.work()
    assert years.left_over() == {}
