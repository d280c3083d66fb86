"""An organisation on the red list is served at once; its arrears stay in sight, and every use is noted."""

import datetime as dt
import json
import os
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from crypto.signing.keys import generate_signing_key, public_bytes
from protocol.codes import DecisionCode, ReasonCode, Remedy, Role, ServiceClass
from protocol.messages.inquiries import InquiryRequest
from protocol.messages.participants import NewParticipant
from protocol.messages.tokens import SubjectTokens
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write
from registry.domain.participants import Actor
from registry.store.transactions import Store
from registry.usecases.context import IdempotentCall
from registry.usecases.inquiries.inquire import inquire_batch
from registry.usecases.inquiries.read import read_quote
from registry.usecases.participants.admit import register_participant
from registry.usecases.red_list.approve import approve_red_list
from registry.usecases.red_list.propose import propose_red_list
from registry.usecases.red_list.read import read_red_list
from tests.support.builders import TODAY, a_report, tokens
from tests.support.contexts import asks_in_context, checks_again
from tests.support.red_list import HOSPITAL, a_proposal, approves, operator, proposes, revokes
from tests.support.stories import asks, lists
from tests.support.world import World, found_world

NOBODY = uuid.UUID(int=5)


@pytest.fixture
def regulator(world: World) -> Actor:
    admission = NewParticipant(
        participant_id="regulator",
        name="The regulator",
        roles=(Role.REGULATOR,),
        key_id="regulator-1",
        public_key=public_bytes(generate_signing_key(os.urandom)),
    )
    register_participant(world.registry, operator(world), world.call(), admission)
    return world.actor("regulator", Role.REGULATOR)


def red_lists(world: World, regulator: Actor, **changes: Any) -> uuid.UUID:
    entry_id = proposes(world, **changes)
    assert [approves(world, each, entry_id) for each in (operator(world), regulator)] == ["PROPOSED", "EFFECTIVE"]
    return entry_id


def refused(work: Callable[[], object]) -> Problem:
    with pytest.raises(Refusal) as refusal:
        work()
    return refusal.value.problem


def noted(world: World, kind: str) -> list[dict[str, Any]]:
    """What the cores of the log's entries of a kind say, with their personal parts."""
    entries = world.registry.store.read(lambda tx: tx.openings.first(10_000))
    return [
        json.loads(each.core) | {"personal": json.loads(each.personal or b"{}")}
        for each in entries
        if each.kind == kind
    ]


def test_a_red_listed_hospital_in_arrears_is_served_and_its_debt_still_quoted(world: World, regulator: Actor) -> None:
    lists(world, "carrier-a", a_report("hospital"))
    assert asks(world, "carrier-b", HOSPITAL).decision is DecisionCode.PAY_FIRST
    red_lists(world, regulator)
    answer = asks(world, "carrier-b", HOSPITAL)
    assert answer.decision is DecisionCode.ALLOW
    assert answer.reasons == (ReasonCode.OWN_ARREARS, ReasonCode.RED_LIST)
    assert Remedy.PAY_QUOTE in answer.remedies
    assert answer.quote is not None
    assert answer.quote.total_fen >= 120_00
    lines = read_quote(world.registry, world.actor("carrier-b"), answer.quote.reference).lines
    assert [each.creditor for each in lines] == ["carrier-a"]


def test_one_approval_waives_nothing(world: World) -> None:
    lists(world, "carrier-a", a_report("hospital"))
    assert approves(world, operator(world), proposes(world)) == "PROPOSED"
    assert asks(world, "carrier-b", HOSPITAL).decision is DecisionCode.PAY_FIRST


def test_a_revoked_entry_waives_nothing_from_the_next_inquiry_on(world: World, regulator: Actor) -> None:
    lists(world, "carrier-a", a_report("hospital"))
    entry_id = red_lists(world, regulator)
    assert revokes(world, entry_id) == "REVOKED"
    assert asks(world, "carrier-b", HOSPITAL).decision is DecisionCode.PAY_FIRST
    assert refused(lambda: revokes(world, entry_id)) is Problem.EDGE_NOT_ALLOWED


def test_an_entry_ends_by_itself_and_can_be_renewed_before(world: World, regulator: Actor) -> None:
    lists(world, "carrier-a", a_report("hospital"))
    red_lists(world, regulator, expires_on=TODAY + dt.timedelta(days=10))
    world.clock.forward(days=9)
    renewal = proposes(world, expires_on=TODAY + dt.timedelta(days=100))
    world.clock.forward(days=1)
    assert asks(world, "carrier-b", HOSPITAL).decision is DecisionCode.PAY_FIRST
    assert [approves(world, each, renewal) for each in (operator(world), regulator)] == ["PROPOSED", "EFFECTIVE"]
    assert asks(world, "carrier-b", HOSPITAL).decision is DecisionCode.ALLOW


def test_every_use_is_in_the_log_and_only_uses_are(world: World, regulator: Actor) -> None:
    entry_id = red_lists(world, regulator)
    asks(world, "carrier-b", HOSPITAL)
    assert noted(world, "red-list.used") == []
    lists(world, "carrier-a", a_report("hospital"))
    used = [asks(world, "carrier-b", HOSPITAL), asks(world, "carrier-c", HOSPITAL)]
    found = noted(world, "red-list.used")
    assert sorted(each["by"] for each in found) == ["carrier-b", "carrier-c"]
    assert {each["facts"]["entry"] for each in found} == {str(entry_id)}
    assert {each["personal"]["inquiry"] for each in found} == {str(each.inquiry_id) for each in used}


def test_a_batch_notes_the_uses_in_it(world: World, regulator: Actor) -> None:
    red_lists(world, regulator)
    lists(world, "carrier-a", a_report("hospital"))
    lists(world, "carrier-a", a_report("wang", "A2"))
    asked = [
        InquiryRequest(inquiry_ref=str(number), tokens=each, service_class=ServiceClass.BROADBAND)
        for number, each in enumerate((HOSPITAL, tokens("wang"), tokens("li"), HOSPITAL))
    ]
    outcome = inquire_batch(world.registry, world.actor("carrier-b"), world.call(), asked)
    decisions = [each["decision"] for each in json.loads(outcome.body)["answers"]]
    assert decisions == ["ALLOW", "PAY_FIRST", "ALLOW", "ALLOW"]
    assert len(noted(world, "red-list.used")) == 2


def test_proposal_approvals_and_revocation_are_in_the_log(world: World, regulator: Actor) -> None:
    entry_id = red_lists(world, regulator)
    revokes(world, entry_id)
    kinds = ("red-list.proposed", "red-list.approved", "red-list.revoked")
    assert [sorted(each["by"] for each in noted(world, kind)) for kind in kinds] == [
        ["carrier-a"],
        ["operator", "regulator"],
        ["operator"],
    ]
    assert noted(world, "red-list.proposed")[0]["id"] == str(entry_id)


def test_a_red_listed_organisation_has_a_head_row_whose_token_is_sealed(world: World) -> None:
    entry_id = proposes(world)

    def heads(tx: Any) -> Any:
        entry = tx.red_list.find(entry_id)
        return tx.subjects.get(entry.subject_key)

    first = world.registry.store.read(heads)
    proposes(world)
    assert world.registry.store.read(heads) == first
    assert first.sealed.epoch == 1


@pytest.mark.parametrize("days", [-1, 0, 366])
def test_an_expiry_out_of_bounds_is_refused(world: World, days: int) -> None:
    assert refused(lambda: proposes(world, expires_on=TODAY + dt.timedelta(days=days))) is Problem.INVALID_FIELD


@pytest.mark.parametrize(
    "changes",
    [
        {"organisation": False},
        {"tokens": tokens("wang", register="r")},
        {"tokens": tokens("wang", address="a")},
    ],
)
def test_a_natural_person_is_not_red_listed(world: World, changes: dict[str, Any]) -> None:
    assert refused(lambda: proposes(world, **changes)) is Problem.INVALID_FIELD


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (replace(HOSPITAL, epoch=9), Problem.EPOCH_UNKNOWN),
        (replace(HOSPITAL, subject=bytes(32)), Problem.BAD_ELEMENT),
    ],
)
def test_tokens_that_are_no_tokens_are_refused(world: World, bad: SubjectTokens, problem: Problem) -> None:
    assert refused(lambda: proposes(world, tokens=bad)) is problem


def test_who_proposed_does_not_approve(world: World) -> None:
    entry_id = proposes(world)
    both = world.actor("carrier-a", Role.INQUIRER, Role.REGULATOR)
    assert refused(lambda: approves(world, both, entry_id)) is Problem.ROLE_MISSING


def test_nobody_is_two_approvers(world: World) -> None:
    entry_id = proposes(world)
    approves(world, operator(world), entry_id)
    assert refused(lambda: approves(world, operator(world), entry_id)) is Problem.ALREADY_EXISTS


def test_an_entry_that_is_over_cannot_be_approved(world: World, regulator: Actor) -> None:
    gone, old = proposes(world), proposes(world, expires_on=TODAY + dt.timedelta(days=1))
    revokes(world, gone)
    world.clock.forward(days=1)
    assert refused(lambda: approves(world, regulator, gone)) is Problem.EDGE_NOT_ALLOWED
    assert refused(lambda: approves(world, regulator, old)) is Problem.EDGE_NOT_ALLOWED


def test_what_does_not_exist_is_neither_approved_nor_revoked_nor_read(world: World) -> None:
    assert refused(lambda: approves(world, operator(world), NOBODY)) is Problem.NOT_FOUND
    assert refused(lambda: revokes(world, NOBODY)) is Problem.NOT_FOUND
    assert refused(lambda: read_red_list(world.registry, operator(world), NOBODY)) is Problem.NOT_FOUND


def test_an_entry_is_read_by_its_proposer_and_by_oversight_and_names_no_pseudonym(
    world: World, regulator: Actor
) -> None:
    entry_id = red_lists(world, regulator)
    for reader in (world.actor("carrier-a"), operator(world), regulator):
        shown = read_red_list(world.registry, reader, entry_id)
        assert (shown.state, shown.ground, shown.proposed_by) == ("EFFECTIVE", "HOSPITAL", "carrier-a")
        assert [each.participant_id for each in shown.approvals] == ["operator", "regulator"]
        assert "subject" not in json.dumps(write(shown))
    assert refused(lambda: read_red_list(world.registry, world.actor("carrier-b"), entry_id)) is Problem.NOT_FOUND


def test_the_same_proposal_under_the_same_key_is_one_entry(world: World) -> None:
    call = world.call()
    answers = [propose_red_list(world.registry, world.actor("carrier-a"), call, a_proposal()) for _ in range(2)]
    assert answers[0].body == answers[1].body
    assert len(noted(world, "red-list.proposed")) == 1


def test_one_approver_at_two_counters_at_once_is_still_one(store: Store) -> None:
    world = found_world(store)
    entry_id = proposes(world)
    calls = [world.call() for _ in range(6)]

    def approval(call: IdempotentCall) -> str:
        try:
            return str(approve_red_list(world.registry, operator(world), call, entry_id).status)
        except Refusal as refusal:
            return refusal.problem.value.name

    with ThreadPoolExecutor(len(calls)) as threads:
        outcomes = list(threads.map(approval, calls))
    assert sorted(outcomes) == ["201", *["already-exists"] * 5]
    entry = store.read(lambda tx: tx.red_list.find(entry_id))
    assert entry is not None
    assert len(entry.approvals) == 1


def test_a_check_that_the_red_list_waives_is_a_use_of_it_too(world: World, regulator: Actor) -> None:
    lists(world, "carrier-a", a_report("hospital"))
    red_lists(world, regulator)
    first = asks_in_context(world, "carrier-b", HOSPITAL)
    again = checks_again(world, "carrier-b", first)
    assert (again.decision, again.reasons, again.changed) == (first.decision, first.reasons, False)
    entries = world.registry.store.read(lambda tx: tx.openings.first(1_000))
    assert [each.kind for each in entries].count("red-list.used") == 2
