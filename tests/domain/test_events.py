"""Who got a hit hears of every edge that it must act on, and of no other."""

import pytest

from protocol.events import EventKind
from protocol.states import Action, Party, RecordState
from registry.domain.events import told_to_askers, told_to_creditor
from registry.domain.life import EDGES, Edge

BLOCKED_ONCE = [state for state in RecordState if state not in (RecordState.RECEIVED, RecordState.PENDING)]


@pytest.mark.parametrize(("source", "edge"), [(source, edge) for (source, _), edge in EDGES.items()])
def test_a_record_that_begins_or_stops_to_block_is_told_of(source: RecordState, edge: Edge) -> None:
    kind = told_to_askers(source, edge.target)
    if source not in BLOCKED_ONCE:
        assert kind is None
    elif edge.target is RecordState.ACTIVE:
        assert kind is EventKind.RECORD_REACTIVATED
    elif source is RecordState.ACTIVE and edge.target is not RecordState.TRANSFERRED:
        assert kind is not None


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (RecordState.DISPUTED, RecordState.SUSPENDED),
        (RecordState.ACTIVE, RecordState.TRANSFERRED),
        (RecordState.CLEARED, RecordState.PURGED),
    ],
)
def test_what_changes_nothing_for_whoever_asked_is_not_told(source: RecordState, target: RecordState) -> None:
    assert told_to_askers(source, target) is None


def test_a_creditor_hears_of_what_somebody_else_did_to_its_record_unless_it_heard_otherwise() -> None:
    others = {action for (_, action), edge in EDGES.items() if Party.CREDITOR not in edge.parties}
    # Of a verdict it reads in the answer, of a dispute in the event of the case; a purged record it could not read.
    heard = {Action.ACCEPT, Action.REJECT, Action.DISPUTE, Action.PURGE}
    assert {each for each in others if not told_to_creditor(each)} == heard
    assert not told_to_creditor(Action.CLEAR)
