"""What carriers and applicants live through, on a real database."""

import datetime as dt
import json
from typing import Any

import pytest

from crypto.signing.jws import verify_compact
from protocol.codes import DecisionCode, ReasonCode, ServiceClass, SettlementKind, Verdict, WithdrawalReason
from protocol.messages.records import RecordReport
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write
from registry.usecases.inquiries.handles import DECISION_TYPE
from registry.usecases.inquiries.read import read_quote
from registry.usecases.records.read import read_record
from registry.usecases.records.run import enforce_due
from registry.usecases.records.withdraw import withdraw
from registry.usecases.settlements.clearing import CLEARANCE_TYPE
from registry.usecases.settlements.read import read_clearance
from registry.usecases.settlements.settle import STATEMENT_TYPE
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.stories import asks, lists, reports, settles
from tests.support.world import World


def recent_debt(name: str, **changes: Any) -> RecordReport:
    """200.00 yuan, 100 days past due: a late fee of 60.00 yuan."""
    return a_report(
        name,
        principal_fen=200_00,
        due_date=TODAY - dt.timedelta(days=100),
        notice_date=TODAY - dt.timedelta(days=60),
        **changes,
    )


def test_who_owes_pays_first_and_is_served_at_the_next_counter_at_once(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    refused = asks(world, "carrier-b", tokens("wang"))
    assert refused.decision is DecisionCode.PAY_FIRST
    receipt = settles(world, "carrier-a", tokens("wang"), account("A1"))
    assert (receipt.state, receipt.outstanding_fen) == ("CLEARED", 0)
    assert receipt.clearance is not None
    assert asks(world, "carrier-b", tokens("wang")).decision is DecisionCode.ALLOW


def test_the_clearance_can_be_checked_offline_down_to_the_creditors_own_word(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    receipt = settles(world, "carrier-a", tokens("wang"), account("A1"))
    assert receipt.clearance is not None
    registry_key = world.signing_keys["registry"].public_key()
    _, payload = verify_compact(receipt.clearance, typ=CLEARANCE_TYPE, resolve=lambda _: registry_key)
    claims = json.loads(payload)
    creditor_key = world.signing_keys["carrier-a"].public_key()
    _, statement = verify_compact(claims["settlement"], typ=STATEMENT_TYPE, resolve=lambda _: creditor_key)
    assert json.loads(statement)["creditor"] == "carrier-a"
    assert receipt.clearance_id is not None
    fetched = read_clearance(world.registry, world.actor("carrier-c"), receipt.clearance_id)
    assert fetched.clearance == receipt.clearance


def test_with_two_creditors_only_the_last_settlement_brings_a_clearance(world: World) -> None:
    lists(world, "carrier-a", a_report("li", "A1"))
    lists(world, "carrier-c", a_report("li", "C1"))
    answer = asks(world, "carrier-b", tokens("li"))
    assert answer.quote is not None
    assert answer.quote.creditors == 2
    assert settles(world, "carrier-a", tokens("li"), account("A1")).clearance is None
    assert asks(world, "carrier-b", tokens("li")).decision is DecisionCode.PAY_FIRST
    assert settles(world, "carrier-c", tokens("li"), account("C1")).clearance is not None


def test_the_quote_names_the_creditor_only_to_whoever_holds_its_reference(world: World) -> None:
    lists(world, "carrier-a", recent_debt("wang"))
    answer = asks(world, "carrier-b", tokens("wang"))
    assert answer.quote is not None
    assert "carrier-a" not in json.dumps(write(answer))
    assert (answer.quote.principal_fen, answer.quote.late_fee_fen, answer.quote.total_fen) == (200_00, 60_00, 260_00)
    quote = read_quote(world.registry, world.actor("carrier-b"), answer.quote.reference)
    (line,) = quote.lines
    assert (line.creditor, line.settled) == ("carrier-a", False)
    assert "Pay at any counter" in line.how_to_pay
    settles(world, "carrier-a", tokens("wang"), account("A1"), amount_fen=260_00)
    assert read_quote(world.registry, world.actor("carrier-b"), answer.quote.reference).lines[0].settled


def test_an_unknown_quote_reference_is_not_found(world: World) -> None:
    with pytest.raises(Refusal) as refused:
        read_quote(world.registry, world.actor("carrier-b"), "AAAAAAAAAAAAAAAAAAAAAA")
    assert refused.value.problem is Problem.NOT_FOUND


def test_nobody_is_blocked_before_the_lead_time_has_run(world: World) -> None:
    verdict = lists(world, "carrier-a", a_report("zhao", notice_date=TODAY - dt.timedelta(days=10)))
    assert (verdict.verdict, verdict.enforceable_from) == (Verdict.PENDING, TODAY + dt.timedelta(days=20))
    assert asks(world, "carrier-b", tokens("zhao")).decision is DecisionCode.ALLOW
    world.clock.forward(days=19)
    assert enforce_due(world.registry) == 0
    world.clock.forward(days=1)
    assert enforce_due(world.registry) == 1
    assert enforce_due(world.registry) == 0
    assert asks(world, "carrier-b", tokens("zhao")).decision is DecisionCode.PAY_FIRST


def test_who_pays_within_the_lead_time_is_never_listed(world: World) -> None:
    lists(world, "carrier-a", a_report("zhao", notice_date=TODAY - dt.timedelta(days=10)))
    receipt = settles(world, "carrier-a", tokens("zhao"), account("A1"))
    assert (receipt.state, receipt.clearance) == ("CANCELLED", None)
    world.clock.forward(days=60)
    assert enforce_due(world.registry) == 0


@pytest.mark.parametrize("shared", ["register", "address"])
def test_a_household_that_owes_for_a_fixed_line_gets_no_other_until_it_is_paid(world: World, shared: str) -> None:
    home: dict[str, Any] = {shared: "home"}
    lists(world, "carrier-a", a_report(tokens=tokens("mother", **home), service_class=ServiceClass.BROADBAND))
    son = tokens("son", **home)
    asked = asks(world, "carrier-b", son, ServiceClass.IPTV)
    assert (asked.decision, asked.reasons) == (DecisionCode.PAY_FIRST, (ReasonCode.HOUSEHOLD_FIXED_LINE_ARREARS,))
    assert asks(world, "carrier-b", son, ServiceClass.MOBILE).decision is DecisionCode.REVIEW
    settles(world, "carrier-a", tokens("mother"), account("A1"))
    assert asks(world, "carrier-b", son, ServiceClass.IPTV).decision is DecisionCode.ALLOW


def test_the_two_household_keys_are_independent(world: World) -> None:
    lists(world, "carrier-a", a_report(tokens=tokens("mother", register="same text")))
    assert asks(world, "carrier-b", tokens("son", address="same text")).decision is DecisionCode.ALLOW


def test_a_debtor_is_not_their_own_household(world: World) -> None:
    lists(world, "carrier-a", a_report(tokens=tokens("mother", register="home"), service_class=ServiceClass.IPTV))
    answer = asks(world, "carrier-b", tokens("mother", register="home"), ServiceClass.IPTV)
    assert answer.reasons == (ReasonCode.OWN_ARREARS,)


def test_a_part_payment_reduces_the_quote_and_the_last_one_clears(world: World) -> None:
    lists(world, "carrier-a", recent_debt("wang"))
    part = settles(world, "carrier-a", tokens("wang"), account("A1"), kind=SettlementKind.PARTIAL, amount_fen=100_00)
    assert (part.state, part.outstanding_fen, part.clearance) == ("ACTIVE", 160_00, None)
    answer = asks(world, "carrier-b", tokens("wang"))
    assert answer.quote is not None
    assert (answer.quote.late_fee_fen, answer.quote.principal_fen) == (0, 160_00)
    rest = settles(world, "carrier-a", tokens("wang"), account("A1"), kind=SettlementKind.PARTIAL, amount_fen=160_00)
    assert (rest.state, rest.outstanding_fen) == ("CLEARED", 0)
    assert rest.clearance is not None


def test_the_costs_of_collecting_are_quoted_apart_and_paid_first(world: World) -> None:
    lists(world, "carrier-a", recent_debt("wang", costs_fen=50_00))
    answer = asks(world, "carrier-b", tokens("wang"))
    assert answer.quote is not None
    assert (answer.quote.late_fee_fen, answer.quote.costs_fen, answer.quote.total_fen) == (60_00, 50_00, 310_00)
    line = read_quote(world.registry, world.actor("carrier-b"), answer.quote.reference).lines[0]
    assert (line.principal_fen, line.late_fee_fen, line.costs_fen) == (200_00, 60_00, 50_00)
    settles(world, "carrier-a", tokens("wang"), account("A1"), kind=SettlementKind.PARTIAL, amount_fen=70_00)
    rest = asks(world, "carrier-b", tokens("wang")).quote
    assert rest is not None
    assert (rest.costs_fen, rest.late_fee_fen, rest.principal_fen) == (0, 40_00, 200_00)


def test_costs_do_not_lift_a_small_debt_over_the_minimum(world: World) -> None:
    verdict = reports(world, "carrier-a", a_report("wang", principal_fen=99_99, costs_fen=500_00))
    assert verdict.verdict is Verdict.REJ_BELOW_MINIMUM


def test_a_waiver_clears_without_money(world: World) -> None:
    verdict = lists(world, "carrier-a", a_report("wang"))
    settles(world, "carrier-a", tokens("wang"), account("A1"), kind=SettlementKind.WAIVER)
    assert verdict.record_id is not None
    record = write(read_record(world.registry, world.actor("carrier-a"), verdict.record_id))
    assert (record["state"], record["paid_fen"]) == ("CLEARED", 0)


def test_a_withdrawn_record_blocks_nobody(world: World) -> None:
    verdict = lists(world, "carrier-a", a_report("wang"))
    assert verdict.record_id is not None
    outcome = withdraw(
        world.registry,
        world.actor("carrier-a"),
        world.call(),
        record_id=verdict.record_id,
        reason=WithdrawalReason.REPORTED_IN_ERROR,
        expected_version=None,
    )
    assert json.loads(outcome.body)["state"] == "WITHDRAWN"
    assert asks(world, "carrier-b", tokens("wang")).decision is DecisionCode.ALLOW


def test_the_decision_token_says_what_was_decided_for_whom(world: World) -> None:
    answer = asks(world, "carrier-b", tokens("wang"))
    key = world.signing_keys["registry"].public_key()
    _, payload = verify_compact(answer.decision_token, typ=DECISION_TYPE, resolve=lambda _: key)
    claims = json.loads(payload)
    assert claims["participant"] == "carrier-b"
    assert (claims["decision"], claims["inquiry_id"]) == ("ALLOW", str(answer.inquiry_id))
    assert claims["expires_at"] > claims["decided_at"]


def test_the_same_report_again_changes_nothing(world: World) -> None:
    first = lists(world, "carrier-a", a_report("wang"))
    again = reports(world, "carrier-a", a_report("wang"))
    assert (again.verdict, again.record_id) == (Verdict.DUPLICATE, first.record_id)


def test_a_changed_amount_is_an_update_of_the_same_record(world: World) -> None:
    first = lists(world, "carrier-a", a_report("wang"))
    changed = reports(world, "carrier-a", a_report("wang", principal_fen=110_00))
    assert (changed.verdict, changed.record_id) == (Verdict.UPDATED, first.record_id)
    assert reports(world, "carrier-a", a_report("wang", principal_fen=110_00)).verdict is Verdict.DUPLICATE


def test_a_paid_debt_is_not_listed_again_by_last_months_export(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    settles(world, "carrier-a", tokens("wang"), account("A1"))
    assert reports(world, "carrier-a", a_report("wang")).verdict is Verdict.DUPLICATE
    assert asks(world, "carrier-b", tokens("wang")).decision is DecisionCode.ALLOW


def test_a_new_debt_on_a_paid_account_is_listed(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    settles(world, "carrier-a", tokens("wang"), account("A1"))
    world.clock.forward(days=100)
    later = a_report("wang", due_date=TODAY + dt.timedelta(days=1), notice_date=TODAY + dt.timedelta(days=60))
    assert lists(world, "carrier-a", later).verdict is Verdict.ACTIVE


def test_two_carriers_may_use_the_same_account_number(world: World) -> None:
    assert lists(world, "carrier-a", a_report("wang")).verdict is Verdict.ACTIVE
    assert lists(world, "carrier-b", a_report("wang")).verdict is Verdict.ACTIVE
