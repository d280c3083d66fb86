"""The life of a record: the table of edges is the whole truth."""

import uuid

import pytest

from registry.domain.record import (
    EDGES,
    OPEN_STATES,
    Action,
    EdgeNotAllowed,
    Party,
    RecordState,
    WrongParty,
    next_state,
    take_edge,
)
from tests.builders import NOW, a_record

EVERY_STEP = [(state, action, party) for state in RecordState for action in Action for party in Party]


@pytest.mark.parametrize(("state", "action", "party"), EVERY_STEP)
def test_every_state_action_and_party_is_either_an_edge_or_refused(
    state: RecordState, action: Action, party: Party
) -> None:
    edge = EDGES.get((state, action))
    if edge is None:
        with pytest.raises(EdgeNotAllowed) as refused:
            next_state(state, action, party)
        assert refused.value.state is state
        assert set(refused.value.allowed) == {each for source, each in EDGES if source is state}
    elif edge.party is not party:
        with pytest.raises(WrongParty):
            next_state(state, action, party)
    else:
        assert next_state(state, action, party) is edge.target


def test_the_edges_are_those_of_the_published_life() -> None:
    drawn = {(source, edge.target) for (source, _), edge in EDGES.items()}
    assert drawn == {
        (RecordState.RECEIVED, RecordState.REJECTED),
        (RecordState.RECEIVED, RecordState.PENDING),
        (RecordState.PENDING, RecordState.ACTIVE),
        (RecordState.PENDING, RecordState.CANCELLED),
        (RecordState.ACTIVE, RecordState.CLEARED),
        (RecordState.ACTIVE, RecordState.WITHDRAWN),
    }


def test_only_an_active_record_blocks() -> None:
    assert [state for state in RecordState if a_record(state=state).blocks] == [RecordState.ACTIVE]


def test_a_closed_record_is_not_open() -> None:
    assert {state for state in RecordState if a_record(state=state).is_open} == OPEN_STATES


def test_an_edge_taken_gives_the_next_version_and_an_event_that_is_its_own_log_entry() -> None:
    record = a_record(version=4)
    changed, event = take_edge(
        record,
        Action.CLEAR,
        Party.CREDITOR,
        actor_id="carrier-a",
        reason="settled-full",
        at=NOW,
        rules_version="2026-01",
        event_id=uuid.UUID(int=9),
    )
    assert (changed.state, changed.version, changed.log_entry_id) == (RecordState.CLEARED, 5, uuid.UUID(int=9))
    assert (event.source, event.target) == (RecordState.ACTIVE, RecordState.CLEARED)
    assert event.event_id == event.log_entry_id == uuid.UUID(int=9)
    assert record.state is RecordState.ACTIVE


def test_a_record_never_shows_its_pseudonym_when_printed() -> None:
    assert "SSSS" not in repr(a_record())
