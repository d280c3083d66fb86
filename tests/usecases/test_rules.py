"""The rules change by a signed act of two parties, for all at once, and an old case keeps its old rule."""

import datetime as dt
import hashlib
import json
import os
from typing import Any

import pytest
import sqlalchemy as sa

from crypto.signing.keys import generate_signing_key, public_bytes
from protocol.codes import DecisionCode, Role, SettlementKind, Verdict
from protocol.encodings import canonical_json
from protocol.events import EventKind
from protocol.messages.participants import NewParticipant
from protocol.messages.records import RecordReport
from protocol.messages.rules import NewCreditorTerms, RulesDate
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write
from registry.store.participants import participant_key
from registry.usecases.act import act_in
from registry.usecases.events.read import read_events
from registry.usecases.participants.admit import register_participant
from registry.usecases.rules.creditor_terms import read_creditor_terms, set_creditor_terms
from registry.usecases.rules.read import published_rules, read_rules_version
from registry.work.worker import end_what_is_over
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.money import confirms, proposes
from tests.support.rules import IN_FORCE, a_version, approved, proposed
from tests.support.stories import asks, lists, reports, settles
from tests.support.world import World

WANG = tokens("wang")


@pytest.fixture(autouse=True)
def regulator(world: World) -> None:
    """Somebody else than the operator."""
    world.signing_keys["regulator"] = generate_signing_key(os.urandom)
    admitted(world, "regulator", Role.REGULATOR, public_bytes(world.signing_keys["regulator"]))


def admitted(world: World, name: str, role: Role, public_key: bytes) -> None:
    admission = NewParticipant(
        participant_id=name,
        name=name.title(),
        roles=(role,),
        key_id=f"{name}-1",
        public_key=public_key,
    )
    register_participant(world.registry, world.actor("operator", Role.OPERATOR), world.call(), admission)


def changed(world: World, document: dict[str, Any]) -> None:
    """The version is approved, and its day has come."""
    proposed(world, document)
    approved(world, document["version"])
    world.clock.forward(days=14)


def refused(call: Any, *arguments: Any, **named: Any) -> tuple[Problem, dict[str, str]]:
    with pytest.raises(Refusal) as refusal:
        call(*arguments, **named)
    return refusal.value.problem, refusal.value.fields


def a_debt(account_number: str = "A1", **changes: Any) -> RecordReport:
    """200.00 yuan, 100 days past due: a late fee of 60.00 yuan under the founding rules."""
    values: dict[str, Any] = {
        "principal_fen": 200_00,
        "due_date": TODAY - dt.timedelta(days=100),
        "notice_date": TODAY - dt.timedelta(days=60),
    }
    return a_report("wang", account_number, **(values | changes))


def fee_quoted(world: World) -> int:
    answer = asks(world, "carrier-b", WANG)
    assert answer.quote is not None
    return answer.quote.late_fee_fen


def test_a_change_needs_two_parties_and_applies_from_its_day_on_without_a_restart(world: World) -> None:
    proposal = proposed(world, a_version(listing__minimum_days_past_due=120))
    assert (proposal["state"], proposal["approved_by"]) == ("PROPOSED", None)
    assert [date.version for date in published_rules(world.registry, None).versions] == ["2026-01"]
    done = approved(world)
    assert (done["state"], done["approved_by"], done["sha256"]) == ("APPROVED", "regulator", proposal["sha256"])
    assert reports(world, "carrier-a", a_debt()).verdict is Verdict.ACTIVE
    world.clock.forward(days=14)
    verdict = reports(world, "carrier-a", a_debt("A2", due_date=IN_FORCE - dt.timedelta(days=119)))
    assert (verdict.verdict, verdict.rules_version) == (Verdict.REJ_TOO_RECENT, "2027-01")


def test_what_applied_when_is_published_the_future_included(world: World) -> None:
    proposed(world, a_version(plan_grace_days=9))
    approved(world)
    today = published_rules(world.registry, None)
    assert (today.rules.version, today.rules.plan_grace_days) == ("2026-01", 5)
    assert today.versions == (
        RulesDate(version="2026-01", effective_from=dt.date(2026, 1, 1)),
        RulesDate(version="2027-01", effective_from=IN_FORCE),
    )
    assert published_rules(world.registry, IN_FORCE).rules.plan_grace_days == 9
    assert published_rules(world.registry, IN_FORCE - dt.timedelta(days=1)).rules.version == "2026-01"


def test_any_version_can_be_read_and_its_digest_recomputed(world: World) -> None:
    proposed(world, a_version())
    for name, state, by in (("2026-01", "APPROVED", None), ("2027-01", "PROPOSED", "operator")):
        found = read_rules_version(world.registry, name)
        assert (found.state, found.proposed_by) == (state, by)
        assert found.sha256 == hashlib.sha256(canonical_json(write(found.rules))).hexdigest()
    assert refused(read_rules_version, world.registry, "2028-01") == (Problem.NOT_FOUND, {})


def test_every_carrier_is_told_of_an_approval_and_nobody_of_a_proposal(world: World) -> None:
    def events(participant: str) -> list[tuple[str, dict[str, Any]]]:
        page = read_events(world.registry, world.actor(participant), after=0, limit=9)
        return [(event.kind, event.facts) for event in page.events]

    sha256 = proposed(world, a_version())["sha256"]
    assert events("carrier-a") == []
    approved(world)
    facts = {"version": "2027-01", "effective_from": IN_FORCE.isoformat(), "sha256": sha256}
    for carrier in ("carrier-a", "carrier-b", "carrier-c"):
        assert events(carrier) == [(EventKind.RULES_CHANGED, facts)]
    assert events("regulator") == []


def test_both_steps_are_in_the_log_with_the_digest_of_all_figures(world: World) -> None:
    sha256 = proposed(world, a_version())["sha256"]
    approved(world)
    entries = [json.loads(each.core) for each in world.registry.store.read(lambda tx: tx.openings.first(1_000))]
    steps = [(each["kind"], each["by"], each["facts"]) for each in entries if each["kind"].startswith("rules.")]
    facts = {"version": "2027-01", "effective_from": IN_FORCE.isoformat(), "sha256": sha256}
    expected = [("rules.approved", "regulator", facts), ("rules.proposed", "operator", facts)]
    assert sorted(steps, key=lambda each: each[0]) == expected


def test_who_proposed_a_version_does_not_approve_it_under_another_name_either(world: World) -> None:
    proposed(world, a_version())
    assert refused(approved, world, who="operator") == (Problem.ROLE_MISSING, {})
    again = public_bytes(world.signing_keys["operator"])
    key_known = (Problem.INVALID_FIELD, {"public_key": "key-known"})
    assert refused(admitted, world, "operator-b", Role.OPERATOR, again) == key_known
    # A register of before this was refused may know one key under two names.
    admitted(world, "operator-b", Role.OPERATOR, public_bytes(generate_signing_key(os.urandom)))
    same = sa.update(participant_key).where(participant_key.c.key_id == "operator-b-1").values(public_key=again)
    world.registry.store.write(lambda tx: tx.participants._connection.execute(same))
    assert refused(approved, world, who="operator-b") == (Problem.ROLE_MISSING, {})
    approved(world)
    assert refused(approved, world) == (Problem.ALREADY_EXISTS, {})
    assert refused(approved, world, "2028-01") == (Problem.NOT_FOUND, {})


def test_nobody_is_surprised_by_a_change(world: World) -> None:
    tomorrow = TODAY + dt.timedelta(days=13)
    early = refused(proposed, world, a_version(effective_from=tomorrow))
    assert early == (Problem.INVALID_FIELD, {"effective_from": "notice-too-short"})
    proposed(world, a_version())
    world.clock.forward(days=1)
    assert refused(approved, world) == (Problem.EDGE_NOT_ALLOWED, {})
    assert [date.version for date in published_rules(world.registry, None).versions] == ["2026-01"]


def test_versions_follow_each_other(world: World) -> None:
    later = IN_FORCE + dt.timedelta(days=30)
    proposed(world, a_version("a"))
    proposed(world, a_version("b", later))
    approved(world, "b")
    assert refused(approved, world, "a") == (Problem.EDGE_NOT_ALLOWED, {})
    late = refused(proposed, world, a_version("c", later))
    assert late == (Problem.INVALID_FIELD, {"effective_from": "not-the-latest"})
    for taken in ("a", "b", "2026-01"):
        again = a_version(taken, later + dt.timedelta(days=1))
        assert refused(proposed, world, again) == (Problem.ALREADY_EXISTS, {})


def test_figures_that_contradict_each_other_are_refused_by_name(world: World) -> None:
    early = a_version(disputes__close_days=15)
    assert refused(proposed, world, early) == (Problem.INVALID_FIELD, {"disputes.close_days": "not-after-answer"})


def test_an_old_debt_keeps_its_old_fee_and_the_decision_names_todays_rules(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    changed(world, a_version(late_fee__daily_ppm=1_000))
    lists(world, "carrier-a", a_debt("A2", due_date=TODAY - dt.timedelta(days=99)))
    answer = asks(world, "carrier-b", WANG)
    assert (answer.decision, answer.rules_version) == (DecisionCode.PAY_FIRST, "2027-01")
    assert fee_quoted(world) == 114 * 60 + 113 * 20
    old = settles(world, "carrier-a", WANG, account("A1"), kind=SettlementKind.PARTIAL, amount_fen=100_00)
    assert old.outstanding_fen == 200_00 + 114 * 60 - 100_00
    new = settles(world, "carrier-a", WANG, account("A2"), kind=SettlementKind.PARTIAL, amount_fen=100_00)
    assert new.outstanding_fen == 200_00 + 113 * 20 - 100_00


def test_an_old_debt_keeps_its_tolerance_and_its_order_of_allocation(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    changed(world, a_version(settlement_tolerance_fen=50_00, allocation=["PRINCIPAL", "FEES", "COSTS"]))
    owed = 200_00 + 114 * 60
    most = settles(world, "carrier-a", WANG, account("A1"), kind=SettlementKind.PARTIAL, amount_fen=owed - 10_00)
    assert (most.state, most.outstanding_fen) == ("ACTIVE", 10_00)
    answer = asks(world, "carrier-b", WANG)
    assert answer.quote is not None
    assert (answer.quote.principal_fen, answer.quote.late_fee_fen) == (10_00, 0)
    rest = settles(world, "carrier-a", WANG, account("A1"), kind=SettlementKind.PARTIAL, amount_fen=9_50)
    assert rest.state == "CLEARED"


def with_own_fee(world: World, daily_ppm: int, cap_ppm: int, effective_from: dt.date, who: str = "carrier-a") -> Any:
    terms = NewCreditorTerms(daily_ppm=daily_ppm, cap_ppm=cap_ppm, effective_from=effective_from)
    return json.loads(set_creditor_terms(world.registry, world.actor(who), world.call(), terms).body)


def test_a_creditors_lower_fee_holds_for_what_it_lists_from_then_on(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    with_own_fee(world, 1_000, 100_000, TODAY)
    assert fee_quoted(world) == 60_00
    lists(world, "carrier-a", a_debt("A2"))
    assert fee_quoted(world) == 60_00 + 20_00
    lists(world, "carrier-b", a_debt("B1"))
    answer = asks(world, "carrier-c", WANG)
    assert answer.quote is not None
    assert answer.quote.late_fee_fen == 60_00 + 20_00 + 60_00
    left = settles(world, "carrier-a", WANG, account("A2"), kind=SettlementKind.PARTIAL, amount_fen=1_00)
    assert left.outstanding_fen == 220_00 - 1_00
    # A whole year at 1,000 ppm would cost 73.00: the cap still holds it at 20.00. A FULL payment would close any sum.
    world.clock.forward(days=300)
    rest = settles(world, "carrier-a", WANG, account("A2"), kind=SettlementKind.PARTIAL, amount_fen=219_00)
    assert (rest.state, rest.outstanding_fen) == ("CLEARED", 0)


def test_a_fee_for_a_later_day_waits_for_it(world: World) -> None:
    later = TODAY + dt.timedelta(days=10)
    terms = with_own_fee(world, 0, 0, later)
    lists(world, "carrier-a", a_debt())
    assert fee_quoted(world) == 60_00
    actor = world.actor("carrier-a")
    assert write(read_creditor_terms(world.registry, actor, None)) == {"in_force": None, "terms": [terms]}
    assert write(read_creditor_terms(world.registry, actor, later))["in_force"] == terms
    of_another = read_creditor_terms(world.registry, world.actor("carrier-b"), later)
    assert write(of_another) == {"in_force": None, "terms": []}


def test_a_creditor_charges_neither_more_than_the_rules_nor_anything_in_arrears(world: World) -> None:
    changed(world, a_version(late_fee__daily_ppm=2_000, late_fee__cap_ppm=500_000))
    today = world.registry.store.read(lambda tx: act_in(world.registry, tx, None).today)
    for fee, day, fields in (
        ((2_001, 1), today, {"daily_ppm": "above-the-rules"}),
        ((1, 500_001), today, {"cap_ppm": "above-the-rules"}),
        ((1, 1), today - dt.timedelta(days=1), {"effective_from": "in-the-past"}),
    ):
        assert refused(with_own_fee, world, *fee, day) == (Problem.INVALID_FIELD, fields)
    with_own_fee(world, 2_000, 500_000, today)


def test_terms_of_dearer_days_do_not_outlive_them(world: World) -> None:
    with_own_fee(world, 3_000, 1_000_000, TODAY)
    changed(world, a_version(late_fee__daily_ppm=1_000))
    lists(world, "carrier-a", a_debt())
    assert fee_quoted(world) == 114 * 20


def test_a_payment_is_reversible_for_the_days_that_were_the_rule_when_it_came_in(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    lists(world, "carrier-a", a_debt("A2"))
    old = settles(world, "carrier-a", WANG, account("A1"), amount_fen=260_00)
    changed(world, a_version(reversal_max_days=20))
    new = settles(world, "carrier-a", WANG, account("A2"), amount_fen=400_00)
    world.clock.forward(days=21)
    assert refused(proposes, world, new.settlement_id) == (Problem.EDGE_NOT_ALLOWED, {})
    world.clock.forward(days=180 - 35)
    reversal = proposes(world, old.settlement_id)
    confirms(world, reversal)
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.PAY_FIRST


def test_what_may_still_be_reversed_is_not_archived_however_short_the_new_rules_are(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    paid = settles(world, "carrier-a", WANG, account("A1"), amount_fen=260_00)
    changed(world, a_version(reversal_max_days=20, retention__seal_days=30, retention__closed_days=60))
    world.clock.forward(days=100)
    end_what_is_over(world.registry)
    confirms(world, proposes(world, paid.settlement_id))
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.PAY_FIRST


def test_who_paid_when_the_long_rules_were_past_is_archived_by_the_short_ones(world: World) -> None:
    changed(world, a_version(reversal_max_days=20, retention__seal_days=30, retention__closed_days=60))
    world.clock.forward(days=180)
    lists(world, "carrier-a", a_debt())
    paid = settles(world, "carrier-a", WANG, account("A1"), amount_fen=9_000_00)
    world.clock.forward(days=31)
    end_what_is_over(world.registry)
    assert refused(proposes, world, paid.settlement_id)[0] is Problem.NOT_FOUND


def demanding(days: int, version: str = "2027-01") -> dict[str, Any]:
    """A version that demands the context of inquiries so many days from today on."""
    required_from = (TODAY + dt.timedelta(days=days)).isoformat()
    return a_version(version, context={"consent_texts": ["standard-1", "online-2"], "required_from": required_from})


def test_a_context_is_demanded_no_sooner_than_carriers_can_send_it(world: World) -> None:
    with pytest.raises(Refusal) as refused:
        proposed(world, demanding(89))
    assert refused.value.fields == {"context.required_from": "notice-too-short"}
    proposed(world, demanding(90))
    approved(world, "2027-01")
    # The demand of a version that is approved already is no new one.
    proposed(world, demanding(90, "2027-02") | {"effective_from": (TODAY + dt.timedelta(days=30)).isoformat()})
    world.clock.forward(days=1)
    approved(world, "2027-02")


def test_a_demand_that_came_too_near_before_its_approval_is_refused(world: World) -> None:
    proposed(world, demanding(90))
    world.clock.forward(days=1)
    with pytest.raises(Refusal) as refused:
        approved(world, "2027-01")
    assert refused.value.problem is Problem.EDGE_NOT_ALLOWED
