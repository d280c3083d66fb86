"""Custodians' tallies, kept once, and what the log counts of a day."""

import datetime as dt

import pytest

from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from registry.domain.ids import uuid7
from registry.domain.tallies import CountedCarrier, KeptTally
from registry.store.transactions import Store
from tests.storage import values as v
from tests.support.builders import NOW, TODAY

MIDNIGHT = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
END = MIDNIGHT + dt.timedelta(days=1)


def a_tally(custodian: str = "carrier-a", day: dt.date = TODAY, epoch: int = 1, **changes: object) -> KeptTally:
    values: dict[str, object] = {
        "participant_id": custodian,
        "day": day,
        "epoch": epoch,
        "total": 2**40,
        "statement": "a.b.c",
        "received_at": NOW,
        "log_entry_id": v.an_id(1),
    }
    return KeptTally(**(values | changes))  # type: ignore[arg-type]


def test_a_tally_is_found_again_by_custodian_day_and_epoch(store: Store) -> None:
    v.founded(store)
    kept = a_tally(), a_tally(day=TODAY - dt.timedelta(days=1), total=0)
    for each in kept:
        store.write(lambda tx, each=each: tx.tallies.add(each))
    assert store.read(lambda tx: tx.tallies.find("carrier-a", TODAY, 1)) == kept[0]
    assert store.read(lambda tx: tx.tallies.of_day(TODAY)) == kept[:1]
    assert store.read(lambda tx: tx.tallies.find("carrier-a", TODAY, 2)) is None
    assert store.read(lambda tx: tx.tallies.find("carrier-b", TODAY, 1)) is None


def test_of_two_tallies_of_one_day_that_race_the_second_is_refused(store: Store) -> None:
    v.founded(store)
    store.write(lambda tx: tx.tallies.add(a_tally()))
    with pytest.raises(Refusal) as refused:
        store.write(lambda tx: tx.tallies.add(a_tally(total=5)))
    assert refused.value.problem is Problem.IN_FLIGHT
    assert store.read(lambda tx: tx.tallies.of_day(TODAY)) == (a_tally(),)


def test_the_log_counts_inquiries_and_reported_rows_of_exactly_one_utc_day(store: Store) -> None:
    v.founded(store)
    entries = [
        (EntryKind.INQUIRY, MIDNIGHT, "carrier-b"),
        (EntryKind.INQUIRY, END - dt.timedelta(milliseconds=1), "carrier-b"),
        (EntryKind.INQUIRY, END, "carrier-b"),
        (EntryKind.INQUIRY, MIDNIGHT - dt.timedelta(milliseconds=1), "carrier-b"),
        (EntryKind.REPORT_LISTED, NOW, "carrier-a"),
        (EntryKind.REPORT_REJECTED, NOW, "carrier-a"),
        (EntryKind.REPORT_REPEATED, NOW, "carrier-a"),
        (EntryKind.RECORD_UPDATED, NOW, "carrier-a"),
        (EntryKind.RECORD_TRANSITION, NOW, "carrier-a"),
        (EntryKind.INQUIRY, NOW, "carrier-a"),
    ]
    made = [
        v.a_log_entry(
            number,
            entry_id=uuid7(at, lambda size, number=number: number.to_bytes(size, "big")),
            kind=kind.value,
            at=at,
            participant_id=sender,
        )
        for number, (kind, at, sender) in enumerate(entries)
    ]
    store.write(lambda tx: tx.openings.append(made))
    assert store.read(lambda tx: tx.tallies.counted(MIDNIGHT, END)) == (
        CountedCarrier(participant_id="carrier-a", inquiries=1, reports=4),
        CountedCarrier(participant_id="carrier-b", inquiries=2, reports=0),
    )
