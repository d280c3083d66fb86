"""One open record for a creditor and account, whoever the person is, and a bound on rows that take records out."""

import datetime as dt
import json
import threading
import uuid

import pytest

from protocol.codes import DecisionCode, ReversalReason, SettlementKind, Verdict
from protocol.messages.records import RefusedRow, RowVerdict
from protocol.messages.reversals import ReversalProposal
from protocol.problems import Problem, Refusal
from protocol.states import RowNote
from protocol.wire.codec import read
from registry.usecases.chunks import Chunk
from registry.usecases.context import Outcome
from registry.usecases.records.report import report, report_chunk
from registry.usecases.reversals.propose import propose_reversal
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.stories import asks, lists, settles
from tests.support.take_outs import confirms_take_outs, with_key
from tests.support.world import World

DAY = dt.timedelta(days=1)


def test_two_people_on_one_new_account_at_once_never_owe_it_both(world: World) -> None:
    outcomes: list[Outcome] = []
    start = threading.Barrier(2)

    def send(name: str) -> None:
        start.wait()
        outcomes.append(report(world.registry, world.actor("carrier-a"), world.call(name), a_report(name)))

    threads = [threading.Thread(target=send, args=(name,)) for name in ("wang", "li")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Whoever comes second corrects whoever came first, and was told of nothing yet.
    assert sorted(json.loads(each.body)["verdict"] for each in outcomes) == ["ACTIVE", "REJ_NO_NOTICE"]
    for name in ("wang", "li"):
        assert asks(world, "carrier-b", tokens(name)).decision is DecisionCode.ALLOW


def test_a_payment_is_not_taken_back_where_the_number_has_another_debtor_by_now(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    paid = settles(world, "carrier-a", tokens("wang"), account("A1"), kind=SettlementKind.PARTIAL, amount_fen=192_00)
    world.clock.forward(days=100)
    lists(world, "carrier-a", a_report("li", due_date=TODAY + DAY, notice_date=TODAY + 50 * DAY))
    with pytest.raises(Refusal) as refused:
        propose_reversal(
            world.registry,
            world.actor("carrier-a"),
            world.call(),
            settlement_id=paid.settlement_id,
            body=ReversalProposal(reason=ReversalReason.PAYMENT_BOUNCED, evidence_digest=bytes(32)),
        )
    assert refused.value.problem is Problem.ALREADY_EXISTS


def takes_out(world: World, numbers: range, key: str) -> list[RowVerdict]:
    rows = tuple(
        RefusedRow(
            row_id=str(number),
            account_ref=account(f"A{number}"),
            code=Verdict.REJ_MINOR,
            withdraws=True,
            due_date=TODAY - 200 * DAY,
        )
        for number in numbers
    )
    chunk = Chunk(batch_key=key, number=0, rows_digest=uuid.uuid4().bytes * 2, rows=rows)
    lines = report_chunk(world.registry, with_key(world, 1), chunk)
    return [read(RowVerdict, json.loads(line)) for line in lines.splitlines()]


def test_rows_beyond_the_days_bound_are_held_until_a_second_key_confirms(world: World) -> None:
    for number in range(23):
        lists(world, "carrier-a", a_report(f"debtor-{number}", f"A{number}"))
    first = takes_out(world, range(23), "first")
    held = [each for each in first if each.verdict is Verdict.REJ_WITHDRAWAL_HELD]
    assert [each.verdict for each in first[:20]] == [Verdict.WITHDRAWN] * 20
    assert len(held) == 3
    assert all(each.record_id is not None and each.notes == (RowNote.STILL_BLOCKS,) for each in held)
    assert {each.verdict for each in takes_out(world, range(20, 23), "again")} == {Verdict.REJ_WITHDRAWAL_HELD}
    confirms_take_outs(world, 3)
    assert {each.verdict for each in takes_out(world, range(20, 23), "confirmed")} == {Verdict.WITHDRAWN}
    assert asks(world, "carrier-b", tokens("debtor-22")).decision is DecisionCode.ALLOW


def test_accounts_that_a_wrong_form_throws_together_are_held_like_other_rows_that_take_out(world: World) -> None:
    for number in range(42):
        lists(world, "carrier-a", a_report("wang", f"A{number}"))
        world.clock.forward(seconds=1)
    rows = tuple(
        a_report("wang", "one", row_id=str(number), former_account_ref=account(f"A{number}")) for number in range(42)
    )
    chunk = Chunk(batch_key="merged", number=0, rows_digest=bytes(32), rows=rows)
    lines = report_chunk(world.registry, with_key(world, 1), chunk).splitlines()
    verdicts = [read(RowVerdict, json.loads(line)) for line in lines]
    assert {each.verdict for each in verdicts} == {Verdict.REJ_WITHDRAWAL_HELD}
    blocking = world.registry.store.read(lambda tx: tx.records.open_of("carrier-a"))
    assert sum(blocking.values()) == 42
