"""Times told in months end on the same day of the month, or on the first of the next one."""

import datetime as dt

import pytest

from registry.domain.months import months_on


@pytest.mark.parametrize(
    ("today", "months", "until"),
    [
        (dt.date(2026, 11, 21), 24, dt.date(2028, 11, 21)),
        (dt.date(2026, 12, 31), 24, dt.date(2028, 12, 31)),
        (dt.date(2028, 2, 29), 24, dt.date(2030, 3, 1)),
        (dt.date(2026, 8, 31), 6, dt.date(2027, 3, 1)),
    ],
)
def test_months_are_whole(today: dt.date, months: int, until: dt.date) -> None:
    assert months_on(today, months) == until
