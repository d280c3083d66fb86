"""Judges reported debts inside a transaction: verdicts out; records, events, links and log entries in one go."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from protocol.codes import Verdict
from protocol.listing import enforceable_from, first_failing_rule
from protocol.log_entries import EntryKind
from protocol.reports import RecordReport, RowVerdict
from registry.domain.demand import KeptManifest
from registry.domain.evidence import LogEntry
from registry.domain.fee_terms import fee_when_listed, terms_on
from registry.domain.home import with_homes
from registry.domain.life import Action, Party, RecordState
from registry.domain.money import LateFeeRules
from registry.domain.proof import confirmed
from registry.domain.record import Record, RecordEvent
from registry.domain.retention import debt_digest
from registry.policy.reporting import Effect, apply_update, debt_facts, match_report
from registry.usecases.act import Act
from registry.usecases.events import Change, tell_askers
from registry.usecases.heads import hold_subjects
from registry.usecases.members.membership import check_member
from registry.usecases.pseudonyms import Pseudonyms
from registry.usecases.reports.confirming import confirmation_terms, confirmed_record
from registry.usecases.reports.homes import Rehousing, homes_given, write_homes

LEAD_TIME_OVER: Final = "lead-time-over"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedReport:
    """A report with the pseudonyms of its debtor."""

    report: RecordReport
    names: Pseudonyms


def judge(act: Act, named: Sequence[NamedReport]) -> tuple[RowVerdict, ...]:
    """A verdict for each report, in order; later rows see what earlier rows of the same call did."""
    rules = act.rules
    failing = [
        first_failing_rule(debt_facts(each.report, act.today), rules.listing, evidence_required=rules.evidence.required)
        for each in named
    ]
    listable = [each for each, code in zip(named, failing, strict=True) if code is None]
    files = _open_files(act, listable)
    archived = act.tx.archive.debts({each.names.subject_key for each in listable})
    changes = _Changes(act)
    verdicts: list[RowVerdict] = []
    for each, code in zip(named, failing, strict=True):
        if code is not None:
            verdicts.append(changes.reject(each, code))
            continue
        file = files.setdefault((each.names.subject_key, each.report.account_ref), [])
        homes = homes_given(each.report, each.names)
        match = match_report(each.report, file, homes, archived=_debt(act, each) in archived)
        if match.effect is Effect.ARCHIVED:
            verdict = changes.keep_off(each)
        elif match.record is None:
            record, verdict = changes.list_new(each)
            file.append(record)
        else:
            change = changes.repeat if match.effect is Effect.SAME else changes.update
            record, verdict = change(each, match.record)
            file[file.index(match.record)] = record
        verdicts.append(verdict)
    changes.write()
    return tuple(verdicts)


def _open_files(act: Act, listable: Sequence[NamedReport]) -> dict[tuple[bytes, bytes], list[Record]]:
    """Lock the subjects' head rows, then read the creditor's records on each account.

    The lock is what makes "one open record per account" hold when two reports of one subject race.
    """
    debtors = {each.names.subject_key: each.names for each in listable}
    hold_subjects(act, debtors)
    files: dict[tuple[bytes, bytes], list[Record]] = {}
    for records in act.tx.records.of_subjects(debtors).values():
        for record in records:
            if record.creditor_id == act.actor_id:
                files.setdefault((record.subject_key, record.account_ref), []).append(record)
    return files


def _debt(act: Act, named: NamedReport) -> tuple[bytes, bytes]:
    """As what the archive would know the reported debt."""
    return named.names.subject_key, debt_digest(act.actor_id, named.report.account_ref, named.report.due_date)


@dataclass(slots=True)
class _Changes:
    """What one call of ``judge`` is going to write, gathered so that it is written in bulk."""

    act: Act
    rehousings: list[Rehousing] = field(default_factory=list)
    fresh: dict[uuid.UUID, Record] = field(default_factory=dict)
    updated: dict[uuid.UUID, tuple[Record, int]] = field(default_factory=dict)
    corrected: dict[uuid.UUID, Record] = field(default_factory=dict)
    accepted: list[RecordEvent] = field(default_factory=list)
    """RECEIVED -> PENDING: the report's own log entry tells of it."""
    enforced: list[tuple[Record, RecordEvent]] = field(default_factory=list)
    manifests: list[KeptManifest] = field(default_factory=list)
    kept_off: set[bytes] = field(default_factory=set)
    """Subjects whose head rows were made or held for a debt that is not listed again."""
    entries: list[LogEntry] = field(default_factory=list)
    late_fee: LateFeeRules | None = None
    """What the creditor charges on what it lists today; read when the first record needs it."""

    def reject(self, named: NamedReport, code: Verdict) -> RowVerdict:
        """RECEIVED -> REJECTED leaves a verdict and a log entry, no record: nobody is kept for a refused report."""
        self._note(EntryKind.REPORT_REJECTED, named, code, None)
        return self._verdict(named, code, None)

    def repeat(self, named: NamedReport, record: Record) -> tuple[Record, RowVerdict]:
        """The same report again changes nothing, but it is the creditor's word of today where the rules ask for one."""
        entry_id = self._note(EntryKind.REPORT_REPEATED, named, Verdict.DUPLICATE, record)
        asks = confirmation_terms(self.act, record).max_age_days > 0
        if asks and record.state is RecordState.PENDING and record.confirmed_on != self.act.today:
            record = self._keep(record, confirmed_record(self.act, record, entry_id))
        return record, self._verdict(named, Verdict.DUPLICATE, record)

    def keep_off(self, named: NamedReport) -> RowVerdict:
        """A debt whose record was closed and has left the list since is not listed again."""
        self._note(EntryKind.REPORT_REPEATED, named, Verdict.DUPLICATE, None)
        self.kept_off.add(named.names.subject_key)
        return self._verdict(named, Verdict.DUPLICATE, None)

    def update(self, named: NamedReport, record: Record) -> tuple[Record, RowVerdict]:
        """New figures on an open record."""
        entry_id = self._note(EntryKind.RECORD_UPDATED, named, Verdict.UPDATED, record)
        act = self.act
        changed = apply_update(
            record,
            named.report,
            entry_id,
            act.rules.listing,
            today=act.today,
            terms=confirmation_terms(act, record),
            homes=homes_given(named.report, named.names),
        )
        self.corrected[record.record_id] = changed
        self._show(named, changed)
        self.rehousings.append(Rehousing(names=named.names, before=record, after=changed))
        return self._keep(record, changed), self._verdict(named, Verdict.UPDATED, changed)

    def list_new(self, named: NamedReport) -> tuple[Record, RowVerdict]:
        """RECEIVED -> PENDING, and on to ACTIVE where the lead time since the notice has run already."""
        record, accepted = self.act.take_edge(self._received(named), Action.ACCEPT, Party.REGISTRY, "reported")
        self.accepted.append(accepted)
        if record.enforceable_from <= self.act.today:
            record, enforced = self.act.take_edge(record, Action.ENFORCE, Party.CLOCK, LEAD_TIME_OVER)
            self.enforced.append((record, enforced))
        verdict = Verdict(record.state.value)
        self._note(EntryKind.REPORT_LISTED, named, verdict, record, accepted.event_id)
        self.fresh[record.record_id] = record
        self._show(named, record)
        self.rehousings.append(Rehousing(names=named.names, before=None, after=record))
        return record, self._verdict(named, verdict, record)

    def write(self) -> None:
        """Write everything gathered; the act's transaction commits it."""
        tx = self.act.tx
        tx.log.append(self.entries)
        self.act.log_edges(self.enforced)
        tx.records.add(tuple(self.fresh.values()))
        if self.fresh:
            check_member(self.act)
        tx.records.update_many(tuple(self.updated.values()))
        tx.evidence.keep(self.manifests)
        tx.events.add(self.accepted)
        self.act.write_events(self.enforced)
        tell_askers(self.act, [Change.corrected(record) for record in self.corrected.values() if record.blocks])
        write_homes(self.act, self.rehousings)
        # Nobody else would look whether anything keeps them.
        tx.heads.look_again(dict.fromkeys(sorted(self.kept_off), self.act.today))

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

    def _note(
        self,
        kind: EntryKind,
        named: NamedReport,
        verdict: Verdict,
        record: Record | None,
        entry_id: uuid.UUID | None = None,
    ) -> uuid.UUID:
        """Log what was reported; pseudonym, account reference and amount are in the part that can be erased."""
        entry_id = self.act.new_id() if entry_id is None else entry_id
        facts = {"verdict": verdict.value, "rules": self.act.rules.version}
        if record is not None:
            facts["record"] = str(record.record_id)
            if named.report.evidence is not None:
                facts["evidence"] = named.report.evidence.digest.hex()
        personal: dict[str, str | int] = {
            "subject": named.names.subject_key.hex(),
            "account": named.report.account_ref.hex(),
            "principal_fen": named.report.principal_fen,
        }
        self.entries.append(
            self.act.entry(kind, entry_id, facts, subject_key=named.names.subject_key, personal=personal)
        )
        return entry_id

    def _verdict(self, named: NamedReport, verdict: Verdict, record: Record | None) -> RowVerdict:
        return RowVerdict(
            row_id=named.report.row_id,
            verdict=verdict,
            record_id=None if record is None else record.record_id,
            enforceable_from=None if record is None else record.enforceable_from,
            rules_version=self.act.rules.version,
        )

    def _late_fee(self) -> LateFeeRules:
        if self.late_fee is None:
            terms = self.act.tx.creditor_terms.of_creditor(self.act.actor_id)
            self.late_fee = fee_when_listed(terms_on(terms, self.act.today), self.act.rules.late_fee)
        return self.late_fee

    def _received(self, named: NamedReport) -> Record:
        report = named.report
        if report.notice_date is None:
            raise ValueError("a report without a notice is not listable")
        record_id = self.act.new_id()
        late_fee = self._late_fee()
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
            dealer=report.dealer,
            evidence_digest=None if report.evidence is None else report.evidence.digest,
            rules_version=self.act.rules.version,
            late_fee_daily_ppm=late_fee.daily_ppm,
            late_fee_cap_ppm=late_fee.cap_ppm,
            version=0,
            received_at=self.act.now,
            state_since=self.act.now,
            log_entry_id=record_id,
        )
        housed = with_homes(received, homes_given(report, named.names))
        return confirmed(housed, self.act.today, confirmation_terms(self.act, received))
