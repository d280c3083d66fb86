"""One row of an arrears export: a local verdict in the published order of the rules, or a report without tokens."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from gateway.accounts import account_ref
from gateway.documents import RawIdentity, SubjectInputs, read_identity
from gateway.evidence import EvidenceFolder, EvidenceIncomplete, Gathered, Promised
from gateway.export import RawRow
from gateway.mapping import Collective, FileMapping
from protocol.codes import Category, NoticeChannel, ServiceClass, Verdict
from protocol.encodings import AmountError, parse_yuan
from protocol.identifiers import Document, DocumentKind, InvalidDocument
from protocol.listing import DebtFacts, ListingRules, first_failing_rule
from protocol.reports import MAX_DEALER, RecordReport

ADULT_YEARS: Final = 18
_MAX_ACCOUNT: Final = 128
_TIME: Final = re.compile("(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?")
_BEIJING: Final = dt.timezone(dt.timedelta(hours=8))


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalVerdict:
    """A row that the gateway rejects: it never leaves the carrier."""

    label: str
    verdict: Verdict
    record_id: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reportable:
    """A row that the registry will judge: its OPRF inputs, and the report that only lacks its tokens."""

    label: str
    row_id: str
    inputs: SubjectInputs = field(repr=False)
    draft: partial[RecordReport] = field(repr=False)
    promised: tuple[Promised, ...] = field(default=(), repr=False)
    """The documents of its evidence, which stay here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labels:
    """The row's words in the vocabularies of the wire."""

    kind: DocumentKind
    service: ServiceClass
    category: Category
    channel: NoticeChannel | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dates:
    """The row's dates; only the due date is never absent."""

    due_date: dt.date
    suspended_on: dt.date | None
    ended_on: dt.date | None
    notice_date: dt.date | None


class _Rejected(Exception):
    """Leaves the reading of a row with the verdict of the first rule that fails."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.value)
        self.verdict = verdict


class RowReader:
    """Reads the rows of one file; ``rules`` are the registry's published ones, ``today`` is the Beijing date."""

    def __init__(
        self,
        mapping: FileMapping,
        positions: Mapping[str, int],
        *,
        account_key: bytes,
        rules: ListingRules,
        today: dt.date,
        evidence: EvidenceFolder | None = None,
    ) -> None:
        self._evidence = evidence
        self._mapping = mapping
        self._positions = positions
        self._account_key = account_key
        self._rules = rules
        self._today = today

    def read(self, row: RawRow) -> LocalVerdict | Reportable:
        """Judge what only the carrier can judge: the document, the form of amount and dates, and a debtor's age."""
        try:
            return self._reportable(row, _whole(row))
        except _Rejected as rejected:
            return LocalVerdict(label=row.label, verdict=rejected.verdict)

    def _reportable(self, row: RawRow, cells: list[str]) -> Reportable:
        labels = self._labels(cells)
        document, inputs = self._identity(cells, labels.kind)
        principal_fen, costs_fen = self._amounts(cells)
        dates = self._dates(cells)
        age = document.age_on(dates.due_date)
        if age is not None and age < ADULT_YEARS:
            raise _Rejected(self._verdict_on_minor(principal_fen, dates, labels.category))
        reference = account_ref(row.label, self._account_key)
        gathered = self._gathered(row.label, reference, cells, dates)
        draft = partial(
            RecordReport,
            row_id=str(row.number),
            account_ref=reference,
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
        )
        promised = () if gathered is None else gathered.promised
        return Reportable(label=row.label, row_id=str(row.number), inputs=inputs, draft=draft, promised=promised)

    def _gathered(self, label: str, reference: bytes, cells: list[str], dates: _Dates) -> Gathered | None:
        """The row's evidence; without a notice, a date of the contract or a folder there is none."""
        contract_date = self._date(cells, "contract_date")
        if self._evidence is None or contract_date is None or dates.notice_date is None:
            return None
        told_at = self._cell(cells, "notice_time") or "00:00"
        if _TIME.fullmatch(told_at) is None:
            raise _Rejected(Verdict.REJ_INVALID_DATE)
        notice_at = dt.datetime.combine(dates.notice_date, dt.time.fromisoformat(told_at), _BEIJING)
        try:
            return self._evidence.gather(label.strip(), reference, contract_date, notice_at.astimezone(dt.UTC))
        except EvidenceIncomplete:
            raise _Rejected(Verdict.REJ_NO_EVIDENCE) from None

    def _cell(self, cells: list[str], name: str) -> str:
        position = self._positions.get(name)
        return "" if position is None else cells[position].strip()

    def _labels(self, cells: list[str]) -> _Labels:
        # A label that the mapping does not know makes the row no row: guessing could list somebody wrongly.
        mapping = self._mapping
        kind, channel = self._cell(cells, "document_kind"), self._cell(cells, "notice_channel")
        if not kind:
            raise _Rejected(Verdict.REJ_INVALID_DOCUMENT)
        try:
            return _Labels(
                kind=mapping.kinds[kind],
                service=mapping.services[self._cell(cells, "service")],
                category=mapping.categories[self._cell(cells, "category")],
                channel=mapping.channels[channel] if channel else None,
            )
        except KeyError:
            raise _Rejected(Verdict.REJ_MALFORMED_ROW) from None

    def _identity(self, cells: list[str], kind: DocumentKind) -> tuple[Document, SubjectInputs]:
        try:
            return read_identity(raw_identity(self._mapping, self._positions, cells, kind), today=self._today)
        except InvalidDocument:
            raise _Rejected(Verdict.REJ_INVALID_DOCUMENT) from None

    def _amounts(self, cells: list[str]) -> tuple[int, int]:
        """Principal and costs in fen; an empty cell of costs is none."""
        costs = self._cell(cells, "costs")
        try:
            principal_fen, costs_fen = parse_yuan(self._cell(cells, "principal")), parse_yuan(costs) if costs else 0
        except AmountError:
            raise _Rejected(Verdict.REJ_INVALID_AMOUNT) from None
        if principal_fen <= 0:
            raise _Rejected(Verdict.REJ_INVALID_AMOUNT)
        return principal_fen, costs_fen

    def _dates(self, cells: list[str]) -> _Dates:
        due_date = self._date(cells, "due_date")
        if due_date is None:
            raise _Rejected(Verdict.REJ_INVALID_DATE)
        return _Dates(
            due_date=due_date,
            suspended_on=self._date(cells, "suspended_on"),
            ended_on=self._date(cells, "ended_on"),
            notice_date=self._date(cells, "notice_date"),
        )

    def _date(self, cells: list[str], name: str) -> dt.date | None:
        text = self._cell(cells, name)
        try:
            return self._mapping.parse_date(text) if text else None
        except ValueError:
            raise _Rejected(Verdict.REJ_INVALID_DATE) from None

    def _dealer(self, cells: list[str]) -> str | None:
        dealer = self._cell(cells, "dealer")
        if len(dealer) > MAX_DEALER:
            raise _Rejected(Verdict.REJ_MALFORMED_ROW)
        return dealer or None

    def _verdict_on_minor(self, principal_fen: int, dates: _Dates, category: Category) -> Verdict:
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


def _whole(row: RawRow) -> list[str]:
    if row.cells is None or not 0 < len(row.label.strip()) <= _MAX_ACCOUNT:
        raise _Rejected(Verdict.REJ_MALFORMED_ROW)
    return row.cells


def raw_identity(
    mapping: FileMapping, positions: Mapping[str, int], cells: list[str], kind: DocumentKind
) -> RawIdentity:
    """Who a row is about, as its cells say it."""

    def cell(name: str) -> str:
        position = positions.get(name)
        return "" if position is None else cells[position].strip()

    # An unknown word in this column is read as collective: a missing household key harms nobody, a wrong one does.
    collective = cell("household_collective")
    return RawIdentity(
        kind=kind,
        number=cell("document_number"),
        issuer=cell("document_issuer"),
        household_register=cell("household_register"),
        address=cell("address"),
        collective_household=bool(collective) and mapping.collective.get(collective) is not Collective.FAMILY,
    )
