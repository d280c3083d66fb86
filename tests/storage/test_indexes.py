"""Every look-up of a table that grows finds its rows by an index, on both databases."""

import datetime as dt
import os
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from protocol.log_entries import EntryKind
from registry.domain.ids import month_of
from registry.domain.log import ids_of
from registry.store.transactions import Store, Transaction
from tests.storage import values as v
from tests.support.builders import NOW, TODAY
from tests.support.cells import every_cell
from tests.support.log_entries import YEAR, an_entry
from tests.support.partitions import ensure_months

LOOK_UPS = {
    "records of subjects": lambda tx: tx.records.of_subjects([v.key(1), v.key(2)]),
    "active records of one": lambda tx: tx.records.active_of_subjects([v.key(1)]),
    "what weighs": lambda tx: tx.weighing.of(
        [v.key(1)], [v.key(1), v.key(2)], [v.key(3)], since=TODAY, tariffs=[("carrier-a", "5G-129")], attested=True
    ),
    "keys of people": lambda tx: tx.people.look([v.key(1), v.key(2)]),
    "a forgotten subject": lambda tx: tx.idle_subjects.forget([v.key(1)]),
    "accounts": lambda tx: tx.accounts.lock("carrier-a", [b"a" * 32, b"b" * 32]),
    "accounts of a forgotten subject": lambda tx: tx.accounts.forget([v.key(1)]),
    "how sealed records ended": lambda tx: tx.archive.endings([v.key(1)], "carrier-a"),
    "what closed records": lambda tx: tx.transitions.closings([v.key(1)]),
    "one record": lambda tx: tx.records.find(v.an_id(10)),
    "an account": lambda tx: tx.records.of_account("carrier-a", b"a" * 32),
    "what has expired": lambda tx: tx.archive.due_expiry(NOW, 10),
    "what is to be sealed": lambda tx: tx.archive.due_sealing(NOW, NOW, 10),
    "what is to be purged": lambda tx: tx.archive.due_purge(TODAY, 10),
    "a sealed record": lambda tx: tx.archive.find(v.an_id(10)),
    "debts that are over": lambda tx: tx.archive.debts([v.key(1)]),
    "what is unlinked": lambda tx: tx.archive.unlink([(v.key(1), v.an_id(10))]),
    "who may be forgotten": lambda tx: tx.idle_subjects.due(TODAY, 10),
    "what keeps subjects": lambda tx: tx.idle_subjects.kept_until([v.key(1)]),
    "old collections": lambda tx: tx.retention.collections(NOW, 10),
    "old answers": lambda tx: tx.retention.answers(NOW, 10),
    "what is due": lambda tx: tx.records.due_pending(TODAY, 10),
    "history": lambda tx: tx.transitions.of_record(v.key(1), v.an_id(10)),
    "histories of a subject": lambda tx: tx.transitions.of_subject(v.key(1)),
    "these records": lambda tx: tx.records.these([(v.key(1), v.an_id(10)), (v.key(2), v.an_id(11))]),
    "these cases": lambda tx: tx.disputes.these([(v.key(1), v.an_id(10)), (v.key(2), v.an_id(11))]),
    "one record of a subject": lambda tx: tx.records.get(v.key(1), v.an_id(10)),
    "cases of a record": lambda tx: tx.disputes.of_record(v.key(1), v.an_id(10)),
    "who asked about records": lambda tx: tx.inquiry_hits.askers([(v.key(1), v.an_id(10)), (v.key(2), v.an_id(11))]),
    "hits of records": lambda tx: tx.inquiry_hits.of_records([(v.key(1), v.an_id(10))]),
    "what weighed for others": lambda tx: tx.inquiry_hits.weighed_for_others(v.key(1)),
    "links": lambda tx: tx.households.links([v.key(1)]),
    "links of subjects": lambda tx: tx.households.links_of([v.key(1)]),
    "links that end": lambda tx: tx.households.end([v.an_end(v.a_link(50, 1, 10))]),
    "links that ended long ago": lambda tx: tx.retention.ended_links(NOW, 10),
    "rebuttals": lambda tx: tx.disassociations.of_households([v.key(1)]),
    "a rebuttal": lambda tx: tx.disassociations.find(v.an_id(10)),
    "rebuttals of a subject": lambda tx: tx.disassociations.of_subject(v.key(1)),
    "statements given": lambda tx: tx.statements.of_subject([v.key(1)]),
    "counts of documents": lambda tx: tx.papers.counts(v.key(1)),
    "cases to remind of": lambda tx: tx.disputes.due_reminders(TODAY, 10),
    "all cases": lambda tx: tx.disputes.page(None, None, v.an_id(10), 10),
    "cases of one": lambda tx: tx.disputes.page("carrier-a", None, v.an_id(10), 10),
    "personal parts of subjects": lambda tx: tx.personal.of_subjects([v.key(1)]),
    "a subject's entries of a kind": lambda tx: tx.personal.of_kind(v.key(1), EntryKind.CLEARANCE_READ),
    "entries about forgotten subjects": lambda tx: tx.personal.forget([v.key(1)]),
    "personal parts that go by their age": lambda tx: tx.personal.old(v.an_id(1), 10),
    "an opening": lambda tx: tx.openings.find(v.an_id(1)),
    "openings by their ids": lambda tx: tx.openings.find_many([v.an_id(1), v.an_id(2)], by="carrier-a"),
    "openings of leaves": lambda tx: tx.openings.cores([bytes(16), b"i" * 16]),
    "entries that wait": lambda tx: tx.pending.batch(v.an_id(500), v.an_id(900), 10),
    "the oldest that waits": lambda tx: tx.pending.oldest(v.an_id(1)),
    "leaves": lambda tx: tx.trees.leaves(2026, 256, 512),
    "tiles": lambda tx: tx.trees.tiles(2026, {(0, 3), (1, 0)}),
    "a place": lambda tx: tx.trees.place(bytes(16)),
    "signed requests": lambda tx: tx.requests.find("carrier-a", [v.an_id(1), v.an_id(2)]),
    "inquiries": lambda tx: tx.inquiries.of_subject([v.key(1)]),
    "a quote": lambda tx: tx.quotes.by_reference("reference-1"),
    "settlements": lambda tx: tx.settlements.of_record(v.key(1), v.an_id(10)),
    "settlements of a subject": lambda tx: tx.settlements.of_subject(v.key(1)),
    "a plan": lambda tx: tx.plans.find(v.an_id(10)),
    "plans": lambda tx: tx.plans.of_subjects([v.key(1)]),
    "broken plans": lambda tx: tx.plans.due(TODAY, 10),
    "a deposit": lambda tx: tx.deposits.find(v.an_id(10)),
    "deposits": lambda tx: tx.deposits.of_subject([v.key(1)]),
    "deposits that change": lambda tx: tx.deposits.lock([v.key(1)]),
    "deposits of a carrier": lambda tx: tx.deposits.held_by("carrier-a", v.an_id(10), 10),
    "how a carrier's deposits came back": lambda tx: tx.deposits.figures("carrier-a", TODAY),
    "deposits to tell of": lambda tx: tx.deposits.to_tell(TODAY, 10),
    "old deposits": lambda tx: tx.retention.deposits(TODAY, 10),
    "a settlement": lambda tx: tx.settlements.find(v.an_id(10)),
    "a reversal": lambda tx: tx.reversals.find(v.an_id(10)),
    "reversals": lambda tx: tx.reversals.of_subject(v.key(1)),
    "evidence": lambda tx: tx.evidence.manifest(v.key(1), v.an_id(10), b"d" * 32),
    "a demand": lambda tx: tx.evidence.find(v.an_id(10)),
    "demands of a subject": lambda tx: tx.evidence.of_subject(v.key(1)),
    "demands": lambda tx: tx.evidence.not_matched(v.an_id(0), 10),
    "what was shown": lambda tx: tx.evidence.shown(v.key(1), v.an_id(10)),
    "attestations": lambda tx: tx.attestations.of_subjects([v.key(1), v.key(2)]),
    "an attestation": lambda tx: tx.attestations.find(v.an_id(10)),
    "attestations that are over": lambda tx: tx.attestations.over(TODAY, 10),
    "attestations that end soon": lambda tx: tx.attestations.ending(TODAY, 10),
    "marks of consents": lambda tx: tx.attestations.marked([v.key(1)], [b"m" * 16]),
    "marks and demands that are over": lambda tx: tx.attestations.drop_ended(TODAY, 10),
    "demands of subjects": lambda tx: tx.attestations.demands_of([v.key(1)]),
    "a demand for an attestation": lambda tx: tx.attestations.find_demand(v.an_id(10)),
    "a carrier's demands": lambda tx: tx.attestations.count_demands("carrier-a", TODAY),
    "a collection": lambda tx: tx.collected.find(v.an_id(10)),
    "collections": lambda tx: tx.collected.of_subjects([v.key(1)]),
    "collections to confirm": lambda tx: tx.collected.due(TODAY, 10),
    "a month's collections": lambda tx: tx.collected.page("carrier-b", "carrier-a", 202611, v.an_id(0), 10),
    "a month's sums": lambda tx: tx.collected.direction("carrier-b", "carrier-a", 202611, TODAY),
    "a clearance": lambda tx: tx.clearances.find(v.an_id(10)),
    "clearances": lambda tx: tx.clearances.of_subject(v.key(1)),
    "the red list": lambda tx: tx.red_list.of_subjects([v.key(1), v.key(2)]),
    "an entry of the red list": lambda tx: tx.red_list.find(v.an_id(10)),
    "a tally": lambda tx: tx.tallies.find("custodian-1", TODAY, 1),
    "tallies of a day": lambda tx: tx.tallies.of_day(TODAY),
    "what a day's log counts": lambda tx: tx.tallies.counted(NOW, v.LATER),
    "a signing key": lambda tx: tx.participants.key("carrier-a-1"),
    "an answer": lambda tx: tx.idempotency.find("carrier-a", "k1"),
    "a chunk": lambda tx: tx.batches.chunk("carrier-a", "b1", 1),
    "progress": lambda tx: tx.batches.progress("carrier-a", "b1"),
    "a day of take-outs": lambda tx: tx.take_outs.lock("carrier-a", TODAY),
    "what was confirmed of take-outs": lambda tx: tx.take_outs.confirmation("carrier-a", TODAY),
    "the newest entry": lambda tx: tx.clock.newest_entry_at(NOW),
    "old nonces": lambda tx: tx.requests.forget_nonces(NOW),
}


def plans(store: Store, look_up: Callable[..., Any], *, forced: bool = True) -> str:
    """What the database says it would do for each statement of a look-up."""

    def work(tx: Transaction) -> str:
        connection = tx.records._connection
        sqlite = connection.dialect.name == "sqlite"
        if not sqlite and forced:
            # An empty table is best read whole: what matters is whether an index could serve.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")
        ran = []

        def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
            ran.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", note)
        look_up(tx)
        event.remove(connection, "before_cursor_execute", note)
        word = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
        driver = connection.connection.driver_connection
        return "\n".join(str(row) for each in ran for row in driver.execute(word + each[0], each[1]).fetchall())

    return store.write(work)


def test_what_a_round_would_do_is_counted_by_indexes(store: Store) -> None:
    moments = {"listed_before": NOW, "closed_before": NOW}
    plan = plans(store, lambda tx: tx.due_work.counts(day=TODAY, most=10, **moments))
    for index in ("record_clock", "plan_running", "dispute_open", "record_closed", "sealed_record_to_purge", "forget"):
        assert index in plan, plan
    assert "Seq Scan" not in plan, plan


def test_a_look_up_uses_an_index(store: Store) -> None:
    v.founded(store, 1)
    with every_cell() as table:
        for name, look_up in LOOK_UPS.items():
            with table.cell(name):
                plan = plans(store, look_up)
                assert plan
                assert "Seq Scan" not in plan, plan
                assert "'SCAN " not in plan, plan


def test_a_tile_is_found_by_all_of_its_place(store: Store) -> None:
    """SQLite would take the shard's part of the index for one, and read every tile of the year."""
    plan = plans(store, LOOK_UPS["tiles"])
    assert "tile_index=?" in plan or "tile_index = ANY" in plan, plan


def test_a_backlog_costs_its_batch_and_not_all_openings(postgres_store: Store) -> None:
    """Not forced: the planner guesses that few of what waits joins, and it is wrong."""
    moments = [NOW + dt.timedelta(minutes=each) for each in range(4_000)]
    ensure_months(postgres_store, [month_of(NOW)])
    postgres_store.write(
        lambda tx: tx.openings.append([an_entry(each, subject_key=os.urandom(16)) for each in moments])
    )
    engine = sa.create_engine(postgres_store._engines.write.url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM log_pending WHERE random() < 0.8")
        connection.exec_driver_sql("ANALYZE log_opening")
        connection.exec_driver_sql("ANALYZE log_pending")
    engine.dispose()
    plan = plans(postgres_store, lambda tx: tx.pending.batch(*ids_of(YEAR), 1_000), forced=False)
    month = f"log_opening_m{month_of(NOW)}"
    assert month in plan
    assert f"Seq Scan on {month}" not in plan, plan
