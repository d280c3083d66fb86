"""Quarters are counted from 2000, and their keys are kept for two years from their first day."""

import datetime as dt

import pytest

from registry.domain.handles import began_on, first_kept, is_over, quarter_at


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (dt.date(2000, 1, 1), 0),
        (dt.date(2026, 9, 30), 106),
        (dt.date(2026, 10, 1), 107),
        (dt.date(2026, 12, 31), 107),
        (dt.date(2027, 1, 1), 108),
    ],
)
def test_a_day_lies_in_its_quarter(day: dt.date, quarter: int) -> None:
    assert quarter_at(dt.datetime.combine(day, dt.time(), dt.UTC)) == quarter
    assert began_on(quarter) <= day < began_on(quarter + 1)


def test_a_key_is_kept_for_two_years_from_its_first_day() -> None:
    assert not is_over(107, dt.date(2028, 9, 30))
    assert is_over(107, dt.date(2028, 10, 1))
    assert first_kept(dt.date(2028, 9, 30)) == 107
    assert first_kept(dt.date(2028, 10, 1)) == 108
