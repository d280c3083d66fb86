"""Convert moments to Beijing's calendar dates, which due dates, notices and the registry's days use."""

import datetime as dt
from typing import Final

BEIJING: Final = dt.timezone(dt.timedelta(hours=8), "Asia/Shanghai")
"""China has had no daylight saving since 1991."""


def beijing_date(at: dt.datetime) -> dt.date:
    """Return the Beijing calendar date of an aware moment."""
    return at.astimezone(BEIJING).date()
