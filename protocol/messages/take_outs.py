"""The daily bound on rows that take a creditor's own open records out, and its confirmation by a second key."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

from protocol.names import MAX_COUNT
from protocol.wire.fields import Count, KeyId
from protocol.wire.kinds import Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTakeOutConfirmation:
    """So many more take-outs are right on ``day``, which has to be today in Beijing; at most as many as are held."""

    day: dt.date
    take_outs: Annotated[int, Whole(least=1, most=MAX_COUNT)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOutConfirmation:
    """The last confirmation of the day; ``unused`` of its take-outs are left, for rows that another key sends."""

    take_outs: Annotated[int, Whole(least=1, most=MAX_COUNT)]
    unused: Count
    key_id: KeyId
    confirmed_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOuts:
    """The sender's present day: up to ``bound`` take-outs need no second key.

    ``held`` counts rows that were held since the day began or was confirmed last; ``held_key_id`` is the key that sent
    all of them, null where there is none, or where several did.
    """

    day: dt.date
    open_at_start: Count
    bound: Count
    taken: Count
    held: Count
    held_key_id: KeyId | None
    confirmation: TakeOutConfirmation | None
