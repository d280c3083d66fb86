"""The messages that cross a trust boundary, as frozen values with one exact JSON form each.

Field limits (lengths, counts, bounds) are constants here; ``to_wire`` gives a JSON-ready ``dict`` whose absent
optionals are left out, ``from_wire`` takes what a *trusted, already verified* peer sent. Servers validate what
they receive with their own strict schemas before they build these.
"""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

from protocol.codes import (
    DecisionCode,
    ReasonCode,
    Remedy,
    ServiceClass,
)
from protocol.encodings import b64url_encode, format_time, parse_moment

TOKEN_BYTES: Final = 32
ACCOUNT_REF_BYTES: Final = 32
PERSON_REF_BYTES: Final = 32
MAX_BATCH: Final = 1_000
"""Most inquiries in one batch."""
MAX_ROW_ID: Final = 64


def present(document: dict[str, Any]) -> dict[str, Any]:
    """The document without what is None: absent optionals are left out."""
    return {name: value for name, value in document.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectTokens:
    """The pseudonyms of one person or firm: group elements N = k*H(x), 32 bytes each, of one key epoch."""

    epoch: int
    subject: bytes = field(repr=False)
    household_register: bytes | None = field(default=None, repr=False)
    household_address: bytes | None = field(default=None, repr=False)

    def to_wire(self) -> dict[str, Any]:
        return present(
            {
                "epoch": self.epoch,
                "subject": b64url_encode(self.subject),
                "household_register": self.household_register and b64url_encode(self.household_register),
                "household_address": self.household_address and b64url_encode(self.household_address),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryRequest:
    """May this applicant have this service now? ``inquiry_ref`` is the asker's own reference, echoed back."""

    inquiry_ref: str
    tokens: SubjectTokens
    service_class: ServiceClass

    def to_wire(self) -> dict[str, Any]:
        return {
            "inquiry_ref": self.inquiry_ref,
            "tokens": self.tokens.to_wire(),
            "service_class": self.service_class.value,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteSummary:
    """What the applicant has to pay first, without the creditors' names; fen, valid until a UTC time."""

    reference: str
    service_classes: tuple[ServiceClass, ...]
    creditors: int
    principal_fen: int
    late_fee_fen: int
    costs_fen: int
    total_fen: int
    valid_until: dt.datetime

    def to_wire(self) -> dict[str, Any]:
        return {
            "reference": self.reference,
            "service_classes": [each.value for each in self.service_classes],
            "creditors": self.creditors,
            "principal_fen": self.principal_fen,
            "late_fee_fen": self.late_fee_fen,
            "costs_fen": self.costs_fen,
            "total_fen": self.total_fen,
            "valid_until": format_time(self.valid_until),
        }

    @classmethod
    def from_wire(cls, document: dict[str, Any]) -> "QuoteSummary":
        return cls(
            reference=document["reference"],
            service_classes=tuple(ServiceClass(each) for each in document["service_classes"]),
            creditors=document["creditors"],
            principal_fen=document["principal_fen"],
            late_fee_fen=document["late_fee_fen"],
            costs_fen=document["costs_fen"],
            total_fen=document["total_fen"],
            valid_until=parse_moment(document["valid_until"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryAnswer:
    """The decision on one inquiry; ``decision_token`` (compact JWS) is quoted by the activation report."""

    inquiry_ref: str
    inquiry_id: uuid.UUID
    decision: DecisionCode
    reasons: tuple[ReasonCode, ...]
    remedies: tuple[Remedy, ...]
    rules_version: str
    decided_at: dt.datetime
    decision_token: str = field(repr=False)
    quote: QuoteSummary | None = None

    def to_wire(self) -> dict[str, Any]:
        return present(
            {
                "inquiry_ref": self.inquiry_ref,
                "inquiry_id": str(self.inquiry_id),
                "decision": self.decision.value,
                "reasons": [each.value for each in self.reasons],
                "remedies": [each.value for each in self.remedies],
                "rules_version": self.rules_version,
                "decided_at": format_time(self.decided_at),
                "decision_token": self.decision_token,
                "quote": self.quote and self.quote.to_wire(),
            }
        )

    @classmethod
    def from_wire(cls, document: dict[str, Any]) -> "InquiryAnswer":
        quote = document.get("quote")
        return cls(
            inquiry_ref=document["inquiry_ref"],
            inquiry_id=uuid.UUID(document["inquiry_id"]),
            decision=DecisionCode(document["decision"]),
            reasons=tuple(ReasonCode(each) for each in document["reasons"]),
            remedies=tuple(Remedy(each) for each in document["remedies"]),
            rules_version=document["rules_version"],
            decided_at=parse_moment(document["decided_at"]),
            decision_token=document["decision_token"],
            quote=None if quote is None else QuoteSummary.from_wire(quote),
        )
