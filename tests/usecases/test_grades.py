"""A grade is read inside an inquiry with a context, from the applicant's own debts, and asks by the asker's tariff."""

import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from protocol.activations import ActivationOutcome
from protocol.alternatives import AlternativeKind
from protocol.codes import Category, DecisionCode, DisputeDecision, NoticeChannel, ReasonCode, Remedy, ServiceClass
from protocol.context import Purpose
from protocol.grades import Grade
from protocol.grading import read_text
from protocol.messages.inquiries import Alternative, CreditAnswer, InquiryAnswer, InquiryRequest
from protocol.messages.tokens import SubjectTokens
from protocol.wire.codec import Malformed, read
from registry.domain.credit import EndedDebt
from registry.store.engines import Engines
from registry.store.schema import metadata
from registry.store.transactions import Store
from registry.usecases.activations.report import report_activation
from registry.usecases.inquiries.inquire import inquire, inquire_batch
from registry.work.worker import tick
from tests.support.activations import a_report_on
from tests.support.builders import a_report, account, tokens
from tests.support.contexts import asks_in_context, checks_again, with_context
from tests.support.decision_tokens import claims_of
from tests.support.disputes import admitted, answers, decides, files
from tests.support.endings import key_of
from tests.support.grades import graded, sets_terms
from tests.support.money import WANG, a_debt, arranges
from tests.support.statement_counts import statements_of
from tests.support.statements import statement
from tests.support.stories import asks, lists, settles
from tests.support.world import World, a_world, template_secrets

PAID_LATE = CreditAnswer(
    grade=Grade.D,
    reasons=("CLEARED_RECENTLY", "PAID_LATE", "NO_ATTESTATION"),
    limit_fen=0,
    deposit_fen=118_00,
)


def asked(world: World, whose: SubjectTokens = WANG, who: str = "carrier-b", **context: Any) -> InquiryAnswer:
    return asks_in_context(world, who, whose, **context)


def letter(world: World, whose: SubjectTokens = WANG) -> Grade:
    credit = asked(world, whose).credit
    assert credit is not None
    return credit.grade


def entry_of(world: World, entry_id: uuid.UUID) -> tuple[dict[str, Any], dict[str, Any]]:
    """Core facts and personal part."""
    entry = world.registry.store.read(lambda tx: tx.openings.find(entry_id))
    assert entry is not None
    assert entry.personal is not None
    return json.loads(entry.core)["facts"], json.loads(entry.personal)


def paid_late(world: World, days: int = 70) -> None:
    """Wang pays carrier-a so many days after the debt began to block."""
    lists(world, "carrier-a", a_debt())
    world.clock.forward(days=days)
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=400_00)


def test_who_made_others_wait_is_asked_for_a_deposit_and_may_choose_prepaid_or_a_review(world: World) -> None:
    paid_late(graded(world, "carrier-b"))
    answer = asked(world)
    assert (answer.decision, answer.reasons) == (DecisionCode.DEPOSIT, (ReasonCode.LOW_GRADE,))
    assert answer.remedies == (Remedy.PAY_DEPOSIT, Remedy.TAKE_PREPAID, Remedy.ASK_REVIEW)
    assert answer.alternatives == (Alternative(kind=AlternativeKind.PREPAID_ONLY),)
    assert (answer.credit, answer.quote) == (PAID_LATE, None)
    claims = claims_of(answer.decision_token)
    assert (claims["decision"], claims["grade"], claims["deposit_fen"]) == ("DEPOSIT", "D", 118_00)


def test_who_pays_at_once_is_served_at_the_next_counter_in_the_same_second(world: World) -> None:
    paid_late(graded(world, "carrier-b"), days=12)
    answer = asked(world)
    assert answer.decision is DecisionCode.ALLOW
    assert answer.credit == CreditAnswer(
        grade=Grade.C, reasons=("CLEARED_RECENTLY", "NO_ATTESTATION"), limit_fen=59_00, deposit_fen=0
    )


def test_a_debt_is_forgotten_after_180_days_and_before_it_is_sealed(world: World) -> None:
    paid_late(graded(world))
    assert letter(world) is Grade.D
    world.clock.forward(days=91)
    assert letter(world) is Grade.C
    world.clock.forward(days=90)
    answer = asked(world)
    assert answer.credit is not None
    assert answer.credit.reasons == ("NOTHING_ADVERSE", "NO_ATTESTATION")
    world.clock.forward(days=25)
    tick(world.registry)
    assert letter(world) is Grade.C


def test_an_open_debt_is_e_and_is_paid_first_as_before(world: World) -> None:
    lists(graded(world, "carrier-b"), "carrier-a", a_debt())
    answer = asked(world)
    assert answer.decision is DecisionCode.PAY_FIRST
    assert answer.reasons == (ReasonCode.OWN_ARREARS,)
    assert answer.credit == CreditAnswer(grade=Grade.E, reasons=("DEBT_OPEN",), limit_fen=0, deposit_fen=0)


def test_a_plan_is_d_while_it_runs_and_a_broken_one_is_an_open_debt(world: World) -> None:
    record_id = lists(graded(world), "carrier-a", a_debt()).record_id
    arranges(world, record_id, (0, 260_00))
    assert letter(world) is Grade.D
    world.clock.forward(days=10)
    tick(world.registry)
    assert letter(world) is Grade.E


def test_a_debt_that_is_disputed_weighs_nothing_while_it_is(world: World) -> None:
    court = admitted(graded(world), "court")
    lists(world, "carrier-a", a_debt())
    (filed,) = files(world)
    case = uuid.UUID(filed["dispute_id"])
    assert letter(world) is Grade.C
    answers(world, case)
    decides(world, court, case, DisputeDecision.UPHOLD)
    assert letter(world) is Grade.E


def test_the_debt_of_a_household_enters_nobodys_grade(world: World) -> None:
    home = tokens("wang", register="home", address="street")
    lists(graded(world), "carrier-a", a_report("wang", tokens=home))
    sister = tokens("sister", register="home", address="street")
    answer = asks_in_context(world, "carrier-b", sister, ServiceClass.BROADBAND)
    assert answer.decision is DecisionCode.REVIEW
    assert answer.credit is not None
    assert answer.credit.grade is Grade.C


@pytest.mark.parametrize("founding", [True, False])
def test_nobody_is_graded_without_a_context_for_an_existing_line_or_by_rules_that_grade_nobody(
    world: World, founding: bool
) -> None:
    paid_late(world if founding else graded(world, "carrier-b"))
    for answer in (asks(world, "carrier-b", WANG), asked(world, purpose=Purpose.REINSTATEMENT)):
        assert (answer.decision, answer.credit) == (DecisionCode.ALLOW, None)
        assert "grade" not in claims_of(answer.decision_token)
        assert "credit" not in entry_of(world, answer.inquiry_id)[1]
    assert (asked(world).credit is None) is founding


def test_a_carrier_without_terms_is_told_the_grade_and_bound_by_nothing(world: World) -> None:
    paid_late(graded(world, "carrier-c"))
    answer = asked(world)
    assert (answer.decision, answer.reasons) == (DecisionCode.ALLOW, (ReasonCode.NO_ARREARS,))
    assert answer.credit == replace(PAID_LATE, deposit_fen=0)


def test_a_carriers_terms_hold_for_their_tariff_and_their_service(world: World) -> None:
    paid_late(graded(world, "carrier-b"))
    sets_terms(world, "carrier-b", tariff="5G-129", average_bill_fen=129_00, asks="PREPAID_ONLY")
    sets_terms(world, "carrier-b", tariff="SCHOOL", use="OFF")

    def of(tariff: str | None, service: ServiceClass = ServiceClass.MOBILE) -> tuple[DecisionCode, int | None]:
        request = InquiryRequest(inquiry_ref="1", tokens=WANG, service_class=service, tariff=tariff)
        outcome = inquire(world.registry, world.actor("carrier-b"), world.call(), with_context(request))
        answer = read(InquiryAnswer, json.loads(outcome.body))
        core = entry_of(world, answer.inquiry_id)[0]
        assert core.get("tariff") == tariff
        return answer.decision, None if answer.credit is None else answer.credit.deposit_fen

    assert of(None) == (DecisionCode.DEPOSIT, 118_00)
    assert of("OTHER") == (DecisionCode.DEPOSIT, 118_00)
    assert of("5G-129") == (DecisionCode.PREPAID_ONLY, 258_00)
    assert of("SCHOOL") == (DecisionCode.ALLOW, None)
    assert of("5G-129", ServiceClass.IPTV) == (DecisionCode.ALLOW, 0)


def test_a_batch_grades_each_applicant_by_itself(world: World) -> None:
    paid_late(graded(world, "carrier-b"))
    requests = [
        with_context(InquiryRequest(inquiry_ref=name, tokens=tokens(name), service_class=ServiceClass.MOBILE))
        for name in ("wang", "li")
    ]
    outcome = inquire_batch(world.registry, world.actor("carrier-b"), world.call(), requests)
    late, new = (read(InquiryAnswer, each) for each in json.loads(outcome.body)["answers"])
    assert (late.decision, late.credit) == (DecisionCode.DEPOSIT, PAID_LATE)
    assert (new.decision, new.credit and new.credit.grade) == (DecisionCode.ALLOW, Grade.C)


def test_a_check_again_reads_the_grade_anew_and_keeps_none_of_the_first_answer(world: World) -> None:
    record = lists(graded(world, "carrier-b"), "carrier-a", a_debt())
    world.clock.forward(days=70)
    first = asked(world)
    assert first.credit is not None
    assert first.credit.grade is Grade.E
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=400_00)
    again = checks_again(world, "carrier-b", first)
    assert (again.decision, again.credit, again.changed) == (DecisionCode.DEPOSIT, PAID_LATE, True)
    claims = claims_of(again.decision_token)
    assert (claims["first"], claims["grade"], claims["deposit_fen"]) == ("PAY_FIRST", "D", 118_00)
    sets_terms(world, "carrier-b", use="OFF")
    last = checks_again(world, "carrier-b", again)
    assert (last.decision, last.credit) == (DecisionCode.ALLOW, None)
    assert "grade" not in claims_of(last.decision_token)
    assert record.record_id is not None


def test_an_entry_keeps_the_inputs_and_the_letter_in_its_part_that_can_be_erased(world: World) -> None:
    paid_late(graded(world, "carrier-b"))
    core, personal = entry_of(world, asked(world).inquiry_id)
    facts, grade = read_text(personal["credit"])
    assert personal["credit"] == "o0 p0 d0 c1 b70 k0 t0 D"
    assert (facts.blocked_days, grade) == (70, Grade.D)
    assert "D" not in core.values()


WEIGHED = frozenset({each.name for each in dataclasses.fields(EndedDebt)})
"""The columns of a record from which inputs are computed."""
ANOTHER: dict[str, Any] = {
    "account_ref": b"z" * 32,
    "evidence_digest": b"z" * 32,
    "person_ref": b"z" * 32,
    "register_key": b"z" * 16,
    "address_key": b"z" * 16,
    "service_class": ServiceClass.IPTV,
    "category": Category.UNABLE,
    "notice_channel": NoticeChannel.EMAIL,
    "dealer": "OTHER",
    "rules_version": "OTHER",
    "state_since": dt.datetime(2020, 2, 2, tzinfo=dt.UTC),
}
OF_THE_ROW = frozenset({"record_id", "log_entry_id", "origin_record_id"})


def another(column: "sa.Column[Any]") -> Any:
    """Another value for a column; a number, or a date, if no other is named."""
    return ANOTHER.get(column.name, 7 if column.type.python_type is int else dt.date(2020, 2, 2))


def test_no_other_column_of_a_record_changes_a_letter(world: World) -> None:
    paid_late(graded(world, "carrier-b"))
    record = metadata.tables["record"]
    before = asked(world)
    others = [each for each in record.c if each.name not in WEIGHED | OF_THE_ROW]
    changed = {each.name: another(each) for each in others}
    key = key_of(world, "wang")
    database = sa.create_engine(world.registry.store._engines.read.url)
    with database.begin() as connection:
        connection.execute(sa.update(record).where(record.c.subject_key == key).values(**changed))
    database.dispose()
    after = asked(world)
    assert (after.decision, after.credit) == (before.decision, before.credit)


def test_a_graded_inquiry_sends_no_more_statements_than_any_other(
    founded_url: str, open_engines: Callable[..., Engines]
) -> None:
    world = a_world(Store(open_engines(founded_url)), template_secrets())

    def sent() -> int:
        with statements_of(world.registry.store) as seen:
            asked(world)
        return len(seen)

    paid_late(world)
    asked(world)  # makes the key of the quarter
    before = sent()
    graded(world, "carrier-b")
    assert asked(world).decision is DecisionCode.DEPOSIT
    assert sent() == before


@pytest.mark.parametrize(("taken_fen", "obeyed"), [(118_00, "YES"), (100_00, "YES"), (118_01, "NO")])
def test_a_deposit_above_the_one_that_was_named_disobeys(world: World, taken_fen: int, obeyed: str) -> None:
    paid_late(graded(world, "carrier-b"))
    told = a_report_on(world, asked(world), ActivationOutcome.DEPOSIT_TAKEN, deposit_fen=taken_fen)
    outcome = report_activation(world.registry, world.actor("carrier-b"), world.call(), told)
    assert json.loads(outcome.body)["obeyed"] == obeyed


def test_a_statement_tells_the_grade_of_today_with_its_inputs_and_each_letter_that_was_told(world: World) -> None:
    paid_late(graded(world, "carrier-b"))
    asked(world)
    asks(world, "carrier-b", WANG)
    said = statement(world)
    assert said["grade"]["grade"] == "D"
    assert [each["code"] for each in said["grade"]["reasons"]] == list(PAID_LATE.reasons)
    assert said["grade"]["inputs"] == {
        "open": 0,
        "plan_running": False,
        "cleared_days": 0,
        "cleared_creditors": 1,
        "blocked_days": 70,
        "plans_broken": 0,
        "tenure": 0,
    }
    assert sorted(str(each.get("grade")) for each in said["inquiries"]) == ["D", "None"]
    stranger = statement(world, tokens("nobody"))
    assert (stranger["grade"]["grade"], stranger["inquiries"]) == ("C", [])


def test_a_tariff_that_is_no_code_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        read(InquiryRequest, {"inquiry_ref": "1", "tokens": {}, "service_class": "MOBILE", "tariff": "5g 129"})
    assert refused.value.faults["tariff"] == "invalid"
