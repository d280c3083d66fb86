"""What debtors live through with money: every fen that was paid counts, and none is asked for twice."""

import datetime as dt

from protocol.codes import DecisionCode, SettlementKind
from protocol.messages import RecordReport
from tests.builders import TODAY, a_report, account, tokens
from tests.usecases.stories import asks, lists, settles
from tests.world import World

WANG = tokens("wang")


def a_debt(**changes: object) -> RecordReport:
    """200.00 yuan, 100 days past due: a late fee of 60.00 yuan."""
    values: dict[str, object] = {
        "principal_fen": 200_00,
        "due_date": TODAY - dt.timedelta(days=100),
        "notice_date": TODAY - dt.timedelta(days=60),
    }
    return a_report("wang", **(values | changes))


def quoted(world: World) -> int:
    answer = asks(world, "carrier-b", WANG)
    assert answer.quote is not None
    return answer.quote.total_fen


def test_paid_and_served_at_the_next_counter_in_the_same_second(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.PAY_FIRST
    moment = world.clock()
    receipt = settles(world, "carrier-a", WANG, account("A1"), amount_fen=260_00)
    answer = asks(world, "carrier-c", WANG)
    assert (answer.decision, answer.decided_at) == (DecisionCode.ALLOW, moment)
    assert receipt.clearance is not None


def test_a_debt_of_half_a_yuan_blocks_nobody(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    most = settles(world, "carrier-a", WANG, account("A1"), kind=SettlementKind.PARTIAL, amount_fen=259_00)
    assert (most.state, most.outstanding_fen) == ("ACTIVE", 1_00)
    rest = settles(world, "carrier-a", WANG, account("A1"), kind=SettlementKind.PARTIAL, amount_fen=50)
    assert (rest.state, rest.outstanding_fen) == ("CLEARED", 0)
    assert rest.clearance is not None
    assert asks(world, "carrier-b", WANG).decision is DecisionCode.ALLOW


def test_a_late_fee_does_not_run_away(world: World) -> None:
    lists(world, "carrier-a", a_debt())
    assert quoted(world) == 260_00
    world.clock.forward(days=233)
    assert quoted(world) == 399_80
    world.clock.forward(days=1)
    assert quoted(world) == 400_00
    world.clock.forward(days=1_000)
    assert quoted(world) == 400_00
