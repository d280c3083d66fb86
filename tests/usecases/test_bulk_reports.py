"""Many rows at once: one entry for one row's act, and what happens when another transaction was faster."""

import datetime as dt
import json
import threading
from concurrent.futures import ThreadPoolExecutor

from protocol.codes import Verdict
from protocol.log_entries import EntryKind
from protocol.states import RecordState
from registry.domain.log import LogEntry
from registry.domain.records import Record, RecordTransition
from registry.usecases.records.report import report_chunk
from registry.usecases.records.run import enforce_due
from tests.support.batches import a_chunk
from tests.support.builders import TODAY, a_report
from tests.support.stories import lists
from tests.support.world import World

MANY = 40


def history(world: World, record: Record) -> tuple[RecordTransition, ...]:
    return world.registry.store.read(lambda tx: tx.transitions.of_record(record.subject_key, record.record_id))


def only_record(world: World) -> Record:
    counted = world.registry.store.read(lambda tx: tx.record_pages.of_creditor("carrier-a", None, 2))
    assert len(counted) == 1
    return counted[0]


def entries_of(world: World, record: Record) -> list[LogEntry]:
    found = world.registry.store.read(lambda tx: tx.openings.first(1_000))
    return [each for each in found if json.loads(each.core)["facts"].get("record") == str(record.record_id)]


def test_a_row_that_lists_and_enforces_has_one_entry_which_names_every_edge(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    record = only_record(world)
    (entry,) = entries_of(world, record)
    assert entry.kind == EntryKind.REPORT_LISTED
    assert json.loads(entry.core)["facts"]["edges"] == "RECEIVED>PENDING>ACTIVE"
    taken = history(world, record)
    assert {(each.source, each.target) for each in taken} == {
        (RecordState.RECEIVED, RecordState.PENDING),
        (RecordState.PENDING, RecordState.ACTIVE),
    }
    assert {each.log_entry_id for each in taken} == {entry.entry_id} == {record.log_entry_id}
    assert (record.state, record.version) == (RecordState.ACTIVE, 2)


def test_the_clocks_later_act_has_an_entry_of_its_own(world: World) -> None:
    lists(world, "carrier-a", a_report("wang", notice_date=TODAY - dt.timedelta(days=29)))
    world.clock.forward(days=1)
    assert enforce_due(world.registry) == 1
    listed, enforced = entries_of(world, only_record(world))
    assert json.loads(listed.core)["facts"]["edges"] == "RECEIVED>PENDING"
    assert (enforced.kind, json.loads(enforced.core)["facts"]["edge"]) == (
        EntryKind.RECORD_TRANSITION,
        "PENDING>ACTIVE",
    )


def test_carriers_that_list_the_same_new_people_at_once_list_all_of_them(world: World) -> None:
    people = [f"person-{number}" for number in range(MANY)]
    both = threading.Barrier(3)

    def sends(carrier: str) -> list[str]:
        rows = [a_report(who, f"{carrier}-{who}") for who in people]
        both.wait(10)
        lines = report_chunk(world.registry, world.actor(carrier), a_chunk(*rows))
        return [json.loads(each)["verdict"] for each in lines.splitlines()]

    with ThreadPoolExecutor(3) as threads:
        told = list(threads.map(sends, ("carrier-a", "carrier-b", "carrier-c")))
    assert told == [[Verdict.ACTIVE.value] * MANY] * 3
    assert world.registry.store.read(lambda tx: tx.records.count_by_state()) == {RecordState.ACTIVE: 3 * MANY}
