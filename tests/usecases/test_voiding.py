"""A stolen identity that an adjudicator finds without a case at a counter: void, and its victim marked."""

import json
import uuid
from typing import Any

import pytest

from protocol.codes import DecisionCode, ReasonCode, Role
from protocol.events import EventKind
from protocol.messages.archive import Finding
from protocol.problems import Problem, Refusal
from registry.usecases.disputes.void_record import void_record
from registry.usecases.events.read import read_events
from tests.support.builders import a_report, tokens
from tests.support.disputes import admitted, disputed
from tests.support.stories import asks, lists
from tests.support.world import World

WANG = tokens("wang")
FINDING = b"f" * 32


@pytest.fixture(autouse=True)
def _court(world: World) -> None:
    admitted(world, "court")


def listed(world: World) -> uuid.UUID:
    record_id = lists(world, "carrier-a", a_report("wang")).record_id
    assert record_id is not None
    return record_id


def voids(world: World, record_id: uuid.UUID, who: str = "court", version: int | None = None) -> dict[str, Any]:
    outcome = void_record(
        world.registry,
        world.actor(who, Role.ADJUDICATOR),
        world.call(),
        record_id=record_id,
        finding=Finding(finding_digest=FINDING, expected_version=version),
    )
    return dict(json.loads(outcome.body))


def refused(world: World, record_id: uuid.UUID, who: str = "court", version: int | None = None) -> Problem:
    with pytest.raises(Refusal) as told:
        voids(world, record_id, who, version)
    return told.value.problem


def test_a_voided_record_blocks_nobody_and_its_victim_is_verified(world: World) -> None:
    record_id = listed(world)
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.PAY_FIRST
    assert voids(world, record_id)["state"] == "VOID_IDENTITY_THEFT"
    asked = asks(world, "carrier-c", WANG)
    assert asked.decision is not DecisionCode.PAY_FIRST
    assert ReasonCode.VICTIM_MARKER in asked.reasons


def test_who_was_told_to_wait_and_the_creditor_learn_of_it(world: World) -> None:
    record_id = listed(world)
    inquiry = asks(world, "carrier-b", WANG)
    voids(world, record_id)
    asker, creditor = (
        read_events(world.registry, world.actor(who), after=0, limit=100).events for who in ("carrier-b", "carrier-a")
    )
    assert [event.inquiry_id for event in asker] == [inquiry.inquiry_id]
    assert [(event.kind, event.facts["state"]) for event in creditor] == [
        (EventKind.RECORD_STATE_CHANGED, "VOID_IDENTITY_THEFT")
    ]


def test_the_digest_of_the_finding_is_the_reason_in_the_log(world: World) -> None:
    voids(world, listed(world))
    entries = world.registry.store.read(lambda tx: tx.openings.first(1000))
    edges = [json.loads(each.core)["facts"] for each in entries if each.kind == "record.transition"]
    (edge,) = [each for each in edges if each["party"] == "ADJUDICATOR"]
    assert (edge["edge"], edge["reason"]) == ("ACTIVE>VOID_IDENTITY_THEFT", FINDING.hex())
    assert "victim.marked" in {each.kind for each in entries}


def test_a_creditor_does_not_judge_its_own_record_nor_anybody_one_that_is_gone_or_has_moved(world: World) -> None:
    record_id = listed(world)
    assert refused(world, record_id, "carrier-a") is Problem.ROLE_MISSING
    assert refused(world, uuid.uuid4()) is Problem.NOT_FOUND
    assert refused(world, record_id, version=99) is Problem.VERSION_STALE
    voids(world, record_id)
    assert refused(world, record_id) is Problem.EDGE_NOT_ALLOWED


def test_a_disputed_record_is_decided_with_its_case_so_that_no_case_is_left_open(world: World) -> None:
    disputed(world)
    asked = world.registry.store.read(lambda tx: tx.openings.first(1000))
    records = {json.loads(each.core)["facts"].get("record") for each in asked if each.kind == "record.transition"}
    (record_id,) = records
    assert refused(world, uuid.UUID(record_id)) is Problem.EDGE_NOT_ALLOWED
