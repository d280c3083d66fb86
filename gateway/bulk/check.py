"""Ask whether applicants may have a service: one at a time from the counter, or a CSV of applicants."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from client.incarnations import Steady
from client.resources import inquiries
from crypto.references import Named
from gateway.bulk.applications import Application, Checked, terms_of
from gateway.bulk.circumstances import circumstances_of
from gateway.bulk.damaged_numbers import DamagedNumbers
from gateway.bulk.decision_rows import HEADER, DecidedRow, decided_row
from gateway.bulk.export import Export, RawRow
from gateway.bulk.file_guards import NOTHING_KNOWN, Consent, refuse_damaged
from gateway.bulk.mapping import FileMapping
from gateway.bulk.pipeline import chunks, in_order
from gateway.bulk.progress import locked
from gateway.bulk.rows import WRONG_NUMBER_OF_FIELDS, raw_identity
from gateway.bulk.verdict_rows import csv_lines
from gateway.identity.context import Circumstances, ContextDefaults, context_of
from gateway.identity.documents import SubjectInputs, identify, read_identity
from gateway.orders.keeping import keep, kept_decision
from gateway.orders.values import KeptDecision
from gateway.tools import Tools
from protocol.codes import ServiceClass
from protocol.encodings import b64url_encode
from protocol.identifiers import InvalidDocument
from protocol.messages.context import InquiryContext
from protocol.messages.inquiries import InquiryAnswer, InquiryRequest
from protocol.messages.tokens import SubjectTokens
from protocol.problems import Refusal
from serving.files import begin_file

INVALID_DOCUMENT: Final = "INVALID_DOCUMENT"
"""Stands in place of a decision when the document is invalid: the registry was not asked. The reason is the code."""
MALFORMED_ROW: Final = "MALFORMED_ROW"
"""Stands in place of a decision when the row cannot be read: a cell too few, or an unknown label."""
_REFERENCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSummary:
    """The result of a run: ``decisions`` counts rows by decision, ``elements`` those that custodians evaluated."""

    rows: int
    decisions: dict[str, int]
    elements: int
    seconds: float
    orders_unkept: int = 0
    """Rows whose token the file of orders did not take: their outcome can only be reported as unchecked."""

    @property
    def none_asked(self) -> bool:
        """Tell whether the file has rows and the registry was asked about none of them."""
        return self.rows > 0 and self.decisions.keys() <= {INVALID_DOCUMENT, MALFORMED_ROW}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    label: str
    row_id: str
    service_class: ServiceClass
    circumstances: Circumstances | None
    inputs: SubjectInputs = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    read: Sequence[DecidedRow | _Asked] = field(repr=False)
    inquiries: Sequence[InquiryRequest] = field(repr=False)
    elements: int


class Checker:
    """Asks the registry about applicants; it sends only their tokens and keeps nothing."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def check(self, application: Application, *, today: dt.date) -> Checked:
        """Get the decision on one applicant; raises ``ApplicationInvalid`` for an invalid document."""
        return self.check_all([application], today=today)[0]

    def check_all(self, applications: Sequence[Application], *, today: dt.date) -> list[Checked]:
        """Get the decisions on some applications, one inquiry each, in one call; raises ``ApplicationInvalid``."""
        told = [(each, identify(each.identity, today=today)[1]) for each in applications]
        # Custodians count what they evaluate: ask them for nothing that no registry would be shown.
        self._tools.registry.expect_answer()
        tokens = self._tools.tokeniser.tokens([inputs for _, inputs in told])
        requests = [self._request(*each, own) for each, own in zip(told, tokens, strict=True)]
        answers = self._answers(requests)
        kept = self._keep(told, answers)
        return [
            Checked(
                answer=answer,
                household_register=inputs.register_state,
                household_address=inputs.address_state,
                order_kept=None if application.circumstances is None else kept,
                grade=terms_of(self._tools, answer),
            )
            for (application, inputs), answer in zip(told, answers, strict=True)
        ]

    def _request(self, application: Application, inputs: SubjectInputs, tokens: SubjectTokens) -> InquiryRequest:
        # The carrier's own order number stays at home: a made-up reference ties question and answer.
        return InquiryRequest(
            inquiry_ref=b64url_encode(self._tools.random(_REFERENCE_BYTES)),
            tokens=tokens,
            service_class=application.service_class,
            context=self._context(application.circumstances, inputs),
            tariff=self._tariff(application.circumstances),
        )

    def _answers(self, requests: Sequence[InquiryRequest]) -> Sequence[InquiryAnswer]:
        if len(requests) == 1:  # a single answer is padded: its size tells a listener nothing
            return [inquiries.ask(self._tools.registry, requests[0])]
        return inquiries.ask_many(self._tools.registry, requests)

    def _keep(self, told: Sequence[tuple[Application, SubjectInputs]], answers: Sequence[InquiryAnswer]) -> bool:
        kept = [
            self._kept(application.circumstances, application.service_class, inputs, answer)
            for (application, inputs), answer in zip(told, answers, strict=True)
            if application.circumstances is not None
        ]
        return not kept or keep(self._tools, kept)

    def _kept(
        self, told: Circumstances, service_class: ServiceClass, inputs: SubjectInputs, answer: InquiryAnswer
    ) -> KeptDecision:
        return kept_decision(
            self._tools.references.of(Named.ORDER, told.order),
            answer,
            service_class=service_class,
            lines=told.lines,
            register_state=inputs.register_state,
            address_state=inputs.address_state,
        )

    def _context(self, circumstances: Circumstances | None, inputs: SubjectInputs) -> InquiryContext | None:
        """Make the context that goes along; a registry whose rules have no terms for it knows none yet."""
        if circumstances is None or self._tools.registry.rules().context is None:
            return None
        return context_of(circumstances, inputs, self._tools.references)

    def _tariff(self, circumstances: Circumstances | None) -> str | None:
        """Name the tariff; a registry whose rules grade nobody may be of a release that does not know the member."""
        if circumstances is None or self._tools.registry.rules().grade is None:
            return None
        return circumstances.tariff

    def check_file(
        self,
        *,
        source: Path,
        mapping: FileMapping,
        output: Path,
        today: dt.date,
        only_carrier: str | None = None,
        consent: Consent = NOTHING_KNOWN,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> CheckSummary:
        """Write a decision on every row, in order; the finished file appears at once.

        ``only_carrier`` passes over the rows of other carriers, where the mapping names a carrier column. A run that
        was interrupted is simply run again: every question is asked anew, and its answer is today's.
        """
        with locked(output):
            started = self._tools.monotonic()
            export = Export(source, mapping)
            checked = export.check()
            reader = _ApplicantReader(mapping, checked.positions, today, self._tools.context)
            refuse_damaged(source, reader.numbers(export.rows(checked)), consent)
            rows = (row for row in export.rows(checked) if only_carrier in (None, reader.carrier(row)))
            pieces = ([reader.read(row) for row in chunk] for chunk in chunks(rows, self._tools.chunk_rows))
            partial = output.with_name(output.name + ".partial")
            counts, done, elements, orders_unkept = Counter[str](), 0, 0, 0
            steady = Steady(self._tools.registry)
            with (
                begin_file(partial) as file,
                ThreadPoolExecutor(self._tools.parallel_chunks, thread_name_prefix="blind") as threads,
            ):
                file.write(csv_lines([HEADER]))
                for chunk in in_order(self._prepare, pieces, threads=threads, depth=self._tools.parallel_chunks):
                    unkept, decided = self._ask(chunk)
                    orders_unkept += unkept
                    steady.check()
                    file.write(csv_lines(each.cells() for each in decided))
                    counts.update(each.decision for each in decided)
                    done += len(decided)
                    elements += chunk.elements
                    if on_progress is not None:
                        on_progress(done, checked.rows)
            partial.replace(output)
            seconds = self._tools.monotonic() - started
            return CheckSummary(
                rows=done,
                decisions=dict(sorted(counts.items())),
                elements=elements,
                seconds=seconds,
                orders_unkept=orders_unkept,
            )

    def _prepare(self, read: list[DecidedRow | _Asked]) -> _Chunk:
        asked = [each for each in read if isinstance(each, _Asked)]
        tokens = self._tools.tokeniser.tokens([each.inputs for each in asked])
        inquiries = [
            InquiryRequest(
                inquiry_ref=each.row_id,
                tokens=own,
                service_class=each.service_class,
                context=self._context(each.circumstances, each.inputs),
            )
            for each, own in zip(asked, tokens, strict=True)
        ]
        elements = len({element for each in asked for element in each.inputs.present()})
        return _Chunk(read=read, inquiries=inquiries, elements=elements)

    def _ask(self, chunk: _Chunk) -> tuple[int, list[DecidedRow]]:
        """Ask a chunk; returns how many orders could not be kept, and the rows."""
        answers = inquiries.ask_many(self._tools.registry, chunk.inquiries) if chunk.inquiries else ()
        by_row = {each.inquiry_ref: each for each in answers}
        named = [
            self._kept(each.circumstances, each.service_class, each.inputs, by_row[each.row_id])
            for each in chunk.read
            if isinstance(each, _Asked) and each.circumstances is not None
        ]
        unkept = 0 if not named or keep(self._tools, named) else len(named)
        return unkept, [
            each if isinstance(each, DecidedRow) else decided_row(each.label, each.inputs, by_row[each.row_id])
            for each in chunk.read
        ]


class _ApplicantReader:
    """Reads the rows of one file of applicants."""

    def __init__(
        self, mapping: FileMapping, positions: Mapping[str, int], today: dt.date, defaults: ContextDefaults
    ) -> None:
        self._mapping = mapping
        self._defaults = defaults
        self._positions = positions
        self._today = today

    def carrier(self, row: RawRow) -> str | None:
        position = self._positions.get("carrier")
        return None if position is None or row.cells is None else row.cells[position].strip()

    def numbers(self, rows: Iterable[RawRow]) -> DamagedNumbers:
        """The counts by which damaged numbers of the file are recognised."""
        numbers = DamagedNumbers()
        for row in rows:
            read = self.read(row)
            if row.cells is not None and not (isinstance(read, DecidedRow) and read.decision == MALFORMED_ROW):
                numbers.see_document(row.cells[self._positions["document_number"]], valid=isinstance(read, _Asked))
        return numbers

    def read(self, row: RawRow) -> DecidedRow | _Asked:
        if row.cells is None:
            return DecidedRow(order=row.label, decision=MALFORMED_ROW, reasons=(WRONG_NUMBER_OF_FIELDS,))
        kind = self._mapping.kinds.get(row.cells[self._positions["document_kind"]].strip())
        service = self._mapping.services.get(row.cells[self._positions["service"]].strip())
        if kind is None or service is None:
            what = "UNKNOWN_DOCUMENT_KIND" if kind is None else "UNKNOWN_SERVICE"
            return DecidedRow(order=row.label, decision=MALFORMED_ROW, reasons=(what,))
        try:
            _, inputs = read_identity(raw_identity(self._mapping, self._positions, row.cells, kind), today=self._today)
        except InvalidDocument as invalid:
            return DecidedRow(order=row.label, decision=INVALID_DOCUMENT, reasons=(invalid.code.value,))
        try:
            told = circumstances_of(self._mapping, self._positions, row.cells, self._defaults)
        except Refusal as refused:
            faults = tuple(f"{name}:{code}" for name, code in sorted(refused.fields.items()))
            return DecidedRow(order=row.label, decision=MALFORMED_ROW, reasons=faults)
        return _Asked(label=row.label, row_id=str(row.number), service_class=service, circumstances=told, inputs=inputs)
