"""Receipts for entries of the access log: their grades, and the promise that an entry gets before it is in a tree."""

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any, Final

from protocol.encodings import b64url_encode, format_time
from protocol.incarnation import FIRST

PROMISE_TYPE: Final = "clearline-log-promise+jws"
INTEGRATED_WITHIN: Final = dt.timedelta(seconds=60)
"""The longest time from an entry's acceptance to its place in the tree."""


class Grade(StrEnum):
    """The guarantee of a receipt: the registry's word at once, its log's head, or a quorum of witnesses."""

    PROMISE = "promise"
    INTEGRATED = "integrated"
    WITNESSED = "witnessed"


def promise_claims(
    *, origin: str, entry_id: uuid.UUID, leaf: bytes, accepted_at: dt.datetime, incarnation: int = FIRST
) -> dict[str, Any]:
    """Build the claims that the registry signs for a committed entry; ``leaf`` is its leaf hash.

    A promise of the first incarnation has no number, as in releases without incarnations.
    """
    named = {} if incarnation == FIRST else {"incarnation": incarnation}
    return named | {
        "v": 1,
        "log": origin,
        "entry": str(entry_id),
        "leaf": b64url_encode(leaf),
        "accepted_at": format_time(accepted_at),
        "integrate_by": format_time(accepted_at + INTEGRATED_WITHIN),
    }
