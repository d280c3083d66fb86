"""The real registry, its integrator and its endpoints, seen by the carrier's and the auditor's own tools."""

from collections.abc import Callable
from pathlib import Path

import pytest

from auditlog.audit.erasures import add_from_other_years
from auditlog.audit.state import AuditState
from auditlog.follow import Step, follow
from auditlog.heads import HeadKeeper
from auditlog.openings import Opening, parse_page
from auditlog.party import LogParty
from auditlog.witness import Outcome
from client.resources import log
from crypto.tlog.checkpoint import Checkpoint
from gateway.gateway import Gateway
from protocol.codes import Role
from protocol.messages.log import NewWitness
from protocol.receipts import Grade
from registry.usecases.log.witnesses import admit_witness
from registry.work.worker import tick
from tests.support.api import admit
from tests.support.applications import apply
from tests.support.audits import audited
from tests.support.endings import cleared
from tests.support.exports import resident
from tests.support.log_rounds import YEAR, integrate_all, integrator, propose
from tests.support.world import World


@pytest.fixture
def worked(world: World, gateway: Gateway, tmp_path: Path) -> Checkpoint:
    """A log of what some inquiries left behind, integrated and published."""
    for number in range(3):
        gateway.check(apply(resident(number + 1)))
        world.clock.forward(seconds=1)
    return integrate_all(world, tmp_path)


def test_an_auditor_finds_nothing_wrong_with_an_honest_registry(
    world: World, worked: Checkpoint, at_the_log: Callable[..., LogParty], tmp_path: Path
) -> None:
    admit(world, "auditor", Role.AUDITOR)
    size, here = integrate_all(world, tmp_path).size, at_the_log("auditor")
    done, findings = audited(here, YEAR)
    page = parse_page(log.openings(here.registry, YEAR, 0, 10_000))
    # The test's own operator acts without signed requests: an auditor has to notice, and to find nothing else.
    by_hand = [each.index for each in page.lines if b'"by":"operator"' in each.core and b'"request":' in each.core]
    assert [(each.code, each.index) for each in findings.kept] == [("request-missing", each) for each in by_hand]
    assert len([each for each in page.lines if each.request is not None]) == 3
    assert (done.checkpoint.size, done.openings) == (size, size)
    assert integrate_all(world, tmp_path).size == size + 2  # that the auditor read, twice, is in the log


def test_an_auditor_finds_nothing_wrong_after_a_subject_was_forgotten(
    world: World, at_the_log: Callable[..., LogParty], tmp_path: Path
) -> None:
    """The entry of a tombstone has no personal part, so that no erasure names it."""
    cleared(world)
    world.clock.forward(days=1_000)
    for _ in range(2):
        tick(world.registry)
        world.clock.forward(days=1)
    admit(world, "auditor", Role.AUDITOR)
    assert integrator(world, tmp_path).round().faults == ()
    here, later = at_the_log("auditor"), world.clock().year
    first, last = (AuditState(origin=here.key(year).name, with_openings=True) for year in (YEAR, later))
    done, findings = audited(here, YEAR, state=first)
    assert done.compared is not None
    assert done.compared.elsewhere > 0
    add_from_other_years(last.erasures, [first.erasures], later)
    _, more = audited(here, later, state=last)
    assert {each.code for each in (*findings.kept, *more.kept)} == {"request-missing"}


def test_a_carrier_follows_a_log_that_grows(
    world: World, worked: Checkpoint, at_the_log: Callable[..., LogParty], gateway: Gateway, tmp_path: Path
) -> None:
    here = at_the_log("carrier-a")
    keeper = HeadKeeper(tmp_path / "heads", here.key(YEAR))
    with here.reader(YEAR) as reader:
        assert follow(reader.checkpoint(), reader=reader, keeper=keeper).step is Step.FIRST
        gateway.check(apply(resident(7)))
        integrate_all(world, tmp_path)
        assert follow(reader.checkpoint(), reader=reader, keeper=keeper).step is Step.GREW


def own_entries(here: LogParty) -> list[Opening | None]:
    page = parse_page(log.openings(here.registry, YEAR, 0, 10_000))
    return [each for each in page.lines if b'"kind":"inquiry"' in each.core]


def test_a_carrier_proves_its_own_inquiries(worked: Checkpoint, at_the_log: Callable[..., LogParty]) -> None:
    here = at_the_log("carrier-a")
    own = own_entries(here)
    assert len(own) == 3
    for each in own:
        assert here.receipt(each.entry_id, Grade.INTEGRATED, 0).receipt.index == each.index
        _, claims = here.promise(each.entry_id)
        assert claims["entry"] == str(each.entry_id)


def test_two_carriers_witness_and_a_receipt_is_witnessed(
    world: World, worked: Checkpoint, at_the_log: Callable[..., LogParty], tmp_path: Path
) -> None:
    parties = [at_the_log("carrier-a"), at_the_log("carrier-b")]
    for here in parties:
        key = here.witness_key()
        admit_witness(
            world.registry,
            world.actor("operator", Role.OPERATOR),
            world.call(),
            NewWitness(participant_id=key.name.removesuffix(".witness"), name=key.name, public_key=key.public_key),
        )
    integrate_all(world, tmp_path)
    propose(world)
    rounds = [here.witness_round()[0][1] for here in parties]
    assert [(each.outcome, each.quorum) for each in rounds] == [(Outcome.COSIGNED, False), (Outcome.COSIGNED, True)]
    with parties[0].reader(YEAR) as reader:
        policy = reader.policy()
        assert policy is not None
        (tmp_path / "log-carrier-a" / "policy").write_bytes(policy)
        assert reader.witnessed() is not None
    own = own_entries(parties[0])[0]
    proven = parties[0].receipt(own.entry_id, Grade.WITNESSED, 0)
    assert len(proven.receipt.signed.note.signatures) == 3
