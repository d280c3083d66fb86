"""Take a creditor's word that rows are the same as last time as their reports once more, by record id."""

import hashlib
import uuid
from collections.abc import Sequence
from typing import Final

from protocol.log_entries import EntryKind, Facts
from protocol.messages.confirmations import UnchangedAnswer, UnchangedAnswers, UnchangedRecord
from protocol.states import RecordState, UnchangedOutcome
from registry.domain.log import LogEntry
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.records.confirm import confirmed_record, counts_today, unpaid_entry
from registry.usecases.records.shared import hold_own

_DOMAIN: Final = b"clearline/records-unchanged/v1\n"


def confirm_unchanged(
    registry: Registry, actor: Actor, call: IdempotentCall, *, records: Sequence[UnchangedRecord]
) -> Outcome:
    """Confirm the creditor's own open records that no act has touched since the version that it names.

    Nothing happened to such a record, so its row could only repeat it (DUPLICATE): one that waits counts as confirmed
    today, which raises its version, and nothing else is written but one entry of the log. A record that changed is
    told with its state, and nothing is done for it. Raises no Refusal of its own.
    """

    def work(act: Act) -> tuple[int, UnchangedAnswers]:
        answers = _confirm(act, {each.record_id: each.version for each in records})
        return 200, UnchangedAnswers(records=tuple(answers[each.record_id] for each in records))

    return answer_once(registry, actor, call, work)


def unchanged_digest(record_ids: Sequence[uuid.UUID]) -> str:
    """Digest the confirmed records for the log: SHA-256 over a domain line and their 16 bytes each, in byte order."""
    return hashlib.sha256(_DOMAIN + b"".join(sorted(each.bytes for each in record_ids))).hexdigest()


def _confirm(act: Act, versions: dict[uuid.UUID, int]) -> dict[uuid.UUID, UnchangedAnswer]:
    answers = {each: UnchangedAnswer(record_id=each, outcome=UnchangedOutcome.NOT_FOUND) for each in versions}
    changes: list[tuple[Record, int]] = []
    entries: list[LogEntry] = []
    confirmed: list[uuid.UUID] = []
    for record in hold_own(act, versions):
        same = record.is_open and record.version == versions[record.record_id]
        after = record
        if same:
            confirmed.append(record.record_id)
            if record.state is RecordState.PENDING and counts_today(act, record):
                entries.append(unpaid_entry(act, record))
                after = confirmed_record(act, record, entries[-1].entry_id)
                changes.append((after, record.version))
        answers[record.record_id] = _answer(after, UnchangedOutcome.CONFIRMED if same else UnchangedOutcome.CHANGED)
    act.tx.openings.append(entries)
    act.tx.records.update_many(changes)
    if confirmed:
        facts: Facts = {"records": len(confirmed), "digest": unchanged_digest(confirmed), "rules": act.rules.version}
        act.log(EntryKind.RECORDS_UNCHANGED, act.new_id(), facts)
    return answers


def _answer(record: Record, outcome: UnchangedOutcome) -> UnchangedAnswer:
    return UnchangedAnswer(
        record_id=record.record_id,
        outcome=outcome,
        state=record.state,
        version=record.version,
        enforceable_from=record.enforceable_from,
    )
