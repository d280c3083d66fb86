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
    Category,
    DecisionCode,
    NoticeChannel,
    ReasonCode,
    Remedy,
    ServiceClass,
    Verdict,
)
from protocol.encodings import b64url_encode, format_time, parse_moment
from protocol.evidence import EvidenceManifest

TOKEN_BYTES: Final = 32
ACCOUNT_REF_BYTES: Final = 32
MAX_BATCH: Final = 1_000
"""Most inquiries in one batch."""
MAX_ROW_ID: Final = 64
MAX_DEALER: Final = 32


def _date(value: str | None) -> dt.date | None:
    return None if value is None else dt.date.fromisoformat(value)


def _present(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectTokens:
    """The pseudonyms of one person or firm: group elements N = k*H(x), 32 bytes each, of one key epoch."""

    epoch: int
    subject: bytes = field(repr=False)
    household_register: bytes | None = field(default=None, repr=False)
    household_address: bytes | None = field(default=None, repr=False)

    def to_wire(self) -> dict[str, Any]:
        return _present(
            {
                "epoch": self.epoch,
                "subject": b64url_encode(self.subject),
                "household_register": self.household_register and b64url_encode(self.household_register),
                "household_address": self.household_address and b64url_encode(self.household_address),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReport:
    """One defaulted account as its creditor reports it: money in fen, dates without a time zone (Beijing)."""

    row_id: str
    tokens: SubjectTokens
    account_ref: bytes = field(repr=False)
    service_class: ServiceClass
    category: Category
    principal_fen: int
    due_date: dt.date
    debtor_of_age: bool
    costs_fen: int = 0
    """What collecting it cost so far, court fees for one."""
    suspended_on: dt.date | None = None
    ended_on: dt.date | None = None
    notice_date: dt.date | None = None
    notice_channel: NoticeChannel | None = None
    dealer: str | None = None
    evidence: EvidenceManifest | None = None

    def to_wire(self) -> dict[str, Any]:
        return _present(
            {
                "row_id": self.row_id,
                "tokens": self.tokens.to_wire(),
                "account_ref": b64url_encode(self.account_ref),
                "service_class": self.service_class.value,
                "category": self.category.value,
                "principal_fen": self.principal_fen,
                "costs_fen": self.costs_fen or None,
                "due_date": self.due_date.isoformat(),
                "debtor_of_age": self.debtor_of_age,
                "suspended_on": self.suspended_on and self.suspended_on.isoformat(),
                "ended_on": self.ended_on and self.ended_on.isoformat(),
                "notice_date": self.notice_date and self.notice_date.isoformat(),
                "notice_channel": self.notice_channel and self.notice_channel.value,
                "dealer": self.dealer,
                "evidence": self.evidence and self.evidence.to_wire(),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowVerdict:
    """What the registry (or the gateway, for rows that never leave) says of one reported row."""

    row_id: str
    verdict: Verdict
    record_id: uuid.UUID | None = None
    enforceable_from: dt.date | None = None
    rules_version: str | None = None

    def to_wire(self) -> dict[str, Any]:
        return _present(
            {
                "row_id": self.row_id,
                "verdict": self.verdict.value,
                "record_id": self.record_id and str(self.record_id),
                "enforceable_from": self.enforceable_from and self.enforceable_from.isoformat(),
                "rules_version": self.rules_version,
            }
        )

    @classmethod
    def from_wire(cls, document: dict[str, Any]) -> "RowVerdict":
        record_id = document.get("record_id")
        return cls(
            row_id=document["row_id"],
            verdict=Verdict(document["verdict"]),
            record_id=None if record_id is None else uuid.UUID(record_id),
            enforceable_from=_date(document.get("enforceable_from")),
            rules_version=document.get("rules_version"),
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
        return _present(
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
