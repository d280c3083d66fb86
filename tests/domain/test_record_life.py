"""The life of a record: the table of edges is the whole truth."""

import uuid
from itertools import product

import pytest

from docs import record_life
from protocol.states import CLOSED_STATES, OPEN_STATES, Action, Party, RecordState
from registry.domain.life import EDGES, EdgeNotAllowed, WrongParty, next_state
from registry.domain.records import take_edge
from tests.support.builders import NOW, a_record
from tests.support.cells import every_cell


@pytest.mark.parametrize("state", RecordState)
def test_every_state_action_and_party_is_either_an_edge_or_refused(state: RecordState) -> None:
    with every_cell() as table:
        for action, party in product(Action, Party):
            with table.cell(state, action, party):
                edge = EDGES.get((state, action))
                if edge is None:
                    with pytest.raises(EdgeNotAllowed) as refused:
                        next_state(state, action, party)
                    assert refused.value.state is state
                    assert set(refused.value.allowed) == {each for source, each in EDGES if source is state}
                elif party not in edge.parties:
                    with pytest.raises(WrongParty, match=action):
                        next_state(state, action, party)
                else:
                    assert next_state(state, action, party) is edge.target


def test_the_edges_are_those_of_the_published_life() -> None:
    published = """
    RECEIVED -> REJECTED PENDING
    PENDING -> ACTIVE CANCELLED DISPUTED
    ACTIVE -> DISPUTED SUSPENDED ARRANGED CLEARED WITHDRAWN VOID_IDENTITY_THEFT DISCHARGED TRANSFERRED FROZEN EXPIRED
    DISPUTED -> ACTIVE SUSPENDED WITHDRAWN VOID_IDENTITY_THEFT CLEARED EXPIRED
    SUSPENDED -> ACTIVE WITHDRAWN CLEARED EXPIRED
    ARRANGED -> ACTIVE CLEARED WITHDRAWN EXPIRED
    FROZEN -> ACTIVE CLEARED WITHDRAWN VOID_IDENTITY_THEFT DISCHARGED EXPIRED
    CLEARED -> ACTIVE PURGED
    CANCELLED -> PURGED
    WITHDRAWN -> PURGED
    VOID_IDENTITY_THEFT -> PURGED
    DISCHARGED -> PURGED
    TRANSFERRED -> PURGED
    EXPIRED -> PURGED
    """
    wanted = set()
    for line in published.strip().splitlines():
        source, targets = line.split("->")
        wanted |= {(RecordState(source.strip()), RecordState(target)) for target in targets.split()}
    assert {(source, edge.target) for (source, _), edge in EDGES.items()} == wanted


def test_only_the_creditor_needs_a_second_person() -> None:
    for edge in EDGES.values():
        assert not edge.two_people or edge.parties == {Party.CREDITOR}


def test_only_an_active_record_blocks() -> None:
    assert [state for state in RecordState if a_record(state=state).blocks] == [RecordState.ACTIVE]


def test_a_record_is_open_or_closed_or_leaves_nothing_but_a_trace() -> None:
    assert {state for state in RecordState if a_record(state=state).is_open} == OPEN_STATES
    traces = {RecordState.RECEIVED, RecordState.REJECTED, RecordState.PURGED}
    assert OPEN_STATES | CLOSED_STATES | traces == set(RecordState)
    assert not OPEN_STATES & CLOSED_STATES


def test_every_state_that_is_kept_ends_with_a_purge_by_the_clock() -> None:
    for state in CLOSED_STATES:
        assert EDGES[state, Action.PURGE].parties == {Party.CLOCK}
    for state in OPEN_STATES - {RecordState.PENDING}:
        assert EDGES[state, Action.EXPIRE].parties == {Party.CLOCK}


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


def test_the_page_about_the_life_of_a_record_is_what_the_table_says() -> None:
    assert record_life.PAGE.read_text(encoding="utf-8") == record_life.page()


def test_a_record_carries_the_late_fee_of_its_listing() -> None:
    own = a_record(late_fee_daily_ppm=1_000, late_fee_cap_ppm=100_000).late_fee
    assert (own.daily_ppm, own.cap_ppm) == (1_000, 100_000)
