"""Stories of custodians that say what they evaluated, and of auditors who compare."""

import datetime as dt
import hashlib
import json
import os
import threading
from typing import Any

import pytest

from crypto.signing.jws import sign_compact
from crypto.signing.keys import generate_signing_key, public_bytes
from protocol.codes import Role
from protocol.encodings import canonical_json
from protocol.messages.participants import NewKey
from protocol.problems import Problem, Refusal
from protocol.wire.codec import write
from registry.usecases.participants.admit import add_key, revoke_key
from registry.usecases.tallies.read import read_tallies
from tests.support.api import admit
from tests.support.builders import TODAY, a_report, tokens
from tests.support.stories import asks, lists, reports
from tests.support.tallies import YESTERDAY, a_tally, hands_in, signed
from tests.support.world import World


@pytest.fixture
def world(world: World) -> World:
    for name in ("custodian", "custodian-3"):
        admit(world, name, Role.CUSTODIAN)
    return world


def refused(world: World, statement: str, custodian: str = "custodian") -> Refusal:
    with pytest.raises(Refusal) as caught:
        hands_in(world, statement, custodian)
    return caught.value


def reads(world: World, day: dt.date, who: str = "auditor") -> dict[str, Any]:
    return write(read_tallies(world.registry, world.actor(who, Role.AUDITOR), day))


def entries(world: World, kind: str) -> list[Any]:
    return [each for each in world.registry.store.read(lambda tx: tx.openings.first(1_000)) if each.kind == kind]


def test_a_tally_is_logged_by_its_figures_and_its_digest(world: World) -> None:
    statement = signed(world, a_tally())
    kept = hands_in(world, statement)
    assert kept.status == 201
    (entry,) = entries(world, "evaluation.tally")
    core = json.loads(entry.core)
    assert core["facts"] == {
        "day": str(YESTERDAY),
        "epoch": 1,
        "share": 2,
        "total": 402,
        "carriers": 2,
        "statement": hashlib.sha256(statement.encode()).hexdigest(),
    }
    assert (core["by"], entry.personal, entry.subject_key) == ("custodian", None, None)
    assert json.loads(kept.body)["log_entry_id"] == str(entry.entry_id)


def test_an_auditor_sees_every_custodian_beside_what_was_asked_and_reported(world: World) -> None:
    for name in ("wang", "li"):
        asks(world, "carrier-b", tokens(name))
    lists(world, "carrier-a", a_report("wang"))
    reports(world, "carrier-a", a_report("wang"))
    reports(world, "carrier-a", a_report("zhao", "Z1", principal_fen=1))
    world.clock.forward(days=1)
    asks(world, "carrier-b", tokens("sun"))
    hands_in(world, signed(world, a_tally(day=TODAY)))
    hands_in(
        world,
        signed(world, a_tally(custodian="custodian-3", share_index=3, day=TODAY, carriers={}), signer="custodian-3"),
        "custodian-3",
    )
    seen = reads(world, TODAY)
    assert [(each["custodian"], each["total"]) for each in seen["tallies"]] == [("custodian", 402), ("custodian-3", 0)]
    assert seen["counted"] == [
        {"carrier": "carrier-a", "inquiries": 0, "reports": 3},
        {"carrier": "carrier-b", "inquiries": 2, "reports": 0},
    ]


def test_each_reading_is_an_entry_and_a_refused_one_is_none(world: World) -> None:
    for _ in range(2):
        reads(world, YESTERDAY)
    with pytest.raises(Refusal):
        reads(world, TODAY)
    assert [json.loads(each.core)["facts"] for each in entries(world, "evaluation.tallies-read")] == [
        {"day": str(YESTERDAY), "tallies": 0}
    ] * 2


def test_the_same_tally_again_changes_nothing_whatever_key_signs_it(world: World) -> None:
    first = hands_in(world, signed(world, a_tally()))
    key = generate_signing_key(os.urandom)
    world.signing_keys["newer"] = key
    operator = world.actor("operator", Role.OPERATOR)
    add_key(
        world.registry,
        operator,
        world.call(),
        participant_id="custodian",
        new=NewKey(key_id="newer-1", public_key=public_bytes(key)),
    )
    again = hands_in(world, signed(world, a_tally(), signer="newer"))
    assert (first.status, again.status, again.body) == (201, 200, first.body)
    assert len(entries(world, "evaluation.tally")) == 1


def test_another_tally_of_a_day_and_epoch_is_refused(world: World) -> None:
    hands_in(world, signed(world, a_tally()))
    assert refused(world, signed(world, a_tally(carriers={}))).problem is Problem.ALREADY_EXISTS
    assert refused(world, signed(world, a_tally(share_index=3))).problem is Problem.ALREADY_EXISTS
    assert len(entries(world, "evaluation.tally")) == 1
    assert reads(world, YESTERDAY)["tallies"][0]["total"] == 402


def test_of_different_tallies_at_once_one_is_kept_and_logged(world: World) -> None:
    statements = [signed(world, a_tally(carriers={"carrier-a": count})) for count in range(1, 5)]
    outcomes: list[Problem | int] = []

    def race(statement: str) -> None:
        try:
            outcomes.append(hands_in(world, statement).status)
        except Refusal as refusal:
            outcomes.append(refusal.problem)

    threads = [threading.Thread(target=race, args=(each,)) for each in statements]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert outcomes.count(201) == 1
    assert set(outcomes) <= {201, Problem.ALREADY_EXISTS, Problem.IN_FLIGHT}
    assert len(entries(world, "evaluation.tally")) == len(reads(world, YESTERDAY)["tallies"]) == 1


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (TODAY, "day-not-over"),
        (TODAY + dt.timedelta(days=1), "day-not-over"),
        (TODAY - dt.timedelta(days=61), "day-too-long-ago"),
    ],
)
def test_a_day_is_taken_once_it_is_over_and_for_sixty_days(world: World, day: dt.date, why: str) -> None:
    refusal = refused(world, signed(world, a_tally(day=day)))
    assert (refusal.problem, refusal.fields) == (Problem.INVALID_FIELD, {"statement": why})
    assert hands_in(world, signed(world, a_tally(day=TODAY - dt.timedelta(days=60)))).status == 201


def test_the_day_ends_at_midnight_in_utc_and_not_in_beijing(world: World) -> None:
    world.clock.now = dt.datetime(2026, 11, 21, 23, 59, 59, tzinfo=dt.UTC)
    assert refused(world, signed(world, a_tally(day=TODAY))).fields == {"statement": "day-not-over"}
    world.clock.forward(seconds=1)
    assert hands_in(world, signed(world, a_tally(day=TODAY))).status == 201


def test_a_share_or_an_epoch_that_is_not_there_is_refused(world: World) -> None:
    assert refused(world, signed(world, a_tally(share_index=4))).fields == {"statement": "no-such-share"}
    assert refused(world, signed(world, a_tally(epoch=2))).problem is Problem.EPOCH_UNKNOWN


@pytest.mark.parametrize(
    "claims",
    [
        {"custodian": "custodian-3"},
        {"total": 403},
        {"v": 2},
        {"more": 1},
        {"day": "2026-02-30"},
        {"carriers": {"carrier-a": 0}},
    ],
)
def test_a_well_signed_statement_that_is_not_the_senders_own_tally_is_refused(
    world: World, claims: dict[str, Any]
) -> None:
    assert refused(world, signed(world, a_tally(), **claims)).problem is Problem.STATEMENT_INVALID


def test_another_participants_signature_is_refused(world: World) -> None:
    for signer in ("custodian-3", "carrier-a"):
        assert refused(world, signed(world, a_tally(), signer=signer)).problem is Problem.STATEMENT_INVALID
    forged = signed(world, a_tally(), signer="custodian-3", key_id="custodian-1")
    assert refused(world, forged).problem is Problem.STATEMENT_INVALID


def test_a_revoked_key_signs_no_tally(world: World) -> None:
    operator = world.actor("operator", Role.OPERATOR)
    revoke_key(world.registry, operator, world.call(), participant_id="custodian", key_id="custodian-1")
    assert refused(world, signed(world, a_tally())).problem is Problem.STATEMENT_INVALID


def test_a_token_of_another_kind_is_no_tally(world: World) -> None:
    token = sign_compact(
        canonical_json(a_tally().to_wire()),
        typ="clearline-settlement+jws",
        key_id="custodian-1",
        private_key=world.signing_keys["custodian"],
    )
    assert refused(world, token).problem is Problem.STATEMENT_INVALID
