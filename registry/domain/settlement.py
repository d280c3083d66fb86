"""A creditor's word that a debt is settled, and the clearance that follows the last one."""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from protocol.codes import SettlementKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """One settlement of one record; ``statement`` is the creditor's compact JWS."""

    subject_key: bytes = field(repr=False)
    settlement_id: uuid.UUID
    record_id: uuid.UUID
    creditor_id: str
    kind: SettlementKind
    amount_fen: int
    settled_at: dt.datetime
    received_at: dt.datetime
    statement: str = field(repr=False)
    log_entry_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """The registry's compact JWS that nothing blocks its bearer any more; effective at the next counter at once."""

    subject_key: bytes = field(repr=False)
    clearance_id: uuid.UUID
    settlement_id: uuid.UUID
    jws: str = field(repr=False)
    issued_at: dt.datetime
    issued_to: str
    log_entry_id: uuid.UUID
