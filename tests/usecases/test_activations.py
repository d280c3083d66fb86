"""What a carrier did with a decision is told once, with its ground and its deviations, and nothing is overwritten."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from protocol.activations import (
    ActivationNote,
    ActivationOutcome,
    ActivationReason,
    Basis,
    Obeyed,
    UncheckedCause,
)
from protocol.codes import DecisionCode, ServiceClass
from protocol.context import Channel
from protocol.encodings import b64url_encode, format_time
from protocol.log_entries import EntryKind
from protocol.messages.activations import ActivationAnswer, ActivationReport
from protocol.messages.inquiries import InquiryAnswer
from protocol.problems import Problem, Refusal
from registry.store.activations import activation, activation_unchecked
from registry.store.engines import Engines
from registry.store.idempotency import stored_answer
from registry.store.log.openings import log_opening
from registry.store.transactions import Store
from registry.usecases.activations.report import report_activation
from tests.support.activations import AGENT, MANAGER, a_report_on, tells
from tests.support.builders import a_report, account, tokens
from tests.support.contexts import asks_in_context, checks_again
from tests.support.counting import rows_of
from tests.support.decision_tokens import claims_of
from tests.support.races import at_once
from tests.support.statement_counts import statements_of
from tests.support.statements import statement
from tests.support.stories import asks, lists, settles
from tests.support.world import World, a_world, template_secrets

WANG, LI = tokens("wang"), tokens("li")
MOST_CORE, MOST_PERSONAL = 860, 330
"""Bytes of an entry, without the inquiries that it closes beside its own."""
MOST_STATEMENTS = {"sqlite": (11, 9), "postgresql": (10, 6)}
"""Of a re-check and of a report on somebody who owes nothing, BEGIN and COMMIT not counted."""
_Outcome, _Reason = ActivationOutcome, ActivationReason


def asked(world: World, whose: Any = WANG, **changes: Any) -> InquiryAnswer:
    world.clock.forward(milliseconds=1)
    return asks_in_context(world, "carrier-b", whose, **changes)


def told(world: World, report: ActivationReport, who: str = "carrier-b") -> ActivationAnswer:
    return tells(world, who, report)


def refusal(world: World, report: ActivationReport, who: str = "carrier-b") -> Refusal:
    before = counts(world)
    with pytest.raises(Refusal) as refused:
        told(world, report, who)
    assert counts(world) == before, "a refused report leaves nothing"
    return refused.value


def problem(world: World, report: ActivationReport, who: str = "carrier-b") -> Problem:
    return refusal(world, report, who).problem


def faults(world: World, report: ActivationReport) -> dict[str, str]:
    refused = refusal(world, report)
    assert refused.problem is Problem.INVALID_FIELD
    return refused.fields


def counts(world: World) -> tuple[int, ...]:
    return rows_of(world, activation, activation_unchecked, log_opening, stored_answer)


def entry_of(world: World, answer: ActivationAnswer) -> tuple[dict[str, Any], dict[str, Any]]:
    """Core facts and personal part of a report's entry."""
    entry = world.registry.store.read(lambda tx: tx.openings.find(answer.log_entry_id))
    assert entry is not None
    assert (entry.kind, answer.activation_id) == (EntryKind.ACTIVATION, answer.log_entry_id)
    assert entry.personal is not None
    assert len(entry.core) <= MOST_CORE
    personal = json.loads(entry.personal)
    assert "closes" in personal or len(entry.personal) <= MOST_PERSONAL
    return json.loads(entry.core)["facts"], personal


def owes(world: World) -> InquiryAnswer:
    lists(world, "carrier-a", a_report("wang"))
    answer = asked(world)
    assert answer.decision is DecisionCode.PAY_FIRST
    return answer


def test_an_order_that_is_paid_and_checked_again_is_activated_and_obeys(world: World) -> None:
    first = owes(world)
    settles(world, "carrier-a", WANG, account("A1"))
    world.clock.forward(days=1)
    again = checks_again(world, "carrier-b", first)
    report = a_report_on(world, again, _Outcome.ACTIVATED)
    answer = told(world, report)
    assert (answer.basis, answer.obeyed, answer.notes) == (Basis.CHECKED, Obeyed.YES, ())
    core, personal = entry_of(world, answer)
    assert core == {
        "inquiry": str(first.inquiry_id),
        "outcome": "ACTIVATED",
        "basis": "CHECKED",
        "obeyed": "YES",
        "service": "MOBILE",
        "lines": 1,
        "part": 1,
        "revision": 1,
        "done_at": format_time(report.at),
        "outlet": "SH-PD-0123",
        "rules": first.rules_version,
    }
    assert (personal["decision"], personal["first"]) == ("ALLOW", "PAY_FIRST")
    assert personal["order"] == claims_of(first.decision_token)["order"]
    assert len(personal["subject"]) == 32


@pytest.mark.parametrize(
    ("outcome", "more", "obeyed"),
    [
        (_Outcome.ACTIVATED, {}, Obeyed.NO),
        (_Outcome.PREPAID, {}, Obeyed.YES),
        (_Outcome.DEPOSIT_TAKEN, {"deposit_fen": 1_000_000}, Obeyed.NO),
        (_Outcome.DECLINED, {"reason": _Reason.NOT_PAID}, Obeyed.YES),
        (
            _Outcome.OVERRIDDEN,
            {"reason": _Reason.KEY_ACCOUNT, "agent": AGENT, "approved_by": MANAGER},
            Obeyed.NO,
        ),
    ],
    ids=lambda value: value.value if isinstance(value, (ActivationOutcome, Obeyed)) else "",
)
def test_a_deviation_from_pay_first_is_taken_and_counted(
    world: World, outcome: ActivationOutcome, more: dict[str, Any], obeyed: Obeyed
) -> None:
    answer = told(world, a_report_on(world, owes(world), outcome, **more))
    assert (answer.basis, answer.obeyed) == (Basis.CHECKED, obeyed)


def test_an_override_names_two_people_and_its_reason_in_the_log(world: World) -> None:
    report = a_report_on(
        world,
        owes(world),
        _Outcome.OVERRIDDEN,
        reason=_Reason.DISPUTED_IN_GOOD_FAITH,
        agent=AGENT,
        approved_by=MANAGER,
    )
    core, personal = entry_of(world, told(world, report))
    assert core["reason"] == "DISPUTED_IN_GOOD_FAITH"
    assert (personal["agent"], personal["approved_by"]) == (b64url_encode(AGENT), b64url_encode(MANAGER))
    assert b64url_encode(MANAGER) not in json.dumps(core)


def test_an_override_without_a_second_person_is_refused(world: World) -> None:
    base = a_report_on(world, owes(world), _Outcome.OVERRIDDEN, reason=_Reason.MANAGER)
    assert problem(world, base) is Problem.SECOND_PERSON_MISSING
    assert problem(world, replace(base, agent=AGENT)) is Problem.SECOND_PERSON_MISSING
    assert problem(world, replace(base, approved_by=MANAGER)) is Problem.SECOND_PERSON_MISSING
    assert problem(world, replace(base, agent=AGENT, approved_by=AGENT)) is Problem.SAME_PERSON


def test_a_decision_that_is_no_longer_valid_makes_the_outcome_stale(world: World) -> None:
    answer = asked(world)
    world.clock.forward(days=2)
    done = told(world, a_report_on(world, answer, _Outcome.ACTIVATED))
    assert (done.basis, done.obeyed) == (Basis.STALE, Obeyed.YES)


def test_a_late_report_and_one_from_another_outlet_are_marked(world: World) -> None:
    answer = asked(world)
    at = world.clock.now + dt.timedelta(minutes=1)
    world.clock.forward(days=3)
    done = told(world, a_report_on(world, answer, _Outcome.ACTIVATED, at=at, outlet="BJ-CY-7", channel=Channel.OUTLET))
    assert (done.basis, done.notes) == (Basis.CHECKED, (ActivationNote.LATE, ActivationNote.MOVED))
    core, _ = entry_of(world, done)
    assert (core["late"], core["outlet"], core["moved"]) == (1, "BJ-CY-7", "SH-PD-0123")


def test_lines_that_nobody_asked_about_are_unchecked(world: World) -> None:
    answer = asked(world, lines=3)
    first = told(world, a_report_on(world, answer, _Outcome.ACTIVATED, lines=2))
    assert (first.unchecked_lines, first.notes) == (0, ())
    second = told(world, a_report_on(world, answer, _Outcome.ACTIVATED, part=2, lines=4))
    assert (second.unchecked_lines, second.notes) == (3, (ActivationNote.TOO_MANY_LINES,))
    declined = told(world, a_report_on(world, answer, _Outcome.DECLINED, part=3, lines=9, reason=_Reason.NO_RESOURCE))
    assert declined.unchecked_lines == 0
    third = told(world, a_report_on(world, answer, _Outcome.ACTIVATED, part=4))
    assert third.unchecked_lines == 1


def test_an_order_without_a_decision_is_told_with_its_cause_and_names_nobody(world: World) -> None:
    report = a_report_on(
        world,
        asked(world),
        _Outcome.ACTIVATED,
        decision_token=None,
        unchecked=UncheckedCause.SYSTEM_FAULT,
        order=b"x" * 16,
        agent=AGENT,
    )
    answer = told(world, report)
    assert (answer.basis, answer.obeyed) == (Basis.UNCHECKED, Obeyed.NOT_BOUND)
    core, personal = entry_of(world, answer)
    assert "inquiry" not in core
    assert core["cause"] == "SYSTEM_FAULT"
    assert personal == {"order": b64url_encode(b"x" * 16), "agent": b64url_encode(AGENT)}


def test_the_same_report_again_gets_the_first_answer(world: World) -> None:
    report = a_report_on(world, asked(world), _Outcome.ACTIVATED)
    first = told(world, report)
    before = counts(world)[:3]
    assert replace(told(world, replace(report, row_id="row-2")), row_id="row-1") == first
    assert counts(world)[:3] == before


def test_the_same_report_with_a_later_token_of_the_order_is_the_same(world: World) -> None:
    answer = asked(world)
    report = a_report_on(world, answer, _Outcome.DECLINED, reason=_Reason.APPLICANT_LEFT)
    first = told(world, report)
    again = checks_again(world, "carrier-b", answer)
    later = replace(report, decision_token=again.decision_token, at=report.at)
    assert faults(world, later) == {"at": "before-the-decision"}
    assert told(world, report) == first


def test_another_content_under_the_same_revision_is_refused_and_names_what_stands(world: World) -> None:
    report = a_report_on(world, asked(world), _Outcome.ACTIVATED)
    first = told(world, report)
    refused = refusal(world, replace(report, lines=2))
    assert refused.problem is Problem.ALREADY_REPORTED
    assert refused.figures == {"activation_id": str(first.activation_id)}


def test_two_reports_of_one_part_at_the_same_instant_are_one(world: World) -> None:
    report = a_report_on(world, asked(world), _Outcome.ACTIVATED)
    calls = [(world.actor("carrier-b"), world.call()) for _ in range(4)]
    answers = at_once(4, lambda n: report_activation(world.registry, *calls[n], report))
    assert sorted(each.status for each in answers) == [200, 200, 200, 201]
    assert len({json.loads(each.body)["activation_id"] for each in answers}) == 1
    assert counts(world)[0] == 1


def test_two_reports_without_a_decision_at_the_same_instant_are_one(world: World) -> None:
    report = a_report_on(world, asked(world), _Outcome.ACTIVATED)
    report = replace(report, decision_token=None, unchecked=UncheckedCause.SYSTEM_FAULT)
    calls = [(world.actor("carrier-b"), world.call()) for _ in range(4)]
    answers = at_once(4, lambda n: report_activation(world.registry, *calls[n], report))
    assert sorted(each.status for each in answers) == [200, 200, 200, 201]
    assert counts(world)[:2] == (0, 1)


def test_two_contents_at_the_same_instant_leave_one(world: World) -> None:
    report = a_report_on(world, asked(world), _Outcome.ACTIVATED)
    calls = [(world.actor("carrier-b"), world.call()) for _ in range(4)]
    answers = at_once(4, lambda n: report_activation(world.registry, *calls[n], replace(report, lines=n + 1)))
    refused = [each for each in answers if isinstance(each, Refusal)]
    assert {each.problem for each in refused} == {Problem.ALREADY_REPORTED}
    assert (len(refused), counts(world)[0]) == (3, 1)


def test_a_token_serves_only_its_asker_its_order_and_its_service(world: World) -> None:
    answer = asked(world)
    report = a_report_on(world, answer, _Outcome.ACTIVATED)
    assert problem(world, report, "carrier-a") is Problem.TOKEN_FOREIGN
    assert problem(world, replace(report, order=b"x" * 16)) is Problem.TOKEN_OTHER_ORDER
    assert problem(world, replace(report, service_class=ServiceClass.IPTV)) is Problem.TOKEN_OTHER_ORDER
    cut = answer.decision_token.rpartition(".")[0] + ".AAAA"
    assert problem(world, replace(report, decision_token=cut)) is Problem.TOKEN_INVALID
    assert problem(world, replace(report, decision_token="a.b.c")) is Problem.TOKEN_INVALID


def test_a_first_report_after_its_time_is_told_as_unchecked(world: World) -> None:
    answer = asked(world)
    world.clock.forward(days=90, seconds=1)
    report = a_report_on(world, answer, _Outcome.ACTIVATED)
    assert problem(world, report) is Problem.TOKEN_EXPIRED
    done = told(world, replace(report, decision_token=None, unchecked=UncheckedCause.NOT_ASKED))
    assert done.basis is Basis.UNCHECKED


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"decision_token": None}, {"unchecked": "required"}),
        ({"unchecked": UncheckedCause.NOT_ASKED}, {"unchecked": "invalid"}),
        ({"outcome": _Outcome.DECLINED}, {"reason": "required"}),
        ({"outcome": _Outcome.OVERRIDDEN}, {"reason": "required"}),
        ({"outcome": _Outcome.DECLINED, "reason": _Reason.MANAGER}, {"reason": "invalid"}),
        ({"outcome": _Outcome.PREPAID, "reason": _Reason.REVIEWED}, {"reason": "invalid"}),
        ({"approved_by": MANAGER}, {"approved_by": "invalid"}),
        ({"outcome": _Outcome.DEPOSIT_TAKEN}, {"deposit_fen": "required"}),
        ({"deposit_fen": 1}, {"deposit_fen": "invalid"}),
    ],
    ids=[
        "no-token-and-no-cause",
        "both",
        "declined-without-reason",
        "overridden-without-reason",
        "reason-of-another-outcome",
        "reason-where-there-is-none",
        "approval-of-no-override",
        "deposit-without-amount",
        "amount-without-deposit",
    ],
)
def test_a_report_that_contradicts_itself_names_its_fields(
    world: World, changes: dict[str, Any], found: dict[str, str]
) -> None:
    report = a_report_on(world, asked(world), **{"outcome": _Outcome.ACTIVATED, **changes})
    assert faults(world, report) == found


def test_a_report_is_neither_from_before_its_decision_nor_from_the_future(world: World) -> None:
    answer = asked(world)
    now = world.clock.now
    report = a_report_on(world, answer, _Outcome.ACTIVATED)
    earlier = replace(report, at=answer.decided_at - dt.timedelta(microseconds=1))
    assert faults(world, earlier) == {"at": "before-the-decision"}
    assert faults(world, replace(report, at=now + dt.timedelta(seconds=31))) == {"at": "in-the-future"}
    world.clock.now = now
    assert told(world, replace(report, at=now + dt.timedelta(seconds=30))).basis is Basis.CHECKED
    unchecked = replace(report, order=b"x" * 16, decision_token=None, unchecked=UncheckedCause.MIGRATED)
    long_ago = now - dt.timedelta(days=90, seconds=1)
    assert faults(world, replace(unchecked, at=long_ago)) == {"at": "too-long-ago"}


def test_a_token_without_a_context_names_its_subject_by_the_entry_and_is_bound_to_its_first_order(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    answer = asks(world, "carrier-b", WANG)
    report = a_report_on(world, answer, _Outcome.PREPAID, lines=9)
    done = told(world, report)
    assert (done.basis, done.obeyed, done.unchecked_lines) == (Basis.CHECKED, Obeyed.YES, 0)
    core, personal = entry_of(world, done)
    assert core["inquiry"] == str(answer.inquiry_id)
    entry = world.registry.store.read(lambda tx: tx.openings.find(answer.inquiry_id))
    assert entry is not None
    assert entry.personal is not None
    assert personal["subject"] == json.loads(entry.personal)["subject"]
    assert problem(world, replace(report, order=b"x" * 16)) is Problem.TOKEN_OTHER_ORDER
    assert problem(world, report, "carrier-a") is Problem.TOKEN_FOREIGN
    head, payload, signature = (answer.decision_token).split(".")
    forged = f"{head}.{payload}.{signature[:-4]}AAAA"
    assert problem(world, replace(report, decision_token=forged)) is Problem.TOKEN_INVALID


def test_a_person_who_is_listed_after_the_question_keeps_one_story(world: World) -> None:
    answer = asked(world)
    first = told(world, a_report_on(world, answer, _Outcome.DECLINED, reason=_Reason.APPLICANT_LEFT))
    lists(world, "carrier-a", a_report("wang"))
    later = told(world, a_report_on(world, answer, _Outcome.ACTIVATED, revision=2))
    subjects = {entry_of(world, each)[1]["subject"] for each in (first, later)}
    assert len(subjects) == 1
    assert entry_of(world, later)[1]["was"] == "DECLINED/CHECKED/YES/1"


def test_a_report_answers_the_earlier_questions_of_its_order_too(world: World) -> None:
    first = owes(world)
    second = asked(world)
    settles(world, "carrier-a", WANG, account("A1"))
    third = asked(world)
    done = told(world, a_report_on(world, third, _Outcome.ACTIVATED))
    assert entry_of(world, done)[1]["closes"] == f"{first.inquiry_id}!+{second.inquiry_id}!"
    late = told(world, a_report_on(world, third, _Outcome.ACTIVATED, part=2))
    assert "closes" not in entry_of(world, late)[1]


def test_other_orders_and_other_people_are_not_answered_by_a_report(world: World) -> None:
    asked(world, order=b"x" * 16)
    asked(world, LI)
    done = told(world, a_report_on(world, asked(world), _Outcome.ACTIVATED))
    assert "closes" not in entry_of(world, done)[1]


def test_an_order_that_was_done_is_not_checked_again(world: World) -> None:
    answer = asked(world)
    told(world, a_report_on(world, answer, _Outcome.DECLINED, reason=_Reason.APPLICANT_LEFT))
    assert checks_again(world, "carrier-b", answer).changed is False
    told(world, a_report_on(world, answer, _Outcome.ACTIVATED, revision=2))
    with pytest.raises(Refusal) as refused:
        checks_again(world, "carrier-b", answer)
    assert refused.value.problem is Problem.RECHECK_OVER


def test_a_statement_tells_the_checks_of_an_inquiry_and_what_followed(world: World) -> None:
    first = owes(world)
    settles(world, "carrier-a", WANG, account("A1"))
    world.clock.forward(hours=1)
    again = checks_again(world, "carrier-b", first)
    report = a_report_on(world, again, _Outcome.ACTIVATED)
    told(world, report)
    world.clock.forward(days=2)
    told(world, replace(report, revision=2, outcome=_Outcome.CANCELLED_LATER, reason=_Reason.APPLICANT))
    [stated] = statement(world)["inquiries"]
    assert (stated["purpose"], stated["outlet"], stated["decision"]) == ("NEW_LINE", "SH-PD-0123", "PAY_FIRST")
    assert [(each["decision"], each["at"]) for each in stated["rechecks"]] == [("ALLOW", format_time(again.decided_at))]
    assert [(each["outcome"], each["reason"], each["revision"]) for each in stated["activations"]] == [
        ("ACTIVATED", None, 1),
        ("CANCELLED_LATER", "APPLICANT", 2),
    ]
    assert stated["activations"][0]["basis"] == "CHECKED"


def test_a_statement_given_after_the_listing_tells_what_followed_before_it(world: World) -> None:
    answer = asked(world)
    told(world, a_report_on(world, answer, _Outcome.ACTIVATED))
    lists(world, "carrier-a", a_report("wang"))
    [stated] = statement(world)["inquiries"]
    assert [each["outcome"] for each in stated["activations"]] == ["ACTIVATED"]


def test_a_report_and_a_recheck_are_few_statements(founded_url: str, open_engines: Callable[..., Engines]) -> None:
    world = a_world(Store(open_engines(founded_url)), template_secrets())
    answer = asked(world)
    told(world, a_report_on(world, answer, _Outcome.DECLINED, reason=_Reason.OTHER))
    sent = []
    steps: list[Callable[[], object]] = [
        lambda: checks_again(world, "carrier-b", answer),
        lambda: told(world, a_report_on(world, answer, _Outcome.PREPAID, revision=2)),
    ]
    for step in steps:
        with statements_of(world.registry.store) as seen:
            step()
        assert seen.count("COMMIT") == 1
        sent.append(len([each for each in seen if each not in ("BEGIN", "COMMIT")]))
    most = MOST_STATEMENTS[world.registry.store._engines.write.dialect.name]
    assert sent[0] <= most[0]
    assert sent[1] <= most[1]
