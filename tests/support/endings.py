"""Records that end, and what is left of them."""

import datetime as dt
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from protocol.codes import Role
from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from protocol.states import RecordState
from protocol.wire.codec import write
from registry.usecases.archive.read import read_archive
from tests.support.builders import TODAY, a_report, account, tokens
from tests.support.people import subject_key_of
from tests.support.stories import asks, lists, settles
from tests.support.world import World

FIVE_YEARS = dt.date(2031, 11, 21) - TODAY


def key_of(world: World, name: str = "wang") -> bytes:
    return subject_key_of(world.registry, tokens(name))


def cleared(world: World, name: str = "wang", number: str = "A1", **changes: object) -> uuid.UUID:
    """A debt that was listed, asked about and paid today; its record's id."""
    listed = lists(world, "carrier-a", a_report(name, number, **changes))
    asks(world, "carrier-b", tokens(name))
    settles(world, "carrier-a", tokens(name), account(number), amount_fen=9_000_000_00)
    assert listed.record_id is not None
    return listed.record_id


def opens(world: World, record_id: uuid.UUID, role: Role = Role.AUDITOR) -> dict[str, object]:
    return write(read_archive(world.registry, world.actor("carrier-c", role), record_id))


def is_unknown(step: Callable[[], object]) -> bool:
    with pytest.raises(Refusal) as refused:
        step()
    return refused.value.problem is Problem.NOT_FOUND


def logged(world: World, kind: EntryKind) -> list[dict[str, Any]]:
    entries = world.registry.store.read(lambda tx: tx.openings.first(10_000))
    return [json.loads(each.core)["facts"] for each in entries if each.kind == kind.value]


def states_of(world: World, name: str = "wang") -> list[RecordState]:
    subject = key_of(world, name)
    return [
        each.state for each in world.registry.store.read(lambda tx: tx.records.of_subjects([subject])).get(subject, ())
    ]
