"""No row is kept for ever without a reason: each table has a step that takes its rows away, or says why they stay."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa

from protocol.activations import ActivationOutcome
from registry.domain.webhooks import DeadLetter
from registry.store.columns import metadata
from registry.store.engines import Engines, make_engines
from registry.store.transactions import Store
from registry.work.worker import tick
from tests.support.activations import a_report_on, tells
from tests.support.builders import a_report, tokens
from tests.support.contexts import asks_in_context, checks_again
from tests.support.every_kind import begins, goes_on
from tests.support.log_rounds import integrate_all
from tests.support.stories import lists, reports
from tests.support.table_ends import ENDS, FOR_EVER
from tests.support.world import World, found_world

HOW_TO: Final = (
    "say in tests/support/table_ends.py which step takes its rows away (ENDS; the story there has to fill"
    " it), or why they stay (FOR_EVER), and tell it in docs/runbooks/retention.md"
)


def test_every_table_has_an_end_or_a_reason_to_have_none() -> None:
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
    """What the story of every kind leaves out: an order, homes that were left, a nonce, an event that was given up."""
    begins(world, folder)
    goes_on(world)
    lists(world, "carrier-a", a_report("he", "R1", tokens=tokens("he", register="old", address="lane")))
    reports(world, "carrier-a", a_report("he", "R1", tokens=tokens("he", register="new")))
    again = checks_again(world, "carrier-b", asks_in_context(world, "carrier-b", tokens("he")))
    tells(world, "carrier-b", a_report_on(world, again, ActivationOutcome.ACTIVATED))
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


def test_years_later_nothing_is_left_of_any_table_that_has_an_end(
    world: World, engines: Engines, tmp_path: Path
) -> None:
    lives(world, tmp_path)
    before = rows(engines)
    assert [name for name in ENDS if not before[name]] == [], HOW_TO
    for years in (2, 4, 2, 6):
        world.clock.forward(days=366 * years)
        tick(world.registry)
    integrate_all(world, tmp_path)
    after = rows(engines)
    assert {name: after[name] for name in ENDS if after[name]} == {}
