"""A creditor says what it can show; a neutral body asks for it, and the registry says whether it is the same."""

import os
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest

from crypto.signing.keys import generate_signing_key, public_bytes
from protocol.codes import EvidenceDocument, Role, Verdict
from protocol.events import EventKind
from protocol.messages.evidence import Demands, DemandsQuery
from protocol.messages.participants import NewParticipant
from protocol.messages.rules import EvidenceTerms
from protocol.problems import Problem, Refusal
from registry.domain.participants import Actor
from registry.policy.rules import DEFAULT_RULES, RuleBook
from registry.usecases.events.read import read_events
from registry.usecases.evidence.read import list_demands, read_demand, read_shown_document
from registry.usecases.participants.admit import register_participant
from tests.support.builders import a_document, a_manifest, a_report
from tests.support.evidence import NOTICE, demands, shows
from tests.support.statements import statement
from tests.support.stories import lists, reports
from tests.support.transfers import sells
from tests.support.world import World

OTHER = (NOTICE[0], b"%PDF-1.7 another notice")


@pytest.fixture
def auditor(world: World) -> Actor:
    admission = NewParticipant(
        participant_id="auditor",
        name="Auditor",
        roles=(Role.AUDITOR,),
        key_id="auditor-1",
        public_key=public_bytes(generate_signing_key(os.urandom)),
    )
    register_participant(world.registry, world.actor("operator", Role.OPERATOR), world.call(), admission)
    return world.actor("auditor", Role.AUDITOR)


@pytest.fixture
def record_id(world: World) -> uuid.UUID:
    listed = lists(world, "carrier-a", a_report("wang", evidence=a_manifest())).record_id
    assert listed is not None
    return listed


def refusal(of: Callable[[], object]) -> Problem:
    with pytest.raises(Refusal) as refused:
        of()
    return refused.value.problem


def test_a_demanded_document_is_shown_and_matches(world: World, auditor: Actor, record_id: uuid.UUID) -> None:
    demand = demands(world, auditor, record_id)
    assert (demand["state"], demand["answer_due"], demand["creditor"]) == ("OPEN", "2026-12-06", "carrier-a")
    (event,) = read_events(world.registry, world.actor("carrier-a"), after=0, limit=10).events
    assert (event.kind, event.facts["demand"]) == (EventKind.EVIDENCE_DEMANDED, demand["demand_id"])
    assert shows(world, demand, NOTICE) == "MATCHES"
    shown = read_shown_document(world.registry, auditor, uuid.UUID(demand["demand_id"]))
    assert shown.content == NOTICE[1]
    assert list_demands(world.registry, auditor, DemandsQuery()) == Demands(demands=(), next=None)
    assert refusal(lambda: shows(world, demand, NOTICE)) is Problem.EDGE_NOT_ALLOWED


@pytest.mark.parametrize("document", [OTHER, (b"s" * 32, NOTICE[1])], ids=["another document", "another salt"])
def test_what_differs_stays_visible_and_may_be_corrected_until_the_day(
    world: World, auditor: Actor, record_id: uuid.UUID, document: tuple[bytes, bytes]
) -> None:
    demand = demands(world, auditor, record_id)
    demand_id = uuid.UUID(demand["demand_id"])
    assert shows(world, demand, document) == "DIFFERS"
    assert refusal(lambda: read_shown_document(world.registry, auditor, demand_id)) is Problem.NOT_FOUND
    assert [each.state for each in list_demands(world.registry, auditor, DemandsQuery()).demands] == ["DIFFERS"]
    world.clock.forward(days=15)
    assert shows(world, demand, NOTICE) == "MATCHES"
    assert read_demand(world.registry, auditor, demand_id).answers == 2


def test_a_demand_that_nobody_met_in_time_is_overdue(world: World, auditor: Actor, record_id: uuid.UUID) -> None:
    demand = demands(world, auditor, record_id)
    world.clock.forward(days=16)
    assert read_demand(world.registry, auditor, uuid.UUID(demand["demand_id"])).state == "OVERDUE"
    assert [each.state for each in list_demands(world.registry, auditor, DemandsQuery()).demands] == ["OVERDUE"]
    assert refusal(lambda: shows(world, demand, NOTICE)) is Problem.EDGE_NOT_ALLOWED


def test_bills_are_asked_for_by_their_number(world: World, auditor: Actor, record_id: uuid.UUID) -> None:
    second = demands(world, auditor, record_id, EvidenceDocument.BILL, 2)
    assert shows(world, second, a_document("bill-1")) == "DIFFERS"
    assert shows(world, second, a_document("bill-2")) == "MATCHES"
    assert refusal(lambda: demands(world, auditor, record_id, EvidenceDocument.BILL, 3)) is Problem.NOT_FOUND
    assert refusal(lambda: demands(world, auditor, record_id, EvidenceDocument.BILL)) is Problem.INVALID_FIELD
    assert refusal(lambda: demands(world, auditor, record_id, EvidenceDocument.NOTICE, 1)) is Problem.INVALID_FIELD


def test_a_record_without_evidence_has_none_to_show(world: World, auditor: Actor) -> None:
    listed = lists(world, "carrier-a", a_report("li")).record_id
    assert listed is not None
    assert refusal(lambda: demands(world, auditor, listed)) is Problem.EDGE_NOT_ALLOWED
    assert refusal(lambda: demands(world, auditor, uuid.uuid4())) is Problem.NOT_FOUND


def test_only_the_creditor_answers_and_no_other_carrier_sees_a_demand(
    world: World, auditor: Actor, record_id: uuid.UUID
) -> None:
    demand = demands(world, auditor, record_id)
    demand_id = uuid.UUID(demand["demand_id"])
    assert refusal(lambda: shows(world, demand, NOTICE, "carrier-b")) is Problem.NOT_FOUND
    assert refusal(lambda: read_demand(world.registry, world.actor("carrier-b"), demand_id)) is Problem.NOT_FOUND
    assert read_demand(world.registry, world.actor("carrier-a"), demand_id).state == "OPEN"
    assert shows(world, demand, NOTICE) == "MATCHES"
    creditor = world.actor("carrier-a")
    assert refusal(lambda: read_shown_document(world.registry, creditor, demand_id)) is Problem.NOT_FOUND


def test_neither_a_script_nor_a_sixth_file_is_taken(world: World, auditor: Actor, record_id: uuid.UUID) -> None:
    demand = demands(world, auditor, record_id)
    assert refusal(lambda: shows(world, demand, (NOTICE[0], b"<svg onload=alert(1)>"))) is Problem.INVALID_FIELD
    for _ in range(5):
        assert shows(world, demand, OTHER) == "DIFFERS"
    assert refusal(lambda: shows(world, demand, NOTICE)) is Problem.EDGE_NOT_ALLOWED


def test_a_demand_keeps_to_the_manifest_of_its_day(world: World, auditor: Actor, record_id: uuid.UUID) -> None:
    before = demands(world, auditor, record_id)
    changed = a_report("wang", evidence=a_manifest(notice=b"n" * 32))
    assert reports(world, "carrier-a", changed).verdict is Verdict.UPDATED
    assert reports(world, "carrier-a", changed).verdict is Verdict.DUPLICATE
    assert shows(world, before, NOTICE) == "MATCHES"
    assert shows(world, demands(world, auditor, record_id), NOTICE) == "DIFFERS"


def test_where_evidence_is_required_nobody_is_listed_without(world: World) -> None:
    rules = replace(DEFAULT_RULES.versions[0], evidence=EvidenceTerms(required=True, answer_days=15))
    world.registry = replace(world.registry, founding_rules=RuleBook((rules,)))
    assert reports(world, "carrier-a", a_report("wang")).verdict is Verdict.REJ_NO_EVIDENCE
    assert reports(world, "carrier-a", a_report("wang", evidence=a_manifest())).verdict is Verdict.ACTIVE


def test_the_list_goes_on_where_a_page_ends(world: World, auditor: Actor, record_id: uuid.UUID) -> None:
    made = [demands(world, auditor, record_id)["demand_id"] for _ in range(3)]
    first = list_demands(world.registry, auditor, DemandsQuery(limit=2))
    second = list_demands(world.registry, auditor, DemandsQuery(after=first.next, limit=2))
    assert [str(each.demand_id) for each in (*first.demands, *second.demands)] == sorted(made)
    assert second.next is None


def test_the_subject_reads_who_asked_for_papers_and_whether_they_were_what_was_promised(
    world: World, auditor: Actor, record_id: uuid.UUID
) -> None:
    shows(world, demands(world, auditor, record_id), NOTICE)
    world.clock.forward(minutes=1)
    demands(world, auditor, record_id, EvidenceDocument.BILL, 1)
    world.clock.forward(days=16)
    told = statement(world)
    assert [(each["document"], each["bill"], each["state"]) for each in told["evidence_demands"]] == [
        ("NOTICE", None, "MATCHES"),
        ("BILL", 1, "OVERDUE"),
    ]
    assert {(each["record"], each["demanded_by"]) for each in told["evidence_demands"]} == {(1, "auditor")}
    assert "auditor" in {each["participant_id"] for each in told["participants"]}


def test_whoever_bought_a_debt_has_to_show_what_its_seller_promised(
    world: World, auditor: Actor, record_id: uuid.UUID
) -> None:
    demand = demands(world, auditor, sells(world, record_id))
    assert demand["creditor"] == "carrier-b"
    assert demand["digest"] == demands(world, auditor, record_id)["digest"]
