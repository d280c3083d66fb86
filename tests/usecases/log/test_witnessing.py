"""Candidates and quorums on both databases: when a newer head is asked for, and what happens to lines that race."""

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from crypto.tlog.checkpoint import Checkpoint, parse_signed_checkpoint
from crypto.tlog.policy import parse_policy
from crypto.tlog.proof import parse_receipt
from protocol.codes import Role
from protocol.log_entries import EntryKind
from protocol.problems import Problem, Refusal
from protocol.receipts import Grade
from registry.domain.log import Witnessing
from registry.store.log.trees import Trees
from registry.store.log.witnesses import Witnesses
from registry.usecases.clock.confirm_clock import confirm_clock
from registry.usecases.log.cosign import cosign, propose_candidate
from registry.usecases.log.feed_witness import errands
from registry.usecases.log.read_receipt import Patience, read_receipt
from registry.usecases.log.witnesses import list_witnesses, read_policy, remove_witness
from tests.support.builders import tokens
from tests.support.clocks import a_word
from tests.support.log_rounds import (
    YEAR,
    admit_witnesses,
    cosigned_note,
    integrate_all,
    integrator,
    propose,
    witness_key,
    witness_name,
)
from tests.support.mass import logged
from tests.support.stories import asks
from tests.support.world import World


def grow(world: World, folder: Path) -> Checkpoint:
    asks(world, "carrier-a", tokens("somebody"))
    return integrate_all(world, folder)


def state_of(world: World) -> Witnessing:
    state = world.registry.store.read(lambda tx: tx.witnesses.state(YEAR))
    assert state is not None
    return state


def candidate_of(world: World) -> Checkpoint:
    candidate = state_of(world).candidate
    assert candidate is not None
    return parse_signed_checkpoint(candidate).checkpoint


def cosigns(world: World, note: bytes) -> dict[str, Any]:
    return json.loads(cosign(world.registry, world.actor("carrier-b"), world.call(), year=YEAR, note=note).body)


def test_a_candidate_stands_for_twenty_seconds_unless_it_is_witnessed(world: World, tmp_path: Path) -> None:
    first = grow(world, tmp_path)
    assert candidate_of(world) == first
    second = grow(world, tmp_path)
    world.clock.forward(seconds=19)
    assert propose(world) == first
    world.clock.forward(seconds=1)
    assert propose(world) == second
    admit_witnesses(world, "a")
    assert cosigns(world, cosigned_note(world, second, "a"))["quorum"] is True
    third = grow(world, tmp_path)
    assert candidate_of(world) == third


def test_a_clock_that_was_put_back_holds_no_candidate(world: World, tmp_path: Path) -> None:
    admit_witnesses(world, "a")
    first = grow(world, tmp_path)
    assert propose(world) == first
    world.clock.forward(seconds=-3_600)
    # It was an hour ahead: the operator says that it is right now.
    confirm_clock(world.registry, a_word(world, world.clock.now))
    newer = grow(world, tmp_path)
    assert newer.size > first.size
    assert propose(world) == newer


def test_the_same_head_keeps_the_lines_that_it_has(world: World, tmp_path: Path) -> None:
    admit_witnesses(world, "a", "b")
    head = grow(world, tmp_path)
    cosigns(world, cosigned_note(world, head, "a"))
    kept = state_of(world)
    world.clock.forward(seconds=300)
    assert propose_candidate(world.registry, YEAR, world.clock.now) is False
    assert state_of(world) == kept
    assert cosigns(world, cosigned_note(world, head, "b"))["quorum"] is True


def test_the_integrator_asks_for_a_newer_head_by_the_clock_alone(world: World, tmp_path: Path) -> None:
    first = grow(world, tmp_path)
    second = grow(world, tmp_path)
    assert candidate_of(world) == first
    world.clock.forward(seconds=20)
    assert integrator(world, tmp_path).round().integrated == 0
    assert candidate_of(world) == second


def test_what_a_quorum_witnessed_is_never_replaced_by_a_smaller_head(world: World, tmp_path: Path) -> None:
    admit_witnesses(world, "a", "b")
    first = grow(world, tmp_path)
    cosigns(world, cosigned_note(world, first, "a"))
    grow(world, tmp_path)
    world.clock.forward(seconds=20)
    second = propose(world)
    assert cosigns(world, cosigned_note(world, second, "a", "b"))["quorum"] is True
    late = cosigns(world, cosigned_note(world, first, "a", "b"))
    assert (late["size"], len(late["cosigned_by"]), late["quorum"]) == (first.size, 2, False)
    witnessed = state_of(world).witnessed
    assert witnessed is not None
    assert parse_signed_checkpoint(witnessed).checkpoint == second


def test_a_line_that_comes_after_the_next_candidate_is_kept_on_the_witnessed_head(world: World, tmp_path: Path) -> None:
    admit_witnesses(world, "a", "b", "c")
    first = grow(world, tmp_path)
    cosigns(world, cosigned_note(world, first, "a", "b"))
    second = grow(world, tmp_path)
    assert candidate_of(world) == second
    late = cosigns(world, cosigned_note(world, first, "c"))
    assert (len(late["cosigned_by"]), late["quorum"]) == (3, True)
    assert candidate_of(world) == second
    witnessed = state_of(world).witnessed
    assert witnessed is not None
    assert len(parse_signed_checkpoint(witnessed).note.signatures) == 4


def test_witnesses_that_come_at_once_are_all_counted(world: World, tmp_path: Path) -> None:
    labels = "abcdefg"
    admit_witnesses(world, *labels)
    head = grow(world, tmp_path)
    notes = [cosigned_note(world, head, label) for label in labels]
    calls = [world.call() for _ in notes]

    def send(place: int) -> bool:
        outcome = cosign(world.registry, world.actor("carrier-b"), calls[place], year=YEAR, note=notes[place])
        return bool(json.loads(outcome.body)["quorum"])

    with ThreadPoolExecutor(len(notes)) as pool:
        quorums = list(pool.map(send, range(len(notes))))
    assert quorums.count(True) == 3  # of seven, five are enough
    assert len(cosigns(world, notes[0])["cosigned_by"]) == 7


@pytest.mark.parametrize(("n", "k", "f"), [(1, 1, 0), (2, 2, 0), (3, 2, 0), (4, 3, 1), (5, 4, 1), (6, 4, 1), (7, 5, 2)])
def test_the_policy_names_all_witnesses_and_a_sound_quorum(
    world: World, tmp_path: Path, n: int, k: int, f: int
) -> None:
    integrate_all(world, tmp_path)
    with pytest.raises(Refusal) as refused:
        read_policy(world.registry, YEAR)
    assert refused.value.problem is Problem.NOT_FOUND
    admit_witnesses(world, *"abcdefg"[:n])
    policy = parse_policy(read_policy(world.registry, YEAR), faults=f)
    assert (policy.logs, policy.quorum.threshold) == ((world.registry.log.key(YEAR),), k)
    assert len(policy.quorum.witnesses) == n


def removes(world: World, label: str) -> dict[str, Any]:
    operator = world.actor("operator", Role.OPERATOR)
    return json.loads(remove_witness(world.registry, operator, world.call(), witness_name(label)).body)


def test_a_removed_witness_counts_no_more(world: World, tmp_path: Path) -> None:
    admit_witnesses(world, "a", "b", "c")
    first = grow(world, tmp_path)
    assert cosigns(world, cosigned_note(world, first, "c"))["cosigned_by"] == [witness_name("c")]
    removes(world, "c")
    policy = parse_policy(read_policy(world.registry, YEAR), faults=0)
    assert [key.name for key in policy.quorum.witnesses] == [witness_name("a"), witness_name("b")]
    assert policy.quorum.threshold == 2
    # Its line from before does not make the second of two.
    given = cosigns(world, cosigned_note(world, first, "a"))
    assert (given["cosigned_by"], given["quorum"]) == ([witness_name("a")], False)
    candidate = state_of(world).candidate
    assert candidate is not None
    assert parse_signed_checkpoint(candidate).note.signature_of(witness_key("c")) is None
    with pytest.raises(Refusal) as refused:
        cosigns(world, cosigned_note(world, first, "c"))
    assert refused.value.detail == "no-known-signature"
    given = cosigns(world, cosigned_note(world, first, "b", "c"))
    assert (given["cosigned_by"], given["quorum"]) == ([witness_name("a"), witness_name("b")], True)


def test_a_witness_is_removed_once_and_its_entry_says_which_key(world: World) -> None:
    admit_witnesses(world, "a")
    gone = removes(world, "a")
    world.clock.forward(days=1)
    assert removes(world, "a") == gone
    key = witness_key("a")
    facts = {"participant": "carrier-a", "name": key.name, "public_key": key.public_key.hex()}
    assert logged(world, EntryKind.WITNESS_REMOVED) == [facts]
    with pytest.raises(Refusal) as refused:
        removes(world, "b")
    assert refused.value.problem is Problem.NOT_FOUND


def test_of_two_who_remove_a_witness_at_once_one_writes_the_entry(world: World) -> None:
    admit_witnesses(world, "a")
    calls = [world.call() for _ in range(4)]
    operator = world.actor("operator", Role.OPERATOR)
    with ThreadPoolExecutor(len(calls)) as pool:
        done = list(
            pool.map(lambda call: remove_witness(world.registry, operator, call, witness_name("a")).body, calls)
        )
    assert len(set(done)) == 1
    assert len(logged(world, EntryKind.WITNESS_REMOVED)) == 1


def test_who_removed_the_last_witness_has_no_policy_and_feeds_nobody(world: World, tmp_path: Path) -> None:
    admit_witnesses(world, "a", url="https://witness.carrier-a.example")
    head = grow(world, tmp_path)
    assert [each.name for each in errands(world.registry)] == [witness_name("a")]
    removes(world, "a")
    assert errands(world.registry) == ()
    for read in (
        lambda: read_policy(world.registry, YEAR),
        lambda: cosigns(world, cosigned_note(world, head, "a")),
        lambda: admit_witnesses(world, "a"),
    ):
        with pytest.raises(Refusal) as refused:
            read()
        assert refused.value.problem in (Problem.NOT_FOUND, Problem.STATEMENT_INVALID, Problem.ALREADY_EXISTS)
    assert [witness.name for witness in list_witnesses(world.registry, world.actor("operator")).witnesses] == [
        witness_name("a")
    ]


def test_a_removed_witness_leaves_its_place_to_another(world: World) -> None:
    admit = partial(admit_witnesses, world, most_counted=1, most_ever=2)
    admit("a")
    with pytest.raises(Refusal):
        admit("b")
    removes(world, "a")
    admit("b")
    removes(world, "b")
    with pytest.raises(Refusal) as refused:
        admit("c")
    assert refused.value.problem is Problem.INVALID_FIELD


@dataclass
class Waiting:
    """A clock that only sleeping moves."""

    now: float = 0.0
    slept: int = 0

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += 1

    def patience(self, seconds: float) -> Patience:
        return Patience(seconds=seconds, monotonic=lambda: self.now, sleep=self.sleep)


def test_who_waits_asks_every_fifty_milliseconds_until_the_time_is_over(world: World, tmp_path: Path) -> None:
    integrate_all(world, tmp_path)
    inquiry_id = asks(world, "carrier-a", tokens("somebody")).inquiry_id
    waiting = Waiting()
    with pytest.raises(Refusal) as refused:
        read_receipt(
            world.registry,
            world.actor("carrier-a"),
            YEAR,
            inquiry_id,
            grade=Grade.INTEGRATED,
            patience=waiting.patience(2),
        )
    assert refused.value.problem is Problem.RECEIPT_PENDING
    assert 39 <= waiting.slept <= 41


def test_every_entry_has_a_receipt_at_every_head_that_came_after_it(world: World, tmp_path: Path) -> None:
    inquiries = []
    for _ in range(3):
        inquiries += [asks(world, "carrier-a", tokens("somebody")).inquiry_id for _ in range(3)]
        head = integrate_all(world, tmp_path)
        world.clock.forward(seconds=dt.timedelta(minutes=1).total_seconds())
        for each in inquiries:
            receipt = parse_receipt(
                read_receipt(
                    world.registry,
                    world.actor("carrier-a"),
                    YEAR,
                    each,
                    grade=Grade.INTEGRATED,
                    patience=Patience(seconds=0),
                )
            )
            assert receipt.signed.checkpoint == head


@pytest.mark.parametrize("step", ["Trees.place", "Trees.head", "Witnesses.state"])
def test_a_receipt_is_whole_whatever_is_witnessed_while_it_is_read(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Each statement of a reader may see a newer moment than the one before."""
    admit_witnesses(world, "a")
    inquiry_id = asks(world, "carrier-a", tokens("somebody")).inquiry_id

    def witness_more() -> None:
        head = grow(world, tmp_path)
        assert propose(world) == head
        assert cosigns(world, cosigned_note(world, head, "a"))["quorum"]

    witness_more()
    repository = {"Trees": Trees, "Witnesses": Witnesses}[step.partition(".")[0]]
    name = step.partition(".")[2]
    real = getattr(repository, name)

    def after_more(*arguments: Any) -> Any:
        monkeypatch.undo()
        witness_more()
        return real(*arguments)

    monkeypatch.setattr(repository, name, after_more)
    receipt = parse_receipt(
        read_receipt(
            world.registry,
            world.actor("carrier-a"),
            YEAR,
            inquiry_id,
            grade=Grade.WITNESSED,
            patience=Patience(seconds=0),
        )
    )
    assert [each.name for each in receipt.signed.note.signatures][1:] == [witness_name("a")]
