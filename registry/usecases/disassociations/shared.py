"""Find household rebuttals, build their messages and log them."""

import datetime as dt
import uuid
from collections.abc import Sequence

from protocol.log_entries import EntryKind
from protocol.messages import disassociations as messages
from protocol.problems import Problem, Refusal
from protocol.wire.codec import message_of
from registry.domain.disassociations import Rebuttal, state_on
from registry.domain.participants import Actor
from registry.policy.offices import DISPUTE_JUDGES
from registry.store.transactions import Transaction
from registry.usecases.act import Act


def visible_rebuttal(tx: Transaction, actor: Actor, rebuttal_id: uuid.UUID) -> tuple[Rebuttal, ...]:
    """Find the rows of a filing for its filer and any adjudicator; raises Refusal NOT_FOUND for everybody else."""
    rows = tx.disassociations.find(rebuttal_id)
    if not rows or not (rows[0].filed_by == actor.participant_id or not actor.roles.isdisjoint(DISPUTE_JUDGES)):
        raise Refusal(Problem.NOT_FOUND)
    return rows


def rebuttal_message(rows: Sequence[Rebuttal], day: dt.date) -> messages.Rebuttal:
    """Build the message of a filing with its state on a Beijing date; no pseudonym is in it."""
    first = rows[0]
    return message_of(
        messages.Rebuttal, first, state=state_on(first, day), households=tuple(sorted(row.kind for row in rows))
    )


def note_rebuttal(act: Act, kind: EntryKind, rows: Sequence[Rebuttal]) -> None:
    """Log a filing or its end; the subject and the households are in the part to erase."""
    first = rows[0]
    personal = {"subject": first.subject_key.hex()} | {
        each.kind.value.lower(): each.household_key.hex() for each in rows
    }
    act.log(
        kind,
        first.log_entry_id,
        {
            "rebuttal": str(first.rebuttal_id),
            "ground": first.ground.value,
            "evidence": first.evidence_digest.hex(),
            "rules": act.rules.version,
        },
        subject_key=first.subject_key,
        personal=personal,
    )
