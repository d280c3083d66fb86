"""A part of an order goes from state to state by numbered revisions; whatever is no edge is refused."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from protocol.activations import NEEDS_REASON, OPENED, REASONS, ActivationNote, ActivationOutcome, Basis, UncheckedCause
from protocol.codes import ServiceClass
from protocol.messages.activations import ActivationReport
from protocol.problems import Problem, Refusal
from tests.support.activations import AGENT, MANAGER, a_report_on, tells
from tests.support.builders import tokens
from tests.support.contexts import asks_in_context
from tests.support.world import World

WANG = tokens("wang")
_Outcome = ActivationOutcome
_FIRST = sorted(set(_Outcome) - {_Outcome.CANCELLED_LATER})
_EDGES = {(_Outcome.DECLINED, each) for each in OPENED} | {(before, after) for before in OPENED for after in _Outcome}
"""The edges of design and docs/spec/activations.md between outcomes on a decision."""


def of(outcome: ActivationOutcome) -> dict[str, Any]:
    """What a report of an outcome needs."""
    more: dict[str, Any] = {"outcome": outcome}
    if outcome in NEEDS_REASON:
        more["reason"] = min(REASONS[outcome])
    if outcome is _Outcome.OVERRIDDEN:
        more |= {"agent": AGENT, "approved_by": MANAGER}
    if outcome is _Outcome.DEPOSIT_TAKEN:
        more["deposit_fen"] = 100
    return more


def an_order(world: World, outcome: ActivationOutcome, **changes: Any) -> ActivationReport:
    answer = asks_in_context(world, "carrier-b", WANG, ServiceClass.MOBILE)
    return a_report_on(world, answer, **of(outcome), **changes)


def after(report: ActivationReport, outcome: ActivationOutcome, **changes: Any) -> ActivationReport:
    """The next revision of a report's part."""
    plain = replace(report, reason=None, agent=None, approved_by=None, deposit_fen=None)
    return replace(plain, **{"revision": report.revision + 1, **of(outcome), **changes})


def is_refused(world: World, report: ActivationReport, problem: Problem = Problem.EDGE_NOT_ALLOWED) -> bool:
    with pytest.raises(Refusal) as refused:
        tells(world, "carrier-b", report)
    return refused.value.problem is problem


def unchecked(report: ActivationReport) -> ActivationReport:
    return replace(report, decision_token=None, unchecked=UncheckedCause.SYSTEM_FAULT)


@pytest.mark.parametrize(("before", "then"), sorted(product(_FIRST, _Outcome)), ids=lambda each: each.value)
def test_an_edge_is_taken_if_it_is_one(world: World, before: ActivationOutcome, then: ActivationOutcome) -> None:
    first = an_order(world, before)
    tells(world, "carrier-b", first)
    following = after(first, then, lines=2)
    if (before, then) not in _EDGES:
        assert is_refused(world, following)
        return
    answer = tells(world, "carrier-b", following)
    corrects = before in OPENED and then is not _Outcome.CANCELLED_LATER
    assert (ActivationNote.CORRECTED in answer.notes) is corrects


@pytest.mark.parametrize("then", sorted(_Outcome), ids=lambda each: each.value)
def test_nothing_follows_a_cancellation(world: World, then: ActivationOutcome) -> None:
    first = an_order(world, _Outcome.ACTIVATED)
    tells(world, "carrier-b", first)
    cancelled = after(first, _Outcome.CANCELLED_LATER)
    tells(world, "carrier-b", cancelled)
    assert is_refused(world, after(cancelled, then))


def test_a_cancellation_comes_first_for_nobody(world: World) -> None:
    assert is_refused(world, an_order(world, _Outcome.CANCELLED_LATER))
    assert is_refused(world, unchecked(an_order(world, _Outcome.CANCELLED_LATER, order=b"x" * 16)))


def test_revisions_come_in_their_order(world: World) -> None:
    first = an_order(world, _Outcome.ACTIVATED)
    assert is_refused(world, replace(first, revision=2))
    tells(world, "carrier-b", first)
    assert is_refused(world, after(first, _Outcome.PREPAID, revision=3))
    second = after(first, _Outcome.PREPAID)
    told = tells(world, "carrier-b", second)
    assert tells(world, "carrier-b", second) == told
    assert tells(world, "carrier-b", first).activation_id != told.activation_id


@pytest.mark.parametrize(
    ("before", "then", "days"),
    [
        (_Outcome.ACTIVATED, _Outcome.PREPAID, 30),
        (_Outcome.ACTIVATED, _Outcome.DECLINED, 30),
        (_Outcome.ACTIVATED, _Outcome.CANCELLED_LATER, 400),
        (_Outcome.DECLINED, _Outcome.ACTIVATED, 90),
    ],
    ids=["correct", "never-opened", "cancel", "open-after-all"],
)
def test_an_edge_has_its_time(world: World, before: ActivationOutcome, then: ActivationOutcome, days: int) -> None:
    first = an_order(world, before)
    tells(world, "carrier-b", first)
    start = world.clock.now
    following = after(first, then)
    problem = Problem.TOKEN_EXPIRED if before is _Outcome.DECLINED else Problem.EDGE_NOT_ALLOWED
    world.clock.now = start + dt.timedelta(days=days, seconds=1)
    assert is_refused(world, following if days != 90 else replace(following, at=world.clock.now), problem)
    world.clock.now = start + dt.timedelta(days=days) - dt.timedelta(seconds=1)
    assert tells(world, "carrier-b", following).row_id == "row-1"


def test_a_chain_of_corrections_does_not_lengthen_its_time(world: World) -> None:
    report = an_order(world, _Outcome.ACTIVATED)
    tells(world, "carrier-b", report)
    for _ in range(2):
        world.clock.forward(days=14)
        report = after(report, _Outcome.PREPAID, lines=report.lines + 1)
        tells(world, "carrier-b", report)
    world.clock.forward(days=3)
    assert is_refused(world, after(report, _Outcome.ACTIVATED))


def test_a_cancellation_keeps_ground_and_obedience_of_what_it_cancels(world: World) -> None:
    first = an_order(world, _Outcome.ACTIVATED)
    opened = tells(world, "carrier-b", first)
    world.clock.forward(days=20)
    cancelled = tells(world, "carrier-b", after(first, _Outcome.CANCELLED_LATER, at=world.clock.now))
    assert (cancelled.basis, cancelled.obeyed) == (opened.basis, opened.obeyed) == (Basis.CHECKED, opened.obeyed)


def test_a_decision_that_is_found_later_takes_the_place_of_none(world: World) -> None:
    report = an_order(world, _Outcome.ACTIVATED)
    assert tells(world, "carrier-b", unchecked(report)).basis is Basis.UNCHECKED
    assert is_refused(world, report, Problem.ALREADY_REPORTED)
    world.clock.forward(days=6)
    found = replace(report, revision=2)
    told = tells(world, "carrier-b", found)
    assert (told.basis, told.notes) == (Basis.CHECKED, (ActivationNote.CORRECTED,))
    rows = world.registry.store.read(lambda tx: tx.activations.unchecked_of_orders("carrier-b", (report.order,)))
    assert [(each.revision, each.basis) for each in rows] == [(1, Basis.UNCHECKED), (2, Basis.CHECKED)]
    assert tells(world, "carrier-b", found) == told
    assert is_refused(world, unchecked(after(found, _Outcome.CANCELLED_LATER))), "the decision is known by now"
    assert tells(world, "carrier-b", after(found, _Outcome.CANCELLED_LATER)).basis is Basis.CHECKED


def test_a_decision_is_found_within_seven_days(world: World) -> None:
    report = an_order(world, _Outcome.ACTIVATED)
    tells(world, "carrier-b", unchecked(report))
    world.clock.forward(days=7, seconds=1)
    assert is_refused(world, replace(report, revision=2))


def test_an_unchecked_order_is_corrected_and_cancelled_like_any_other(world: World) -> None:
    report = unchecked(an_order(world, _Outcome.ACTIVATED))
    tells(world, "carrier-b", report)
    second = after(report, _Outcome.PREPAID)
    assert tells(world, "carrier-b", second).basis is Basis.UNCHECKED
    assert tells(world, "carrier-b", after(second, _Outcome.CANCELLED_LATER)).basis is Basis.UNCHECKED


def test_what_was_declined_is_opened_only_on_a_decision(world: World) -> None:
    report = an_order(world, _Outcome.DECLINED)
    tells(world, "carrier-b", unchecked(report))
    assert is_refused(world, unchecked(after(report, _Outcome.ACTIVATED)))
    assert tells(world, "carrier-b", after(report, _Outcome.ACTIVATED)).basis is Basis.CHECKED


@pytest.mark.parametrize("wrap", [lambda each: each, unchecked], ids=["checked", "unchecked"])
def test_parts_have_their_own_stories(world: World, wrap: Callable[[ActivationReport], ActivationReport]) -> None:
    report = wrap(an_order(world, _Outcome.ACTIVATED))
    first = tells(world, "carrier-b", report)
    second = tells(world, "carrier-b", replace(report, part=2))
    assert first.activation_id != second.activation_id
    assert is_refused(world, replace(report, part=3, revision=2))
