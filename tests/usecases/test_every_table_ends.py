"""No row is kept for ever without a reason: each table has a step that takes its rows away, or says why they stay."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa

from registry.domain.webhook import DeadLetter
from registry.store.engines import Engines, make_engines
from registry.store.schema import metadata
from registry.store.transactions import Store
from registry.usecases.endings.forget_subjects import forget_subjects
from registry.usecases.endings.run_retention import run_retention
from registry.usecases.endings.seal_records import seal_records
from registry.usecases.forget import forget_nonces, forget_statements
from registry.usecases.log.integrate import integrate
from registry.worker import tick
from tests.builders import a_report, tokens
from tests.log_rounds import integrate_all
from tests.usecases.every_kind import begins, goes_on
from tests.usecases.stories import lists, reports
from tests.world import World, found_world

ENDS: Final[Mapping[str, Callable[..., Any]]] = {
    "account": forget_subjects,
    "batch_chunk": run_retention,
    "batch_withdrawal": run_retention,
    "clearance": seal_records,
    "collection": run_retention,
    "dispute": seal_records,
    "dispute_document": seal_records,
    "evaluation_tally": run_retention,
    "event": run_retention,
    "evidence_demand": seal_records,
    "evidence_manifest": seal_records,
    "evidence_shown": seal_records,
    "hit": run_retention,
    "household": run_retention,
    "household_link": run_retention,
    "household_rebuttal": forget_subjects,
    "inquiry": run_retention,
    "log_pending": integrate,
    "plan": seal_records,
    "plan_instalment": seal_records,
    "quote": run_retention,
    "quote_line": run_retention,
    "quote_total": run_retention,
    "record": seal_records,
    "record_event": seal_records,
    "red_list": forget_subjects,
    "red_list_approval": forget_subjects,
    "request_nonce": forget_nonces,
    "reversal": seal_records,
    "settlement": seal_records,
    "statement_given": forget_statements,
    "stored_answer": run_retention,
    "subject": forget_subjects,
    "take_out_confirmation": run_retention,
    "take_out_day": run_retention,
    "transfer": run_retention,
    "transfer_item": run_retention,
    "victim_marker": forget_subjects,
    "webhook_dead_letter": run_retention,
}
"""The step of the clock that takes a table's last rows away; the story below shows it."""

FOR_EVER: Final[Mapping[str, str]] = {
    "creditor_terms": "the fee terms under which records were listed are published, and name nobody",
    "event_head": "one counter a participant: a place in a feed is never given twice",
    "key_epoch": "the public keys of the custodians, by which tokens and tallies are checked",
    "log_head": "the tree of the log",
    "log_leaf": "the tree of the log",
    "log_opening": "core and salt open a leaf for ever; the personal part is erased by age, purge or forgetting",
    "log_tile": "the tree of the log",
    "log_witness": "who could witness the log at a time",
    "log_witnessing": "the tree of the log",
    "participant": "a member that left stays the author of what it signed",
    "participant_key": "signatures are checked by keys that were revoked since",
    "rules_version": "a decision is judged by the rules of its day",
    "sealed_record": "a tombstone bars the same debt from coming back; it has neither key nor content",
    "signed_request": "proves who asked for what; it holds no body",
    "upkeep": "one row a task",
    "webhook": "one row a participant, until the operator removes it",
}
"""Why the rows of a table stay."""

HOW_TO: Final = (
    "say in tests/usecases/test_every_table_ends.py which step takes its rows away (ENDS; the story there has to fill"
    " it), or why they stay (FOR_EVER), and tell it in docs/runbooks/retention.md"
)


def test_every_table_has_an_end_or_a_reason_to_have_none():
    silent = set(metadata.tables) - set(ENDS) - set(FOR_EVER)
    assert not silent, f"{sorted(silent)}: {HOW_TO}"
    assert set(ENDS) & set(FOR_EVER) == set()
    gone = (set(ENDS) | set(FOR_EVER)) - set(metadata.tables)
    assert not gone, f"{sorted(gone)}: there is no such table any more"


@pytest.fixture
def engines(sqlite_url: str) -> Iterator[Engines]:
    """Not watched: a count asks every node."""
    with closing(make_engines(sqlite_url)) as found:
        yield found


@pytest.fixture
def world(engines: Engines) -> World:
    return found_world(Store(engines))


def rows(engines: Engines) -> dict[str, int]:
    with engines.read.connect() as connection:
        count = sa.select(sa.func.count())
        return {
            name: connection.execute(count.select_from(table)).scalar_one() for name, table in metadata.tables.items()
        }


def lives(world: World, folder: Path) -> None:
    """What the story of every kind leaves out: homes that were left, a nonce, an event that was given up."""
    begins(world, folder)
    goes_on(world)
    lists(world, "carrier-a", a_report("he", "R1", tokens=tokens("he", register="old", address="lane")))
    reports(world, "carrier-a", a_report("he", "R1", tokens=tokens("he", register="new")))
    store = world.registry.store
    letter = DeadLetter(
        recipient="carrier-b",
        first_position=1,
        last_position=2,
        attempts=9,
        reason="gone",
        given_up_at=world.clock(),
    )
    store.write(lambda tx: tx.webhooks.give_up(letter))
    store.write(lambda tx: tx.requests.use_nonce("carrier-a-1", "n", world.clock()))


def test_years_later_nothing_is_left_of_any_table_that_has_an_end(world: World, engines: Engines, tmp_path: Path):
    lives(world, tmp_path)
    before = rows(engines)
    assert [name for name in ENDS if not before[name]] == [], HOW_TO
    for years in (2, 4, 2, 6):
        world.clock.forward(days=366 * years)
        tick(world.registry)
    integrate_all(world, tmp_path)
    after = rows(engines)
    assert {name: after[name] for name in ENDS if after[name]} == {}
