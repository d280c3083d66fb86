"""The keys of decision handles: one for each quarter of a year, erased two years after the quarter began."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Final

from protocol.values import quick
from registry.domain.months import months_on

KEPT_MONTHS: Final = 24
_FIRST_YEAR: Final = 2000
_QUARTERS: Final = 4
_MONTHS: Final = 3


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class HandleKey:
    """The key of one quarter, wrapped by the key-encryption key of an epoch (40 bytes)."""

    quarter: int
    """Counted from the first one of the year 2000."""
    kek_epoch: int
    wrapped_key: bytes = field(repr=False)
    created_at: dt.datetime


def quarter_at(moment: dt.datetime) -> int:
    """Return the quarter of a moment, in UTC."""
    return (moment.year - _FIRST_YEAR) * _QUARTERS + (moment.month - 1) // _MONTHS


def began_on(quarter: int) -> dt.date:
    """Return the first day of a quarter."""
    return dt.date(_FIRST_YEAR + quarter // _QUARTERS, 1 + quarter % _QUARTERS * _MONTHS, 1)


def is_over(quarter: int, day: dt.date) -> bool:
    """Tell whether the quarter's key is erased on a day, and its handles open no more."""
    return months_on(began_on(quarter), KEPT_MONTHS) <= day


def first_kept(day: dt.date) -> int:
    """Return the oldest quarter whose key is kept on a day."""
    quarter = quarter_at(dt.datetime.combine(day, dt.time(), dt.UTC))
    while not is_over(quarter - 1, day):
        quarter -= 1
    return quarter
