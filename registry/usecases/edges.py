"""Take edges of a record's life: the record, its transition and its log entry are written together."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeAlias

from protocol.log_entries import EntryKind, Facts
from protocol.problems import Problem, Refusal
from protocol.states import Action, Party, RecordState
from registry.domain import records
from registry.domain.life import EDGES, EdgeNotAllowed, WrongParty
from registry.domain.log import LogEntry
from registry.domain.records import Record, RecordTransition
from registry.domain.transfers import present_creditor
from registry.usecases.act import REGISTRY_ACTOR, Act
from registry.usecases.notify import tell_askers_of_edges, tell_creditors_of_edges

DueDays: TypeAlias = Mapping[uuid.UUID, dt.date]
"""By record, the due day of a scheduler's edge, which may be taken on a later day."""
NO_DAYS: Final[DueDays] = MappingProxyType({})
NOTHING_MORE: Final[Mapping[uuid.UUID, Facts]] = MappingProxyType({})


def move(act: Act, record: Record, action: Action, party: Party, reason: str) -> Record:
    """Take one edge and write it: the record, its transition and its log entry together."""
    (changed,) = move_many(act, (record,), action, party, reason)
    return changed


def move_many(
    act: Act, moved: Sequence[Record], action: Action, party: Party, reason: str, *, due: DueDays = NO_DAYS
) -> list[Record]:
    """Do as ``move`` for different records, in order, with a fixed number of SQL statements.

    ``due`` holds, by record, the due days of scheduled edges: their entries name them.
    """
    taken = [take_edge(act, each, action, party, reason) for each in moved]
    log_edges(act, taken, due)
    act.tx.records.update_many([(changed, before.version) for before, (changed, _) in zip(moved, taken, strict=True)])
    write_events(act, taken)
    return [changed for changed, _ in taken]


def take_edge(
    act: Act, record: Record, action: Action, party: Party, reason: str, *, actor_id: str | None = None
) -> tuple[Record, RecordTransition]:
    """Return the record after ``action`` and its transition, both not yet written; the registry may take any edge.

    ``actor_id`` is the participant that confirmed the action before, if this act executes it later.
    Raises Refusal EDGE_NOT_ALLOWED with the state and its edges, or with the parties of the edge;
    RECORD_TRANSFERRED to the former creditor of a debt.
    """
    try:
        return records.take_edge(
            record,
            action,
            party,
            actor_id=REGISTRY_ACTOR if party is Party.CLOCK else actor_id or act.actor_id,
            reason=reason,
            at=act.now,
            rules_version=act.rules.version,
            event_id=act.new_id(),
        )
    except EdgeNotAllowed as refused:
        refuse_former_creditor(act, record)
        # Do not list transitions that only the scheduler may take.
        edges = [each for each in refused.allowed if EDGES[refused.state, each].parties != {Party.CLOCK}]
        allowed = ", ".join(edges) or "none"
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail=f"The record is {refused.state}; allowed: {allowed}.") from None
    except WrongParty as refused:
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail=f"The record is {record.state}; {refused}.") from None


def refuse_former_creditor(act: Act, record: Record) -> None:
    """Raise Refusal RECORD_TRANSFERRED, with the present creditor's id, to the former creditor."""
    if record.state is not RecordState.TRANSFERRED or record.creditor_id != act.actor_id:
        return
    of_subject = act.tx.records.of_subjects((record.subject_key,)).get(record.subject_key, ())
    raise transferred_refusal(present_creditor(record.record_id, of_subject))


def log_edges(
    act: Act,
    taken: Sequence[tuple[Record, RecordTransition]],
    due: DueDays = NO_DAYS,
    *,
    more: Mapping[uuid.UUID, Facts] = NOTHING_MORE,
) -> None:
    """Append the entries of transitions, before their records are written, which name them.

    ``more`` holds further facts of some entries, by the transition.
    """
    act.tx.openings.append(
        [transition_entry(act, event, due.get(event.record_id), more.get(event.event_id)) for _, event in taken]
    )


def write_events(act: Act, taken: Sequence[tuple[Record, RecordTransition]]) -> None:
    """Write logged transitions; tell the creditors and the carriers with a hit. The caller holds the locks."""
    events = [event for _, event in taken]
    act.tx.transitions.add(events)
    tell_creditors_of_edges(act, taken)
    tell_askers_of_edges(act, events)


def transition_entry(
    act: Act, event: RecordTransition, due_on: dt.date | None = None, more: Facts | None = None
) -> LogEntry:
    """Make the log entry of a transition, with its due day; the entry has the transition's id."""
    facts: dict[str, str | int] = {
        "record": str(event.record_id),
        "edge": f"{event.source}>{event.target}",
        "party": event.party.value,
        "reason": event.reason,
        "rules": event.rules_version,
    }
    if due_on is not None:
        facts["due"] = due_on.isoformat()
    facts |= more or {}
    return act.entry(
        EntryKind.RECORD_TRANSITION,
        event.event_id,
        facts,
        subject_key=event.subject_key,
        personal={"subject": event.subject_key.hex()},
    )


def transferred_refusal(creditor: str | None) -> Refusal:
    """Write a former creditor's refusal; the present creditor is unknown once all its records have left the list."""
    return Refusal(Problem.RECORD_TRANSFERRED, figures=None if creditor is None else {"creditor": creditor})
