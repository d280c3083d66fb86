"""The file of orders keeps tokens and what was reported, for many processes at once, and forgets in time."""

import datetime as dt
import sqlite3
import stat
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from client.deadline import Deadline
from gateway.errors import OrdersUnusable
from gateway.orders.book import OrderBook
from gateway.orders.values import Plan, Taken
from protocol.activations import ActivationOutcome, Basis, UncheckedCause
from protocol.codes import ServiceClass
from tests.support.orders import AT, FIRST, ORDER, SECOND, a_decision, a_wish
from tests.support.root import ROOT
from tests.support.small_disk import fill

WORD = Taken(activation_id=uuid.UUID(int=7), basis=Basis.CHECKED)
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
PROCESS = """
import pathlib, sys, uuid
from dataclasses import replace
from gateway.orders.book import OrderBook
from tests.support.orders import AT, a_decision
book = OrderBook(pathlib.Path(sys.argv[1]))
for number in range(50):
    order = (int(sys.argv[2]) * 1000 + number).to_bytes(16, "big")
    book.keep([replace(a_decision(), order=order)], now=AT)
"""


@pytest.fixture
def book(tmp_path: Path) -> Iterator[OrderBook]:
    opened = OrderBook(tmp_path / "orders.db")
    yield opened
    opened.close()


def planned(book: OrderBook, now: dt.datetime = AT + MINUTE, **changes: Any) -> Plan:
    [plan] = book.plan([a_wish(**changes)], now=now)
    return plan


def rows(path: Path, table: str) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 (our own name)
    finally:
        connection.close()


def test_only_its_owner_reads_the_file(book: OrderBook, tmp_path: Path) -> None:
    book.keep([a_decision()], now=AT)
    modes = {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.glob("orders.db*")}
    assert modes == {0o600}


def test_the_newest_decision_on_an_order_is_found(book: OrderBook) -> None:
    later = a_decision(inquiry_id=SECOND, decision_token="d.e.f", decided_at=AT + DAY)
    checked_again = a_decision(decision_token="g.h.i", decided_at=AT + MINUTE)
    book.keep([later, a_decision(), checked_again], now=AT)
    assert book.newest(ORDER) == later
    assert book.newest(b"p" * 16) is None


def test_an_order_of_two_services_has_a_newest_decision_on_each(book: OrderBook) -> None:
    fixed = a_decision(inquiry_id=SECOND, service_class=ServiceClass.BROADBAND, decided_at=AT + DAY)
    book.keep([a_decision(), fixed], now=AT)
    assert book.newest(ORDER, ServiceClass.MOBILE) == a_decision()
    assert planned(book, now=AT + 2 * DAY, service_class=ServiceClass.MOBILE).decision == a_decision()


def test_what_was_done_before_a_later_check_shows_the_decision_of_then(book: OrderBook) -> None:
    again = a_decision(decision_token="d.e.f", decided_at=AT + DAY)
    book.keep([a_decision(), again], now=AT + DAY)
    assert planned(book, now=AT + 2 * DAY).decision == again
    assert planned(book, now=AT + 2 * DAY, at=AT + MINUTE).decision == a_decision()


def test_the_same_told_again_is_the_same_report_and_another_thing_is_the_next_revision(book: OrderBook) -> None:
    book.keep([a_decision()], now=AT)
    first = planned(book)
    assert (first.revision, first.at, first.repeated) == (1, AT + MINUTE, False)
    book.note_taken([(first, WORD)], now=AT + MINUTE)
    again = planned(book, now=AT + DAY)
    assert (again.revision, again.at, again.decision, again.repeated) == (1, first.at, first.decision, True)
    corrected = planned(book, now=AT + DAY, outcome=ActivationOutcome.CANCELLED_LATER)
    assert (corrected.revision, corrected.at, corrected.repeated) == (2, AT + DAY, False)


def test_a_report_whose_answer_was_lost_is_sent_again_under_its_time_and_token(book: OrderBook) -> None:
    book.keep([a_decision()], now=AT)
    first = planned(book)
    book.keep([a_decision(inquiry_id=SECOND, decision_token="d.e.f", decided_at=AT + DAY)], now=AT + DAY)
    again = planned(book, now=AT + 2 * DAY)
    assert (again.revision, again.at, again.decision, again.repeated) == (1, first.at, first.decision, False)


def test_a_refused_report_did_not_happen(book: OrderBook) -> None:
    book.keep([a_decision()], now=AT)
    book.drop([planned(book)], now=AT)
    assert planned(book, now=AT + DAY).at == AT + DAY


def test_a_revision_that_was_reported_from_elsewhere_stays_a_conflict_for_the_same_and_not_for_the_next(
    book: OrderBook,
) -> None:
    book.keep([a_decision()], now=AT)
    for _ in range(2):
        plan = planned(book)
        assert (plan.revision, plan.repeated) == (1, False)
        book.note_another([(plan, WORD.activation_id)], now=AT)
    assert planned(book, revision=2).revision == 2
    assert planned(book, outcome=ActivationOutcome.PREPAID).revision == 2


def test_a_correction_speaks_of_the_inquiry_under_which_the_service_was_opened(book: OrderBook) -> None:
    book.keep([a_decision()], now=AT)
    book.note_taken([(planned(book), WORD)], now=AT)
    book.keep([a_decision(inquiry_id=SECOND, decision_token="d.e.f", decided_at=AT + DAY)], now=AT + DAY)
    cancelled = planned(book, now=AT + 2 * DAY, outcome=ActivationOutcome.CANCELLED_LATER)
    assert cancelled.decision is not None
    assert cancelled.decision.inquiry_id == FIRST
    another_part = planned(book, now=AT + 2 * DAY, part=2)
    assert another_part.decision is not None
    assert another_part.decision.inquiry_id == SECOND


def test_reports_that_are_planned_together_follow_one_another(book: OrderBook) -> None:
    book.keep([a_decision()], now=AT)
    told = [a_wish(), a_wish(outcome=ActivationOutcome.CANCELLED_LATER), a_wish(part=2), a_wish(part=2)]
    assert [each.revision for each in book.plan(told, now=AT)] == [1, 2, 1, 1]


def test_nothing_is_done_before_it_was_decided(book: OrderBook) -> None:
    """A clock that is behind, and a time without seconds, are moved up to the decision; no other time is."""
    decided_at = AT + dt.timedelta(seconds=20)
    book.keep([a_decision(decided_at=decided_at)], now=AT)
    assert planned(book, now=AT).at == decided_at
    assert planned(book, part=2, at=AT, span=MINUTE).at == decided_at
    assert planned(book, part=3, at=AT - DAY, span=MINUTE).at == AT - DAY


def test_an_unknown_order_is_noted_only_with_its_cause(book: OrderBook, tmp_path: Path) -> None:
    assert not planned(book).can_be_sent
    assert rows(tmp_path / "orders.db", "report") == 0
    assert planned(book, unchecked=UncheckedCause.SYSTEM_FAULT, service_class=ServiceClass.MOBILE).can_be_sent
    assert rows(tmp_path / "orders.db", "report") == 1


def test_a_decision_leaves_after_ninety_days_and_a_reported_one_after_four_hundred(
    book: OrderBook, tmp_path: Path
) -> None:
    reported = a_decision(order=b"r" * 16)
    book.keep([a_decision(), reported], now=AT)
    book.note_taken([(planned(book, order=reported.order), WORD)], now=AT)
    book.keep([a_decision(order=b"q" * 16)], now=AT + 89 * DAY)
    assert book.newest(ORDER) is not None
    book.keep([], now=AT + 91 * DAY)
    assert (book.newest(ORDER), book.newest(reported.order)) == (None, reported)
    book.keep([], now=AT + 399 * DAY)
    assert book.newest(reported.order) == reported
    book.keep([], now=AT + 401 * DAY)
    assert book.newest(reported.order) is None
    assert rows(tmp_path / "orders.db", "report") == 0


def test_one_write_removes_a_bounded_number(book: OrderBook, tmp_path: Path) -> None:
    old = [a_decision(order=number.to_bytes(16, "big")) for number in range(250)]
    book.keep(old, now=AT)
    left = []
    for _ in range(3):
        book.keep([], now=AT + 91 * DAY)
        left.append(rows(tmp_path / "orders.db", "decision"))
    assert left == [150, 50, 0]


def test_a_removed_token_is_gone_from_the_file(tmp_path: Path) -> None:
    book = OrderBook(tmp_path / "orders.db")
    book.keep([a_decision(decision_token="planted.planted.planted")], now=AT)
    book.keep([], now=AT + 91 * DAY)
    book.close()
    assert b"planted" not in (tmp_path / "orders.db").read_bytes()


def test_orders_of_which_nothing_was_reported_are_listed(book: OrderBook) -> None:
    waiting = a_decision(order=b"w" * 16, decided_at=AT - DAY)
    again = a_decision(order=b"w" * 16, decided_at=AT)
    book.keep([waiting, again, a_decision(order=b"x" * 16, decided_at=AT + DAY), a_decision()], now=AT)
    book.note_taken([(planned(book), WORD)], now=AT)
    listed = list(book.unreported())
    assert [(each.order, each.decided_at) for each in listed] == [(b"w" * 16, AT), (b"x" * 16, AT + DAY)]


def test_threads_and_processes_keep_at_once_and_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "orders.db"
    others = [subprocess.Popen([sys.executable, "-c", PROCESS, path, str(each)], cwd=ROOT) for each in (1, 2, 3)]
    book = OrderBook(path)
    orders = [(9000 + number).to_bytes(16, "big") for number in range(50)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda order: book.keep([a_decision(order=order)], now=AT), orders))
    assert [each.wait(60) for each in others] == [0, 0, 0]
    book.close()
    assert rows(path, "decision") == 200


def test_two_who_report_at_once_get_different_revisions_or_the_same_report(book: OrderBook) -> None:
    book.keep([a_decision()], now=AT)

    def report(lines: int) -> int:
        plan = planned(book, lines=lines)
        book.note_taken([(plan, WORD)], now=AT)
        return plan.revision

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(report, [1] * 8)) == {1}


def test_a_file_that_is_none_or_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "orders.db").write_bytes(b"no database" * 100)
    for path in (tmp_path / "orders.db", tmp_path / "missing" / "orders.db"):
        book = OrderBook(path)
        with pytest.raises(OrdersUnusable, match="orders-unusable"):
            book.keep([a_decision()], now=AT)
        assert not book.takes_writes(now=AT)


def test_a_file_that_was_put_in_its_place_is_read(book: OrderBook, tmp_path: Path) -> None:
    book.keep([a_decision()], now=AT)
    restored = OrderBook(tmp_path / "copy.db")
    restored.keep([a_decision(order=b"z" * 16)], now=AT)
    restored.close()
    for each in tmp_path.glob("orders.db-*"):
        each.unlink()
    (tmp_path / "copy.db").replace(tmp_path / "orders.db")
    assert book.newest(ORDER) is None
    assert book.newest(b"z" * 16) is not None


def test_a_full_disk_keeps_what_was_kept_and_takes_more_once_there_is_room(small_disk: Path) -> None:
    book = OrderBook(small_disk / "orders.db")
    book.keep([a_decision()], now=AT)
    fill(small_disk / "filler")
    with pytest.raises(OrdersUnusable, match=r"SQLITE_(FULL|IOERR)"):
        book.keep([a_decision(order=number.to_bytes(16, "big")) for number in range(2000)], now=AT)
    assert book.newest(ORDER) == a_decision()
    (small_disk / "filler").unlink()
    assert book.takes_writes(now=AT)
    book.keep([a_decision(order=b"z" * 16)], now=AT)
    book.close()


def test_a_file_of_a_later_release_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "orders.db")) as connection:
        connection.execute("PRAGMA user_version = 2")
    with pytest.raises(OrdersUnusable, match="OF_A_LATER_RELEASE"):
        OrderBook(tmp_path / "orders.db").keep([a_decision()], now=AT)


def test_a_write_waits_for_another_process_until_its_deadline_and_a_monitor_hardly_at_all(
    book: OrderBook, tmp_path: Path
) -> None:
    book.keep([a_decision()], now=AT)
    with closing(sqlite3.connect(tmp_path / "orders.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        assert not book.takes_writes(now=AT)
        with pytest.raises(OrdersUnusable):
            book.keep([a_decision()], now=AT, deadline=Deadline.after(0.3, time.monotonic))
        assert time.monotonic() - began < 5
    assert book.takes_writes(now=AT)


def test_the_codes_of_an_answer_are_kept_as_long_as_its_decisions(book: OrderBook, tmp_path: Path) -> None:
    book.keep_answered(FIRST, '{"items":[]}', now=AT)
    assert (book.answered(FIRST), book.answered(SECOND)) == ('{"items":[]}', None)
    book.keep_answered(FIRST, '{"items":[1]}', now=AT)
    assert book.answered(FIRST) == '{"items":[1]}'
    book.keep([a_decision(order=b"p" * 16)], now=AT + 91 * DAY)
    assert (book.answered(FIRST), rows(tmp_path / "orders.db", "answered")) == (None, 0)


def test_an_event_is_known_by_its_order_for_as_long_as_a_report_is(book: OrderBook) -> None:
    for _ in range(2):
        book.note_event(ORDER, b"e" * 16, now=AT)
    assert book.knows_event(ORDER, b"e" * 16)
    assert not book.knows_event(b"p" * 16, b"e" * 16)
    book.keep([a_decision()], now=AT + 401 * DAY)
    assert not book.knows_event(ORDER, b"e" * 16)


def test_the_last_report_is_one_that_the_registry_has(book: OrderBook) -> None:
    book.keep([a_decision()], now=AT)
    plan = planned(book)
    assert book.last_report(ORDER, 1) is None
    book.note_taken([(plan, WORD)], now=AT + MINUTE)
    planned(book, outcome=ActivationOutcome.CANCELLED_LATER)
    last = book.last_report(ORDER, 1)
    assert last is not None
    assert (last.outcome, book.last_report(ORDER, 2)) == (ActivationOutcome.ACTIVATED, None)


def test_a_file_of_before_gets_the_tables_that_it_lacks(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "orders.db")) as connection:
        connection.execute("PRAGMA user_version = 1")
    (tmp_path / "orders.db").chmod(0o600)
    with closing(OrderBook(tmp_path / "orders.db")) as book:
        assert not book.knows_event(ORDER, b"e" * 16)
