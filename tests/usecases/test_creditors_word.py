"""Stories of a creditor's later word about an account that it has reported before."""

import datetime as dt
import json
from typing import Any

import pytest

from protocol.codes import Category, DecisionCode, SettlementKind, Verdict, WithdrawalReason
from protocol.log_entries import EntryKind
from protocol.messages.records import RecordReport, RefusedRow, RowVerdict
from protocol.states import RecordState, RowNote
from protocol.wire.codec import read
from registry.domain.records import Record
from registry.usecases.chunks import Chunk
from registry.usecases.events.read import read_events
from registry.usecases.records.report import report_chunk
from registry.usecases.records.withdraw import withdraw
from registry.work.worker import tick
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.stories import asks, lists, reports, settles
from tests.support.world import World

DAY = dt.timedelta(days=1)
WANG, LI = tokens("wang"), tokens("li")


def sends(world: World, *rows: RecordReport | RefusedRow, carrier: str = "carrier-a") -> list[RowVerdict]:
    """The verdicts of one chunk of a batch of its own."""
    call = world.call()
    chunk = Chunk(batch_key=call.key, number=0, rows_digest=call.request_digest, rows=rows)
    lines = report_chunk(world.registry, world.actor(carrier), chunk)
    return [read(RowVerdict, json.loads(line)) for line in lines.splitlines()]


def record_of(world: World, verdict: RowVerdict) -> Record:
    assert verdict.record_id is not None
    record_id = verdict.record_id
    record = world.registry.store.read(lambda tx: tx.records.find(record_id))
    assert record is not None
    return record


def logged(world: World, kind: EntryKind) -> list[dict[str, Any]]:
    entries = world.registry.store.read(lambda tx: tx.openings.first(10_000))
    return [json.loads(each.core)["facts"] for each in entries if each.kind == kind.value]


def takes_back(world: World, verdict: RowVerdict, reason: WithdrawalReason) -> None:
    assert verdict.record_id is not None
    withdraw(
        world.registry,
        world.actor("carrier-a"),
        world.call(),
        record_id=verdict.record_id,
        reason=reason,
        expected_version=None,
    )


def decided(world: World, who: Any) -> DecisionCode:
    return asks(world, "carrier-b", who).decision


def minor(**changes: Any) -> RefusedRow:
    values: dict[str, Any] = {
        "row_id": "1",
        "account_ref": account("A1"),
        "code": Verdict.REJ_MINOR,
        "withdraws": True,
        "due_date": TODAY - 200 * DAY,
    }
    return RefusedRow(**(values | changes))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"category": Category.OPEN_DISPUTE}, Verdict.REJ_OPEN_DISPUTE),
        ({"category": Category.STOLEN_IDENTITY}, Verdict.REJ_STOLEN_IDENTITY),
        ({"debtor_of_age": False}, Verdict.REJ_MINOR),
        ({"principal_fen": 0}, Verdict.REJ_INVALID_AMOUNT),
    ],
)
def test_a_row_that_speaks_against_its_record_frees_the_person_at_once(
    world: World, said: dict[str, Any], code: Verdict
) -> None:
    listed = lists(world, "carrier-a", a_report("wang"))
    assert decided(world, WANG) is DecisionCode.PAY_FIRST
    verdict = reports(world, "carrier-a", a_report("wang", **said))
    assert (verdict.verdict, verdict.reason, verdict.record_id) == (Verdict.WITHDRAWN, code, listed.record_id)
    assert record_of(world, listed).state is RecordState.WITHDRAWN
    assert decided(world, WANG) is DecisionCode.ALLOW


def test_a_pending_record_is_cancelled_by_such_a_row_and_never_listed_by_the_clock(world: World) -> None:
    waits = lists(world, "carrier-a", a_report("wang", notice_date=TODAY - 10 * DAY))
    (verdict,) = sends(world, minor())
    assert (verdict.verdict, verdict.record_id) == (Verdict.WITHDRAWN, waits.record_id)
    assert record_of(world, waits).state is RecordState.CANCELLED
    world.clock.forward(days=60)
    tick(world.registry)
    assert decided(world, WANG) is DecisionCode.ALLOW


def test_a_row_that_says_too_little_names_the_record_that_still_blocks(world: World) -> None:
    listed = lists(world, "carrier-a", a_report("wang"))
    rows: list[tuple[RecordReport | RefusedRow, Verdict]] = [
        (a_report("wang", notice_date=None), Verdict.REJ_NO_NOTICE),
        (minor(code=Verdict.REJ_INVALID_DOCUMENT, withdraws=False), Verdict.REJ_INVALID_DOCUMENT),
        (minor(due_date=None), Verdict.REJ_MINOR),
    ]
    for row, code in rows:
        (verdict,) = sends(world, row)
        assert (verdict.verdict, verdict.record_id) == (code, listed.record_id)
        assert verdict.notes == (RowNote.STILL_BLOCKS,)
    assert decided(world, WANG) is DecisionCode.PAY_FIRST


def test_the_registry_notes_nothing_of_a_refused_row_about_no_record(world: World) -> None:
    (verdict,) = sends(world, minor(account_ref=account("unknown")))
    assert (verdict.verdict, verdict.record_id) == (Verdict.REJ_MINOR, None)
    assert logged(world, EntryKind.REPORT_REJECTED) == []


def test_a_debt_below_the_minimum_goes_on_blocking_at_its_lower_figure(world: World) -> None:
    listed = lists(world, "carrier-a", a_report("wang"))
    verdict = reports(world, "carrier-a", a_report("wang", principal_fen=99_00))
    assert (verdict.verdict, verdict.record_id) == (Verdict.UPDATED, listed.record_id)
    answer = asks(world, "carrier-b", WANG)
    assert answer.quote is not None
    assert answer.quote.principal_fen == 99_00


def test_a_corrected_identity_frees_the_wrong_person_and_needs_a_notice_to_the_right_one(world: World) -> None:
    wrong = lists(world, "carrier-a", a_report("wang"))
    verdict = reports(world, "carrier-a", a_report("li"))
    assert (verdict.verdict, verdict.withdrew) == (Verdict.REJ_NO_NOTICE, (wrong.record_id,))
    assert (decided(world, WANG), decided(world, LI)) == (DecisionCode.ALLOW, DecisionCode.ALLOW)
    assert reports(world, "carrier-a", a_report("li")).verdict is Verdict.REJ_NO_NOTICE
    world.clock.forward(days=40)
    right = lists(world, "carrier-a", a_report("li", notice_date=TODAY + DAY))
    assert right.verdict is Verdict.ACTIVE
    assert (decided(world, WANG), decided(world, LI)) == (DecisionCode.ALLOW, DecisionCode.PAY_FIRST)


def test_a_corrected_identity_that_stands_twice_in_a_file_lists_nobody_on_the_wrong_persons_notice(
    world: World,
) -> None:
    lists(world, "carrier-a", a_report("wang"))
    first, again = sends(world, a_report("li"), a_report("li", row_id="2"))
    assert (first.verdict, again.verdict) == (Verdict.REJ_NO_NOTICE, Verdict.REJ_NO_NOTICE)
    assert decided(world, LI) is DecisionCode.ALLOW


def test_a_record_that_a_row_took_out_asks_for_a_later_notice_in_the_same_call_already(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    out, other = sends(world, a_report("wang", category=Category.OPEN_DISPUTE), a_report("wang", "A2", row_id="2"))
    assert (out.verdict, other.verdict) == (Verdict.WITHDRAWN, Verdict.REJ_NO_NOTICE)


def test_a_record_withdrawn_as_the_wrong_persons_does_not_lend_its_notice_either(world: World) -> None:
    takes_back(world, lists(world, "carrier-a", a_report("wang")), WithdrawalReason.WRONG_SUBJECT)
    assert reports(world, "carrier-a", a_report("li")).verdict is Verdict.REJ_NO_NOTICE


def test_a_number_that_went_to_somebody_else_is_in_use_while_the_former_debt_is_open(world: World) -> None:
    former = lists(world, "carrier-a", a_report("wang"))
    world.clock.forward(days=200)
    later = a_report("li", due_date=TODAY + DAY, notice_date=TODAY + 100 * DAY)
    verdict = reports(world, "carrier-a", later)
    assert (verdict.verdict, verdict.record_id) == (Verdict.REJ_ACCOUNT_IN_USE, former.record_id)
    assert verdict.notes == (RowNote.STILL_BLOCKS,)
    (tokenless,) = sends(world, minor(due_date=TODAY + DAY))
    assert (tokenless.verdict, tokenless.record_id) == (Verdict.REJ_ACCOUNT_IN_USE, former.record_id)
    assert (decided(world, WANG), decided(world, LI)) == (DecisionCode.PAY_FIRST, DecisionCode.ALLOW)


def test_a_paid_debt_does_not_come_back_with_a_due_date_of_one_day_later(world: World) -> None:
    paid = lists(world, "carrier-a", a_report("wang"))
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=192_00, kind=SettlementKind.WAIVER)
    day_later = a_report("wang", due_date=TODAY - 199 * DAY)
    verdict = reports(world, "carrier-a", day_later)
    assert (verdict.verdict, verdict.record_id) == (Verdict.DUPLICATE, paid.record_id)
    assert decided(world, WANG) is DecisionCode.ALLOW


def test_a_debt_that_became_due_just_before_the_payment_needs_a_notice_after_it(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=1, kind=SettlementKind.WAIVER)
    world.clock.forward(days=95)
    young: dict[str, Any] = {"due_date": TODAY - 50 * DAY}
    assert reports(world, "carrier-a", a_report("wang", notice_date=TODAY, **young)).verdict is Verdict.REJ_NO_NOTICE
    other = a_report("wang", "A2", notice_date=TODAY, **young)
    assert lists(world, "carrier-a", other).verdict is Verdict.ACTIVE
    assert lists(world, "carrier-a", a_report("wang", notice_date=TODAY + DAY, **young)).verdict is Verdict.ACTIVE


def test_a_record_taken_back_by_mistake_comes_again_on_a_later_notice_under_its_first_clock(world: World) -> None:
    first = lists(world, "carrier-a", a_report("wang"))
    listed_at = record_of(world, first).received_at
    takes_back(world, first, WithdrawalReason.REPORTED_IN_ERROR)
    assert reports(world, "carrier-a", a_report("wang")).verdict is Verdict.REJ_NO_NOTICE
    world.clock.forward(days=40)
    again = lists(world, "carrier-a", a_report("wang", notice_date=TODAY + DAY))
    assert (again.verdict, again.record_id == first.record_id) == (Verdict.ACTIVE, False)
    assert record_of(world, again).received_at == listed_at


def test_a_rise_without_a_later_notice_leaves_the_figure_and_says_so(world: World) -> None:
    listed = lists(world, "carrier-a", a_report("wang", notice_date=TODAY - 10 * DAY))
    verdict = reports(world, "carrier-a", a_report("wang", principal_fen=9_000_000_00, notice_date=TODAY - 10 * DAY))
    assert (verdict.verdict, verdict.notes) == (Verdict.DUPLICATE, (RowNote.FIGURES_STAND,))
    assert record_of(world, listed).principal_fen == 120_00
    world.clock.forward(days=19)
    later = a_report("wang", principal_fen=900_00, notice_date=TODAY + DAY)
    assert reports(world, "carrier-a", later).verdict is Verdict.UPDATED
    raised = record_of(world, listed)
    assert (raised.principal_fen, raised.enforceable_from) == (900_00, TODAY + 31 * DAY)


def test_a_part_payment_that_the_next_export_takes_off_too_is_taken_off_once(world: World) -> None:
    dates: dict[str, Any] = {"due_date": TODAY - 100 * DAY, "notice_date": TODAY - 50 * DAY}
    lists(world, "carrier-a", a_report("wang", principal_fen=300_00, **dates))
    settles(world, "carrier-a", WANG, account("A1"), kind=SettlementKind.PARTIAL, amount_fen=100_00)
    before = asks(world, "carrier-b", WANG).quote
    reports(world, "carrier-a", a_report("wang", principal_fen=200_00, **dates))
    after = asks(world, "carrier-b", WANG).quote
    assert before is not None
    assert after is not None
    assert (after.principal_fen, after.late_fee_fen) == (200_00, 60_00)
    assert after.total_fen <= before.total_fen


def test_one_debt_under_three_spellings_goes_on_as_the_first_listed_record(world: World) -> None:
    spellings = [account(name) for name in ("old-1", "old-2")]
    first = lists(world, "carrier-a", a_report("wang", "old-1"))
    world.clock.forward(days=1)
    second = lists(world, "carrier-a", a_report("wang", "old-2"))
    verdict = reports(world, "carrier-a", a_report("wang", "A1", former_account_ref=spellings[0]))
    assert (verdict.verdict, verdict.record_id, verdict.withdrew) == (Verdict.DUPLICATE, first.record_id, ())
    assert record_of(world, first).account_ref == account("A1")
    verdict = reports(world, "carrier-a", a_report("wang", "A1", former_account_ref=spellings[1]))
    assert (verdict.verdict, verdict.record_id, verdict.withdrew) == (
        Verdict.DUPLICATE,
        first.record_id,
        (second.record_id,),
    )
    assert record_of(world, second).state is RecordState.WITHDRAWN
    (tokenless,) = sends(world, minor(code=Verdict.REJ_INVALID_DOCUMENT, withdraws=False))
    assert tokenless.record_id == first.record_id
    settles(world, "carrier-a", WANG, account("A1"), kind=SettlementKind.WAIVER, amount_fen=0)
    assert decided(world, WANG) is DecisionCode.ALLOW


def test_a_paid_debt_does_not_come_back_under_another_spelling_of_its_account(world: World) -> None:
    paid = lists(world, "carrier-a", a_report("wang", "old"))
    settles(world, "carrier-a", WANG, account("old"), kind=SettlementKind.WAIVER, amount_fen=0)
    verdict = reports(world, "carrier-a", a_report("wang", "A1", former_account_ref=account("old")))
    assert (verdict.verdict, verdict.record_id) == (Verdict.DUPLICATE, paid.record_id)


def test_an_account_twice_in_a_call_is_judged_by_its_first_row(world: World) -> None:
    verdicts = sends(
        world,
        a_report("wang"),
        a_report("wang", row_id="2", principal_fen=130_00),
        a_report("wang", row_id="3"),
        a_report("li", row_id="4"),
    )
    assert [each.verdict for each in verdicts] == [
        Verdict.ACTIVE,
        Verdict.REJ_ACCOUNT_REPEATED,
        Verdict.DUPLICATE,
        Verdict.REJ_ACCOUNT_REPEATED,
    ]
    assert record_of(world, verdicts[0]).principal_fen == 120_00
    assert decided(world, LI) is DecisionCode.ALLOW


def test_who_had_asked_hears_that_the_record_is_gone(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    answer = asks(world, "carrier-b", WANG)
    sends(world, minor())
    events = read_events(world.registry, world.actor("carrier-b"), 0, 500).events
    assert [(event.kind, event.inquiry_id) for event in events] == [("RECORD_WITHDRAWN", answer.inquiry_id)]
