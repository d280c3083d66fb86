"""The judge names the party at fault, from steps that it signed itself, and nothing is formed."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from ceremony.errors import CeremonyRefused, FaultCode, RefusalCode
from ceremony.judge import judge
from ceremony.party import make_secrets
from ceremony.standing import Disagreeing, Ended, Formed, Waiting
from ceremony.steps import StepReader, commitments_digest, sign_step
from ceremony.terms import ceremony_id
from crypto.dkg.polynomial import Polynomial, random_polynomial
from crypto.oprf.group import IDENTITY, multiply_base, random_scalar
from protocol.messages.ceremonies import AnyStep, CeremonyKind, Complaint, Proposal, SignedStep, Step
from tests.support.ceremonies import Held, bodies, genesis, hold, play, refresh, resharing

BODIES = bodies(5)
FIRST = {name: BODIES[name] for name in ("custodian-1", "custodian-2", "custodian-3")}
BEFORE = hold(genesis(FIRST, 2), BODIES)
CHEAT, HONEST = "custodian-2", "custodian-1"
PROPOSALS: dict[CeremonyKind, Callable[[], Proposal]] = {
    CeremonyKind.GENESIS: lambda: genesis(FIRST, 2),
    CeremonyKind.REFRESH: lambda: refresh(BEFORE),
    CeremonyKind.RESHARING: lambda: resharing(
        BEFORE,
        seats=[BODIES["custodian-2"].seat(1), BODIES["custodian-3"].seat(2), BODIES["custodian-4"].seat(3)],
        dealers=["custodian-1", "custodian-2"],
        threshold=2,
    ),
}
Tamper = Callable[[str, SignedStep], SignedStep | None]


def former(kind: CeremonyKind) -> Held | None:
    return None if kind is CeremonyKind.GENESIS else BEFORE


def message_in(proposal: Proposal, signed: SignedStep) -> Any:
    return StepReader(proposal).read(signed).message


def changing(proposal: Proposal, at: Step, **changes: Any) -> Tamper:
    """Let the cheat change members of its own step, and sign it."""

    def tamper(name: str, signed: SignedStep) -> SignedStep:
        if name != CHEAT or signed.step is not at:
            return signed
        message = replace(message_in(proposal, signed), **changes)
        return sign_step(cast("AnyStep", message), BODIES[CHEAT].signer, sealed=signed.sealed)

    return tamper


def committing(proposal: Proposal, commitments: tuple[bytes, ...], **deal: Any) -> Tamper:
    """Let the cheat commit to these commitments from the beginning."""
    digest = commitments_digest(ceremony_id(proposal), CHEAT, commitments)
    join = changing(proposal, Step.JOIN, commitments_digest=digest)
    reveal = changing(proposal, Step.DEAL, commitments=commitments, **deal)
    return lambda name, signed: (join if signed.step is Step.JOIN else reveal)(name, signed)


def outcome(proposal: Proposal, tamper: Tamper) -> object:
    standing, _, _ = play(proposal, BODIES, former=former(proposal.kind), tamper=tamper)
    return standing


@pytest.mark.parametrize("kind", CeremonyKind)
@pytest.mark.parametrize(
    ("at", "changes", "fault"),
    [
        (Step.JOIN, {"sealing_keys": ()}, FaultCode.BAD_JOIN),
        (Step.JOIN, {"sealing_keys": (bytes(32),) * 3}, FaultCode.BAD_JOIN),
        (Step.JOIN, {"sealing_keys": (bytes(32),) * 2}, FaultCode.BAD_JOIN),
        (Step.JOIN, {"commitments_digest": None}, FaultCode.BAD_JOIN),
        (Step.JOIN, {"commitments_digest": "0" * 64}, FaultCode.COMMITMENTS_CHANGED),
        (Step.CONFIRM, {"committee": "0" * 64}, FaultCode.FALSE_CONFIRMATION),
        (Step.CONFIRM, {"evaluated_canary": None}, FaultCode.BAD_CANARY),
        (Step.CONFIRM, {"proof": None}, FaultCode.BAD_CANARY),
        (Step.CONFIRM, {"evaluated_canary": IDENTITY}, FaultCode.BAD_CANARY),
        (Step.CONFIRM, {"evaluated_canary": multiply_base(random_scalar(os.urandom))}, FaultCode.BAD_CANARY),
        (Step.CONFIRM, {"proof": bytes(64)}, FaultCode.BAD_CANARY),
    ],
)
def test_a_party_that_signs_a_wrong_step_is_named(
    kind: CeremonyKind, at: Step, changes: dict[str, Any], fault: FaultCode
) -> None:
    proposal = PROPOSALS[kind]()
    assert outcome(proposal, changing(proposal, at, **changes)) == Ended(fault=fault, party=CHEAT)


@pytest.mark.parametrize("kind", CeremonyKind)
@pytest.mark.parametrize(
    "broken",
    [
        lambda good: (*good, good[0]),
        lambda good: (*good[:-1], IDENTITY),
        lambda good: (*good[:-1], b"\xff" * 32),
        lambda good: (*good[:-1], (b"\xed" + b"\xff" * 30 + b"\x7f")),
    ],
    ids=["one more, a higher degree", "the identity", "not canonical", "the field's prime"],
)
def test_commitments_that_are_no_elements_of_the_right_number_name_their_dealer(
    kind: CeremonyKind, broken: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]
) -> None:
    proposal = PROPOSALS[kind]()
    good = random_polynomial(2, os.urandom).commitments()[kind is CeremonyKind.REFRESH :]
    named = outcome(proposal, committing(proposal, broken(good)))
    assert named == Ended(fault=FaultCode.BAD_COMMITMENTS, party=CHEAT)


def test_a_rogue_key_needs_a_proof_that_nobody_can_make() -> None:
    # phi_0 may be anything that the cheat likes, such as a target less the others' constants: it has no a_0 for it.
    proposal = genesis(FIRST, 2)
    rogue = tuple(multiply_base(random_scalar(os.urandom)) for _ in range(2))
    for proof in (bytes(64), b"\xff" * 64, None):
        named = outcome(proposal, committing(proposal, rogue, proof=proof))
        assert named == Ended(fault=FaultCode.POSSESSION_UNPROVEN, party=CHEAT)


def test_the_proof_of_another_dealer_or_ceremony_proves_nothing() -> None:
    first, seen = genesis(FIRST, 2), dict[str, Any]()

    def watch(name: str, signed: SignedStep) -> SignedStep:
        if signed.step is Step.DEAL:
            seen[name] = message_in(first, signed)
        return signed

    hold(first, BODIES, tamper=watch)
    again = genesis(FIRST, 2)
    for source in (HONEST, CHEAT):
        copied = committing(again, seen[source].commitments, proof=seen[source].proof)
        assert outcome(again, copied) == Ended(fault=FaultCode.POSSESSION_UNPROVEN, party=CHEAT)


def test_a_refresh_takes_no_constant_and_a_resharing_no_other_one() -> None:
    shifting = refresh(BEFORE)
    with_constant = committing(shifting, random_polynomial(2, os.urandom).commitments())
    assert outcome(shifting, with_constant) == Ended(fault=FaultCode.BAD_COMMITMENTS, party=CHEAT)
    proven = changing(shifting, Step.DEAL, proof=bytes(64))
    assert outcome(shifting, proven) == Ended(fault=FaultCode.POSSESSION_UNPROVEN, party=CHEAT)
    other = PROPOSALS[CeremonyKind.RESHARING]()
    another = committing(other, random_polynomial(2, os.urandom).commitments())
    assert outcome(other, another) == Ended(fault=FaultCode.OTHER_CONSTANT, party=CHEAT)


@pytest.mark.parametrize("kind", CeremonyKind)
def test_a_dealer_that_sends_bad_parts_is_named_by_the_part_that_is_revealed(kind: CeremonyKind) -> None:
    proposal = PROPOSALS[kind]()
    share = BEFORE.shares[CHEAT]
    honest = make_secrets(proposal, CHEAT, former_share=share, random=os.urandom)
    assert honest.polynomial is not None
    a0, *others = honest.polynomial.coefficients
    # The commitments are in order, and the parts come from another polynomial with the same constant.
    lying = replace(honest, polynomial=_Lying(coefficients=(a0, *others), shown=honest.polynomial))
    standing, shares, board = play(proposal, BODIES, former=former(kind), secrets={CHEAT: lying})
    assert standing == Ended(fault=FaultCode.BAD_PART, party=CHEAT)
    assert CHEAT not in {each.party for each in board.all_of(Step.COMPLAINT)}
    complaint = cast("Complaint", board.all_of(Step.COMPLAINT)[0].message)
    # One key opens one part: the accuser's other parts stay closed.
    assert complaint.against == CHEAT
    assert shares.keys() <= {CHEAT}


class _Lying(Polynomial):
    """A polynomial whose values are not those it commits to."""

    __slots__ = ("shown",)
    shown: Polynomial

    def __init__(self, *, coefficients: tuple[bytes, ...], shown: Polynomial) -> None:
        super().__init__(coefficients=coefficients)
        object.__setattr__(self, "shown", shown)

    def at(self, index: int) -> bytes:
        return self.shown.at(index + 1)


@pytest.mark.parametrize("kind", CeremonyKind)
def test_a_false_complaint_names_its_accuser(kind: CeremonyKind) -> None:
    proposal = PROPOSALS[kind]()
    secrets = make_secrets(proposal, CHEAT, former_share=BEFORE.shares[CHEAT], random=os.urandom)
    at = proposal.dealers.index(HONEST)
    for key in (secrets.sealing_keys[at].private_key, os.urandom(32)):
        complaint = Complaint(ceremony=ceremony_id(proposal), party=CHEAT, against=HONEST, sealing_key=key)

        def accuse(name: str, signed: SignedStep, complaint: Complaint = complaint) -> SignedStep:
            is_due = name == CHEAT and signed.step is Step.CONFIRM
            return sign_step(complaint, BODIES[CHEAT].signer) if is_due else signed

        standing, _, _ = play(proposal, BODIES, former=former(kind), secrets={CHEAT: secrets}, tamper=accuse)
        assert standing == Ended(fault=FaultCode.FALSE_COMPLAINT, party=CHEAT)


@pytest.mark.parametrize("against", ["custodian-9", "custodian-4", CHEAT])
def test_a_complaint_about_nobody_who_dealt_names_its_accuser(against: str) -> None:
    proposal = genesis(FIRST, 2)
    complaint = Complaint(ceremony=ceremony_id(proposal), party=CHEAT, against=against, sealing_key=bytes(32))

    def accuse(name: str, signed: SignedStep) -> SignedStep:
        is_due = name == CHEAT and signed.step is Step.CONFIRM
        return sign_step(complaint, BODIES[CHEAT].signer) if is_due else signed

    assert outcome(proposal, accuse) == Ended(fault=FaultCode.FALSE_COMPLAINT, party=CHEAT)


@pytest.mark.parametrize("at", [Step.JOIN, Step.DEAL, Step.ECHO, Step.CONFIRM])
def test_two_steps_in_one_place_name_their_party(at: Step) -> None:
    proposal = genesis(FIRST, 2)
    reader = StepReader(proposal)
    _, _, whole = play(proposal, BODIES)
    board = replace(whole, steps={place: step for place, step in whole.steps.items() if place[0] is not Step.CONFIRM})
    first = whole.of(at, CHEAT)
    assert first is not None
    second: dict[str, Any] = {
        Step.JOIN: {"commitments_digest": "0" * 64},
        Step.DEAL: {"joins": "0" * 64},
        Step.ECHO: {"deals": "0" * 64},
        Step.CONFIRM: {"committee": "0" * 64},
    }[at]
    changed = sign_step(replace(cast("Any", first.message), **second), BODIES[CHEAT].signer, sealed=first.sealed)
    board = board.adding(first).adding(reader.read(changed))
    assert judge(board) == Ended(fault=FaultCode.EQUIVOCATION, party=CHEAT)
    # The other party hears both, in the other order, and comes to the same result.
    passed_on = [reader.read(each) for each in board.passed_on()]
    mirrored = replace(board, steps={}, contradictions={})
    for read in reversed(passed_on):
        mirrored = mirrored.adding(read)
    assert judge(mirrored) == judge(board)


def test_a_complete_ceremony_stands_whatever_a_party_signs_afterwards() -> None:
    proposal = genesis(FIRST, 2)
    standing, _, board = play(proposal, BODIES)
    assert isinstance(standing, Formed)
    late = Complaint(ceremony=board.ceremony, party=CHEAT, against=HONEST, sealing_key=bytes(32))
    reader = StepReader(proposal)
    board = board.adding(reader.read(sign_step(late, BODIES[CHEAT].signer)))
    assert board.contradictions
    assert judge(board) == standing


@pytest.mark.parametrize(
    ("at", "member", "awaited"), [(Step.DEAL, "joins", Step.JOIN), (Step.ECHO, "deals", Step.DEAL)]
)
def test_a_party_that_names_other_steps_stops_the_ceremony_and_nobody_is_accused_by_it(
    at: Step, member: str, awaited: Step
) -> None:
    # Whoever showed it another step may be at fault as well: that step will arrive, or the time runs out.
    proposal = genesis(FIRST, 2)
    standing, shares, _ = play(proposal, BODIES, tamper=changing(proposal, at, **{member: "0" * 64}))
    assert standing == Disagreeing(step=awaited, parties=(CHEAT,))
    assert not shares


@pytest.mark.parametrize("kind", CeremonyKind)
@pytest.mark.parametrize("at", [Step.JOIN, Step.DEAL, Step.ECHO, Step.CONFIRM])
def test_a_party_that_goes_silent_is_waited_for_by_name_and_nothing_is_formed(kind: CeremonyKind, at: Step) -> None:
    proposal = PROPOSALS[kind]()
    silent = outcome(proposal, lambda name, signed: None if (name, signed.step) == (CHEAT, at) else signed)
    assert isinstance(silent, Waiting)
    assert (silent.step, silent.parties) == (at, (CHEAT,))


@pytest.mark.parametrize("kind", [CeremonyKind.REFRESH, CeremonyKind.RESHARING])
@pytest.mark.parametrize(
    "share", [None, bytes(32), b"", BEFORE.shares[HONEST]], ids=["none", "zero", "empty", "another's"]
)
def test_a_party_whose_own_share_is_wrong_does_not_begin(kind: CeremonyKind, share: bytes | None) -> None:
    with pytest.raises(CeremonyRefused) as refused:
        make_secrets(PROPOSALS[kind](), CHEAT, former_share=share, random=os.urandom)
    assert refused.value.code is RefusalCode.OWN_SHARE_WRONG
