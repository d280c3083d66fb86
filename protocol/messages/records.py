"""The messages of reporting: a debt as its creditor reports it, a row that is refused, and the verdict on each."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from protocol.codes import Category, NoticeChannel, ServiceClass, Verdict
from protocol.encodings import b64url_encode
from protocol.messages.evidence import EvidenceManifest
from protocol.messages.inquiries import SubjectTokens, present

MAX_DEALER: Final = 32
WITHDRAWING: Final = frozenset(
    {
        Verdict.REJ_INVALID_AMOUNT,
        Verdict.REJ_OPEN_DISPUTE,
        Verdict.REJ_CARRIER_CAUSED,
        Verdict.REJ_STOLEN_IDENTITY,
        Verdict.REJ_SP_FEE,
        Verdict.REJ_MINOR,
    }
)
"""The codes of rows that may speak against the record of their account: nothing owed, a category, a minor."""


class RowNote(StrEnum):
    """Says more about a verdict."""

    STILL_BLOCKS = "STILL_BLOCKS"
    """The record that the verdict names is ACTIVE and the row did not change that."""
    FIGURES_STAND = "FIGURES_STAND"
    """The row asks for more than the record: a figure rises only on a later notice, never under a case or a plan."""


class HouseholdKeyState(StrEnum):
    """Why a row or a question has a household key, or none."""

    GIVEN = "GIVEN"
    NOT_GIVEN = "NOT_GIVEN"
    """The field is empty."""
    NOT_CANONICAL = "NOT_CANONICAL"
    """The field is not certain enough for a key: no room number, a hidden character, a filler."""
    COLLECTIVE = "COLLECTIVE"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    """A firm belongs to no household."""


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
    former_account_ref: bytes | None = field(default=None, repr=False)
    """The reference of the same account as it was written before account numbers had one form."""
    collective_household: bool = False
    """The debtor is registered in a dormitory or with an employer: an earlier register key no longer holds."""
    person_ref: bytes | None = field(default=None, repr=False)
    """By which its creditor, and nobody else, can tell that a later row gives the account to another person."""

    def to_wire(self) -> dict[str, Any]:
        return present(
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
                "former_account_ref": self.former_account_ref and b64url_encode(self.former_account_ref),
                "collective_household": self.collective_household or None,
                "person_ref": self.person_ref and b64url_encode(self.person_ref),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A row that the gateway refuses, about an account on which the creditor has an open record; it holds no token.

    ``code`` is the gateway's verdict. ``withdraws`` says that the row itself speaks against the record: nothing is
    owed (REJ_INVALID_AMOUNT), the debtor was a minor, or the category is not listable.
    """

    row_id: str
    account_ref: bytes = field(repr=False)
    code: Verdict
    withdraws: bool
    due_date: dt.date | None = None
    former_account_ref: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Raises ValueError for a code that is no refusal, or that speaks against no record and is said to."""
        if not self.code.value.startswith("REJ_") or (self.withdraws and self.code not in WITHDRAWING):
            raise ValueError("a row is not refused so")

    def to_wire(self) -> dict[str, Any]:
        return present(
            {
                "row_id": self.row_id,
                "account_ref": b64url_encode(self.account_ref),
                "code": self.code.value,
                "withdraws": self.withdraws,
                "due_date": self.due_date and self.due_date.isoformat(),
                "former_account_ref": self.former_account_ref and b64url_encode(self.former_account_ref),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowVerdict:
    """The registry's verdict on one reported row, or the gateway's on a row that never leaves.

    ``record_id`` is the record that the verdict speaks of, ``reason`` the code for which it was WITHDRAWN. ``withdrew``
    are other records of the creditor that the row took out: of the person who had the account wrongly, or of the same
    debt under another spelling of the account.
    """

    row_id: str
    verdict: Verdict
    record_id: uuid.UUID | None = None
    enforceable_from: dt.date | None = None
    rules_version: str | None = None
    reason: Verdict | None = None
    notes: tuple[RowNote, ...] = ()
    withdrew: tuple[uuid.UUID, ...] = ()

    def to_wire(self) -> dict[str, Any]:
        return present(
            {
                "row_id": self.row_id,
                "verdict": self.verdict.value,
                "record_id": self.record_id and str(self.record_id),
                "enforceable_from": self.enforceable_from and self.enforceable_from.isoformat(),
                "rules_version": self.rules_version,
                "reason": self.reason and self.reason.value,
                "notes": [each.value for each in self.notes] or None,
                "withdrew": [str(each) for each in self.withdrew] or None,
            }
        )

    @classmethod
    def from_wire(cls, document: dict[str, Any]) -> "RowVerdict":
        record_id, reason = document.get("record_id"), document.get("reason")
        return cls(
            row_id=document["row_id"],
            verdict=Verdict(document["verdict"]),
            record_id=None if record_id is None else uuid.UUID(record_id),
            enforceable_from=_date(document.get("enforceable_from")),
            rules_version=document.get("rules_version"),
            reason=None if reason is None else Verdict(reason),
            notes=tuple(RowNote(each) for each in document.get("notes", ())),
            withdrew=tuple(uuid.UUID(each) for each in document.get("withdrew", ())),
        )


def _date(value: str | None) -> dt.date | None:
    return None if value is None else dt.date.fromisoformat(value)
