"""Decide what judged rows do: records, links, manifests and log entries; then write them in bulk."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, TypeVar

from protocol.beijing import beijing_date
from protocol.codes import Verdict
from protocol.log_entries import EntryKind
from protocol.messages.records import RecordReport, RowVerdict
from protocol.states import RecordState, RowNote
from protocol.values import quick
from registry.domain.accounts import pointer_to
from registry.domain.confirmations import confirmed
from registry.domain.evidence import KeptManifest
from registry.domain.log import LogEntry
from registry.domain.records import Record, RecordTransition
from registry.policy.reporting import Effect, Judgement
from registry.usecases.act import Act
from registry.usecases.attestations.contradict import end_contradicted
from registry.usecases.notify import Change, tell_askers
from registry.usecases.participants.shared import check_member
from registry.usecases.records.confirm import confirmation_terms, confirmed_record, counts_today
from registry.usecases.records.files import FiledReport, Files, Row, row_of
from registry.usecases.records.homes import Rehousing, write_homes
from registry.usecases.records.listing import Listing

_Value = TypeVar("_Value")
NOTHING_MORE: Final[Mapping[str, str]] = MappingProxyType({})
_STANDING: Final = frozenset({Effect.LIST, Effect.UPDATE, Effect.REPEAT})


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class RowEffect:
    """The effect of a judged row, not yet written; records that leave the list were written when they were judged."""

    verdict: RowVerdict
    entry: LogEntry | None = None
    before: Record | None = None
    """The record before the row; None for a row that lists it."""
    after: Record | None = None
    """The record to write."""
    is_update: bool = False
    """The row changes facts of an open record."""
    transitions: Sequence[RecordTransition] = ()
    """RECEIVED -> PENDING -> ACTIVE, as far as the row went: one act, which the report's own log entry covers."""
    manifest: KeptManifest | None = None
    """The manifest of the report's evidence, to keep beside those of earlier reports."""
    rehousing: Rehousing | None = None


class Effects:
    """Decides the effects of the judged rows of one call; it writes nothing."""

    def __init__(self, act: Act) -> None:
        self._act = act
        self._listing = Listing(act)

    def of_row(self, row: Row, judgement: Judgement, withdrew: Sequence[uuid.UUID]) -> RowEffect:
        """Decide the effect of a row.

        RECEIVED -> REJECTED leaves a verdict and a log entry, no record. A row that took a record out has the entry of
        that edge, and a row about no record of ours has none.
        """
        record = judgement.record
        match judgement.effect:
            case Effect.LIST:
                return self._list(_named(row), judgement, withdrew)
            case Effect.UPDATE:
                return self._update(_named(row), judgement, withdrew)
            case Effect.REPEAT:
                return self._repeat(row, judgement, withdrew)
            case Effect.REJECT:
                entry = self._entry(EntryKind.REPORT_REJECTED, row, _given(judgement.code), record, self._act.new_id())
                return RowEffect(
                    verdict=self._verdict(row, _given(judgement.code), record, judgement, withdrew), entry=entry
                )
            case Effect.TAKE_OUT:
                return RowEffect(verdict=self._verdict(row, Verdict.WITHDRAWN, record, judgement, withdrew))
            case Effect.IGNORE:
                return RowEffect(verdict=self._verdict(row, _given(judgement.code), record, judgement, withdrew))

    def _list(self, named: FiledReport, judgement: Judgement, withdrew: Sequence[uuid.UUID]) -> RowEffect:
        """List a record: RECEIVED -> PENDING, and on to ACTIVE where the lead time since the notice has run already."""
        listed = self._listing.list(named, judgement)
        record, entry_id = listed.record, listed.record.log_entry_id
        verdict = Verdict(record.state.value)
        return RowEffect(
            verdict=self._verdict(named, verdict, record, judgement, withdrew),
            entry=self._entry(
                EntryKind.REPORT_LISTED,
                named,
                verdict,
                record,
                entry_id,
                more={"edges": listed.path} | self._dates(record),
            ),
            after=record,
            transitions=listed.transitions,
            manifest=self._manifest(named, record),
            rehousing=Rehousing(names=named.names, before=None, after=record),
        )

    def _update(self, named: FiledReport, judgement: Judgement, withdrew: Sequence[uuid.UUID]) -> RowEffect:
        """Update the facts of an open record."""
        record, entry_id = _given(judgement.record), self._act.new_id()
        changed = replace(
            _given(judgement.taken).record,
            version=record.version + 1,
            log_entry_id=entry_id,
            person_ref=named.report.person_ref or record.person_ref,
        )
        if changed.state is RecordState.PENDING:
            # A report is the creditor's word, on its day, that the debt is unpaid.
            changed = confirmed(changed, self._act.today, confirmation_terms(self._act, changed))
        return RowEffect(
            verdict=self._verdict(named, Verdict.UPDATED, changed, judgement, withdrew),
            entry=self._entry(
                EntryKind.RECORD_UPDATED, named, Verdict.UPDATED, record, entry_id, more=_new_date(record, changed)
            ),
            before=record,
            after=changed,
            is_update=True,
            manifest=self._manifest(named, changed),
            rehousing=Rehousing(names=named.names, before=record, after=changed),
        )

    def _repeat(self, row: Row, judgement: Judgement, withdrew: Sequence[uuid.UUID]) -> RowEffect:
        """Repeat a report: it changes nothing, but counts as today's confirmation where the rules ask for one."""
        before, entry_id = judgement.record, self._act.new_id()
        after = before
        if before is not None and before.is_open:
            after = self._repeated(before, _named(row).report, entry_id)
        return RowEffect(
            verdict=self._verdict(row, Verdict.DUPLICATE, after, judgement, withdrew),
            entry=self._entry(EntryKind.REPORT_REPEATED, row, Verdict.DUPLICATE, before, entry_id),
            before=before,
            after=None if after == before else after,
        )

    def _repeated(self, record: Record, report: RecordReport, entry_id: uuid.UUID) -> Record:
        """Return the open record after the same report again.

        It takes over the reference of the person where it has none, or that of the account's old spelling. The debtor
        is the same, so the record stays at its version, as it does under another reference of its account.
        """
        if report.person_ref is not None:
            record = replace(record, person_ref=report.person_ref)
        if record.state is not RecordState.PENDING or not counts_today(self._act, record):
            return record
        return confirmed_record(self._act, record, entry_id)

    def _manifest(self, named: FiledReport, record: Record) -> KeptManifest | None:
        if named.report.evidence is None:
            return None
        return KeptManifest(
            subject_key=record.subject_key,
            record_id=record.record_id,
            manifest=named.report.evidence,
            added_at=self._act.now,
        )

    def _entry(
        self,
        kind: EntryKind,
        row: Row,
        verdict: Verdict,
        record: Record | None,
        entry_id: uuid.UUID,
        *,
        more: Mapping[str, str] = NOTHING_MORE,
    ) -> LogEntry:
        """Build the log entry of a report; the erasable part has pseudonym, account reference and amount."""
        facts = {"verdict": verdict.value, "rules": self._act.rules.version, **more}
        if record is not None:
            facts["record"] = str(record.record_id)
        if not isinstance(row, FiledReport):
            return self._act.entry(kind, entry_id, facts)
        if record is not None and row.report.evidence is not None and kind is not EntryKind.REPORT_REJECTED:
            facts["evidence"] = row.report.evidence.digest.hex()
        personal: dict[str, str | int] = {
            "subject": row.subject_key.hex(),
            "account": row.report.account_ref.hex(),
            "principal_fen": row.report.principal_fen,
        }
        return self._act.entry(kind, entry_id, facts, subject_key=row.subject_key, personal=personal)

    def _dates(self, record: Record) -> dict[str, str]:
        """Return the dates since which a listed record counts: from the log alone a grade can be computed again."""
        dates = {"enforceable_from": record.enforceable_from.isoformat()}
        listed_on = beijing_date(record.received_at)
        return dates if listed_on == self._act.today else dates | {"listed_on": listed_on.isoformat()}

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
            rules_version=self._act.rules.version,
            reason=judgement.code if judgement.effect is Effect.TAKE_OUT else None,
            notes=tuple(notes),
            withdrew=tuple(withdrew),
            version=record.version if record is not None and judgement.effect in _STANDING else None,
        )


def write_effects(act: Act, effects: Sequence[RowEffect], files: Files) -> None:
    """Write the effects of all rows of a call, in bulk; the act's transaction commits it."""
    fresh, updated = _records(effects)
    corrected = {each.after.record_id: each.after for each in effects if each.is_update and each.after is not None}
    tx = act.tx
    tx.openings.append([each.entry for each in effects if each.entry is not None])
    tx.records.add(tuple(fresh.values()))
    if fresh:
        check_member(act)
    end_contradicted(act, [*fresh.values(), *(record for record, _ in updated.values())])
    tx.accounts.point([pointer_to(record) for record in fresh.values()], files.pointers)
    tx.records.update_many(tuple(updated.values()))
    tx.evidence.keep([each.manifest for each in effects if each.manifest is not None])
    # Of a new record's transitions nobody is told: its creditor gets the verdict, and no inquiry has found it yet.
    tx.transitions.add([event for each in effects for event in each.transitions])
    tell_askers(act, [Change.corrected(record) for record in corrected.values() if record.blocks])
    write_homes(act, [each.rehousing for each in effects if each.rehousing is not None])
    # Subject rows that were locked in vain: no other step would check whether anything keeps them.
    idle = files.debtors - {record.subject_key for record in fresh.values()} - files.records.subjects()
    tx.idle_subjects.look_again(dict.fromkeys(sorted(idle), act.today))


def _new_date(before: Record, after: Record) -> Mapping[str, str]:
    """Return the day from which an updated record blocks, where the row changed it."""
    if after.enforceable_from == before.enforceable_from:
        return NOTHING_MORE
    return {"enforceable_from": after.enforceable_from.isoformat()}


def _records(effects: Sequence[RowEffect]) -> tuple[dict[uuid.UUID, Record], dict[uuid.UUID, tuple[Record, int]]]:
    """Return the records that the rows list, and those that they change with the stored version: each once."""
    fresh: dict[uuid.UUID, Record] = {}
    updated: dict[uuid.UUID, tuple[Record, int]] = {}
    for each in effects:
        if each.after is None:
            continue
        record_id = each.after.record_id
        if each.before is None or record_id in fresh:
            fresh[record_id] = each.after
        else:
            _, stored = updated.get(record_id, (each.before, each.before.version))
            updated[record_id] = (each.after, stored)
    return fresh, updated


def _named(row: Row) -> FiledReport:
    """Return the row's report; a row without tokens lists and changes nothing."""
    if not isinstance(row, FiledReport):
        raise TypeError("a row without tokens lists and changes nothing")
    return row


def _given(value: _Value | None) -> _Value:
    """Return the part that a judgement of this effect must have; raises ValueError if it is missing."""
    if value is None:
        raise ValueError("the judgement lacks a part that its effect needs")
    return value
