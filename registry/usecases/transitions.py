"""Takes one edge of the record's life inside a transaction: the record, its event and its log entry together."""

import datetime as dt

from protocol.problems import Problem, Refusal
from registry.domain.ids import uuid7
from registry.domain.participant import Actor
from registry.domain.record import Action, EdgeNotAllowed, Party, Record, take_edge
from registry.policy.rules import Rules
from registry.store.transactions import Transaction
from registry.usecases.context import Registry
from registry.usecases.journal import REGISTRY_ACTOR
from registry.usecases.judge_reports import transition_entry


def move(
    registry: Registry,
    tx: Transaction,
    record: Record,
    action: Action,
    party: Party,
    actor: Actor | None,
    reason: str,
    now: dt.datetime,
    rules: Rules,
) -> Record:
    """The record after ``action``; raises Refusal EDGE_NOT_ALLOWED naming the state and the edges it has."""
    try:
        changed, event = take_edge(
            record,
            action,
            party,
            actor_id=REGISTRY_ACTOR if actor is None else actor.participant_id,
            reason=reason,
            at=now,
            rules_version=rules.version,
            event_id=uuid7(now, registry.random),
        )
    except EdgeNotAllowed as refused:
        allowed = ", ".join(refused.allowed) or "none"
        raise Refusal(Problem.EDGE_NOT_ALLOWED, detail=f"The record is {refused.state}; allowed: {allowed}.") from None
    tx.records.update(changed, expected_version=record.version)
    tx.events.add((event,))
    tx.log.append((transition_entry(registry, event, actor),))
    return changed
