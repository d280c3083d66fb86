"""A custodian's word for tests: a tally, signed as its own, or bent."""

import datetime as dt
from typing import Any

from crypto.signing.jws import sign_compact
from protocol.codes import Role
from protocol.encodings import canonical_json
from protocol.messages.tallies import TALLY_TYPE, EvaluationTally
from registry.usecases.context import Outcome
from registry.usecases.tallies.keep import keep_tally
from tests.support.builders import TODAY
from tests.support.world import World

YESTERDAY = TODAY - dt.timedelta(days=1)
"""In UTC as well: the tests begin at four in the morning."""


def a_tally(**changes: Any) -> EvaluationTally:
    """402 elements on the day before, under share 2 of the first epoch."""
    values: dict[str, Any] = {
        "custodian": "custodian",
        "epoch": 1,
        "share_index": 2,
        "day": YESTERDAY,
        "carriers": {"carrier-a": 400, "carrier-b": 2},
    }
    return EvaluationTally(**(values | changes))


def signed(
    world: World, tally: EvaluationTally, *, signer: str = "custodian", key_id: str | None = None, **claims: Any
) -> str:
    """The statement; ``claims`` are written over the tally's own, and ``signer`` says whose key signs."""
    return sign_compact(
        canonical_json(tally.to_wire() | claims),
        typ=TALLY_TYPE,
        key_id=key_id or f"{signer}-1",
        private_key=world.signing_keys[signer],
    )


def hands_in(world: World, statement: str, custodian: str = "custodian") -> Outcome:
    return keep_tally(world.registry, world.actor(custodian, Role.CUSTODIAN), world.call(), statement)
