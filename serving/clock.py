"""Reads the clock of this machine."""

import datetime as dt


def system_clock() -> dt.datetime:
    """Read the time, in UTC."""
    return dt.datetime.now(dt.UTC)
