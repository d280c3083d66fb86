"""Tables of orders for backtests: by hand, and the made-up ones of the example."""

import io
from collections.abc import Iterable

from analysis.orders import Orders, read_orders
from examples import make_orders
from protocol.messages.grades import GradeTerms
from protocol.wire.codec import read
from registry.policy.first_scorecard import FIRST_GRADE

HEADING = make_orders.HEADING
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
    """The made-up applicants of the example."""
    return make_orders.make_rows(number, seed)
