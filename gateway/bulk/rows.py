"""Read one row of an arrears export: a report without tokens, or the code of the first rule that fails.

The order of the rules is the published one. A row without a canonical account names nothing at all, so the account
comes first.
"""

import datetime as dt
import re
from collections.abc import Mapping
from functools import partial
from typing import Final, TypeVar

from gateway.bulk.evidence import EvidenceFolder, EvidenceIncomplete, Gathered
from gateway.bulk.export import RawRow
from gateway.bulk.mapping import Collective, FileMapping
from gateway.bulk.row_values import Dates, Labels, LocalVerdict, ReadRow, RefusedHere, Reportable
from gateway.identity.accounts import Account, AccountInvalid, Accounts
from gateway.identity.documents import RawIdentity, SubjectInputs, read_identity
from protocol.beijing import BEIJING
from protocol.codes import Category, Verdict
from protocol.encodings import MAX_DEBT_FEN, AmountCode, AmountError, parse_yuan
from protocol.identifiers import Document, DocumentKind, InvalidDocument
from protocol.listing import DebtFacts, first_failing_rule, not_listable
from protocol.messages.records import RecordReport
from protocol.messages.rules import ListingRules
from protocol.names import MAX_DEALER

ADULT_YEARS: Final = 18
_MOST_OF_A_WORD: Final = 20
_A_NUMBER: Final = 4
"""So many digits are taken for a number, which no file of verdicts repeats."""
WRONG_NUMBER_OF_FIELDS: Final = "WRONG_NUMBER_OF_FIELDS"
_TIME: Final = re.compile("(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?")

_Code = TypeVar("_Code")


class _Rejected(Exception):
    """Ends the reading of a row with the verdict of the first rule that fails, and the fault of its field."""

    def __init__(self, verdict: Verdict, field: str, code: str, word: str = "") -> None:
        super().__init__(verdict.value)
        self.verdict = verdict
        self.detail = f"{field}:{code}"
        self.word = word


class RowReader:
    """Reads the rows of one file; ``rules`` are the registry's published ones, ``today`` is the Beijing date.

    With ``only_look`` the evidence's documents must exist, but are not read.
    """

    def __init__(
        self,
        mapping: FileMapping,
        positions: Mapping[str, int],
        *,
        accounts: Accounts,
        rules: ListingRules,
        today: dt.date,
        evidence: EvidenceFolder | None = None,
        only_look: bool = False,
    ) -> None:
        self._evidence = evidence
        self._only_look = only_look
        self._mapping = mapping
        self._positions = positions
        self._accounts = accounts
        self._rules = rules
        self._today = today

    def read(self, row: RawRow) -> ReadRow:
        """Judge the parts that only the carrier can: account, document, form of amount and dates, a debtor's age."""
        if row.cells is None:
            return _rejected(row, Verdict.REJ_MALFORMED_ROW, WRONG_NUMBER_OF_FIELDS)
        try:
            account = self._accounts.read(row.label)
        except AccountInvalid as invalid:
            return _rejected(row, Verdict.REJ_ACCOUNT_UNREADABLE, f"account:{invalid.code}")
        try:
            return self._reportable(row, row.cells, account)
        except _Rejected as rejected:
            return self._refused(row, row.cells, account, rejected)

    def account(self, row: RawRow) -> Account:
        """Read the account of a row; raises AccountInvalid."""
        return self._accounts.read(row.label)

    def _reportable(self, row: RawRow, cells: list[str], account: Account) -> Reportable:
        labels = self._labels(cells)
        identity = raw_identity(self._mapping, self._positions, cells, labels.kind)
        document, inputs = self._identity(identity)
        principal_fen, costs_fen = self._amounts(cells)
        dates = self._dates(cells)
        age = document.age_on(dates.due_date)
        if age is not None and age < ADULT_YEARS:
            verdict = self._verdict_on_minor(principal_fen, dates, labels.category)
            raise _Rejected(verdict, "document_number", "MINOR")
        gathered = self._gathered(row.label, account, cells, dates)
        person_refs = self._accounts.person_refs(account, inputs.subject)
        draft = partial(
            RecordReport,
            row_id=str(row.number),
            account_ref=account.reference,
            former_account_ref=account.former_reference,
            service_class=labels.service,
            category=labels.category,
            principal_fen=principal_fen,
            costs_fen=costs_fen,
            due_date=dates.due_date,
            debtor_of_age=True,
            suspended_on=dates.suspended_on,
            ended_on=dates.ended_on,
            notice_date=dates.notice_date,
            notice_channel=labels.channel,
            dealer=self._dealer(cells),
            evidence=None if gathered is None else gathered.manifest,
            collective_household=document.is_natural_person and identity.collective_household,
            person_ref=person_refs[0],
        )
        return Reportable(
            label=row.label,
            row_id=str(row.number),
            account=account,
            inputs=inputs,
            draft=draft,
            person_refs=person_refs,
            promised=() if gathered is None else gathered.promised,
        )

    def _refused(self, row: RawRow, cells: list[str], account: Account, rejected: _Rejected) -> RefusedHere:
        try:
            due_date = self._date(cells, "due_date")
        except _Rejected:
            due_date = None
        return RefusedHere(
            label=row.label,
            row_id=str(row.number),
            verdict=rejected.verdict,
            detail=rejected.detail,
            word=rejected.word,
            account=account,
            due_date=due_date,
            against=self._against(cells, due_date),
        )

    def _against(self, cells: list[str], due_date: dt.date | None) -> Verdict | None:
        """Find the reason, in the readable cells of a faulty row, that its debtor must not be blocked for it."""
        try:
            if parse_yuan(self._cell(cells, "principal")) == 0:
                return Verdict.REJ_INVALID_AMOUNT
        except AmountError:
            pass
        category = self._mapping.categories.get(self._cell(cells, "category"))
        code = None if category is None else not_listable(category)
        if code is not None or due_date is None:
            return code
        kind = self._mapping.kinds.get(self._cell(cells, "document_kind"))
        try:
            document = None if kind is None else self._document(cells, kind)
        except _Rejected:
            return None
        age = None if document is None else document.age_on(due_date)
        return Verdict.REJ_MINOR if age is not None and age < ADULT_YEARS else None

    def _gathered(self, label: str, account: Account, cells: list[str], dates: Dates) -> Gathered | None:
        """Gather the row's evidence; None without a notice, a date of the contract or a folder."""
        contract_date = self._date(cells, "contract_date")
        if self._evidence is None or contract_date is None or dates.notice_date is None:
            return None
        told_at = self._cell(cells, "notice_time") or "00:00"
        if _TIME.fullmatch(told_at) is None:
            raise _Rejected(Verdict.REJ_INVALID_DATE, "notice_time", "NOT_A_TIME")
        notice_at = dt.datetime.combine(dates.notice_date, dt.time.fromisoformat(told_at), BEIJING)
        names = (label.strip(), account.number)
        try:
            if self._only_look:
                self._evidence.look(names)
                return None
            return self._evidence.gather(names, account.reference, contract_date, notice_at.astimezone(dt.UTC))
        except EvidenceIncomplete:
            raise _Rejected(Verdict.REJ_NO_EVIDENCE, "account", "DOCUMENTS_MISSING") from None

    def _cell(self, cells: list[str], name: str) -> str:
        position = self._positions.get(name)
        return "" if position is None else cells[position].strip()

    def _labels(self, cells: list[str]) -> Labels:
        mapping = self._mapping
        kind, channel = self._cell(cells, "document_kind"), self._cell(cells, "notice_channel")
        if not kind:
            raise _Rejected(Verdict.REJ_INVALID_DOCUMENT, "document_kind", "EMPTY")
        return Labels(
            kind=_meaning(mapping.kinds, kind, "document_kind"),
            service=_meaning(mapping.services, self._cell(cells, "service"), "service"),
            category=_meaning(mapping.categories, self._cell(cells, "category"), "category"),
            channel=_meaning(mapping.channels, channel, "notice_channel") if channel else None,
        )

    def _identity(self, identity: RawIdentity) -> tuple[Document, SubjectInputs]:
        try:
            return read_identity(identity, today=self._today)
        except InvalidDocument as invalid:
            raise _Rejected(Verdict.REJ_INVALID_DOCUMENT, "document_number", invalid.code.value) from None

    def _document(self, cells: list[str], kind: DocumentKind) -> Document:
        return self._identity(raw_identity(self._mapping, self._positions, cells, kind))[0]

    def _amounts(self, cells: list[str]) -> tuple[int, int]:
        """Read principal and costs in fen; an empty cell of costs means none."""
        principal_fen = self._amount(cells, "principal")
        costs_fen = self._amount(cells, "costs") if self._cell(cells, "costs") else 0
        if principal_fen <= 0:
            raise _Rejected(Verdict.REJ_INVALID_AMOUNT, "principal", "ZERO")
        return principal_fen, costs_fen

    def _amount(self, cells: list[str], name: str) -> int:
        try:
            amount_fen = parse_yuan(self._cell(cells, name))
        except AmountError as trouble:
            raise _Rejected(Verdict.REJ_INVALID_AMOUNT, name, trouble.code.value) from None
        if amount_fen > MAX_DEBT_FEN:
            raise _Rejected(Verdict.REJ_INVALID_AMOUNT, name, AmountCode.AMOUNT_TOO_LARGE.value)
        return amount_fen

    def due_date(self, cells: list[str]) -> dt.date:
        """Read the due date, which no report lacks."""
        due_date = self._date(cells, "due_date")
        if due_date is None:
            raise _Rejected(Verdict.REJ_INVALID_DATE, "due_date", "EMPTY")
        return due_date

    def _dates(self, cells: list[str]) -> Dates:
        return Dates(
            due_date=self.due_date(cells),
            suspended_on=self._date(cells, "suspended_on"),
            ended_on=self._date(cells, "ended_on"),
            notice_date=self._date(cells, "notice_date"),
        )

    def _date(self, cells: list[str], name: str) -> dt.date | None:
        text = self._cell(cells, name)
        try:
            return self._mapping.parse_date(text) if text else None
        except ValueError:
            raise _Rejected(Verdict.REJ_INVALID_DATE, name, "NOT_A_DATE") from None

    def _dealer(self, cells: list[str]) -> str | None:
        dealer = self._cell(cells, "dealer")
        if len(dealer) > MAX_DEALER:
            raise _Rejected(Verdict.REJ_MALFORMED_ROW, "dealer", "TOO_LONG")
        return dealer or None

    def _verdict_on_minor(self, principal_fen: int, dates: Dates, category: Category) -> Verdict:
        facts = DebtFacts(
            today=self._today,
            principal_fen=principal_fen,
            due_date=dates.due_date,
            suspended_on=dates.suspended_on,
            ended_on=dates.ended_on,
            notice_date=dates.notice_date,
            category=category,
            debtor_of_age=False,
        )
        return first_failing_rule(facts, self._rules) or Verdict.REJ_MINOR


def _rejected(row: RawRow, verdict: Verdict, detail: str) -> LocalVerdict:
    return LocalVerdict(label=row.label, row_id=str(row.number), verdict=verdict, detail=detail)


def _meaning(labels: Mapping[str, _Code], label: str, field: str) -> _Code:
    """Unknown labels reject the row: guessing could list somebody wrongly."""
    meaning = labels.get(label)
    if meaning is None:
        word = label if _is_a_word(label) else ""
        raise _Rejected(Verdict.REJ_MALFORMED_ROW, field, "UNKNOWN_LABEL" if label else "EMPTY", word)
    return meaning


def _is_a_word(label: str) -> bool:
    """Tell whether a cell looks like a word of a vocabulary, and not like a number of somebody in the wrong column."""
    return len(label) <= _MOST_OF_A_WORD and label.isprintable() and sum(map(str.isdigit, label)) < _A_NUMBER


def raw_identity(
    mapping: FileMapping, positions: Mapping[str, int], cells: list[str], kind: DocumentKind
) -> RawIdentity:
    """Read the raw identity of a row from its cells."""

    def cell(name: str) -> str:
        position = positions.get(name)
        return "" if position is None else cells[position].strip()

    # Read an unknown word in this column as collective: a missing household key harms nobody, a wrong one does.
    collective = cell("household_collective")
    return RawIdentity(
        kind=kind,
        number=cell("document_number"),
        issuer=cell("document_issuer"),
        household_register=cell("household_register"),
        address=cell("address"),
        collective_household=bool(collective) and mapping.collective.get(collective) is not Collective.FAMILY,
    )
