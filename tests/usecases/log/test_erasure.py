"""Erasure in the log: what named somebody is gone, every proof stays, and an entry says exactly what was erased."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from crypto.tlog.proof import parse_receipt, verify_receipt
from protocol.codes import Role
from protocol.encodings import b64url_encode
from protocol.log_entries import EntryKind, erasure_digest
from protocol.receipts import Grade
from registry.domain.log import LogEntry
from registry.usecases.archive.forget_subjects import forget_subjects
from registry.usecases.archive.purge_records import purge_records
from registry.usecases.archive.run_retention import run_retention
from registry.usecases.archive.seal_records import seal_records
from registry.usecases.log.read_receipt import Patience, leaf_of, read_receipt
from registry.work.worker import tick
from tests.support.builders import a_report, account, tokens
from tests.support.disputes import adds, disputed
from tests.support.endings import cleared, key_of, logged
from tests.support.log_entries import YEAR, all_is_integrated_once, an_integrator, included
from tests.support.people import index_key_of
from tests.support.statements import statement
from tests.support.stories import asks, lists, reports, settles
from tests.support.world import World

WANG = tokens("wang")


def entries(world: World) -> dict[uuid.UUID, LogEntry]:
    return {each.entry_id: each for each in world.registry.store.read(lambda tx: tx.openings.first(10_000))}


def facts(entry: LogEntry) -> dict[str, object]:
    return dict(json.loads(entry.core)["facts"])


def erasures(world: World) -> list[tuple[uuid.UUID, dict[str, Any]]]:
    return [(each.entry_id, facts(each)) for each in entries(world).values() if each.kind == EntryKind.ERASURE]


def each_erasure_names_what_it_took(world: World) -> None:
    found = entries(world).values()
    for entry_id, told in erasures(world):
        taken = [each for each in found if each.erased_by == entry_id]
        assert (told["openings"], told["digest"]) == (len(taken), erasure_digest(e.entry_id for e in taken).hex())
        assert {(each.subject_key, each.personal, each.personal_salt) for each in taken} <= {(None, None, None)}
    assert {each.erased_by for each in found} <= {None, *(entry_id for entry_id, _ in erasures(world))}


def is_named(world: World, subject: bytes, *accounts: bytes) -> list[LogEntry]:
    """Entries that lead to a subject: filed under it, or with its pseudonym or one of its accounts in any part."""
    forms = {
        form.encode() for raw in (subject, *accounts) for form in (raw.hex(), raw.hex().upper(), b64url_encode(raw))
    } | {subject, *accounts}
    return [
        each
        for each in entries(world).values()
        if each.subject_key == subject or any(form in each.core + (each.personal or b"") for form in forms)
    ]


def test_leaf_place_and_every_proof_of_an_erased_entry_stay_valid(world: World, tmp_path: Path) -> None:
    record_id = cleared(world)
    an_integrator(world, tmp_path).round()
    before = {each.entry_id: each for each in is_named(world, key_of(world))}
    places = {each: world.registry.store.read(lambda tx, e=each: tx.trees.place(e.bytes)) for each in before}
    auditor = world.actor("carrier-c", Role.AUDITOR)

    def receipt(entry_id: uuid.UUID) -> bytes:
        return read_receipt(
            world.registry, auditor, YEAR, entry_id, grade=Grade.INTEGRATED, patience=Patience(seconds=0)
        )

    receipts = {each: receipt(each) for each in before}
    world.clock.forward(days=1_000)
    tick(world.registry)
    an_integrator(world, tmp_path).round()
    log = world.registry.log
    after = entries(world)
    assert {str(record_id)} <= {str(facts(each).get("record")) for each in before.values()}
    for entry_id, entry in before.items():
        assert after[entry_id].personal is None
        assert (after[entry_id].core, after[entry_id].core_salt) == (entry.core, entry.core_salt)
        assert world.registry.store.read(lambda tx, e=entry_id: tx.trees.place(e.bytes)) == places[entry_id]
        for raw in (receipts[entry_id], receipt(entry_id)):
            proof = parse_receipt(raw)
            verify_receipt(proof, leaf_of(after[entry_id]), origin=log.origin(YEAR), log_keys=[log.key(YEAR)])
        included(world.registry, after[entry_id])


def test_after_everything_is_over_nothing_in_the_log_leads_to_the_subject(world: World) -> None:
    asks(world, "carrier-b", WANG)
    reports(world, "carrier-a", a_report("wang", "A1", principal_fen=1))
    case = disputed(world)
    adds(world, case)
    asks(world, "carrier-b", WANG)
    statement(world)
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=300_00)
    subject, unlisted = key_of(world), index_key_of(world.registry, WANG)
    assert len(is_named(world, unlisted)) == 2
    cores = b"".join(each.core for each in entries(world).values())
    assert subject.hex().encode() not in cores
    assert account("A1").hex().encode() not in cores
    assert len(is_named(world, subject, account("A1"))) > 8
    world.clock.forward(days=1_000)
    for _ in range(3):
        tick(world.registry)
        world.clock.forward(days=1)
    assert is_named(world, subject, account("A1")) == is_named(world, unlisted) == []
    each_erasure_names_what_it_took(world)


def test_a_purged_record_takes_its_own_entries_along_and_no_other(world: World) -> None:
    case = disputed(world)
    adds(world, case)
    settles(world, "carrier-a", WANG, account("A1"), amount_fen=300_00)
    other = lists(world, "carrier-b", a_report("wang", "B1"))
    statement(world)
    world.clock.forward(days=200)
    seal_records(world.registry)
    (sealed,) = world.registry.store.read(lambda tx: tx.archive.of_subjects([key_of(world)]))
    own = {
        entry_id: each.kind
        for entry_id, each in entries(world).items()
        if each.subject_key == sealed.subject_key
        and str(other.record_id) not in facts(each).values()
        and each.kind != EntryKind.STATEMENT_GIVEN
    }
    assert set(own.values()) == {
        "clearance",
        "dispute.closed",
        "dispute.document",
        "dispute.filed",
        "record.sealed",
        "record.transition",
        "report.listed",
        "settlement",
    }
    world.clock.forward(days=530)
    assert purge_records(world.registry) == 1
    erased = {entry_id for entry_id, each in entries(world).items() if each.erased_by is not None}
    assert erased == own.keys()
    assert [(told["records"], told["openings"]) for _, told in erasures(world)] == [(1, len(own))]
    each_erasure_names_what_it_took(world)
    left = {each.kind for each in is_named(world, key_of(world), account("A1"))}
    assert left == {"record.transition", "report.listed", "statement.given"}
    assert purge_records(world.registry) == 0
    assert len(erasures(world)) == 1


def test_what_waits_for_its_place_is_integrated_after_its_erasure(world: World, tmp_path: Path) -> None:
    cleared(world)
    world.clock.forward(days=1_000)
    tick(world.registry)
    waiting = list(entries(world).values())
    assert any(each.erased_by for each in waiting)
    an_integrator(world, tmp_path).round()
    all_is_integrated_once(world.registry, waiting)
    assert world.registry.store.read(lambda tx: tx.pending.oldest()) is None


def test_what_is_asked_and_said_of_people_on_no_list_goes_by_its_age_in_bounded_steps(world: World) -> None:
    for number in range(5):
        asks(world, "carrier-b", tokens(f"nobody-{number}"))
    reports(world, "carrier-a", a_report("nobody-7", principal_fen=1))
    statement(world, tokens("nobody-8"))
    strangers = [key_of(world, f"nobody-{number}") for number in (0, 1, 2, 3, 4, 7, 8)]
    assert [len(is_named(world, each)) for each in strangers] == [1] * 7
    world.clock.forward(days=365 * 3)
    while run_retention(world.registry, 3):
        pass
    assert [is_named(world, each) for each in strangers] == [[]] * 7
    assert sorted(told["openings"] for _, told in erasures(world)) == [1, 3, 3]
    each_erasure_names_what_it_took(world)


def test_a_second_erasure_of_the_same_finds_nothing(world: World) -> None:
    cleared(world)
    world.clock.forward(days=1_000)
    tick(world.registry)
    before = erasures(world)
    assert before
    tick(world.registry)
    assert (purge_records(world.registry), forget_subjects(world.registry)) == (0, 0)
    subject = key_of(world)
    assert world.registry.store.read(lambda tx: tx.personal.of_subjects([subject])) == ()
    assert erasures(world) == before


def test_a_debt_that_is_not_listed_again_does_not_bring_its_forgotten_subject_back(world: World) -> None:
    cleared(world)
    world.clock.forward(days=730)
    tick(world.registry)
    subject = key_of(world)
    assert world.registry.store.read(lambda tx: tx.subjects.get(subject)) is None
    reports(world, "carrier-a", a_report("wang"))
    world.clock.forward(days=1)
    tick(world.registry)
    assert world.registry.store.read(lambda tx: tx.subjects.get(subject)) is None
    assert [each for each in is_named(world, subject) if each.kind != EntryKind.INQUIRY] == []
    assert len(logged(world, EntryKind.REPORT_REPEATED)) == 1


@pytest.mark.parametrize("limit", [1, 2])
def test_records_purged_together_share_one_erasure(world: World, limit: int) -> None:
    for number in range(2):
        cleared(world, f"debtor-{number}")
    world.clock.forward(days=200)
    seal_records(world.registry)
    world.clock.forward(days=530)
    while purge_records(world.registry, limit):
        pass
    assert [told["records"] for _, told in erasures(world)] == [limit] * (2 // limit)
    each_erasure_names_what_it_took(world)
