"""The newest incarnation of a registry is remembered, a lower one is an alarm, and one act meets one registry."""

import datetime as dt
import logging
from pathlib import Path
from types import SimpleNamespace

import pytest

from client.errors import IncarnationChanged, IncarnationWentBack, RegistryAnswerBroken, SeenBroken
from client.incarnations import Incarnations, SeenBook, Steady
from tests.support.builders import NOW

KEY = bytes(32)


@pytest.fixture
def book(tmp_path: Path) -> SeenBook:
    return SeenBook(tmp_path / "registry.seen", KEY, lambda: NOW)


def test_without_a_rise_no_file_is_written(book: SeenBook, tmp_path: Path) -> None:
    known = Incarnations(book)
    for header in (None, "1", "1"):
        known.see(header)
    assert (known.newest, known.hint, list(tmp_path.iterdir())) == (1, None, [])


def test_a_registry_of_before_incarnations_is_the_first_and_is_sent_no_number(book: SeenBook) -> None:
    known = Incarnations(book)
    known.see(None)
    assert (known.newest, known.is_named) == (1, False)
    known.see("1")
    assert known.is_named


@pytest.mark.parametrize("header", ["0", "01", "-1", "+2", "2.0", "8192", "99999", "", " 2", "2, 2", "\u0662"])
def test_only_the_one_form_of_a_number_is_read(book: SeenBook, header: str) -> None:
    with pytest.raises(RegistryAnswerBroken, match="answer-incarnation"):
        Incarnations(book).see(header)


def test_a_rise_is_kept_and_a_later_fall_is_an_alarm_for_every_process(book: SeenBook) -> None:
    Incarnations(book).see("3")
    assert book.read().number == 3
    later = Incarnations(book)
    for header in ("2", None):
        with pytest.raises(IncarnationWentBack, match="and was at 3 before"):
            later.see(header)
    later.see("4")


def test_what_another_process_has_seen_meanwhile_holds(book: SeenBook) -> None:
    slow = Incarnations(book)
    slow.see("1")
    Incarnations(book).see("5")
    with pytest.raises(IncarnationWentBack):
        slow.see("4")
    assert book.read().number == 5


def test_another_registry_begins_anew(book: SeenBook, tmp_path: Path) -> None:
    Incarnations(book).see("3")
    other = Incarnations(SeenBook(tmp_path / "registry.seen", bytes(31) + b"1", lambda: NOW))
    other.see("2")
    assert other.newest == 2


def test_a_number_that_cannot_be_kept_is_told_and_holds_in_this_process(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    known = Incarnations(SeenBook(tmp_path / "missing" / "registry.seen", KEY, lambda: NOW))
    known.see("2")
    assert [each.levelno for each in caplog.records] == [logging.WARNING, logging.ERROR]
    assert "seen-not-kept: incarnation 2" in caplog.text
    with pytest.raises(IncarnationWentBack):
        known.see("1")


def test_a_file_that_cannot_be_read_is_told_and_stops_nobody(
    book: SeenBook, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "registry.seen").mkdir()
    known = Incarnations(book)
    known.see("1")
    assert (known.newest, "seen-not-kept: what was seen before cannot be read" in caplog.text) == (1, True)


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"v":1}', '{"incarnation":9999,"registry_key":"x","since":"2026-11-21T08:00:00.000000Z","v":1}'],
)
def test_a_file_that_says_no_number_is_refused(book: SeenBook, tmp_path: Path, content: str) -> None:
    (tmp_path / "registry.seen").write_text(content)
    with pytest.raises(SeenBroken, match="seen-malformed"):
        Incarnations(book).see("1")


def test_the_hint_of_a_restore_ends_after_a_month(book: SeenBook, tmp_path: Path) -> None:
    Incarnations(book).see("2")
    for days, told in ((29, True), (31, False)):
        later = SeenBook(tmp_path / "registry.seen", KEY, lambda days=days: NOW + dt.timedelta(days=days))
        assert (Incarnations(later).hint is not None) == told


def test_one_act_meets_one_registry() -> None:
    registry = SimpleNamespace(incarnations=Incarnations())
    registry.incarnations.see("2")
    steady = Steady(registry)
    steady.check()
    steady.check()
    registry.incarnations.see("3")
    with pytest.raises(IncarnationChanged, match="incarnation 3, 2 when this began"):
        steady.check()
