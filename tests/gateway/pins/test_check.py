"""A check of the pins takes the proven successor that serves, and nothing else."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from ceremony.entry import committee_facts
from gateway.errors import CustodiansUnavailable
from gateway.identity.documents import RawIdentity
from gateway.pins.check import GRACE
from gateway.pins.codes import KeyChanged, PinCode
from gateway.pins.values import Taken
from protocol.identifiers import DocumentKind
from tests.support.exports import resident
from tests.support.log_server import URL
from tests.support.pins import PinHouse

WHO = RawIdentity(kind=DocumentKind.RESIDENT_ID, number=resident(1))


def test_with_nothing_offered_all_is_well_and_the_canary_is_remembered(house: PinHouse) -> None:
    outcome = house.check()
    assert (outcome.is_well, outcome.is_taken) == (True, False)
    assert outcome.pins.canary == house.first.formed.canary
    assert house.book().read().checked_at == house.clock()


def test_a_registry_of_an_earlier_release_offers_nothing(house: PinHouse) -> None:
    assert house.check().is_well
    assert "/v1/ceremonies" in house.log.asked


@pytest.mark.parametrize("change", ["refresh", "resharing"])
def test_a_logged_witnessed_and_served_successor_is_taken_and_gives_the_same_tokens(
    house: PinHouse, change: str
) -> None:
    second = house.refreshed(house.first) if change == "refresh" else house.reshared(house.first)
    with house.gateway() as gateway:
        before = gateway.tokenise([WHO])
        house.serve(second)
        house.offer(second)
        outcome = house.check()
        assert (outcome.is_well, outcome.is_taken, outcome.pins.number) == (True, True, (1, 2))
        house.retire(house.first)
        # The running gateway reads the pins again, and asks the new committee alone.
        assert gateway.tokenise([WHO]) == before
    pins = house.book().pins()
    assert (pins.taken, pins.taken_at, pins.digest) == (Taken.LOGGED, house.clock(), second.formed.committee_digest)
    assert pins.place is not None
    assert (pins.place.size, pins.place.index) == (house.log.size, house.log.size - 1)


def test_a_chain_of_committees_is_walked_one_by_one(house: PinHouse) -> None:
    second = house.refreshed(house.first)
    third = house.refreshed(second)
    house.offer(second)
    house.offer(third)
    house.serve(third)
    assert house.check().pins.number == (1, 3)


def test_a_missing_link_of_the_chain_stops_the_gateway(house: PinHouse) -> None:
    third = house.refreshed(house.refreshed(house.first))
    house.serve(third)
    house.offer(third)
    assert house.check().stopped is PinCode.NOT_A_SUCCESSOR


def test_a_successor_that_does_not_serve_yet_is_taken_once_it_does(house: PinHouse) -> None:
    second = house.refreshed(house.first)
    house.offer(second)
    outcome = house.check()
    assert outcome.refused is not None
    assert (outcome.refused.code, outcome.is_well, outcome.pins.number) == (PinCode.NOT_SERVED, False, (1, 1))
    with house.gateway() as gateway:
        assert gateway.tokenise([WHO])
        assert "committee-unproven" in gateway.alarms()
        house.serve(second)
        assert house.check().is_taken
        assert not gateway.alarms()


@pytest.mark.parametrize(("witnesses", "code"), [((), PinCode.NOT_WITNESSED), (("w1",), PinCode.NOT_WITNESSED)])
def test_an_unwitnessed_committee_waits_and_stops_the_gateway_after_three_days(
    house: PinHouse, witnesses: tuple[str, ...], code: PinCode
) -> None:
    second = house.refreshed(house.first)
    house.serve(second)
    house.offer(second, witnesses=witnesses)
    outcome = house.check()
    assert outcome.refused is not None
    assert (outcome.refused.code, outcome.stopped, outcome.pins.number) == (code, None, (1, 1))
    with house.gateway() as gateway:
        assert gateway.tokenise([WHO])
        house.clock.forward(seconds=GRACE.total_seconds())
        assert house.check().stopped is PinCode.UNLOGGED
        with pytest.raises(KeyChanged, match="unlogged"):
            gateway.tokenise([WHO])


def test_another_offer_each_day_does_not_begin_the_three_days_anew(house: PinHouse) -> None:
    for _ in range(3):
        house.tell([])
        house.offer(house.refreshed(house.first), witnesses=())
        assert house.check().stopped is None
        house.clock.forward(days=1)
    assert house.check().stopped is PinCode.UNLOGGED


def test_a_committee_that_is_not_in_the_log_waits(house: PinHouse) -> None:
    second = house.refreshed(house.first)
    house.serve(second)
    offer = house.offer(second)
    house.log.change[f"receipts/{offer.log_entry_id}"] = 404
    outcome = house.check()
    assert outcome.refused is not None
    assert (outcome.refused.code, outcome.stopped) == (PinCode.NOT_LOGGED, None)
    house.log.change.clear()
    assert house.check().is_taken


def test_an_entry_of_another_committee_stops_the_gateway(house: PinHouse) -> None:
    second = house.refreshed(house.first)
    house.serve(second)
    facts = dict(committee_facts(second.formed)) | {"canary": "00" * 32}
    house.offer(second, facts=facts)
    assert house.check().stopped is PinCode.ENTRY_DIFFERS


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"has_log": False}, PinCode.LOG_NOT_PINNED),
        ({"names_signers": False}, PinCode.SIGNERS_NOT_PINNED),
    ],
)
def test_without_log_or_signers_in_the_settings_a_committee_waits_for_a_person(
    house: PinHouse, changes: dict[str, bool], code: PinCode
) -> None:
    second = house.refreshed(house.first)
    house.serve(second)
    house.offer(second)
    settings = house.settings(**changes)
    outcome = house.check(settings)
    assert outcome.refused is not None
    assert (outcome.refused.code, outcome.is_well, outcome.pins.number) == (code, True, (1, 1))
    house.clock.forward(days=30)
    assert house.check(settings).stopped is None
    with house.gateway(settings) as gateway:
        assert gateway.tokenise([WHO])
        assert gateway.alarms() == ("committee-waits",)


@pytest.mark.parametrize(
    ("dealers", "takes"), [(("custodian-1", "custodian-2"), True), (("custodian-1", "custodian-3"), False)]
)
def test_settings_may_name_a_threshold_of_custodians(house: PinHouse, dealers: tuple[str, ...], *, takes: bool) -> None:
    whole = house.settings()
    settings = replace(whole, custodians=whole.custodians[:2])
    second = house.reshared(house.first, dealers)
    house.serve(second)
    house.offer(second)
    outcome = house.check(settings)
    assert (outcome.is_well, outcome.is_taken) == (True, takes)
    assert takes or (outcome.refused is not None and outcome.refused.code is PinCode.SIGNERS_NOT_PINNED)


def test_a_silent_registry_changes_nothing(house: PinHouse) -> None:
    house.lines[URL].dead = True
    outcome = house.check()
    assert (outcome.stopped, outcome.is_well, outcome.silent is not None) == (None, False, True)
    assert house.book().read().checked_at is None


def test_silent_custodians_are_no_other_key(house: PinHouse) -> None:
    for index in (1, 2):
        house.custodian(index).dead = True
    outcome = house.check()
    assert (outcome.stopped, outcome.is_well) == (None, False)
    assert "custodian 1" in str(outcome.silent)


def test_a_committee_that_serves_no_more_is_replaced_at_once(house: PinHouse) -> None:
    second = house.refreshed(house.first)
    with house.gateway() as gateway:
        before = gateway.tokenise([WHO])
        house.serve(second)
        house.offer(second)
        house.retire(house.first)
        assert gateway.tokenise([WHO]) == before
    assert house.book().pins().number == (1, 2)


def test_the_first_custodian_that_serves_no_more_lets_the_successor_be_looked_for(house: PinHouse) -> None:
    second = house.refreshed(house.first)
    house.serve(second)
    house.offer(second)
    house.books[1].retire(1, 1, house.clock())
    with house.gateway() as gateway:
        before = gateway.tokenise([WHO])
        end = time.monotonic() + 30
        while house.book().pins().number == (1, 1):
            assert gateway.tokenise([WHO]) == before
            assert time.monotonic() < end
        assert gateway.tokenise([WHO]) == before


def test_a_committee_that_serves_no_more_is_not_replaced_by_an_unproven_one(house: PinHouse) -> None:
    second = house.refreshed(house.first)
    house.serve(second)
    house.offer(second, witnesses=())
    house.retire(house.first)
    with house.gateway() as gateway, pytest.raises(CustodiansUnavailable, match="committee-unknown"):
        gateway.tokenise([WHO])
    assert house.book().pins().number == (1, 1)


def test_a_full_disk_leaves_the_pins_as_they_were(house: PinHouse, tmp_path: Path) -> None:
    settings = house.settings(pins=tmp_path / "nowhere" / "pins.json")
    second = house.refreshed(house.first)
    house.serve(second)
    house.offer(second)
    with pytest.raises(OSError, match="nowhere"):
        house.check(settings)
    assert house.book(settings).pins().number == (1, 1)
