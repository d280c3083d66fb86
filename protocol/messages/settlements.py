"""A creditor's word that a debt is settled, what it signs for that, and what the registry answers."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from protocol.codes import SettlementKind
from protocol.encodings import b64url_encode, format_time
from protocol.messages.inquiries import SubjectTokens


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementOrder:
    """A creditor's word that a debt is settled, in whole or in part.

    ``statement`` is the creditor's compact JWS (type ``clearline-settlement+jws``) over ``statement_claims()``
    as canonical JSON: it travels on inside the clearance, so that anybody can check who said "paid".
    The record is named by the creditor's own ``account_ref`` and the subject's token.
    """

    tokens: SubjectTokens
    account_ref: bytes = field(repr=False)
    kind: SettlementKind
    amount_fen: int
    settled_at: dt.datetime
    statement: str = field(repr=False)
    waive_rest: bool = False
    """Only with FULL: the creditor gives up what the amount leaves of the debt."""

    def to_wire(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "tokens": self.tokens.to_wire(),
            "account_ref": b64url_encode(self.account_ref),
            "kind": self.kind.value,
            "amount_fen": self.amount_fen,
            "settled_at": format_time(self.settled_at),
            "statement": self.statement,
        }
        return document | {"waive_rest": True} if self.waive_rest else document


def statement_claims(
    *,
    creditor: str,
    account_ref: bytes,
    kind: SettlementKind,
    amount_fen: int,
    settled_at: dt.datetime,
    waive_rest: bool = False,
) -> dict[str, str | int]:
    """What a creditor signs when it says that a debt is settled; no token and no raw account number is in it.

    ``waive_rest`` is a claim only where it is true, so that a statement without it is the one that it always was.
    """
    claims: dict[str, str | int] = {
        "v": 1,
        "creditor": creditor,
        "account_ref": b64url_encode(account_ref),
        "kind": kind.value,
        "amount_fen": amount_fen,
        "settled_at": format_time(settled_at),
    }
    return claims | {"waive_rest": True} if waive_rest else claims


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementReceipt:
    """What a settlement did: the record's new state, what is still owed (fen), and the clearance if there is one.

    There is one (a compact JWS, type ``clearline-clearance+jws``) if the subject's last blocking record went with it.
    """

    settlement_id: uuid.UUID
    record_id: uuid.UUID
    state: str
    outstanding_fen: int
    waived_fen: int = 0
    """What a settlement that waives the rest left unpaid and gave up."""
    clearance_id: uuid.UUID | None = None
    clearance: str | None = None

    def to_wire(self) -> dict[str, Any]:
        document = {
            "settlement_id": str(self.settlement_id),
            "record_id": str(self.record_id),
            "state": self.state,
            "outstanding_fen": self.outstanding_fen,
            "waived_fen": self.waived_fen or None,
            "clearance_id": self.clearance_id and str(self.clearance_id),
            "clearance": self.clearance,
        }
        return {name: value for name, value in document.items() if value is not None}

    @classmethod
    def from_wire(cls, document: dict[str, Any]) -> "SettlementReceipt":
        clearance_id = document.get("clearance_id")
        return cls(
            settlement_id=uuid.UUID(document["settlement_id"]),
            record_id=uuid.UUID(document["record_id"]),
            state=document["state"],
            outstanding_fen=document["outstanding_fen"],
            waived_fen=document.get("waived_fen", 0),
            clearance_id=None if clearance_id is None else uuid.UUID(clearance_id),
            clearance=document.get("clearance"),
        )
