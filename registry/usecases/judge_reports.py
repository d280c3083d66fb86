"""Judges reported debts inside a transaction: verdicts out; records, events, links and log entries in one go."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from protocol.codes import Verdict
from protocol.listing import enforceable_from, first_failing_rule
from protocol.log_entries import EntryKind
from protocol.messages import RecordReport, RowVerdict
from registry.domain.evidence import LogEntry
from registry.domain.ids import uuid7
from registry.domain.participant import Actor
from registry.domain.record import Action, Party, Record, RecordEvent, RecordState, take_edge
from registry.domain.subject import Household, HouseholdLink, Subject
from registry.policy.reporting import Effect, apply_update, debt_facts, match_report
from registry.policy.rules import Rules, beijing_date
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.journal import REGISTRY_ACTOR, log_entry
from registry.usecases.pseudonyms import Pseudonyms, household_rows, subject_row


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedReport:
    """A report with the pseudonyms of its debtor."""

    report: RecordReport
    names: Pseudonyms


@dataclass(slots=True)
class _Changes:
    """What one call of ``judge`` is going to write, gathered so that it is written in bulk."""

    households: dict[bytes, Household] = field(default_factory=dict)
    links: list[HouseholdLink] = field(default_factory=list)
    fresh: dict[uuid.UUID, Record] = field(default_factory=dict)
    updated: dict[uuid.UUID, tuple[Record, int]] = field(default_factory=dict)
    events: list[RecordEvent] = field(default_factory=list)
    entries: list[LogEntry] = field(default_factory=list)


class _Judge:
    """One actor, one moment, one version of the rules."""

    def __init__(self, registry: Registry, actor: Actor, now: dt.datetime) -> None:
        self.registry = registry
        self.actor = actor
        self.now = now
        self.today = beijing_date(now)
        self.rules: Rules = registry.rules.in_force(self.today)
        self.changes = _Changes()

    def new_id(self) -> uuid.UUID:
        return uuid7(self.now, self.registry.random)

    def note(self, kind: EntryKind, entry_id: uuid.UUID, named: NamedReport, verdict: str, **facts: str) -> None:
        """Log what was reported; the pseudonymous account reference is in the part that can be erased."""
        self.changes.entries.append(
            log_entry(
                self.registry,
                kind,
                entry_id=entry_id,
                at=self.now,
                actor=self.actor,
                facts={"verdict": verdict, "rules": self.rules.version, **facts},
                subject_key=named.names.subject_key,
                personal={
                    "subject": named.names.subject_key.hex(),
                    "account": named.report.account_ref.hex(),
                    "principal_fen": named.report.principal_fen,
                },
            )
        )

    def reject(self, named: NamedReport, verdict: Verdict) -> RowVerdict:
        """RECEIVED -> REJECTED leaves a verdict and a log entry, no record: nobody is kept for a refused report."""
        self.note(EntryKind.REPORT_REJECTED, self.new_id(), named, verdict)
        return self.verdict(named, verdict)

    def repeat(self, named: NamedReport, record: Record) -> RowVerdict:
        self.note(EntryKind.REPORT_REPEATED, self.new_id(), named, Verdict.DUPLICATE, record=str(record.record_id))
        return self.verdict(named, Verdict.DUPLICATE, record)

    def update(self, named: NamedReport, record: Record) -> tuple[Record, RowVerdict]:
        entry_id = self.new_id()
        changed = apply_update(record, named.report, entry_id, self.rules.listing)
        if record.record_id in self.changes.fresh:
            self.changes.fresh[record.record_id] = changed
        else:
            _, expected = self.changes.updated.get(record.record_id, (record, record.version))
            self.changes.updated[record.record_id] = (changed, expected)
        self.note(EntryKind.RECORD_UPDATED, entry_id, named, Verdict.UPDATED, record=str(record.record_id))
        self.link(named, record.record_id)
        return changed, self.verdict(named, Verdict.UPDATED, changed)

    def list_new(self, named: NamedReport) -> tuple[Record, RowVerdict]:
        """RECEIVED -> PENDING, and on to ACTIVE where the lead time since the notice has run already."""
        record = self._received(named)
        record, event = take_edge(
            record,
            Action.ACCEPT,
            Party.REGISTRY,
            actor_id=self.actor.participant_id,
            reason="reported",
            at=self.now,
            rules_version=self.rules.version,
            event_id=record.log_entry_id,
        )
        self.changes.events.append(event)
        edge = f"{event.source}>{event.target}"
        self.note(
            EntryKind.RECORD_TRANSITION, event.event_id, named, record.state, record=str(record.record_id), edge=edge
        )
        if record.enforceable_from <= self.today:
            record, event = enforce(self.registry, record, self.now, self.rules.version)
            self.changes.events.append(event)
            self.changes.entries.append(transition_entry(self.registry, event, None))
        self.changes.fresh[record.record_id] = record
        self.link(named, record.record_id)
        return record, self.verdict(named, Verdict(record.state.value), record)

    def link(self, named: NamedReport, record_id: uuid.UUID) -> None:
        for household in household_rows(self.registry, named.names, self.now):
            self.changes.households.setdefault(household.household_key, household)
            self.changes.links.append(
                HouseholdLink(
                    household_key=household.household_key,
                    subject_key=named.names.subject_key,
                    record_id=record_id,
                    linked_at=self.now,
                )
            )

    def verdict(self, named: NamedReport, verdict: Verdict, record: Record | None = None) -> RowVerdict:
        return RowVerdict(
            row_id=named.report.row_id,
            verdict=verdict,
            record_id=None if record is None else record.record_id,
            enforceable_from=None if record is None else record.enforceable_from,
            rules_version=self.rules.version,
        )

    def _received(self, named: NamedReport) -> Record:
        report = named.report
        if report.notice_date is None:
            raise ValueError("a report without a notice is not listable")
        return Record(
            subject_key=named.names.subject_key,
            record_id=self.new_id(),
            creditor_id=self.actor.participant_id,
            account_ref=report.account_ref,
            state=RecordState.RECEIVED,
            service_class=report.service_class,
            category=report.category,
            principal_fen=report.principal_fen,
            paid_fen=0,
            due_date=report.due_date,
            suspended_on=report.suspended_on,
            ended_on=report.ended_on,
            notice_date=report.notice_date,
            notice_channel=report.notice_channel,
            enforceable_from=enforceable_from(report.notice_date, self.rules.listing),
            dealer=report.dealer,
            rules_version=self.rules.version,
            version=0,
            received_at=self.now,
            state_since=self.now,
            log_entry_id=self.new_id(),
        )


def judge(
    registry: Registry, tx: Transaction, actor: Actor, named: Sequence[NamedReport], now: dt.datetime
) -> tuple[RowVerdict, ...]:
    """A verdict for each report, in order; later rows see what earlier rows of the same call did."""
    bench = _Judge(registry, actor, now)
    failing = [first_failing_rule(debt_facts(each.report, bench.today), bench.rules.listing) for each in named]
    on_account = _open_the_files(bench, tx, [each for each, code in zip(named, failing, strict=True) if code is None])
    verdicts: list[RowVerdict] = []
    for each, code in zip(named, failing, strict=True):
        if code is not None:
            verdicts.append(bench.reject(each, code))
            continue
        file = on_account.setdefault((each.names.subject_key, each.report.account_ref), [])
        match = match_report(each.report, file)
        if match.record is None:
            record, verdict = bench.list_new(each)
            file.append(record)
        elif match.effect is Effect.SAME:
            verdict = bench.repeat(each, match.record)
        else:
            record, verdict = bench.update(each, match.record)
            file[file.index(match.record)] = record
        verdicts.append(verdict)
    _write(tx, bench.changes)
    return tuple(verdicts)


def _open_the_files(
    bench: _Judge, tx: Transaction, listable: Sequence[NamedReport]
) -> dict[tuple[bytes, bytes], list[Record]]:
    """Lock the subjects' head rows, then read the creditor's records on each account.

    The lock is what makes "one open record per account" hold when two reports of one subject race.
    """
    heads: dict[bytes, Subject] = {}
    for each in listable:
        if each.names.subject_key not in heads:
            heads[each.names.subject_key] = subject_row(bench.registry, each.names, bench.now)
    tx.subjects.ensure(tuple(heads.values()))
    tx.subjects.lock(heads.keys())
    files: dict[tuple[bytes, bytes], list[Record]] = {}
    for records in tx.records.of_subjects(heads.keys()).values():
        for record in records:
            if record.creditor_id == bench.actor.participant_id:
                files.setdefault((record.subject_key, record.account_ref), []).append(record)
    return files


def _write(tx: Transaction, changes: _Changes) -> None:
    tx.records.add(tuple(changes.fresh.values()))
    tx.records.update_many(tuple(changes.updated.values()))
    tx.events.add(changes.events)
    tx.households.ensure(tuple(changes.households.values()))
    tx.households.link(changes.links)
    tx.log.append(changes.entries)


def enforce(registry: Registry, record: Record, now: dt.datetime, rules_version: str) -> tuple[Record, RecordEvent]:
    """PENDING -> ACTIVE, taken by the clock once the lead time has run."""
    return take_edge(
        record,
        Action.ENFORCE,
        Party.CLOCK,
        actor_id=REGISTRY_ACTOR,
        reason="lead-time-over",
        at=now,
        rules_version=rules_version,
        event_id=uuid7(now, registry.random),
    )


def transition_entry(registry: Registry, event: RecordEvent, actor: Actor | None) -> LogEntry:
    """The log entry of one edge taken; its id is the event's."""
    return log_entry(
        registry,
        EntryKind.RECORD_TRANSITION,
        entry_id=event.event_id,
        at=event.at,
        actor=actor,
        facts={
            "record": str(event.record_id),
            "edge": f"{event.source}>{event.target}",
            "reason": event.reason,
            "rules": event.rules_version,
        },
        subject_key=event.subject_key,
        personal={"subject": event.subject_key.hex()},
    )
