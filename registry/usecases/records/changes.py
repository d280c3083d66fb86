"""Gathers the records, links, manifests and log entries of one call of ``judge``, and writes them in bulk."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from protocol.codes import Verdict
from protocol.listing import enforceable_from
from protocol.log_entries import EntryKind
from protocol.messages.records import RecordReport, RowVerdict
from protocol.messages.rules import LateFeeRules
from protocol.states import Action, Party, RecordState, RowNote
from registry.domain.accounts import pointer_to
from registry.domain.confirmations import confirmed
from registry.domain.creditor_terms import fee_when_listed, terms_on
from registry.domain.evidence import KeptManifest
from registry.domain.households import with_homes
from registry.domain.log import LogEntry
from registry.domain.records import Record, RecordTransition
from registry.policy.reporting import Effect, Judgement
from registry.usecases.act import NO_SUBJECT, Act
from registry.usecases.notify import Change, tell_askers
from registry.usecases.participants.shared import check_member
from registry.usecases.records.confirm import confirmation_terms, confirmed_record
from registry.usecases.records.files import Files, NamedReport, Row, row_of
from registry.usecases.records.homes import Rehousing, homes_given, write_homes

LEAD_TIME_OVER: Final = "lead-time-over"
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What one call is going to write; records that leave the list were written when they were judged."""

    act: Act
    rehousings: list[Rehousing] = field(default_factory=list)
    fresh: dict[uuid.UUID, Record] = field(default_factory=dict)
    updated: dict[uuid.UUID, tuple[Record, int]] = field(default_factory=dict)
    corrected: dict[uuid.UUID, Record] = field(default_factory=dict)
    accepted: list[RecordTransition] = field(default_factory=list)
    """RECEIVED -> PENDING: the report's own log entry tells of it."""
    enforced: list[tuple[Record, RecordTransition]] = field(default_factory=list)
    manifests: list[KeptManifest] = field(default_factory=list)
    entries: list[LogEntry] = field(default_factory=list)
    fees: dict[dt.date, LateFeeRules] = field(default_factory=dict)
    """The fee that the creditor charges on what it lists on a day; read when the first record needs it."""

    def take(self, row: Row, judgement: Judgement, withdrew: Sequence[uuid.UUID]) -> tuple[RowVerdict, Record | None]:
        """Note what a row does; its verdict, and the record that it names as it is afterwards.

        RECEIVED -> REJECTED leaves a verdict and a log entry, no record. A row that took a record out has the entry of
        that edge, and a row about no record of ours has none.
        """
        verdict, record = judgement.code, judgement.record
        match judgement.effect:
            case Effect.LIST:
                record = self._list(row, judgement)
                verdict = Verdict(record.state.value)
            case Effect.UPDATE:
                verdict, record = Verdict.UPDATED, self._update(row, judgement)
            case Effect.REPEAT:
                verdict, record = Verdict.DUPLICATE, self._repeat(row, judgement)
            case Effect.REJECT:
                self._log(EntryKind.REPORT_REJECTED, row, _given(verdict), record, self.act.new_id())
            case Effect.TAKE_OUT:
                verdict = Verdict.WITHDRAWN
            case Effect.IGNORE:
                pass
        return self._verdict(row, _given(verdict), record, judgement, withdrew), record

    def write(self, files: Files) -> None:
        """Write everything gathered; the act's transaction commits it."""
        tx = self.act.tx
        tx.openings.append(self.entries)
        self.act.log_edges(self.enforced)
        tx.records.add(tuple(self.fresh.values()))
        if self.fresh:
            check_member(self.act)
        tx.accounts.point([pointer_to(each) for each in self.fresh.values()], files.pointers)
        tx.records.update_many(tuple(self.updated.values()))
        tx.evidence.keep(self.manifests)
        tx.transitions.add(self.accepted)
        self.act.write_events(self.enforced)
        tell_askers(self.act, [Change.corrected(record) for record in self.corrected.values() if record.blocks])
        write_homes(self.act, self.rehousings)
        # Head rows that were held for nothing: nobody else would look whether anything keeps them.
        idle = files.debtors - {each.subject_key for each in self.fresh.values()} - files.records.subjects()
        tx.idle_subjects.look_again(dict.fromkeys(sorted(idle), self.act.today))

    def _list(self, row: Row, judgement: Judgement) -> Record:
        """RECEIVED -> PENDING, and on to ACTIVE where the lead time since the notice has run already."""
        named = _named(row)
        received = self._received(named, judgement)
        record, accepted = self.act.take_edge(received, Action.ACCEPT, Party.REGISTRY, "reported")
        self.accepted.append(accepted)
        if record.enforceable_from <= self.act.today:
            record, enforced = self.act.take_edge(record, Action.ENFORCE, Party.CLOCK, LEAD_TIME_OVER)
            self.enforced.append((record, enforced))
        self._log(EntryKind.REPORT_LISTED, named, Verdict(record.state.value), record, accepted.event_id)
        self.fresh[record.record_id] = record
        self._show(named, record)
        self.rehousings.append(Rehousing(names=named.names, before=None, after=record))
        return record

    def _update(self, row: Row, judgement: Judgement) -> Record:
        """Other facts on an open record."""
        named, record, taken = _named(row), _given(judgement.record), _given(judgement.taken)
        entry_id = self.act.new_id()
        self._log(EntryKind.RECORD_UPDATED, named, Verdict.UPDATED, record, entry_id)
        changed = replace(
            taken.record,
            version=record.version + 1,
            log_entry_id=entry_id,
            person_ref=named.report.person_ref or record.person_ref,
        )
        if changed.state is RecordState.PENDING:
            # A report is the creditor's word of its day that the debt is unpaid.
            changed = confirmed(changed, self.act.today, confirmation_terms(self.act, changed))
        self.corrected[changed.record_id] = changed
        self._show(named, changed)
        self.rehousings.append(Rehousing(names=named.names, before=record, after=changed))
        return self._keep(record, changed)

    def _repeat(self, row: Row, judgement: Judgement) -> Record | None:
        """The same again changes nothing, but it is the creditor's word of today where the rules ask for one."""
        record, entry_id = judgement.record, self.act.new_id()
        self._log(EntryKind.REPORT_REPEATED, row, Verdict.DUPLICATE, record, entry_id)
        if record is not None and record.is_open:
            record = self._with_person(record, _named(row).report)
        if record is None or record.state is not RecordState.PENDING or record.confirmed_on == self.act.today:
            return record
        if confirmation_terms(self.act, record).max_age_days == 0:
            return record
        return self._keep(record, confirmed_record(self.act, record, entry_id))

    def _with_person(self, record: Record, report: RecordReport) -> Record:
        """Take the reference of the person over, of a record that has none or that is of the account's old spelling.

        The debtor is the same, so the record stays at its version, as it does under another reference of its account.
        """
        if report.person_ref in (None, record.person_ref):
            return record
        return self._keep(record, replace(record, person_ref=report.person_ref))

    def _keep(self, record: Record, changed: Record) -> Record:
        """Have an open record written as it is now, once, whatever else the call did to it before."""
        if record.record_id in self.fresh:
            self.fresh[record.record_id] = changed
        else:
            _, expected = self.updated.get(record.record_id, (record, record.version))
            self.updated[record.record_id] = (changed, expected)
        return changed

    def _show(self, named: NamedReport, record: Record) -> None:
        """Keep the manifest of the report's evidence, beside those of earlier reports."""
        if named.report.evidence is not None:
            self.manifests.append(
                KeptManifest(
                    subject_key=record.subject_key,
                    record_id=record.record_id,
                    manifest=named.report.evidence,
                    added_at=self.act.now,
                )
            )

    def _log(self, kind: EntryKind, row: Row, verdict: Verdict, record: Record | None, entry_id: uuid.UUID) -> None:
        """Log what was reported; pseudonym, account reference and amount are in the part that can be erased."""
        facts = {"verdict": verdict.value, "rules": self.act.rules.version}
        if record is not None:
            facts["record"] = str(record.record_id)
        if not isinstance(row, NamedReport):
            self.entries.append(self.act.entry(kind, entry_id, facts, subject_key=NO_SUBJECT))
            return
        if record is not None and row.report.evidence is not None and kind is not EntryKind.REPORT_REJECTED:
            facts["evidence"] = row.report.evidence.digest.hex()
        personal: dict[str, str | int] = {
            "subject": row.names.subject_key.hex(),
            "account": row.report.account_ref.hex(),
            "principal_fen": row.report.principal_fen,
        }
        self.entries.append(self.act.entry(kind, entry_id, facts, subject_key=row.names.subject_key, personal=personal))

    def _verdict(
        self, row: Row, verdict: Verdict, record: Record | None, judgement: Judgement, withdrew: Sequence[uuid.UUID]
    ) -> RowVerdict:
        notes = []
        if record is not None and record.blocks and judgement.effect is Effect.REJECT:
            notes.append(RowNote.STILL_BLOCKS)
        if judgement.taken is not None and judgement.taken.figures_stand:
            notes.append(RowNote.FIGURES_STAND)
        return RowVerdict(
            row_id=row_of(row).row_id,
            verdict=verdict,
            record_id=None if record is None else record.record_id,
            enforceable_from=None if record is None else record.enforceable_from,
            rules_version=self.act.rules.version,
            reason=judgement.code if judgement.effect is Effect.TAKE_OUT else None,
            notes=tuple(notes),
            withdrew=tuple(withdrew),
        )

    def _late_fee(self) -> LateFeeRules:
        today = self.act.today
        if today not in self.fees:
            terms = self.act.tx.creditor_terms.of_creditor(self.act.actor_id)
            self.fees[today] = fee_when_listed(terms_on(terms, today), self.act.rules.late_fee)
        return self.fees[today]

    def _received(self, named: NamedReport, judgement: Judgement) -> Record:
        """The record before its first edge. A debt that was listed before goes on under the clock of then."""
        report = named.report
        if report.notice_date is None:
            raise ValueError("a report without a notice is not listable")
        record_id, late_fee = self.act.new_id(), self._late_fee()
        blocks_from = enforceable_from(report.notice_date, self.act.rules.listing)
        received = Record(
            subject_key=named.names.subject_key,
            record_id=record_id,
            creditor_id=self.act.actor_id,
            account_ref=report.account_ref,
            state=RecordState.RECEIVED,
            service_class=report.service_class,
            category=report.category,
            principal_fen=report.principal_fen,
            costs_fen=report.costs_fen,
            paid_fen=0,
            due_date=report.due_date,
            suspended_on=report.suspended_on,
            ended_on=report.ended_on,
            notice_date=report.notice_date,
            notice_channel=report.notice_channel,
            enforceable_from=blocks_from,
            clock_on=blocks_from,
            figures_on=self.act.today,
            dealer=report.dealer,
            evidence_digest=None if report.evidence is None else report.evidence.digest,
            person_ref=report.person_ref,
            rules_version=self.act.rules.version,
            late_fee_daily_ppm=late_fee.daily_ppm,
            late_fee_cap_ppm=late_fee.cap_ppm,
            version=0,
            received_at=judgement.listed_at or self.act.now,
            state_since=self.act.now,
            log_entry_id=record_id,
        )
        received = with_homes(received, homes_given(report, named.names))
        return confirmed(received, self.act.today, confirmation_terms(self.act, received))


def _named(row: Row) -> NamedReport:
    """The row's report; a row without tokens lists and changes nothing."""
    if not isinstance(row, NamedReport):
        raise TypeError("a row without tokens lists and changes nothing")
    return row


def _given(value: _Value | None) -> _Value:
    """The part that a judgement of this effect has; raises ValueError if it has none."""
    if value is None:
        raise ValueError("the judgement lacks a part that its effect needs")
    return value
