"""Settings and pins file: the later committee of one key wins, and whatever contradicts stops the gateway."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.pins.book import PinBook
from gateway.pins.codes import KeyChanged, PinCode
from gateway.pins.values import Doubt, PinFile, Pins, Taken, kept
from serving.settings import SettingsError
from tests.support.ceremonies import Held, bodies, genesis, hold
from tests.support.pins import FORMED_AT, PinHouse, pins_from, refreshed

OF = bodies(3)
FIRST = hold(genesis(OF, 2), OF)
SECOND = refreshed(FIRST, OF)
ANOTHER_SECOND = refreshed(FIRST, OF)
OTHER_KEY = hold(genesis(OF, 2), OF)
NEXT_EPOCH = hold(genesis(OF, 2, epoch=2), OF)


def by_settings(held: Held) -> Pins:
    """The pins of settings that name a committee without its digest."""
    return replace(pins_from(held), digest=None, canary=None, taken=Taken.SETTINGS, taken_at=None)


def a_book(path: Path, named: Held, filed: Held | None, taken: Taken = Taken.LOGGED) -> PinBook:
    if filed is not None:
        content = PinFile(pins=kept(filed.formed, taken, FORMED_AT))
        PinBook(by_settings(named), path).change(lambda _: content)
    return PinBook(by_settings(named), path)


@pytest.mark.parametrize(
    ("named", "filed", "taken", "wins"),
    [
        (FIRST, None, Taken.LOGGED, FIRST),
        (FIRST, FIRST, Taken.NAMED, FIRST),
        (FIRST, SECOND, Taken.LOGGED, SECOND),
        (SECOND, SECOND, Taken.LOGGED, SECOND),
        (FIRST, NEXT_EPOCH, Taken.NAMED, NEXT_EPOCH),
    ],
)
def test_the_file_holds_a_later_committee_than_the_settings(
    tmp_path: Path, named: Held, filed: Held | None, taken: Taken, wins: Held
) -> None:
    pins = a_book(tmp_path / "pins.json", named, filed, taken).pins()
    assert (pins.number, pins.joint_public_key) == (
        (wins.formed.committee.epoch, wins.formed.committee.committee),
        wins.formed.committee.joint_public_key,
    )
    assert pins.digest == (None if filed is None else wins.formed.committee_digest)


@pytest.mark.parametrize(
    ("named", "filed"),
    [
        (SECOND, FIRST),
        (NEXT_EPOCH, SECOND),
        (FIRST, OTHER_KEY),
        (SECOND, ANOTHER_SECOND),
        (FIRST, NEXT_EPOCH),
    ],
)
def test_settings_that_contradict_the_file_are_refused_and_neither_wins(
    tmp_path: Path, named: Held, filed: Held
) -> None:
    with pytest.raises(KeyChanged, match=r"pins-contradict: .*gateway pins accept"):
        a_book(tmp_path / "pins.json", named, filed).pins()


def test_a_custodian_that_moved_is_asked_at_the_address_of_the_settings(tmp_path: Path) -> None:
    a_book(tmp_path / "pins.json", FIRST, SECOND)
    named = by_settings(FIRST)
    first, *others = named.members
    moved = replace(named, members=(replace(first, url="https://moved.example"), *others))
    pins = PinBook(moved, tmp_path / "pins.json").pins()
    assert [each.url for each in pins.members] == ["https://moved.example", *(each.url for each in others)]


def test_public_keys_that_are_no_sharing_of_their_key_are_refused() -> None:
    wrong = replace(by_settings(FIRST), joint_public_key=OTHER_KEY.formed.committee.joint_public_key)
    with pytest.raises(KeyChanged, match="no sharing"):
        PinBook(wrong, None).pins()


def spoilt(change: Callable[[Any], object]) -> Callable[[bytes], bytes]:
    def work(raw: bytes) -> bytes:
        document = json.loads(raw)
        change(document)
        return json.dumps(document, separators=(",", ":"), sort_keys=True).encode() + b"\n"

    return work


@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda raw: raw[:-2],
        lambda raw: raw.rstrip(b"\n"),
        lambda raw: raw + b" ",
        lambda raw: raw + b"\n" * 70_000,
        spoilt(lambda document: document.update(v=2)),
        spoilt(lambda document: document.update(more=1)),
        spoilt(lambda document: document["pins"].pop("canary")),
        spoilt(lambda document: document["pins"]["committee"].update(threshold=4)),
    ],
)
def test_a_file_that_is_not_ours_stops_the_gateway(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "pins.json"
    book = a_book(path, FIRST, SECOND)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(KeyChanged, match="pins-malformed"):
        book.pins()


def test_the_first_stop_stays_and_outlives_the_process(tmp_path: Path) -> None:
    path = tmp_path / "pins.json"
    a_book(path, FIRST, None).stop(Doubt(code=PinCode.FORK, since=FORMED_AT))
    a_book(path, FIRST, None).stop(Doubt(code=PinCode.OTHER_KEY, since=FORMED_AT))
    with pytest.raises(KeyChanged, match="key-changed: fork: nothing is tokenised since 2026-11-20 08:00 UTC"):
        a_book(path, FIRST, None).refuse_stopped()
    assert path.stat().st_mode & 0o077 == 0


def test_a_stop_holds_where_it_cannot_be_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    book = PinBook(by_settings(FIRST), tmp_path / "nowhere" / "pins.json")
    book.stop(Doubt(code=PinCode.FORK, since=FORMED_AT))
    with pytest.raises(KeyChanged):
        book.refuse_stopped()
    assert "ends with this process" in caplog.text


def test_a_running_process_sees_what_another_one_wrote(tmp_path: Path) -> None:
    path = tmp_path / "pins.json"
    running = a_book(path, FIRST, None)
    assert running.pins().number == (1, 1)
    a_book(path, FIRST, SECOND)
    assert running.pins().number == (1, 2)
    path.unlink()
    assert running.pins().number == (1, 1)


def test_without_a_file_pins_last_as_long_as_the_process() -> None:
    book = PinBook(by_settings(FIRST), None)
    book.change(lambda content: replace(content, pins=kept(SECOND.formed, Taken.NAMED, FORMED_AT)))
    assert book.pins().number == (1, 2)


def test_a_gateway_with_contradicting_pins_does_not_start(house: PinHouse) -> None:
    house.book().change(lambda content: replace(content, pins=kept(OTHER_KEY.formed, Taken.LOGGED, FORMED_AT)))
    with pytest.raises(SettingsError, match="pins-contradict"), house.gateway():
        pass
