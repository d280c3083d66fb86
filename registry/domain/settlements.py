"""A creditor's word that a debt is settled, and the clearance that follows the last one."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from enum import StrEnum

from protocol.codes import SettlementKind


class ClearanceState(StrEnum):
    """Whether a clearance still holds; its signature cannot be taken back, so whoever has to be sure asks."""

    VALID = "VALID"
    REVOKED = "REVOKED"


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
    waived_fen: int = 0
    """What a FULL settlement left unpaid and gave up; a reversal of the payment does not claim it again."""
    log_entry_id: uuid.UUID

    def credit_fen(self, *, came_undone: bool) -> int:
        """What the settlement takes off the debt: the money unless it came undone, and what was given up with it."""
        money = 0 if came_undone or self.kind is SettlementKind.WAIVER else self.amount_fen
        return money + self.waived_fen


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """The registry's compact JWS that nothing blocks its bearer any more; effective at the next counter at once."""

    subject_key: bytes = field(repr=False)
    clearance_id: uuid.UUID
    settlement_id: uuid.UUID
    jws: str = field(repr=False)
    issued_at: dt.datetime
    issued_to: str
    revoked_at: dt.datetime | None = None
    log_entry_id: uuid.UUID
    """The entry of the access log that tells of the issue or, later, of the revocation."""

    @property
    def state(self) -> ClearanceState:
        return ClearanceState.VALID if self.revoked_at is None else ClearanceState.REVOKED
