"""Counts times in months."""

import datetime as dt


def months_on(day: dt.date, months: int) -> dt.date:
    """Return the same day ``months`` months on; a day that the month lacks becomes the first of the next month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return day.replace(year=year, month=month + 1)
    except ValueError:
        return dt.date(year, month + 2, 1)
