"""Money that one carrier's counter takes for another: the order to the registry, and what the collector signs."""

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import Any, Final

from protocol.encodings import b64url_encode, format_time

COLLECTION_TYPE: Final = "clearline-collection+jws"
QUOTE_DIGEST_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionOrder:
    """A counter's word that the applicant has paid a whole quote there; fen, and a UTC time.

    ``statement`` is the collector's compact JWS (``COLLECTION_TYPE``) over ``collection_claims()`` as canonical JSON.
    """

    quote_reference: str = field(repr=False)
    amount_fen: int
    collected_at: dt.datetime
    statement: str = field(repr=False)

    def to_wire(self) -> dict[str, Any]:
        return {
            "quote_reference": self.quote_reference,
            "amount_fen": self.amount_fen,
            "collected_at": format_time(self.collected_at),
            "statement": self.statement,
        }


def quote_digest(quote_reference: str) -> bytes:
    """SHA-256 of a quote's reference: recognises the quote without opening it.

    The statement travels on to the creditor and inside the clearance, and whoever has the reference itself may read
    what else was owed, and to whom.
    """
    return hashlib.sha256(quote_reference.encode("ascii")).digest()


def collection_claims(
    *, collector: str, quote_reference: str, amount_fen: int, collected_at: dt.datetime
) -> dict[str, str | int]:
    """What a collector signs when it has taken a whole quote's amount."""
    return {
        "v": 1,
        "collector": collector,
        "quote": b64url_encode(quote_digest(quote_reference)),
        "amount_fen": amount_fen,
        "collected_at": format_time(collected_at),
    }
