"""Tables of orders for backtests: by hand, and a seeded sample of made-up applicants."""

import io
import random
from collections.abc import Iterable

from analysis.orders import Orders, read_orders
from protocol.messages.grades import GradeTerms
from protocol.wire.codec import read
from registry.policy.first_scorecard import FIRST_GRADE

HEADING = "opened_on,bad,open,plan_running,cleared_days,cleared_creditors,blocked_days,plans_broken,tenure"
BY_TEXT = "opened_on,bad,credit"
BY_INQUIRY = "opened_on,bad,inquiry_id"


def first_terms() -> GradeTerms:
    """The first scorecard."""
    return read(GradeTerms, FIRST_GRADE)


def table(rows: Iterable[str], heading: str = HEADING) -> bytes:
    """A file of these rows."""
    return "\n".join([heading, *rows, ""]).encode()


def orders(rows: Iterable[str], heading: str = HEADING) -> Orders:
    """The orders of these rows."""
    return read_orders(io.BytesIO(table(rows, heading)))


def repeated(number: int, bad: int, inputs: str) -> list[str]:
    """So many rows of equal inputs, the first of them bad."""
    return [f"2026-01-{1 + place % 28:02d},{int(place < bad)},{inputs}" for place in range(number)]


def sample(number: int, seed: int = 7) -> list[str]:
    """Made-up applicants: most without a debt, some who cleared one, paid by instalments or owe."""
    draw = random.Random(seed)
    return [_row(draw) for _ in range(number)]


def _row(draw: random.Random) -> str:
    tenure = draw.choices([0, 12, 24, 36], [70, 12, 9, 9])[0]
    inputs, risk = ("0,0,,0,0,0", 0.05 - 0.0011 * tenure)
    kind = draw.random()
    if kind < 0.03:
        inputs, risk = "1,0,,0,0,0", 0.5
    elif kind < 0.06:
        inputs, risk = f"0,1,,1,{draw.randrange(60)},0", 0.3
    elif kind < 0.2:
        creditors, broken = draw.choices([1, 2, 3], [8, 2, 1])[0], draw.choices([0, 1, 2], [8, 2, 1])[0]
        blocked = min(int(draw.expovariate(1 / 40)), 900)
        inputs = f"0,0,{draw.randrange(181)},{creditors},{blocked},{broken}"
        risk = 0.06 + 0.12 * (creditors - 1) + 0.002 * blocked + 0.1 * broken
    day = f"2026-{draw.randrange(1, 12):02d}-{draw.randrange(1, 28):02d}"
    return f"{day},{int(draw.random() < risk)},{inputs},{tenure}"
