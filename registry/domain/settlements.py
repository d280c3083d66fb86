"""A settlement is a creditor's declaration that a debt is settled; a clearance follows the last one."""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from protocol.beijing import beijing_date
from protocol.codes import SettlementKind
from protocol.states import ClearanceState


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """One settlement of one record; ``statement`` is the creditor's declaration, a compact JWS."""

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
    """The unpaid rest that a FULL settlement waived; a reversal of the payment does not claim it again."""
    log_entry_id: uuid.UUID

    @property
    def settled_on(self) -> dt.date:
        """Return the Beijing date of the payment, as its receiver signed it: a late report costs the debtor no day."""
        return beijing_date(min(self.settled_at, self.received_at))

    def credit_fen(self, *, came_undone: bool) -> int:
        """Return the settlement's reduction of the debt: the money unless it was reversed, and the waived rest."""
        money = 0 if came_undone or self.kind is SettlementKind.WAIVER else self.amount_fen
        return money + self.waived_fen


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """The registry's compact JWS that no record blocks its bearer any more; the next counter accepts it at once."""

    subject_key: bytes = field(repr=False)
    clearance_id: uuid.UUID
    settlement_id: uuid.UUID
    jws: str = field(repr=False)
    issued_at: dt.datetime
    issued_to: str
    revoked_at: dt.datetime | None = None
    log_entry_id: uuid.UUID
    """The access log's entry of the issue or, later, of the revocation."""

    @property
    def state(self) -> ClearanceState:
        return ClearanceState.VALID if self.revoked_at is None else ClearanceState.REVOKED
