"""Stories of custodians that report their ceremonies, and of what the registry takes for one."""

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ceremony.terms import committee_digest
from ceremony.verify import verify_transcript
from protocol.codes import Role
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write
from registry.usecases.act import act_in
from registry.usecases.ceremonies.keep import keep_committee
from registry.usecases.ceremonies.read import read_ceremonies, read_ceremony
from registry.usecases.ceremonies.report import report_ceremony
from registry.usecases.participants.admit import revoke_key
from tests.support.ceremonies import (
    Held,
    bodies,
    body,
    first_custodians,
    first_held,
    genesis,
    hold,
    refresh,
    resharing,
)
from tests.support.committees import admit_custodians, reported, reports_ceremony
from tests.support.participants import leaves
from tests.support.red_list import operator
from tests.support.tallies import a_tally, hands_in, signed
from tests.support.world import World


@pytest.fixture
def world(world: World) -> World:
    admit_custodians(world)
    return world


def refreshed(held: Held) -> Held:
    return hold(refresh(held), first_custodians(), former=held)


def refused(world: World, held: Held, who: str = "custodian-1") -> Refusal:
    with pytest.raises(Refusal) as caught:
        reports_ceremony(world, held, who)
    return caught.value


def entries(world: World) -> list[Any]:
    every = world.registry.store.read(lambda tx: tx.openings.first(1_000))
    return [each for each in every if each.kind == "committee.formed"]


def test_a_ceremony_is_logged_by_all_that_an_outsider_compares(world: World) -> None:
    kept, formed = reported(world, first_held()), first_held().formed
    (entry,) = entries(world)
    core = json.loads(entry.core)
    members = [f"{each.index}:{each.custodian}:{each.share_public_key.hex()}" for each in formed.committee.members]
    assert core["facts"] == {
        "epoch": 1,
        "committee": 1,
        "kind": "GENESIS",
        "ceremony": formed.ceremony,
        "threshold": 2,
        "public_key": formed.committee.joint_public_key.hex(),
        "members": " ".join(members),
        "commitments": " ".join(
            f"custodian-{n}:{first.hex()}:{second.hex()}"
            for n, (first, second) in enumerate((formed.commitments[f"custodian-{n}"] for n in (1, 2, 3)), start=1)
        ),
        "canary": formed.canary.hex(),
        "committee_digest": committee_digest(formed.committee),
        "transcript_digest": hashlib.sha256(formed.transcript).hexdigest(),
        "keep_days": 7,
    }
    assert (core["by"], entry.personal, entry.subject_key) == ("custodian-1", None, None)
    assert kept["log_entry_id"] == str(entry.entry_id)


def test_the_same_transcript_gives_the_same_answer_to_each_party(world: World) -> None:
    first = reports_ceremony(world, first_held())
    revoke_key(world.registry, operator(world), world.call(), participant_id="custodian-3", key_id="custodian-3-1")
    again = reports_ceremony(world, first_held(), "custodian-2")
    assert (first.status, again.status, again.body) == (201, 200, first.body)
    assert len(entries(world)) == 1


def test_committees_follow_each_other_and_are_read_oldest_first_with_what_proves_them(world: World) -> None:
    first = first_held()
    second = refreshed(first)
    newcomer = body("custodian-4")
    admit_custodians(world, [newcomer])
    seats = [*(each.seat(n) for n, each in enumerate(first_custodians().values(), start=1)), newcomer.seat(4)]
    proposal = resharing(second, seats=seats, dealers=("custodian-1", "custodian-3"), threshold=3)
    third = hold(proposal, {**first_custodians(), "custodian-4": newcomer}, former=second)
    kept = [reported(world, each) for each in (first, second, third)]
    every = write(read_ceremonies(world.registry))["ceremonies"]
    assert every == kept
    assert [(each["committee"]["committee"], each["kind"]) for each in every] == [
        (1, "GENESIS"),
        (2, "REFRESH"),
        (3, "RESHARING"),
    ]
    shown = read_ceremony(world.registry, 1, 3)
    assert verify_transcript(shown.transcript.encode()).committee == shown.committee == third.formed.committee
    (last,) = (facts for entry in entries(world) if (facts := json.loads(entry.core)["facts"])["committee"] == 3)
    assert last["former_digest"] == committee_digest(second.formed.committee)
    assert last["commitments"].split() == [
        ":".join([name, *(each.hex() for each in third.formed.commitments[name])])
        for name in ("custodian-1", "custodian-3")
    ]


def test_a_committee_that_nobody_formed_is_not_found(world: World) -> None:
    assert write(read_ceremonies(world.registry)) == {"ceremonies": []}
    with pytest.raises(Refusal) as caught:
        read_ceremony(world.registry, 1, 1)
    assert caught.value.problem is Problem.NOT_FOUND


def _without_its_last_step(transcript: str) -> str:
    document = json.loads(transcript)
    return json.dumps(document | {"steps": document["steps"][:-1]}, separators=(",", ":"), sort_keys=True)


ATTACKS: dict[str, Callable[[str], str]] = {
    "NOT_CANONICAL": lambda transcript: transcript.replace(":", ": ", 1),
    "INCOMPLETE": _without_its_last_step,
    "INVALID_TERMS": lambda transcript: transcript.replace('"least":2', '"least":4'),
    "OTHER_CEREMONY": lambda transcript: transcript.replace('"keep_days":7', '"keep_days":8'),
}


@pytest.mark.parametrize("why", list(ATTACKS))
def test_a_transcript_that_proves_nothing_is_refused_with_its_reason(world: World, why: str) -> None:
    transcript = ATTACKS[why](first_held().formed.transcript.decode())
    with pytest.raises(Refusal) as caught:
        report_ceremony(world.registry, world.actor("custodian-1", Role.CUSTODIAN), world.call(), transcript)
    assert (caught.value.problem, caught.value.fields) == (Problem.CEREMONY_INVALID, {"transcript": why})
    assert entries(world) == []


def test_only_a_party_reports_a_ceremony(world: World) -> None:
    admit_custodians(world, [body("custodian-4")])
    assert refused(world, first_held(), "custodian-4").problem is Problem.NOT_A_PARTY


def test_no_strangers_keys_enter_the_log(world: World) -> None:
    """The sender alone can hold a ceremony with keys of its own making under all the others' names."""
    forged = {**bodies(3), "custodian-1": first_custodians()["custodian-1"]}
    refusal = refused(world, hold(genesis(forged, 2), forged))
    assert (refusal.problem, refusal.figures) == (Problem.PARTY_UNKNOWN, {"party": "custodian-2"})


def _revokes(world: World) -> None:
    revoke_key(world.registry, operator(world), world.call(), participant_id="custodian-4", key_id="custodian-4-1")


@pytest.mark.parametrize(
    ("roles", "then"),
    [
        ((), _revokes),
        ((), lambda world: leaves(world, "custodian-4")),
        ((Role.AUDITOR,), None),
        (None, None),
    ],
    ids=["its key is revoked", "it has left", "it is an office", "nobody admitted it"],
)
def test_a_party_that_is_no_custodian_with_that_key_is_named(
    world: World, roles: tuple[Role, ...] | None, then: Callable[[World], None] | None
) -> None:
    reported(world, first_held())
    newcomer = body("custodian-4")
    if roles is not None:
        admit_custodians(world, [newcomer], *roles)
    if then is not None:
        then(world)
    seats = [first_custodians()["custodian-1"].seat(1), newcomer.seat(4)]
    proposal = resharing(first_held(), seats=seats, dealers=("custodian-1", "custodian-2"), threshold=2)
    held = hold(proposal, {**first_custodians(), "custodian-4": newcomer}, former=first_held())
    refusal = refused(world, held)
    assert (refusal.problem, refusal.figures) == (Problem.PARTY_UNKNOWN, {"party": "custodian-4"})


def test_an_epoch_that_the_registry_does_not_have_is_refused(world: World) -> None:
    held = hold(genesis(first_custodians(), 2, epoch=2), first_custodians())
    assert refused(world, held).problem is Problem.EPOCH_UNKNOWN


def test_another_key_under_the_epochs_number_is_refused(world: World) -> None:
    another = hold(genesis(first_custodians(), 2), first_custodians())
    assert refused(world, another).problem is Problem.KEY_DIFFERS
    reported(world, first_held())
    assert refused(world, another).problem is Problem.KEY_DIFFERS
    assert refused(world, refreshed(another)).problem is Problem.KEY_DIFFERS


def test_of_two_ceremonies_from_one_committee_the_second_is_a_fork(world: World) -> None:
    reported(world, first_held())
    taken, other = refreshed(first_held()), refreshed(first_held())
    reported(world, taken)
    assert refused(world, other).problem is Problem.COMMITTEE_NOT_NEXT
    assert refused(world, refreshed(other)).problem is Problem.COMMITTEE_NOT_NEXT
    assert reported(world, refreshed(taken))["kind"] == "REFRESH"


def test_of_forks_that_arrive_at_once_one_is_kept_and_logged(world: World) -> None:
    reported(world, first_held())
    outcomes: list[Problem | int] = []

    def race(held: Held) -> None:
        try:
            outcomes.append(reports_ceremony(world, held).status)
        except Refusal as refusal:
            outcomes.append(refusal.problem)

    later = replace(refresh(first_held()), committee=3)
    forks = [refreshed(first_held()), hold(later, first_custodians(), former=first_held())]
    threads = [threading.Thread(target=race, args=(each,)) for each in forks]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert sorted(map(str, outcomes)) == ["201", str(Problem.COMMITTEE_NOT_NEXT)]
    assert len(entries(world)) == len(read_ceremonies(world.registry).ceremonies) == 2


def test_a_dealers_shares_are_continued_by_nobody(world: World) -> None:
    """The founding stated a dealer's key: no committee of it is logged that a refresh could go on from."""
    assert refused(world, refreshed(first_held())).problem is Problem.COMMITTEE_UNPROVEN
    assert entries(world) == []


def test_a_canary_that_changes_shows_another_key(world: World) -> None:
    """Two committees of one key have one canary: a database that holds another one was altered."""
    formed = first_held().formed
    altered = replace(formed, canary=formed.committee.joint_public_key)

    def work(tx: Any) -> None:
        keep_committee(act_in(world.registry, tx, None), altered)

    world.registry.store.write(work)
    assert refused(world, refreshed(first_held())).problem is Problem.KEY_DIFFERS


def test_a_tally_counts_under_any_share_of_the_epochs_committees(world: World) -> None:
    reported(world, first_held())
    newcomer = body("custodian-4")
    admit_custodians(world, [newcomer])
    seats = [first_custodians()["custodian-1"].seat(1), newcomer.seat(4)]
    proposal = resharing(first_held(), seats=seats, dealers=("custodian-1", "custodian-2"), threshold=2)
    everybody = {**first_custodians(), "custodian-4": newcomer}
    reported(world, hold(proposal, everybody, former=first_held()))
    for name, index in (("custodian-4", 4), ("custodian-2", 2)):
        tally = signed(world, a_tally(custodian=name, share_index=index), signer=name)
        assert hands_in(world, tally, name).status == 201
    foreign = signed(world, a_tally(custodian="custodian-3", share_index=2), signer="custodian-3")
    with pytest.raises(Refusal) as caught:
        hands_in(world, foreign, "custodian-3")
    assert caught.value.fields == {"statement": "no-such-share"}
