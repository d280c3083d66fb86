"""What the steps of a household rebuttal share: who may see one, what is shown of it, and its log entries."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from protocol.codes import Role
from protocol.encodings import format_time
from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from registry.domain.disassociations import Rebuttal, state_on
from registry.domain.participants import Actor
from registry.store.transactions import Transaction
from registry.usecases.act import Act


def visible_rebuttal(tx: Transaction, actor: Actor, rebuttal_id: uuid.UUID) -> tuple[Rebuttal, ...]:
    """The rows of a filing for its filer and any adjudicator; raises Refusal NOT_FOUND for everybody else."""
    rows = tx.disassociations.find(rebuttal_id)
    if not rows or not (rows[0].filed_by == actor.participant_id or Role.ADJUDICATOR in actor.roles):
        raise Refusal(Problem.NOT_FOUND)
    return rows


def rebuttal_document(rows: Sequence[Rebuttal], day: dt.date) -> dict[str, Any]:
    """What is shown of a filing, with its state on a Beijing date; no pseudonym is in it."""
    first = rows[0]
    return {
        "rebuttal_id": str(first.rebuttal_id),
        "state": state_on(first, day).value,
        "households": sorted(each.kind.value for each in rows),
        "ground": first.ground.value,
        "filed_by": first.filed_by,
        "filed_at": format_time(first.filed_at),
        "until": first.until.isoformat(),
        "withdrawn_at": None if first.withdrawn_at is None else format_time(first.withdrawn_at),
        "rules_version": first.rules_version,
    }


def note_rebuttal(act: Act, kind: EntryKind, rows: Sequence[Rebuttal]) -> None:
    """The log entry of a filing or of its end; whose it is and of which households, is in the part to erase."""
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
