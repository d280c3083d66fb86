"""How records end: by their years, in the archive, and at last as a tombstone that nobody can open."""

import datetime as dt
import sqlite3
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from protocol.codes import DecisionCode, RedListGround, Role, ServiceClass, Verdict
from protocol.log_entries import EntryKind
from protocol.messages.plans import Instalment, PlanArrangement
from protocol.messages.red_list import RedListProposal
from protocol.states import RecordState
from registry.store.engines import Engines
from registry.store.transactions import Store
from registry.usecases.archive.forget_subjects import forget_subjects
from registry.usecases.archive.purge_records import purge_records
from registry.usecases.archive.run_expiry import run_expiry
from registry.usecases.archive.run_retention import run_retention
from registry.usecases.archive.seal_records import seal_records
from registry.usecases.events.read import read_events
from registry.usecases.plans.arrange import arrange_plan
from registry.usecases.pseudonyms import pseudonyms
from registry.usecases.records.read import read_record
from registry.usecases.red_list.propose import propose_red_list
from registry.work.worker import end_what_is_over, tick
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.disputes import adds, case_of, disputed, files
from tests.support.endings import FIVE_YEARS, cleared, is_unknown, key_of, logged, opens, states_of
from tests.support.stories import asks, lists, reports, settles
from tests.support.world import World, found_world

WANG = tokens("wang")


def test_nobody_is_listed_for_more_than_five_years(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    world.clock.forward(days=FIVE_YEARS.days - 1)
    tick(world.registry)
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.PAY_FIRST
    world.clock.forward(days=1)
    tick(world.registry)
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.ALLOW
    edges = {each["edge"] for each in logged(world, EntryKind.RECORD_TRANSITION)}
    assert edges == {"ACTIVE>EXPIRED", "EXPIRED>PURGED"}


def test_an_expired_debt_does_not_start_its_clock_anew(world: World) -> None:
    export = a_report("wang")
    lists(world, "carrier-a", export)
    world.clock.forward(days=FIVE_YEARS.days)
    tick(world.registry)
    again = reports(world, "carrier-a", export)
    assert (again.verdict, again.record_id) == (Verdict.DUPLICATE, None)
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.ALLOW


def test_a_debt_that_comes_after_is_another_one(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    world.clock.forward(days=FIVE_YEARS.days)
    tick(world.registry)
    ended = TODAY + FIVE_YEARS
    world.clock.forward(days=200)
    before = a_report("wang", due_date=ended - dt.timedelta(days=1), notice_date=ended + dt.timedelta(days=50))
    assert reports(world, "carrier-a", before).verdict is Verdict.DUPLICATE
    later = a_report("wang", due_date=ended + dt.timedelta(days=1), notice_date=ended + dt.timedelta(days=50))
    assert reports(world, "carrier-a", later).verdict is Verdict.ACTIVE
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.PAY_FIRST


def test_the_years_end_a_dispute_with_the_record(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    world.clock.forward(days=FIVE_YEARS.days - 15)
    (filed,) = files(world)
    case = uuid.UUID(filed["dispute_id"])
    world.clock.forward(days=15)
    assert run_expiry(world.registry) == 1
    assert case_of(world, case)["outcome"] == "EXPIRED"
    assert states_of(world) == [RecordState.EXPIRED]


def test_the_years_end_a_plan_with_the_record(world: World) -> None:
    listed = lists(world, "carrier-a", a_report("wang"))
    far = TODAY + FIVE_YEARS + dt.timedelta(days=30)
    assert listed.record_id is not None
    world.clock.forward(days=FIVE_YEARS.days - 300)
    arrange_plan(
        world.registry,
        world.actor("carrier-a"),
        world.call(),
        PlanArrangement(record_id=listed.record_id, instalments=(Instalment(due_date=far, amount_fen=240_00),)),
    )
    world.clock.forward(days=300)
    assert run_expiry(world.registry) == 1
    assert states_of(world) == [RecordState.EXPIRED]
    subject = key_of(world)
    (plan,) = world.registry.store.read(lambda tx: tx.plans.of_subjects([subject]))
    assert plan.ended_at == world.clock()


def test_a_cleared_record_is_sealed_then_purged_and_an_old_export_lists_nothing(world: World) -> None:
    record_id = cleared(world)
    creditor = world.actor("carrier-a")
    world.clock.forward(days=199)
    tick(world.registry)
    assert read_record(world.registry, creditor, record_id).state == "CLEARED"
    world.clock.forward(days=1)
    tick(world.registry)
    assert is_unknown(lambda: read_record(world.registry, creditor, record_id))
    assert opens(world, record_id)["state"] == "CLEARED"
    assert reports(world, "carrier-a", a_report("wang")).verdict is Verdict.DUPLICATE
    world.clock.forward(days=530)
    tick(world.registry)
    assert is_unknown(lambda: opens(world, record_id))
    assert reports(world, "carrier-a", a_report("wang")).verdict is Verdict.DUPLICATE
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.ALLOW
    (tombstone,) = world.registry.store.read(lambda tx: tx.archive.of_subjects([key_of(world)]))
    assert (tombstone.state, tombstone.wrapped_key, tombstone.ciphertext) == (RecordState.PURGED, None, None)


def test_another_carriers_export_of_the_same_account_is_not_taken_for_the_old_debt(world: World) -> None:
    cleared(world)
    world.clock.forward(days=200)
    tick(world.registry)
    assert reports(world, "carrier-b", a_report("wang")).verdict is Verdict.ACTIVE


def test_a_new_debt_on_the_account_is_not_changed_by_the_old_export(world: World) -> None:
    cleared(world)
    world.clock.forward(days=200)
    tick(world.registry)
    newer = a_report("wang", due_date=TODAY, notice_date=TODAY + dt.timedelta(days=100))
    assert reports(world, "carrier-a", newer).verdict is Verdict.ACTIVE
    assert reports(world, "carrier-a", a_report("wang")).verdict is Verdict.DUPLICATE
    assert reports(world, "carrier-a", newer).verdict is Verdict.DUPLICATE


def test_an_auditor_reads_all_that_there_was_and_the_reading_is_logged(world: World) -> None:
    case = disputed(world)
    adds(world, case)
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=300_00)
    world.clock.forward(days=200)
    tick(world.registry)
    record_id = uuid.UUID(str(logged(world, EntryKind.RECORD_SEALED)[0]["record"]))
    tables = opens(world, record_id)["tables"]
    assert isinstance(tables, dict)
    assert set(tables) == {"record", "record_event", "settlement", "clearance", "dispute", "dispute_document"}
    assert tables["record"][0]["principal_fen"] == 120_00
    assert tables["dispute_document"][0]["media_type"] == "application/pdf"
    assert not {"ciphertext", "wrapped_key", "subject_key"} & set(tables["dispute_document"][0])
    assert is_unknown(lambda: case_of(world, case))
    assert opens(world, record_id, Role.REGULATOR)["creditor"] == "carrier-a"
    assert logged(world, EntryKind.ARCHIVE_READ) == [{"record": str(record_id)}] * 2


def test_a_household_forgets_with_the_record(world: World) -> None:
    home: dict[str, Any] = {"tokens": tokens("wang", register="home"), "service_class": ServiceClass.BROADBAND}
    lists(world, "carrier-a", a_report("wang", **home))
    spouse = tokens("li", register="home")
    assert asks(world, "carrier-b", spouse, ServiceClass.BROADBAND).decision is DecisionCode.PAY_FIRST
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=300_00)
    world.clock.forward(days=200)
    tick(world.registry)
    assert asks(world, "carrier-b", spouse, ServiceClass.BROADBAND).decision is DecisionCode.ALLOW
    household = pseudonyms(world.registry, spouse).household_keys
    assert world.registry.store.read(lambda tx: tx.households.links(household)) == {}


def test_a_subject_is_forgotten_when_nothing_keeps_it_and_listed_anew_all_the_same(world: World) -> None:
    cleared(world)
    subject = key_of(world)
    world.clock.forward(days=730)
    tick(world.registry)
    assert world.registry.store.read(lambda tx: tx.subjects.get(subject)) is None
    (counts,) = [each for each in logged(world, EntryKind.ERASURE) if "subjects" in each]
    assert counts["subjects"] == 1
    today = TODAY + dt.timedelta(days=730)
    fresh = a_report("wang", "B7", due_date=today - dt.timedelta(days=200), notice_date=today - dt.timedelta(days=99))
    assert reports(world, "carrier-b", fresh).verdict is Verdict.ACTIVE
    assert world.registry.store.read(lambda tx: tx.subjects.get(subject)) is not None


def test_an_open_debt_keeps_its_subject(world: World) -> None:
    cleared(world)
    lists(world, "carrier-b", a_report("wang", "B1"))
    world.clock.forward(days=730)
    tick(world.registry)
    subject = key_of(world)
    found = world.registry.store.read(lambda tx: tx.subjects.get(subject))
    assert found is not None
    assert found.forget_on is None
    assert states_of(world) == [RecordState.ACTIVE]


def test_two_workers_end_each_record_once(world: World) -> None:
    for number in range(6):
        cleared(world, f"debtor-{number}")
    lists(world, "carrier-a", a_report("wang", "Z9"))
    world.clock.forward(days=FIVE_YEARS.days)
    failures: list[Exception] = []

    def work() -> None:
        try:
            end_what_is_over(world.registry)
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(60)
    assert failures == []
    end_what_is_over(world.registry)
    assert len(logged(world, EntryKind.RECORD_SEALED)) == 7
    edges = [str(each["edge"]) for each in logged(world, EntryKind.RECORD_TRANSITION)]
    assert sorted(edge for edge in edges if edge.endswith("PURGED")) == ["CLEARED>PURGED"] * 6 + ["EXPIRED>PURGED"]


def test_a_worker_that_was_down_for_years_catches_up_in_one_round(world: World) -> None:
    record_id = cleared(world)
    lists(world, "carrier-b", a_report("li", "B1"))
    world.clock.forward(days=FIVE_YEARS.days + 365)
    tick(world.registry)
    assert is_unknown(lambda: opens(world, record_id))
    assert states_of(world, "li") == []
    assert (run_expiry(world.registry), seal_records(world.registry), purge_records(world.registry)) == (0, 0, 0)
    assert forget_subjects(world.registry) == 0


def test_after_the_purge_neither_figure_nor_seal_is_in_the_file(
    sqlite_url: str, open_engines: Callable[[str], Engines]
) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    engines = open_engines(sqlite_url)
    world = found_world(Store(engines))
    figure = 735_917_31
    record_id = cleared(world, principal_fen=figure)
    world.clock.forward(days=200)
    tick(world.registry)
    (sealed,) = world.registry.store.read(lambda tx: tx.archive.of_subjects([key_of(world)]))
    assert sealed.ciphertext is not None
    assert sealed.wrapped_key is not None
    needles = [sealed.ciphertext[:32], sealed.wrapped_key, str(figure).encode(), figure.to_bytes(4, "big")]
    content = path.read_bytes() + _wal(path)
    assert [needle for needle in needles if needle not in content] == []
    world.clock.forward(days=1_000)
    tick(world.registry)
    assert is_unknown(lambda: opens(world, record_id))
    engines.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = path.read_bytes() + _wal(path)
    assert [needle for needle in needles if needle in content] == []


def _wal(path: Path) -> bytes:
    wal = path.with_name(path.name + "-wal")
    return wal.read_bytes() if wal.exists() else b""


def counts_of(world: World) -> dict[str, int]:
    found: dict[str, int] = {}
    for facts in logged(world, EntryKind.RETENTION):
        for kind, count in facts.items():
            if isinstance(count, int):
                found[kind] = found.get(kind, 0) + count
    return found


def test_what_is_kept_by_its_age_alone_goes_by_its_age_and_the_log_counts_it(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    asks(world, "carrier-b", WANG)
    stored = counts_of(world)
    assert stored == {}
    world.clock.forward(days=36)
    tick(world.registry)
    assert set(counts_of(world)) == {"answers"}
    world.clock.forward(days=365 + 45)
    tick(world.registry)
    assert set(counts_of(world)) == {"answers"}
    world.clock.forward(days=365)
    tick(world.registry)
    assert (counts_of(world)["inquiries"], counts_of(world)["hits"], counts_of(world)["quotes"]) == (1, 1, 1)
    subject = key_of(world)
    assert world.registry.store.read(lambda tx: tx.inquiries.of_subject([subject])) == ()
    assert states_of(world) == [RecordState.ACTIVE]


def test_the_days_work_is_done_once_a_day(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    world.clock.forward(days=36)
    assert run_retention(world.registry) > 0
    assert run_retention(world.registry) == 0
    reports(world, "carrier-a", a_report("wang"))
    world.clock.forward(minutes=1)
    assert run_retention(world.registry) == 0
    assert world.registry.store.read(lambda tx: tx.upkeep.done_on("retention")) == TODAY + dt.timedelta(days=36)


def test_a_reader_that_stayed_away_is_told_from_where_on_the_feed_is_kept(world: World) -> None:
    reader = world.actor("carrier-b")
    lists(world, "carrier-a", a_report("wang"))
    asks(world, "carrier-b", WANG)
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=300_00)
    first = read_events(world.registry, reader, 0, 10)
    assert (first.next, first.oldest) == (1, 1)
    world.clock.forward(days=401)
    tick(world.registry)
    late = read_events(world.registry, reader, 0, 10)
    assert (late.events, late.next, late.oldest) == ((), 0, 2)
    assert read_events(world.registry, reader, 1, 10).oldest == 2


def test_events_that_nobody_came_for_are_dropped_too_and_missed_by_their_number(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    asks(world, "carrier-b", WANG)
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=300_00)
    world.clock.forward(days=401)
    tick(world.registry)
    late = read_events(world.registry, world.actor("carrier-b"), 0, 10)
    assert (late.events, late.oldest) == ((), 2)


def test_a_red_list_entry_keeps_its_subject_until_its_end(world: World) -> None:
    ends = TODAY + dt.timedelta(days=300)
    proposal = RedListProposal(
        tokens=tokens("hospital"), organisation=True, ground=RedListGround.HOSPITAL, expires_on=ends
    )
    propose_red_list(world.registry, world.actor("carrier-a"), world.call(), proposal)
    subject = key_of(world, "hospital")
    world.clock.forward(days=299)
    tick(world.registry)
    assert world.registry.store.read(lambda tx: tx.subjects.get(subject)) is not None
    world.clock.forward(days=1)
    tick(world.registry)
    assert world.registry.store.read(lambda tx: tx.subjects.get(subject)) is None
