"""Count whole years on the calendar."""

import datetime as dt


def years_on(day: dt.date, years: int) -> dt.date:
    """Return the same day ``years`` on; 29 February becomes the 28th, so that no record is listed a day longer."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
