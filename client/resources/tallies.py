"""The custodians' tallies at the registry."""

import datetime as dt
import hashlib
from typing import Final

from client.registry import RegistryClient
from protocol.messages.tallies import NewTally, Tallies, TalliesQuery, Tally

_PATH: Final = "/v1/evaluation-tallies"


def hand_in(registry: RegistryClient, tally: NewTally, *, epoch: int, day: dt.date) -> Tally:
    """Hand in a signed tally of a day; the same one again is the same request."""
    # The digest is in the key, so that a day signed by a new key is another request.
    digest = hashlib.sha256(tally.statement.encode("ascii")).hexdigest()
    return registry.post(_PATH, tally, Tally, key=f"tally-{epoch}-{day.isoformat()}-{digest[:32]}")


def read_day(registry: RegistryClient, day: dt.date) -> Tallies:
    """Read the tallies of all custodians on a UTC day, and the counts of the log beside them."""
    return registry.get(_PATH, Tallies, TalliesQuery(day=day))
