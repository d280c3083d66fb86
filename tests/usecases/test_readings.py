"""Of an office's reading the purpose is kept for good, and the member of its staff until its age, on both databases."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from protocol.codes import Role
from protocol.encodings import b64url_encode
from protocol.log_entries import READINGS, EntryKind
from protocol.messages.disputes import DisputesQuery
from protocol.messages.evidence import DemandsQuery
from protocol.problems import Problem, Refusal
from protocol.readings import UNTOLD, Agent, Reading, ReadingPurpose
from registry.domain.ids import first_uuid7
from registry.domain.log import LogEntry
from registry.domain.readings import reader_key
from registry.policy.rules import DEFAULT_RULES, RuleBook, context_terms
from registry.usecases.archive.run_retention import run_retention
from registry.usecases.disputes.read import list_disputes, list_papers, open_paper, read_dispute
from registry.usecases.evidence.read import list_demands
from registry.usecases.log.read_openings import read_openings
from registry.usecases.tallies.read import read_tallies
from tests.support.builders import TODAY, tokens
from tests.support.disputes import adds, disputed
from tests.support.log_rounds import YEAR, integrate_all
from tests.support.overseen import READING, REFERENCE
from tests.support.stories import asks
from tests.support.world import World

SAID = b64url_encode(REFERENCE).encode()
Read = Callable[[World, Reading], object]


def of_nobody() -> Iterator[tuple[str, Read]]:
    """Readings of what is about no subject."""
    yesterday = TODAY - dt.timedelta(days=1)
    yield (
        "disputes",
        lambda world, reading: list_disputes(world.registry, court(world), DisputesQuery(), reading=reading),
    )
    yield (
        "demands",
        lambda world, reading: list_demands(world.registry, auditor(world), DemandsQuery(), reading=reading),
    )
    yield "tallies", lambda world, reading: read_tallies(world.registry, auditor(world), yesterday, reading=reading)
    yield (
        "openings",
        lambda world, reading: list(read_openings(world.registry, auditor(world), YEAR, 0, 5, reading=reading)),
    )


OF_NOBODY = dict(of_nobody())


def court(world: World) -> Any:
    return world.actor("court", Role.ADJUDICATOR)


def auditor(world: World) -> Any:
    return world.actor("auditor", Role.AUDITOR)


def readings(world: World) -> list[LogEntry]:
    found = world.registry.store.read(lambda tx: tx.openings.first(10_000))
    return [each for each in found if each.kind in READINGS]


def purpose(entry: LogEntry) -> object:
    return json.loads(entry.core)["facts"].get("purpose")


def retain(world: World) -> None:
    while run_retention(world.registry, limit=3):
        pass


@pytest.mark.parametrize("name", OF_NOBODY)
def test_a_reading_about_no_subject_lies_under_a_key_of_the_reader(world: World, tmp_path: Path, name: str) -> None:
    integrate_all(world, tmp_path)
    OF_NOBODY[name](world, READING)
    (entry,) = readings(world)
    assert READING.agent is not None
    assert entry.subject_key == reader_key(entry.participant_id, READING.agent)
    assert entry.subject_key not in (None, REFERENCE)
    assert json.loads(entry.personal or b"") == {"agent": SAID.decode(), "agent_salt": b64url_encode(bytes(16))}
    assert SAID not in entry.core
    assert purpose(entry) == "COMPLAINT"


@pytest.mark.parametrize("name", OF_NOBODY)
def test_a_reading_by_nobody_named_has_no_erasable_part(world: World, tmp_path: Path, name: str) -> None:
    integrate_all(world, tmp_path)
    OF_NOBODY[name](world, Reading(purpose=ReadingPurpose.SUPERVISION))
    (entry,) = readings(world)
    assert (entry.subject_key, entry.personal, purpose(entry)) == (None, None, "SUPERVISION")


def test_two_offices_with_one_reference_have_two_keys() -> None:
    agent = Agent(reference=REFERENCE, salt=bytes(16))
    assert reader_key("auditor", agent) != reader_key("regulator", agent)
    assert reader_key("auditor", agent) == reader_key("auditor", replace(agent, salt=b"x" * 16))


def test_the_member_of_staff_is_erased_by_age_and_the_purpose_stays(world: World, tmp_path: Path) -> None:
    case = disputed(world)
    paper = adds(world, case)
    integrate_all(world, tmp_path)
    for read in OF_NOBODY.values():
        read(world, READING)
    read_dispute(world.registry, court(world), case, reading=READING)
    list_papers(world.registry, court(world), case, reading=READING)
    open_paper(world.registry, court(world), case, paper, reading=READING)
    world.clock.forward(days=700)
    retain(world)
    before = readings(world)
    assert all(SAID in (each.personal or b"") for each in before)
    assert len(before) == 7
    world.clock.forward(days=100)
    retain(world)
    after = readings(world)
    assert [(each.personal, each.personal_salt, each.subject_key) for each in after] == [(None, None, None)] * 7
    assert [each.core for each in after] == [each.core for each in before]
    assert {purpose(each) for each in after} == {"COMPLAINT"}
    erasures = {each.erased_by for each in after}
    assert None not in erasures
    assert everything_told(world).find(SAID) < 0


def everything_told(world: World) -> bytes:
    """All openings, as an auditor gets them."""
    return b"".join(read_openings(world.registry, auditor(world), YEAR, 0, 1_000))


def test_inquiries_and_readings_are_erased_within_the_limit_of_one_round(world: World) -> None:
    asks(world, "carrier-b", tokens("wang"))
    for _ in range(2):
        list_disputes(world.registry, court(world), DisputesQuery(), reading=READING)
    later = first_uuid7(world.clock() + dt.timedelta(days=1))
    found = [len(world.registry.store.read(lambda tx, most=most: tx.personal.old(later, most))) for most in (1, 2, 9)]
    assert found == [1, 2, 3]
    world.clock.forward(days=800)
    retain(world)
    assert {each.personal for each in readings(world)} == {None}


@pytest.mark.parametrize("reading", [UNTOLD, replace(READING, agent=None), replace(READING, purpose=None)])
def test_from_its_day_on_a_reading_without_its_context_shows_and_logs_nothing(
    world: World, tmp_path: Path, reading: Reading
) -> None:
    founding = DEFAULT_RULES.versions[0]
    terms = replace(context_terms(founding), required_from=TODAY + dt.timedelta(days=1))
    book = RuleBook((replace(founding, context=terms),))
    world = replace(world, registry=replace(world.registry, founding_rules=book))
    integrate_all(world, tmp_path)
    for name, read in OF_NOBODY.items():
        read(world, reading)
        assert len(readings(world)) == 1 + list(OF_NOBODY).index(name)
    world.clock.forward(days=1)
    for read in OF_NOBODY.values():
        with pytest.raises(Refusal) as refused:
            read(world, reading)
        assert refused.value.problem is Problem.CONTEXT_REQUIRED
    assert len(readings(world)) == len(OF_NOBODY)


def test_a_paper_that_its_own_side_reads_needs_no_context(world: World) -> None:
    case = disputed(world)
    paper = adds(world, case)
    open_paper(world.registry, world.actor("carrier-b"), case, paper)
    (entry,) = readings(world)
    assert entry.kind == EntryKind.DISPUTE_DOCUMENT_READ
    assert purpose(entry) is None
