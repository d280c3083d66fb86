"""Readiness tells the truth: every alarm that stands has its name in it, in each process that serves it."""

import datetime as dt
import json
import logging
import shutil
from pathlib import Path
from typing import Any

import pytest

from registry.domain.rounds import Loop, WorkRound, age_seconds, is_late
from registry.store.engines import make_engines
from registry.store.transactions import Store
from registry.store.write_health import WriteHealth
from registry.usecases.context import Registry
from registry.work.alarms import Alarms
from registry.work.rounds import RoundBook
from registry.work.watch import look
from tests.support.api import Client, open_client
from tests.support.builders import NOW
from tests.support.small_disk import fill


def readyz(client: Client) -> tuple[int, dict[str, Any]]:
    response = client.raw("GET", "/readyz", {})
    return response.status_code, json.loads(response.data)


def ages(client: Client) -> dict[str, tuple[int | None, bool]]:
    return {each["loop"]: (each["age_seconds"], each["late"]) for each in readyz(client)[1]["rounds"]}


def all_finish(registry: Registry) -> None:
    for loop in Loop:
        RoundBook(registry, loop, 60).finished()


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level(logging.INFO, logger="clearline.alarm")
    return lambda: [
        (line["alarm"], line["state"])
        for line in (json.loads(each.message) for each in caplog.records if each.name == "clearline.alarm")
    ]


def test_a_registry_whose_worker_never_ran_serves_and_says_so(client: Client) -> None:
    status, seen = readyz(client)
    assert (status, seen["ready"], seen["alarms"]) == (200, True, ["worker-late"])
    assert set(ages(client).values()) == {(None, True)}


def test_the_age_of_each_loops_last_round_is_told_and_a_late_one_is_an_alarm(client: Client, said: Any) -> None:
    registry, alarms = client.world.registry, Alarms(client.world.clock)
    all_finish(registry)
    assert readyz(client)[1]["alarms"] == []
    client.world.clock.forward(seconds=290)
    RoundBook(registry, Loop.INTEGRATOR, 0.25).finished()
    assert look(registry, alarms).alarms == ()
    client.world.clock.forward(seconds=20)
    status, seen = readyz(client)
    assert (status, seen["alarms"]) == (200, ["worker-late"])
    assert (ages(client)["clock"], ages(client)["integrator"]) == ((310, True), (20, False))
    look(registry, alarms)
    all_finish(registry)
    look(registry, alarms)
    assert said() == [("worker-late", "begins"), ("worker-late", "over")]


def test_a_round_whose_time_is_still_to_come_is_no_round(client: Client) -> None:
    all_finish(client.world.registry)
    client.world.clock.forward(days=-365)
    assert ages(client)["clock"] == (None, True)


def test_an_alarm_of_a_loop_in_another_process_is_in_readiness(client: Client, tmp_path: Path) -> None:
    engines = make_engines(f"sqlite:///{tmp_path / 'registry.db'}")
    other = Registry(**{name: getattr(client.world.registry, name) for name in Registry.__slots__})
    object.__setattr__(other, "store", Store(engines))
    all_finish(other)
    RoundBook(other, Loop.INTEGRATOR, 0.25).finished(("database-behind", "heads-unwritable"))
    status, seen = readyz(client)
    assert (status, seen["ready"], seen["alarms"]) == (200, True, ["database-behind", "heads-unwritable"])
    RoundBook(other, Loop.INTEGRATOR, 0.25).finished()
    assert readyz(client)[1]["alarms"] == []
    engines.close()


def test_a_loop_that_is_held_back_grows_old_and_its_alarm_is_named_at_once(client: Client) -> None:
    all_finish(client.world.registry)
    client.world.clock.forward(seconds=30)
    RoundBook(client.world.registry, Loop.CLOCK, 60).held(("clock",))
    status, seen = readyz(client)
    # The clock of another machine's worker: this process trusts its own, and answers.
    assert (status, seen["ready"], seen["alarms"]) == (200, True, ["clock"])
    assert ages(client)["clock"] == (30, False)


def test_a_loop_that_runs_often_tells_of_it_seldom_and_of_a_new_alarm_at_once(client: Client) -> None:
    registry = client.world.registry
    book = RoundBook(registry, Loop.INTEGRATOR, 0.25)
    book.finished()
    client.world.clock.forward(seconds=5)
    book.finished()
    assert ages(client)["integrator"] == (5, False)
    book.finished(("database-behind",))
    assert ages(client)["integrator"] == (0, False)


def asked(client: Client) -> int:
    return client.get("auditor", "/v1/rules").status_code


def test_a_disk_that_is_really_full_is_named_and_not_ready_until_there_is_room(
    small_disk: Path, founded_sqlite_template: Path, said: Any
) -> None:
    for client in open_client(founded_sqlite_template, small_disk):
        registry, alarms = client.world.registry, Alarms(client.world.clock)
        all_finish(registry)
        assert (readyz(client)[0], asked(client)) == (200, 200)
        filler = small_disk / "filler"
        fill(filler)
        assert asked(client) == 503
        status, seen = readyz(client)
        assert (status, seen["ready"], seen["alarms"]) == (503, False, ["disk-full"])
        assert str(small_disk) not in json.dumps(seen)
        look(registry, alarms)
        filler.unlink()
        assert asked(client) == 200
        assert readyz(client)[0] == 200
        look(registry, alarms)
        assert said() == [("disk-full", "begins"), ("disk-full", "over")]


def test_a_small_write_soon_after_a_full_disk_does_not_mean_that_there_is_room() -> None:
    now = [0.0]
    health = WriteHealth(lambda: now[0])
    assert not health.is_known
    health.refused()
    health.kept(probe=True)
    assert health.is_full
    now[0] = 15.0
    assert not health.is_known
    health.kept(probe=True)
    assert (health.is_full, health.is_known) == (False, True)
    health.refused()
    health.kept()
    assert not health.is_full


def test_a_database_that_does_not_answer_is_an_alarm_like_the_others(client: Client, tmp_path: Path) -> None:
    client.world.registry.store.close()
    shutil.move(tmp_path / "registry.db", tmp_path / "away.db")
    (tmp_path / "registry.db").mkdir()
    status, seen = readyz(client)
    assert (status, seen["ready"], seen["log_behind_seconds"]) == (503, False, None)
    assert seen["alarms"] in (["database-unavailable"], ["disk-full"])


def test_a_loop_is_late_when_it_missed_three_rounds() -> None:
    def told(seconds: int, every: int = 60) -> bool:
        found = WorkRound(loop=Loop.CLOCK, finished_at=NOW - dt.timedelta(seconds=seconds), every_seconds=every)
        assert age_seconds(found, NOW) == seconds
        return is_late(found, NOW)

    assert (told(300), told(301)) == (False, True)
    assert (told(10_000, 3600), told(11_000, 3600)) == (False, True)
    assert is_late(WorkRound(loop=Loop.CLOCK, finished_at=None, every_seconds=60), NOW)
