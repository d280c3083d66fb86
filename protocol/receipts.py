"""Receipts for entries of the access log: their grades, and the promise that an entry gets before it is in a tree."""

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any, Final

from protocol.encodings import b64url_encode, format_time
from protocol.incarnation import FIRST

PROMISE_TYPE: Final = "clearline-log-promise+jws"
INTEGRATED_WITHIN: Final = dt.timedelta(seconds=60)
"""How long after it was accepted an entry may wait for its place in the tree."""


class Grade(StrEnum):
    """Who vouches: the registry's word at once, its log's head, or a quorum of witnesses."""

    PROMISE = "promise"
    INTEGRATED = "integrated"
    WITNESSED = "witnessed"


def promise_claims(
    *, origin: str, entry_id: uuid.UUID, leaf: bytes, accepted_at: dt.datetime, incarnation: int = FIRST
) -> dict[str, Any]:
    """What the registry signs of an entry that is committed; ``leaf`` is its leaf hash.

    A promise of the first incarnation has no number: none did before there were others.
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
