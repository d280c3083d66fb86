"""A home is a debtor's as long as the creditor says so: what was wrong or is over ties nobody to the debt."""

import datetime as dt
from typing import Any

import pytest

from protocol.codes import DecisionCode, ServiceClass, Verdict
from protocol.messages.tokens import SubjectTokens
from protocol.states import HouseholdKind
from registry.usecases.archive.run_retention import run_retention
from registry.work.worker import tick
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.endings import opens
from tests.support.events import told
from tests.support.people import subject_key_of
from tests.support.statements import statement
from tests.support.stories import asks, lists, reports, settles
from tests.support.transfers import sells
from tests.support.world import World

DAY = dt.timedelta(days=1)


def said(name: str = "debtor", *, collective: bool = False, **homes: Any) -> Any:
    """What the creditor says of a broadband debt: whose it is, and where that person lives."""
    return a_report(tokens=tokens(name, **homes), service_class=ServiceClass.BROADBAND, collective_household=collective)


def served(world: World, **homes: Any) -> bool:
    """Whether somebody of a home, who owes nothing, gets a fixed line."""
    whose = tokens(f"somebody of {sorted(homes.values())}", **homes)
    return asks(world, "carrier-b", whose, ServiceClass.BROADBAND).decision is DecisionCode.ALLOW


def links_of(world: World, name: str = "debtor") -> list[tuple[HouseholdKind, bool]]:
    """Kind of each link of a debtor, and whether it is current; in their order of time."""
    key = subject_key_of(world.registry, tokens(name))
    links = world.registry.store.read(lambda tx: tx.households.links_of([key]))
    return [(each.kind, each.is_current) for each in sorted(links, key=lambda each: (each.linked_at, each.kind))]


def test_a_corrected_address_frees_the_old_home(world: World) -> None:
    listed = lists(world, "carrier-a", said(address="the wrong flat"))
    assert not served(world, address="the wrong flat")
    world.clock.forward(days=1)
    corrected = reports(world, "carrier-a", said(address="the right flat"))
    assert (corrected.verdict, corrected.record_id) == (Verdict.UPDATED, listed.record_id)
    assert served(world, address="the wrong flat")
    assert not served(world, address="the right flat")
    assert reports(world, "carrier-a", said(address="the right flat")).verdict is Verdict.DUPLICATE
    assert asks(world, "carrier-b", tokens("debtor")).decision is DecisionCode.PAY_FIRST


def test_whoever_was_told_of_the_debt_hears_of_the_correction(world: World) -> None:
    lists(world, "carrier-a", said(address="the wrong flat"))
    assert not served(world, address="the wrong flat")
    reports(world, "carrier-a", said(address="the right flat"))
    assert len(told(world, "carrier-b")) == 1


def test_a_record_reported_from_forty_addresses_holds_one_home(world: World) -> None:
    lists(world, "carrier-a", said(register="register 0", address="flat 0"))
    for place in range(1, 40):
        world.clock.forward(minutes=1)
        moved = said(register=f"register {place}", address=f"flat {place}")
        assert reports(world, "carrier-a", moved).verdict is Verdict.UPDATED
    held = [
        kind
        for place in range(40)
        for kind, home in (("register", f"register {place}"), ("address", f"flat {place}"))
        if not served(world, **{kind: home})
    ]
    assert held == ["register", "address"]
    assert sum(current for _, current in links_of(world)) == 2


def test_an_address_that_cannot_be_read_leaves_the_link(world: World) -> None:
    lists(world, "carrier-a", said(register="4201060011665", address="flat"))
    assert reports(world, "carrier-a", said()).verdict is Verdict.DUPLICATE
    assert reports(world, "carrier-a", said(register="4201060011665")).verdict is Verdict.DUPLICATE
    assert not served(world, address="flat")
    assert not served(world, register="4201060011665")


def test_a_home_that_is_told_later_weighs_from_then_on(world: World) -> None:
    lists(world, "carrier-a", said())
    assert served(world, address="flat")
    assert reports(world, "carrier-a", said(address="flat")).verdict is Verdict.UPDATED
    assert not served(world, address="flat")


def test_one_kind_of_household_is_corrected_and_the_other_stays(world: World) -> None:
    lists(world, "carrier-a", said(register="4201060011665", address="flat"))
    world.clock.forward(days=1)
    assert reports(world, "carrier-a", said(address="new flat")).verdict is Verdict.UPDATED
    assert not served(world, register="4201060011665")
    assert served(world, address="flat")
    assert links_of(world) == [
        (HouseholdKind.ADDRESS, False),
        (HouseholdKind.REGISTER, True),
        (HouseholdKind.ADDRESS, True),
    ]


@pytest.mark.parametrize("beside", [{}, {"register": "4201060011665"}, {"register": "another"}])
def test_a_dormitory_ends_the_register_link(world: World, beside: dict[str, str]) -> None:
    lists(world, "carrier-a", said(register="4201060011665", address="flat"))
    moved = said(collective=True, address="flat", **beside)
    assert reports(world, "carrier-a", moved).verdict is Verdict.UPDATED
    assert all(served(world, register=each) for each in ("4201060011665", "another"))
    assert not served(world, address="flat")
    assert reports(world, "carrier-a", moved).verdict is Verdict.DUPLICATE


def test_a_dormitory_is_nobodys_home_from_the_first_report_on(world: World) -> None:
    lists(world, "carrier-a", said(collective=True, register="4201060011665"))
    assert served(world, register="4201060011665")
    assert links_of(world) == []


def test_who_moves_back_is_at_home_again(world: World) -> None:
    for place, flat in enumerate(("old flat", "new flat", "old flat")):
        reports(world, "carrier-a", said(address=flat))
        world.clock.forward(days=place)
    assert served(world, address="new flat")
    assert not served(world, address="old flat")
    assert [current for _, current in links_of(world)] == [False, False, True]


def test_only_the_creditor_that_corrects_frees_a_home(world: World) -> None:
    lists(world, "carrier-a", said(address="flat"))
    lists(world, "carrier-c", said(address="flat"))
    reports(world, "carrier-a", said(address="new flat"))
    assert not served(world, address="flat")
    reports(world, "carrier-c", said(address="new flat"))
    assert served(world, address="flat")


def test_a_row_that_is_refused_moves_nobody(world: World) -> None:
    lists(world, "carrier-a", said(address="flat"))
    young = a_report(
        tokens=tokens("debtor", address="new flat"),
        service_class=ServiceClass.BROADBAND,
        due_date=TODAY - 10 * DAY,
        notice_date=TODAY - 5 * DAY,
    )
    assert reports(world, "carrier-a", young).verdict is Verdict.REJ_TOO_RECENT
    assert not served(world, address="flat")
    assert served(world, address="new flat")


def test_a_later_export_does_not_move_a_debt_that_was_paid(world: World) -> None:
    lists(world, "carrier-a", said(address="flat"))
    world.clock.forward(days=1)
    reports(world, "carrier-a", said(address="new flat"))
    settles(world, "carrier-a", tokens("debtor"), account("A1"), amount_fen=9_000_00)
    assert reports(world, "carrier-a", said(address="third flat")).verdict is Verdict.DUPLICATE
    assert [current for _, current in links_of(world)] == [False, True]
    assert all(served(world, address=each) for each in ("flat", "new flat", "third flat"))


def test_a_debt_that_was_sold_takes_its_present_home_along_and_is_moved_by_its_buyer(world: World) -> None:
    listed = lists(world, "carrier-a", said(address="first flat"))
    reports(world, "carrier-a", said(address="flat"))
    sells(world, listed.record_id, "A1")
    assert served(world, address="first flat")
    assert not served(world, address="flat")
    world.clock.forward(days=1)
    assert reports(world, "carrier-b", said(address="new flat")).verdict is Verdict.UPDATED
    assert served(world, address="flat")
    assert not served(world, address="new flat")


def ended(world: World) -> SubjectTokens:
    lists(world, "carrier-a", said(address="flat"))
    world.clock.forward(days=1)
    reports(world, "carrier-a", said(address="new flat"))
    return tokens("debtor")


def test_an_ended_link_is_forgotten_after_180_days(world: World) -> None:
    ended(world)
    world.clock.forward(days=180)
    run_retention(world.registry)
    assert [current for _, current in links_of(world)] == [False, True]
    world.clock.forward(days=1)
    tick(world.registry)
    assert [current for _, current in links_of(world)] == [True]
    assert not served(world, address="new flat")


def test_a_link_that_holds_is_not_forgotten_with_the_years(world: World) -> None:
    lists(world, "carrier-a", said(address="flat"))
    world.clock.forward(days=1_800)
    tick(world.registry)
    assert not served(world, address="flat")


def test_a_statement_tells_since_when_and_until_when_a_debt_counted_for_a_household(world: World) -> None:
    whose = ended(world)
    home = {"record": 1, "kind": "ADDRESS"}
    assert statement(world, whose)["households"] == [
        home | {"since": "2026-11-21", "ended_on": "2026-11-22"},
        home | {"since": "2026-11-22", "ended_on": None},
    ]
    world.clock.forward(days=181)
    tick(world.registry)
    assert statement(world, whose)["households"] == [home | {"since": "2026-11-22", "ended_on": None}]


def test_a_sealed_record_holds_no_household(world: World) -> None:
    listed = lists(world, "carrier-a", said(register="4201060011665", address="flat"))
    settles(world, "carrier-a", tokens("debtor"), account("A1"), amount_fen=9_000_00)
    world.clock.forward(days=200)
    tick(world.registry)
    assert listed.record_id is not None
    tables = opens(world, listed.record_id)["tables"]
    assert isinstance(tables, dict)
    assert not {"register_key", "address_key", "household_key"} & set(tables["record"][0])
    assert links_of(world) == []
