"""Confirm, as the creditor, that waiting records are still unpaid, where the rules ask for it."""

import uuid
from collections.abc import Sequence
from dataclasses import replace

from protocol.codes import ConfirmationOutcome
from protocol.log_entries import EntryKind
from protocol.messages.confirmations import Confirmation, ConfirmationsAnswer
from protocol.messages.rules import ConfirmationTerms
from protocol.states import RecordState
from registry.domain.confirmations import confirmed
from registry.domain.log import LogEntry
from registry.domain.participants import Actor
from registry.domain.records import Record
from registry.usecases.act import Act
from registry.usecases.context import IdempotentCall, Outcome, Registry
from registry.usecases.idempotency import answer_once
from registry.usecases.records.shared import hold_own


def confirm_unpaid(
    registry: Registry, actor: Actor, call: IdempotentCall, *, record_ids: Sequence[uuid.UUID]
) -> Outcome:
    """Confirm the creditor's own PENDING records; an answer for each id, in order. Raises no Refusal of its own."""

    def work(act: Act) -> tuple[int, ConfirmationsAnswer]:
        outcomes = _confirm(act, record_ids)
        return 200, ConfirmationsAnswer(
            confirmations=tuple(Confirmation(record_id=each, outcome=outcomes[each]) for each in record_ids)
        )

    return answer_once(registry, actor, call, work)


def confirmation_terms(act: Act, record: Record) -> ConfirmationTerms:
    """Return the terms of the version under which the record was listed: later versions do not apply to it."""
    return act.rules_of(record).confirmation


def counts_today(act: Act, record: Record) -> bool:
    """Tell whether a PENDING record's rules ask for its creditor's word, and today has none yet."""
    return record.confirmed_on != act.today and confirmation_terms(act, record).max_age_days > 0


def unpaid_entry(act: Act, record: Record) -> LogEntry:
    """Build the log entry of the creditor's word that a record is unpaid."""
    return act.entry(
        EntryKind.RECORD_CONFIRMED,
        act.new_id(),
        {"record": str(record.record_id), "rules": act.rules.version},
        subject_key=record.subject_key,
        personal={"subject": record.subject_key.hex()},
    )


def confirmed_record(act: Act, record: Record, entry_id: uuid.UUID) -> Record:
    """Return a PENDING record after its creditor's confirmation of today, one version later."""
    told = confirmed(record, act.today, confirmation_terms(act, record))
    return replace(told, version=record.version + 1, log_entry_id=entry_id)


def _confirm(act: Act, record_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, ConfirmationOutcome]:
    """Decide the outcome of each id; the records are read under their subjects' locks."""
    outcomes = dict.fromkeys(record_ids, ConfirmationOutcome.NOT_FOUND)
    changes, entries = [], []
    for record in hold_own(act, record_ids):
        outcomes[record.record_id] = ConfirmationOutcome.NOT_PENDING
        if record.state is RecordState.PENDING:
            outcomes[record.record_id] = ConfirmationOutcome.CONFIRMED
            entries.append(unpaid_entry(act, record))
            changes.append((confirmed_record(act, record, entries[-1].entry_id), record.version))
    act.tx.openings.append(entries)
    act.tx.records.update_many(changes)
    return outcomes
