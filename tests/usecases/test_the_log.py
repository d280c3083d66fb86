"""Nothing happens without its entry in the log, and the entry says what may be said."""

import hashlib
import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

from protocol.codes import Role
from protocol.encodings import canonical_json
from protocol.log_entries import PERSONAL_TAG, leaf_data
from registry.domain.log import LogEntry
from registry.store.transactions import Store, Transaction
from registry.usecases.participants.admit import revoke_key
from tests.support.builders import a_report, account, tokens
from tests.support.stories import asks, lists, settles
from tests.support.world import World, found_world


def entries(world: World) -> list[LogEntry]:
    return list(world.registry.store.read(lambda tx: tx.openings.first(10_000)))


def kinds(world: World) -> list[str]:
    return [entry.kind for entry in entries(world)]


def test_founding_and_admission_are_in_the_log(world: World) -> None:
    found = kinds(world)
    assert (found.count("participant.added"), found.count("key.added"), found.count("epoch.added")) == (4, 4, 1)


def test_the_story_of_a_debt_is_in_the_log(world: World) -> None:
    founded = {entry.entry_id for entry in entries(world)}
    lists(world, "carrier-a", a_report("wang"))
    asks(world, "carrier-b", tokens("wang"))
    settles(world, "carrier-a", tokens("wang"), account("A1"))
    assert sorted(entry.kind for entry in entries(world) if entry.entry_id not in founded) == [
        "clearance",
        "inquiry",
        "record.transition",
        "report.listed",
        "settlement",
    ]


def test_every_business_row_names_an_entry_that_exists(world: World) -> None:
    listed = lists(world, "carrier-a", a_report("wang"))
    asked = asks(world, "carrier-b", tokens("wang"))
    settled = settles(world, "carrier-a", tokens("wang"), account("A1"))
    known = {entry.entry_id for entry in entries(world)}

    assert listed.record_id is not None
    assert settled.clearance_id is not None
    wanted = {asked.inquiry_id, settled.settlement_id, settled.clearance_id}

    def named(tx: Transaction) -> set[uuid.UUID]:
        record = tx.records.find(listed.record_id or uuid.UUID(int=0))
        assert record is not None
        events = tx.transitions.of_record(record.subject_key, record.record_id)
        return {record.log_entry_id, *(event.log_entry_id for event in events)}

    assert wanted | world.registry.store.read(named) <= known


def test_an_entry_is_canonical_and_bound_to_its_personal_part(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    entry = next(each for each in entries(world) if each.kind == "report.listed")
    core = json.loads(entry.core)
    assert canonical_json(core) == entry.core
    assert entry.personal is not None
    assert entry.personal_salt is not None
    bound = hashlib.sha256(PERSONAL_TAG + entry.personal_salt + entry.personal).hexdigest()
    assert core["personal"] == bound
    assert core["by"] == "carrier-a"
    assert core["request"] == hashlib.sha256(b"carrier-a").hexdigest()


def test_neither_pseudonym_nor_amount_is_in_the_part_that_stays(world: World) -> None:
    lists(world, "carrier-a", a_report("wang"))
    for entry in entries(world):
        assert entry.subject_key is None or entry.subject_key.hex().encode() not in entry.core
        assert b"12000" not in entry.core


def test_a_leaf_is_33_bytes_and_says_nothing(world: World) -> None:
    entry = entries(world)[0]
    leaf = leaf_data(entry.core, entry.core_salt)
    assert (len(leaf), leaf[0]) == (33, 1)
    assert leaf_data(entry.core, bytes(32)) != leaf


def test_a_key_that_two_revoke_at_once_is_revoked_in_one_entry(store: Store) -> None:
    world = found_world(store)
    operator = world.actor("operator", Role.OPERATOR)
    both = threading.Barrier(2)

    def revokes(number: int) -> int:
        call = world.call(f"revocation-{number}")
        both.wait(10)
        named = {"participant_id": "carrier-a", "key_id": "carrier-a-1"}
        return revoke_key(world.registry, operator, call, **named).status

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(revokes, range(2))) == [200, 200]
    assert kinds(world).count("key.revoked") == 1
