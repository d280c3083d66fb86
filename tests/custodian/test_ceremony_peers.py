"""Custodians that cheat, fall silent, or answer with anything: the others name them, refuse it, and lose nothing."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import httpx
import pytest

from ceremony.board import Board
from ceremony.errors import FaultCode
from ceremony.party import Participant
from ceremony.standing import Ended, Formed, Waiting
from ceremony.steps import StepReader, part_digest, sign_step
from ceremony.terms import ceremony_id, successor
from custodian.ceremonies.errors import CeremonyHalted, HaltCode
from custodian.ceremonies.folder import End, EndState
from custodian.ceremonies.peers import MAX_ANSWER
from protocol.encodings import canonical_json
from protocol.messages.ceremonies import CeremonyKind, Complaint, Deal, Join, Minutes, Proposal, SignedStep, Step
from protocol.wire.codec import read, write
from tests.support.holders import Change, Hall, hall


@pytest.fixture
def four(tmp_path: Path) -> Iterator[Hall]:
    with hall(tmp_path, 4) as custodians:
        yield custodians


def until(custodians: Hall, root: str, step: Step, *numbers: int) -> None:
    """Let these custodians go on until each has taken this step."""
    for _ in range(12):
        folders = [custodians[number].store.get(root) for number in numbers]
        if all(folder is not None and folder.has_own(step) for folder in folders):
            return
        custodians.hold(
            root,
            *(n for n, folder in zip(numbers, folders, strict=True) if folder and not folder.has_own(step)),
            rounds=1,
        )
    raise AssertionError({n: custodians[n].lines for n in numbers})


def without(proposal: Proposal, number: int) -> str:
    following = successor(proposal, f"custodian-{number}")
    assert following is not None
    return ceremony_id(following)


def begun(custodians: Hall, step: Step) -> tuple[Proposal, str]:
    """A ceremony of four in which everybody has taken this step, and custodian 4 sees all of these."""
    proposal = custodians.genesis(1, 2, 3, 4)
    root = custodians.consent(proposal, 1, 2, 3, 4)
    until(custodians, root, step, 1, 2, 3, 4)
    return proposal, root


def cut(asker: str, path: str, status: int, content: bytes) -> tuple[int, bytes]:
    """Let no answer arrive."""
    raise httpx.ConnectError(f"{asker} {path} {status} {len(content)}")


def honest(participant: Participant, board: Board) -> SignedStep:
    due = participant.due_step(board)
    assert isinstance(due, SignedStep)
    return due


def hear_all(custodians: Hall, number: int, root: str) -> Board:
    """Let a custodian write down what the others show, and take no step of its own."""
    holder = custodians[number]
    folder = holder.store.get(root)
    assert folder is not None
    reader = StepReader(folder.proposal())
    for other in custodians.holders.values():
        theirs = other.store.get(root)
        for signed in () if other is holder or theirs is None else theirs.minutes().steps:
            taken = reader.read(signed)
            if taken.party != holder.name:
                folder.keep(taken)
    return folder.board()


def test_a_dealer_of_a_bad_part_is_named_and_the_others_go_on_without_it(four: Hall) -> None:
    proposal, root = begun(four, Step.JOIN)
    hear_all(four, 4, root)

    def bad(participant: Participant, board: Board) -> SignedStep:
        deal = honest(participant, board)
        sealed = (os.urandom(80), *deal.sealed[1:])
        message = cast("Deal", StepReader(proposal).read(deal).message)
        digests = tuple(part_digest(part) for part in sealed)
        return sign_step(replace(message, sealed=digests), participant.signer, sealed=sealed)

    four.cheats(4, root, bad)
    four[1].revealed |= revealed_in(four, root, 1)
    outcomes = four.hold(root, 1, 2, 3, 4)
    four[1].revealed |= revealed_in(four, root, 1)
    assert outcomes.pop(4).standing == Ended(fault=FaultCode.BAD_PART, party="custodian-4")
    assert four.agreed(outcomes, 1, 2, 3).ceremony == without(proposal, 4)
    assert f"{root[:12]} BAD_PART custodian-4" in four[2].lines
    assert four[4].book.held(four.clock()) == ()


def revealed_in(custodians: Hall, root: str, number: int) -> set[str]:
    """The sealing key that a custodian's complaint revealed to everybody."""
    folder = custodians[number].store.get(root)
    assert folder is not None
    complaint = folder.board().of(Step.COMPLAINT, custodians[number].name)
    document = {} if complaint is None else write(complaint.message)
    return {str(document[key]) for key in ("sealing_key",) if key in document}


def test_a_false_accuser_is_named_and_the_others_go_on_without_it(four: Hall) -> None:
    proposal, root = begun(four, Step.ECHO)
    hear_all(four, 4, root)

    def accuse(participant: Participant, board: Board) -> SignedStep:
        key = participant.secrets.sealing_keys[0].private_key
        return sign_step(
            Complaint(ceremony=board.ceremony, party="custodian-4", against="custodian-1", sealing_key=key),
            participant.signer,
        )

    four.cheats(4, root, accuse)
    outcomes = four.hold(root, 1, 2, 3, 4)
    assert outcomes.pop(4).standing == Ended(fault=FaultCode.FALSE_COMPLAINT, party="custodian-4")
    formed = four.agreed(outcomes, 1, 2, 3)
    assert formed.ceremony == without(proposal, 4)
    # Nobody holds a share under two numbers, and none of the first ceremony is left.
    assert [[each.committee for each in four[n].book.held(four.clock())] for n in (1, 2, 3)] == [[2], [2], [2]]


def test_one_that_shows_two_deals_to_two_peers_is_named_before_anything_is_used(four: Hall) -> None:
    proposal, root = begun(four, Step.JOIN)
    board = hear_all(four, 4, root)
    others: list[SignedStep] = []

    def twice(participant: Participant, board: Board) -> SignedStep:
        others.append(honest(participant, board))
        return honest(participant, board)

    first = four.cheats(4, root, twice)
    assert others[0].jws != first.jws
    second = write(others[0])
    assert board.proposal == proposal

    def two_faced(asker: str, path: str, status: int, content: bytes) -> tuple[int, bytes]:
        if asker != "custodian-2" or not path.endswith(root) or status != 200:
            return status, content
        document = json.loads(content)
        document["steps"] = [second if each["jws"] == first.jws else each for each in document["steps"]]
        return status, canonical_json(document)

    four[4].change = two_faced
    outcomes = four.hold(root, 1, 2, 3)
    assert four.agreed(outcomes, 1, 2, 3).ceremony == without(proposal, 4)
    for number in (1, 2, 3):
        assert f"{root[:12]} EQUIVOCATION custodian-4" in four[number].lines
        folder = four[number].store.get(root)
        assert folder is not None
        # No share of the first ceremony was ever computed.
        assert not folder.has_own(Step.CONFIRM)
        end = folder.end()
        assert end is not None
        assert (end.state, end.party, end.successor) == (EndState.FAULT, "custodian-4", without(proposal, 4))


@pytest.mark.parametrize("step", [Step.JOIN, Step.DEAL, Step.ECHO, Step.CONFIRM])
def test_a_peer_that_falls_silent_is_named_and_the_others_keep_what_they_had(four: Hall, step: Step) -> None:
    four.form(four.genesis(1, 2, 3), 1, 2, 3)
    token = four.token(1, 1, 2)
    root = four.consent(four.propose(1, CeremonyKind.REFRESH), 1, 2, 3)
    before = [Step.JOIN, Step.DEAL, Step.ECHO, Step.CONFIRM]
    if step is not Step.JOIN:
        until(four, root, before[before.index(step) - 1], 1, 2, 3)
    if step is Step.JOIN:
        four[3].change = cut
    four.hold(root, 1, 2, rounds=4)
    four[3].change = cut
    four.clock.forward(hours=2)
    outcomes = four.hold(root, 1, 2)
    for number in (1, 2):
        outcome = outcomes[number]
        # Without an answer of everybody nobody joins: who lost its folder has to see that it took part before.
        late = ("custodian-1", "custodian-2", "custodian-3") if step is Step.JOIN else ("custodian-3",)
        assert outcome.standing == Waiting(step=step, parties=late)
        assert list(outcome.silent) == ["custodian-3"]
        assert outcome.has_confirmed is (step is Step.CONFIRM)
        pending = four[number].book.of_ceremony(root)
        assert (pending is not None) is (step is Step.CONFIRM)
        four[number].has_no_secrets(*([] if pending is None else [pending]))
    assert four.token(1, 2, 1) == token


def test_a_ceremony_that_was_confirmed_by_all_in_time_is_found_complete_after_it(four: Hall) -> None:
    root = four.consent(four.genesis(1, 2, 3), 1, 2, 3)
    until(four, root, Step.CONFIRM, 1, 2, 3)
    four.clock.forward(hours=2)
    four.agreed(four.hold(root, 1, 2, 3), 1, 2, 3)


def test_nobody_confirms_after_the_time(four: Hall) -> None:
    root = four.consent(four.genesis(1, 2, 3), 1, 2, 3)
    until(four, root, Step.ECHO, 1, 2, 3)
    four.clock.forward(hours=2)
    outcomes = four.hold(root, 1, 2, 3)
    assert {each.has_confirmed for each in outcomes.values()} == {False}
    assert not any(isinstance(each.standing, Formed) for each in outcomes.values())
    for number in (1, 2, 3):
        folder = four[number].store.get(root)
        assert folder is not None
        end = folder.end()
        assert end is not None
        assert end.state is EndState.TIME_OVER
        four[number].has_no_secrets()


def changed(document: dict[str, object], **members: object) -> bytes:
    return canonical_json({**document, **members})


def garbled(kind: str, others: bytes) -> Change:
    """Answers of custodian 3 that are of no use."""

    def change(asker: str, path: str, status: int, content: bytes) -> tuple[int, bytes]:
        if status != 200:
            return status, content
        document = json.loads(content)
        steps = document["steps"]
        answers = {
            "no JSON": b"\xff\x00{",
            "a list": b"[]",
            "an unknown member": changed(document, more=1),
            "a step of no kind": changed(document, steps=[{"step": "LEAVE", "jws": "a.b.c"}]),
            "too many steps": changed(document, steps=[{"step": "JOIN", "jws": "a.b.c"}] * 193),
            "too much": b'{"' + b"a" * MAX_ANSWER + b'":1}',
            "another ceremony": others,
            "an error": b"",
            "a redirect": b"",
            "deep": b"[" * 100_000,
        }
        assert steps is not None
        return {"an error": 500, "a redirect": 302}.get(kind, 200), answers[kind]

    return change


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("no JSON", "sends what is no answer"),
        ("a list", "sends what is no answer"),
        ("an unknown member", "sends what is no answer"),
        ("a step of no kind", "sends what is no answer"),
        ("too many steps", "sends what is no answer"),
        ("too much", "sends too much"),
        ("another ceremony", "answers with another ceremony"),
        ("an error", "answers 500"),
        ("a redirect", "answers 302"),
        ("deep", "sends what is no answer"),
    ],
)
def test_an_answer_that_is_none_is_refused_in_one_line_and_over_when_a_good_one_comes(
    four: Hall, kind: str, word: str
) -> None:
    other = four.consent(four.genesis(1, 2, 3, epoch=7), 3)
    theirs = four[3].store.get(other)
    assert theirs is not None
    root = four.consent(four.genesis(1, 2, 3), 1, 2, 3)
    four[3].change = garbled(kind, canonical_json(write(theirs.minutes())))
    four.hold(root, 1, 2, 3, rounds=2)
    assert [line for line in four[1].lines if line.startswith("custodian-3")] == [f"custodian-3 {word}"] * 2
    four[3].change = None
    four.agreed(four.hold(root, 1, 2, 3), 1, 2, 3)


def test_bad_steps_are_refused_one_by_one_and_good_ones_beside_them_are_taken(four: Hall) -> None:
    """Steps of another ceremony, of a stranger, altered, without their parts, and replayed in any order."""
    elsewhere = four.consent(four.genesis(1, 2, 3, epoch=7), 1, 2, 3)
    until(four, elsewhere, Step.JOIN, 1, 2, 3)
    theirs, stranger = four[3].store.get(elsewhere), four[4]
    assert theirs is not None
    foreign = [write(each) for each in theirs.minutes().steps]
    root = four.consent(four.genesis(1, 2, 3), 1, 2, 3)

    def mixed(asker: str, path: str, status: int, content: bytes) -> tuple[int, bytes]:
        assert asker != "custodian-3"
        if status != 200 or not path.endswith(root):
            return status, content
        minutes = read(Minutes, json.loads(content))
        steps = [write(each) for each in minutes.steps]
        forged = []
        for each in minutes.steps:
            message = StepReader(minutes.proposal).read(each).message
            forged.append(write(sign_step(message, stranger.body.signer, sealed=each.sealed)))
            forged.append(write(each) | {"jws": f"{each.jws[:-4]}AAAA"})
            if each.sealed:
                forged.append({"step": each.step, "jws": sign_again(minutes.proposal, four, each)})
        return status, changed(json.loads(content), steps=[*foreign, *forged, *reversed(steps), *steps][:192])

    four[3].change = mixed
    formed = four.agreed(four.hold(root, 1, 2, 3), 1, 2, 3, still_in=elsewhere)
    assert formed.ceremony == root
    refused = {line.split(": ")[2] for line in four[1].lines if line.startswith("custodian-3: a step is refused")}
    assert refused == {"OTHER_CEREMONY", "NOT_A_PARTY", "SIGNATURE_INVALID", "PARTS_MISSING"}


def sign_again(proposal: Proposal, custodians: Hall, step: SignedStep) -> str:
    """A DEAL that is passed on without the parts that it names."""
    taken = StepReader(proposal).read(step)
    message = replace(cast("Deal", taken.message), proof=bytes(64))
    return sign_step(message, custodians.holders[taken.party].body.signer).jws


def test_one_whose_folder_is_gone_does_not_take_part_a_second_time(four: Hall) -> None:
    root = four.consent(four.genesis(1, 2, 3), 1, 2, 3)
    until(four, root, Step.DEAL, 1, 2, 3)
    four[3].lose_folder()
    four.consent(four.genesis(1, 2, 3, epoch=9), 3)
    folder = four[1].store.get(root)
    assert folder is not None
    four[3].consent(folder.proposal())
    with pytest.raises(CeremonyHalted, match="taken part before") as halted:
        four.tick(3, root)
    assert halted.value.code is HaltCode.TAKEN_PART
    again = four[3].store.get(root)
    assert again is not None
    assert not again.has_own(Step.JOIN)


def test_one_that_confirmed_goes_back_to_a_ceremony_that_turns_out_complete(four: Hall) -> None:
    """A contradiction sends one party on; the others had the complete set before it came."""
    proposal, root = begun(four, Step.ECHO)
    until(four, root, Step.CONFIRM, 1, 2, 3, 4)
    four.agreed(four.hold(root, 2, 3), 2, 3)

    def quarrel(asker: str, path: str, status: int, content: bytes) -> tuple[int, bytes]:
        assert asker
        if status != 200 or not path.endswith(root):
            return status, content
        document = json.loads(content)
        joins = [each for each in document["steps"] if each["step"] == "JOIN"]
        message = cast("Join", StepReader(proposal).read(read(SignedStep, joins[3])).message)
        other = write(sign_step(replace(message, commitments_digest="0" * 64), four[4].body.signer))
        # Custodian 1 hears of the contradiction, and of nobody's confirmation so far.
        rest = [each for each in document["steps"] if each["step"] != "CONFIRM"]
        return status, changed(document, steps=[*rest, other])

    for number in (2, 3, 4):
        four[number].change = quarrel
    assert four.hold(root, 1, rounds=2) == {}
    assert f"{root[:12]} EQUIVOCATION custodian-4" in four[1].lines
    assert four[1].store.get(without(proposal, 4)) is not None
    for number in (2, 3, 4):
        four[number].change = None
    assert four.agreed(four.hold(root, 1), 1).ceremony == root
    left = four[1].store.get(without(proposal, 4))
    assert left is not None
    assert left.end() == End(state=EndState.LEFT)


def test_two_that_went_on_without_different_parties_come_together_again(four: Hall) -> None:
    proposal, root = begun(four, Step.JOIN)
    hear_all(four, 1, root)
    seen = {}
    for number in (3, 4):
        folder = four[number].store.get(root)
        assert folder is not None
        join = folder.board().of(Step.JOIN, four[number].name)
        assert join is not None
        message = replace(cast("Join", join.message), commitments_digest="0" * 64)
        seen[number] = StepReader(proposal).read(sign_step(message, four[number].body.signer))
    # Each has found one of two parties that contradict themselves, and not heard of the other's find.
    for finder, found in ((1, 4), (2, 3)):
        hear_all(four, finder, root)
        folder = four[finder].store.get(root)
        assert folder is not None
        folder.keep(seen[found], is_contradiction=True)
    for number in (1, 2, 3, 4):
        four[number].change = cut
    four.hold(root, 1, 2, rounds=1)
    assert four[1].store.get(without(proposal, 4)) is not None
    assert four[2].store.get(without(proposal, 3)) is not None
    for number in (1, 2, 3, 4):
        four[number].change = None
    assert four.hold(root, 1, 2, rounds=3) == {}
    with pytest.raises(CeremonyHalted, match="somebody else signs with its key"):
        four.tick(4, root)
    four.clock.forward(hours=2)
    outcomes = four.hold(root, 1, 2)
    # Both name the first of the two by name, and wait for the other one in the ceremony that follows.
    late = Waiting(step=Step.JOIN, parties=("custodian-4",))
    assert [(each.ceremony, each.standing) for each in outcomes.values()] == [(without(proposal, 3), late)] * 2
    for number in (1, 2):
        four[number].has_no_secrets()
    left = four[1].store.get(without(proposal, 4))
    assert left is not None
    assert left.end() == End(state=EndState.LEFT)


def test_one_whose_secrets_are_gone_says_so_and_takes_no_step(four: Hall) -> None:
    root = four.consent(four.genesis(1, 2, 3), 1, 2, 3)
    until(four, root, Step.JOIN, 1, 2, 3)
    folder = four[1].store.get(root)
    assert folder is not None
    folder.forget_secrets()
    with pytest.raises(CeremonyHalted) as halted:
        four.tick(1, root)
    assert halted.value.code is HaltCode.SECRETS_GONE
    assert not folder.has_own(Step.DEAL)


def test_a_dealer_whose_former_share_is_gone_says_so_and_takes_no_step(four: Hall) -> None:
    formed = four.form(four.genesis(1, 2, 3), 1, 2, 3)
    root = four.consent(four.propose(1, CeremonyKind.REFRESH), 1, 2, 3)
    four[1].book.retire(1, 1, four.clock())
    with pytest.raises(CeremonyHalted) as halted:
        four.tick(1, root)
    assert halted.value.code is HaltCode.FORMER_UNKNOWN
    folder = four[1].store.get(root)
    assert folder is not None
    assert (folder.has_own(Step.JOIN), folder.secrets(four[1].name)) == (False, None)
    assert formed.committee.committee == 1


def test_a_kept_step_that_was_altered_stops_its_custodian(four: Hall) -> None:
    root = four.consent(four.genesis(1, 2, 3), 1, 2, 3)
    until(four, root, Step.JOIN, 1, 2, 3)
    path = four[1].folder / "ceremonies" / root / "step.join.custodian-1.json"
    document = json.loads(path.read_bytes())
    path.write_bytes(canonical_json(document | {"jws": f"{document['jws'][:-4]}AAAA"}))
    with pytest.raises(CeremonyHalted, match="a kept step is refused") as halted:
        four.tick(1, root)
    assert halted.value.code is HaltCode.DAMAGED
