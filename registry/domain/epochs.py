"""A key epoch names the joint public key of the registry's tokens, and the number of custodians behind it."""

import datetime as dt
import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyEpoch:
    """One epoch of the threshold OPRF key; ``joint_public_key`` is a 32-byte group element that gateways pin."""

    epoch: int
    suite: str = "ristretto255-SHA512"
    joint_public_key: bytes
    threshold: int
    custodians: int
    created_at: dt.datetime
    log_entry_id: uuid.UUID
