"""The outcomes of one row of an arrears export: a local verdict, a report that lacks its tokens, or a refused row."""

import datetime as dt
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias

from gateway.bulk.evidence import Promised
from gateway.identity.accounts import Account
from gateway.identity.documents import SubjectInputs
from protocol.codes import Category, NoticeChannel, ServiceClass, Verdict
from protocol.identifiers import DocumentKind
from protocol.messages.records import RecordReport, RefusedRow

LINES: Final = "rows/3"
"""Names the form of the sent lines: a release that reads or sends rows otherwise begins a run of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The row's words in the vocabularies of the wire."""

    kind: DocumentKind
    service: ServiceClass
    category: Category
    channel: NoticeChannel | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The row's dates; only the due date is never absent."""

    due_date: dt.date
    suspended_on: dt.date | None
    ended_on: dt.date | None
    notice_date: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalVerdict:
    """A row that the gateway rejects: it never leaves the carrier. ``detail`` names the field and its fault."""

    label: str
    row_id: str
    verdict: Verdict
    detail: str
    word: str = ""
    """The word that the mapping does not know, where it is safe to repeat in the carrier's own file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedHere:
    """A row that the gateway rejects, though its account can be read.

    Where the carrier has an open record on the account the registry hears of it, without a token and without a figure.
    """

    label: str
    row_id: str
    verdict: Verdict
    detail: str
    word: str
    account: Account
    due_date: dt.date | None
    against: Verdict | None
    """The row's reason against a record: nothing is owed, the category is not listable, the debtor was a minor."""

    def local(self) -> LocalVerdict:
        """The local verdict, for a row that is not sent."""
        return LocalVerdict(
            label=self.label, row_id=self.row_id, verdict=self.verdict, detail=self.detail, word=self.word
        )

    def to_refused_row(self) -> RefusedRow:
        """Build the refused row that is sent to the registry."""
        return RefusedRow(
            row_id=self.row_id,
            account_ref=self.account.reference,
            code=self.against or self.verdict,
            withdraws=self.against is not None,
            due_date=self.due_date,
            former_account_ref=self.account.former_reference,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reportable:
    """A row that the registry will judge: its OPRF inputs, and the report that only lacks its tokens."""

    label: str
    row_id: str
    account: Account
    inputs: SubjectInputs = field(repr=False)
    draft: partial[RecordReport] = field(repr=False)
    person_refs: tuple[bytes, ...] = field(repr=False)
    """The references of the debtor on this account: under its reference and, if any, under the former one."""
    promised: tuple[Promised, ...] = field(default=(), repr=False)
    """The documents of its evidence, which stay here."""


ReadRow: TypeAlias = LocalVerdict | RefusedHere | Reportable
