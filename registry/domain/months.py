"""Times that are told in months."""

import datetime as dt


def months_on(day: dt.date, months: int) -> dt.date:
    """The same day of the month, ``months`` months on; one that the month lacks becomes the first of the next one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return day.replace(year=year, month=month + 1)
    except ValueError:
        return dt.date(year, month + 2, 1)
