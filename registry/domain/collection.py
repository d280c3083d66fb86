"""Money taken for a creditor at another carrier's counter, and how long the creditor has to confirm it."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionTerms:
    """Working days for the creditor's answer; the dates on which the week's plan does not hold."""

    confirm_working_days: int
    holidays: tuple[dt.date, ...]
    """Days off that fall on Monday to Friday."""
    extra_workdays: tuple[dt.date, ...]
    """Saturdays and Sundays that are worked in exchange."""
