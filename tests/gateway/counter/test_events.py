"""A carrier follows its events with a cursor file and misses none, also when it dies in between."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, cast

import pytest

from client.errors import IncarnationWentBack, RegistryAnswerBroken
from client.registry import RegistryClient
from gateway.counter.events import dropped_words, follow
from gateway.errors import CursorBroken
from gateway.gateway import Gateway
from protocol.events import EventKind
from protocol.messages.events import FeedPage
from registry.store.transactions import Transaction
from registry.usecases.act import act_in
from registry.usecases.notify import notify
from tests.support.parties import Parties
from tests.support.restores import backup, declare, restore
from tests.support.world import World


@pytest.fixture
def cursor(tmp_path: Path) -> Path:
    return tmp_path / "events.cursor"


def tell(world: World, *versions: str) -> None:
    def work(tx: Transaction) -> None:
        for each in versions:
            facts = {"version": each, "effective_from": "2027-01-01", "sha256": "0" * 64}
            notify(act_in(world.registry, tx, None), ["carrier-a"], EventKind.RULES_CHANGED, facts=facts)

    for each in versions:
        world.clock.forward(seconds=1)
        versions = (each,)
        world.registry.store.write(work)


def heard(events: Iterator[dict[str, Any]] | list[dict[str, Any]]) -> list[Any]:
    return [each["facts"]["version"] for each in events]


def test_each_event_is_given_once_while_nobody_dies(world: World, gateway: Gateway, cursor: Path) -> None:
    tell(world, "1", "2")
    assert heard(gateway.events(cursor)) == ["1", "2"]
    assert heard(gateway.events(cursor)) == []
    tell(world, "3")
    assert heard(gateway.events(cursor)) == ["3"]
    assert cursor.read_text() == "3\n"


def test_many_pages_are_one_feed(world: World, gateway: Gateway, cursor: Path) -> None:
    tell(world, *map(str, range(7)))
    assert heard(follow(gateway.registry, cursor, limit=3)) == [str(each) for each in range(7)]


def test_whoever_dies_within_a_page_is_given_it_again(world: World, gateway: Gateway, cursor: Path) -> None:
    tell(world, "1", "2")
    assert heard(islice(gateway.events(cursor), 1)) == ["1"]
    assert not cursor.exists()
    assert heard(gateway.events(cursor)) == ["1", "2"]


@pytest.mark.parametrize("content", ["", "x", "-1", "01", "1 ", "1\n\n", "9" * 17, "²"])
def test_a_file_that_is_no_cursor_is_refused(gateway: Gateway, cursor: Path, content: str) -> None:
    cursor.write_text(content)
    with pytest.raises(CursorBroken):
        list(gateway.events(cursor))


class Forgetful:
    """A registry that has dropped the events before the ninth."""

    def get(self, _path: str, _answer: object, query: Any) -> FeedPage:
        events = ({"kind": "RECORD_CLEARED"},) if query.after < 9 else ()
        return FeedPage(events=events, next=9, more=False, oldest=9)


def test_whoever_stayed_away_for_too_long_is_told_that_events_are_missing(cursor: Path) -> None:
    cursor.write_text("7\n")
    assert [each["kind"] for each in follow(cast("RegistryClient", Forgetful()), cursor)] == [
        "EVENTS_DROPPED",
        "RECORD_CLEARED",
    ]
    assert list(follow(cast("RegistryClient", Forgetful()), cursor)) == []


def test_a_cursor_right_before_the_oldest_event_has_missed_nothing(cursor: Path) -> None:
    cursor.write_text("8\n")
    assert [each["kind"] for each in follow(cast("RegistryClient", Forgetful()), cursor)] == ["RECORD_CLEARED"]


class Backwards:
    """A registry whose feed ends before the cursor, as after a restored backup."""

    def get(self, _path: str, _answer: object, query: Any) -> FeedPage:
        return FeedPage(events=(), next=query.after - 1, more=False, oldest=1)


def test_a_feed_that_goes_backwards_is_refused_and_the_cursor_stays(cursor: Path) -> None:
    cursor.write_text("7\n")
    with pytest.raises(RegistryAnswerBroken):
        list(follow(cast("RegistryClient", Backwards()), cursor))
    assert cursor.read_text() == "7\n"


def test_a_cursor_from_before_a_restore_is_told_and_reads_from_the_restored_beginning(
    world: World, gateway: Gateway, cursor: Path, tmp_path: Path
) -> None:
    tell(world, "1", "2")
    copy = backup(tmp_path)
    tell(world, "lost", "lost too")
    assert len(heard(gateway.events(cursor))) == 4
    restore(world, tmp_path, copy)
    tell(world, "deadline")  # on the place of an event that was read
    dropped, *events = gateway.events(cursor)
    assert (dropped["kind"], dropped["reason"]) == ("EVENTS_DROPPED", "RESTORED")
    assert heard(events) == ["1", "2", "deadline"]
    assert dropped_words(dropped).startswith("the registry was restored from a backup")
    assert heard(gateway.events(cursor)) == []
    tell(world, "next")
    assert heard(gateway.events(cursor)) == ["next"]


def test_a_restored_feed_without_an_event_is_told_once(
    world: World, gateway: Gateway, cursor: Path, tmp_path: Path
) -> None:
    copy = backup(tmp_path)
    tell(world, "lost")
    list(gateway.events(cursor))
    restore(world, tmp_path, copy)
    assert [each["kind"] for each in gateway.events(cursor)] == ["EVENTS_DROPPED"]
    assert list(gateway.events(cursor)) == []


def test_a_cursor_of_a_later_incarnation_is_an_alarm_and_stays(
    world: World, gateway: Gateway, parties: Parties, cursor: Path, tmp_path: Path
) -> None:
    copy = backup(tmp_path)
    declare(world, 3)
    tell(world, "1")
    list(gateway.events(cursor))
    kept = cursor.read_bytes()
    restore(world, tmp_path, copy, number=2)
    with parties.gateway() as other, pytest.raises(IncarnationWentBack, match="at incarnation 2 and was at 3"):
        list(other.events(cursor))
    assert cursor.read_bytes() == kept


def test_a_feed_that_ends_before_the_cursor_without_a_declared_restore_is_an_alarm(
    world: World, gateway: Gateway, cursor: Path, tmp_path: Path
) -> None:
    copy = backup(tmp_path)
    tell(world, "1")
    list(gateway.events(cursor))
    restore(world, tmp_path, copy, number=None)
    with pytest.raises(RegistryAnswerBroken, match="feed-went-back"):
        list(gateway.events(cursor))
    assert cursor.read_text() == "1\n"
