"""The turn of the year, with the real registry, its integrator and the carriers' own witnesses on both sides of it."""

import dataclasses
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auditlog.errors import LogForked, LogRefused
from auditlog.heads import COSIGNED, HeadKeeper
from auditlog.party import LogParty
from auditlog.receipt_book import ReceiptBook
from auditlog.witness import Outcome, Round, years_over, years_to_witness
from client.errors import RegistryAnswerBroken
from crypto.tlog.checkpoint import parse_signed_checkpoint
from protocol.codes import Role, ServiceClass
from protocol.messages.inquiries import InquiryAnswer, InquiryRequest
from protocol.messages.log import Cosigned, NewWitness
from protocol.problems import Refusal
from protocol.receipts import Grade
from registry.domain.log import ids_of
from registry.usecases.context import Registry
from registry.usecases.inquiries.inquire import inquire
from registry.usecases.log.begin_log import begin_log
from registry.usecases.log.cosign import propose_candidates
from registry.usecases.log.read_head import read_candidate, read_witnessed
from registry.usecases.log.witnesses import admit_witness
from registry.work.signer import LogSigner
from tests.support.api import admit
from tests.support.audits import audited
from tests.support.builders import tokens
from tests.support.log_rounds import integrator
from tests.support.stories import asks
from tests.support.world import World

LAST = dt.datetime(2026, 12, 31, 23, 59, 59, 900_000, tzinfo=dt.UTC)


@pytest.fixture
def witnesses(world: World, at_the_log: Callable[..., LogParty]) -> list[LogParty]:
    """Two carriers whose witnesses are admitted, on the last evening of the year."""
    parties = [at_the_log(name) for name in ("carrier-a", "carrier-b")]
    for here in parties:
        key = here.witness_key()
        admit_witness(
            world.registry,
            world.actor("operator", Role.OPERATOR),
            world.call(),
            NewWitness(participant_id=key.name.removesuffix(".witness"), name=key.name, public_key=key.public_key),
        )
    world.clock.now = LAST
    return parties


def works(world: World, folder: Path) -> None:
    """The integrator's round, and what it asks the witnesses for."""
    world.clock.forward(seconds=21)
    assert integrator(world, folder).round().faults == ()
    propose_candidates(world.registry)


def size_of(read: Callable[[Registry, int], bytes], world: World, year: int) -> int | None:
    try:
        return parse_signed_checkpoint(read(world.registry, year)).checkpoint.size
    except Refusal:
        return None


def rounds_in(told: list[tuple[int, Round]] | str) -> list[tuple[int, Round]]:
    assert not isinstance(told, str), told
    return told


def cosigned(here: LogParty, year: int) -> int | None:
    held = HeadKeeper(here.settings.state, here.key(year), kind=COSIGNED).held()
    return None if held is None else held.checkpoint.size


@pytest.fixture
def outage(world: World, witnesses: list[LogParty], tmp_path: Path) -> InquiryAnswer:
    """December was witnessed but for its last entry; everything stands still until February."""
    asks(world, "carrier-a", tokens("one"))
    assert integrator(world, tmp_path).round().faults == ()
    propose_candidates(world.registry)
    for here in witnesses:
        here.witness_round()
    before = size_of(read_witnessed, world, 2026)
    assert before is not None
    asked = asks(world, "carrier-a", tokens("two"))
    world.clock.now = dt.datetime(2027, 2, 3, 8, tzinfo=dt.UTC)
    asks(world, "carrier-b", tokens("three"))
    works(world, tmp_path)
    assert size_of(read_candidate, world, 2026) == before + 1
    return asked


def test_the_last_entries_of_december_are_witnessed_after_an_outage_into_february(
    world: World, witnesses: list[LogParty], outage: InquiryAnswer
) -> None:
    last = size_of(read_candidate, world, 2026)
    assert last is not None
    assert size_of(read_witnessed, world, 2026) == last - 1
    restarted = [dataclasses.replace(here, looked_back={}) for here in witnesses]
    rounds = [dict(here.witness_round()) for here in restarted]
    assert [each[2026].outcome for each in rounds] == [Outcome.COSIGNED] * 2
    assert size_of(read_witnessed, world, 2026) == last
    raw, first = read_witnessed(world.registry, 2026), restarted[0]
    with first.reader(2026) as reader:
        policy = reader.policy()
        assert policy is not None
        first.settings.policy.write_bytes(policy)
    proven = first.receipt(outage.inquiry_id, Grade.WITNESSED, 0)
    assert (proven.receipt.signed.note.encode(), proven.receipt.index) == (raw, last - 1)


def test_a_year_that_is_over_is_looked_at_once_an_hour_and_told_only_where_a_line_is_owed(
    world: World, witnesses: list[LogParty], outage: InquiryAnswer
) -> None:
    now = 1000.0
    here = dataclasses.replace(witnesses[0], looked_back={}, monotonic=lambda: now)
    asked = []
    here.http.event_hooks = {"request": [lambda request: asked.append(request.url.path.split("/")[2])]}
    assert [year for year, _ in here.witness_round()] == [2027, 2026]
    assert {"2026", "2025", "2002"} <= set(asked)
    asked.clear()
    assert [year for year, _ in here.witness_round()] == [2027]
    assert set(asked) == {"2027"}
    now += 3600
    assert [year for year, _ in here.witness_round()] == [2027]
    assert {"2027", "2026", "2025"} <= set(asked)


def test_a_witness_that_died_before_it_was_heard_gives_its_line_of_the_past_year_later(
    world: World, witnesses: list[LogParty], outage: InquiryAnswer, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = dataclasses.replace(witnesses[0], looked_back={})
    with monkeypatch.context() as broken:
        broken.setattr("auditlog.party.log.cosign", lambda *_: Cosigned(size=0, cosigned_by=("a",), quorum=False))
        with pytest.raises(LogRefused, match="answer-unusable"):
            here.witness_round()
    assert cosigned(here, 2026) == size_of(read_candidate, world, 2026)
    assert here.witness_key().name not in names(world)
    assert dict(here.witness_round())[2026].outcome is Outcome.COSIGNED
    assert here.witness_key().name in names(world)


def names(world: World) -> set[str]:
    note = parse_signed_checkpoint(read_candidate(world.registry, 2026)).note
    return {each.name for each in note.signatures}


def test_a_past_year_that_forked_is_told_and_holds_up_no_other(
    world: World, witnesses: list[LogParty], outage: InquiryAnswer
) -> None:
    here = dataclasses.replace(witnesses[0], looked_back={})
    evidence = here.settings.state / "evidence"
    evidence.mkdir()
    name = HeadKeeper(here.settings.state, here.key(2026))._name
    (evidence / f"{name}-1-2.fork").write_bytes(b"kept")
    with pytest.raises(LogForked):
        here.witness_round()
    assert cosigned(here, 2027) == size_of(read_candidate, world, 2027)
    told = here.witness_forever(15)
    assert [year for year, _ in rounds_in(next(told))] == [2027]
    with pytest.raises(LogForked):
        next(told)


def test_a_year_that_is_refused_holds_up_neither_the_other_nor_the_next_round(
    world: World, witnesses: list[LogParty], outage: InquiryAnswer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told each time, and tried again."""
    here = dataclasses.replace(witnesses[0], looked_back={}, sleep=lambda _: None)
    ask = here.registry.post_bytes

    def refuse(path: str, *args: Any, **more: Any) -> bytes:
        if "/2027/" in path:
            raise RegistryAnswerBroken("somebody spoilt it")
        return ask(path, *args, **more)

    monkeypatch.setattr(type(here.registry), "post_bytes", lambda _self, *args, **more: refuse(*args, **more))
    told = here.witness_forever(15)
    assert [(year, done.outcome) for year, done in rounds_in(next(told))] == [(2026, Outcome.COSIGNED)]
    assert "somebody spoilt it" in next(told)


def test_at_new_year_both_trees_are_open_and_each_entry_is_in_that_of_its_own_moment(
    world: World, witnesses: list[LogParty], at_the_log: Callable[..., LogParty], tmp_path: Path
) -> None:
    december = asks(world, "carrier-a", tokens("one"))
    world.clock.forward(milliseconds=200)
    january = asks(world, "carrier-a", tokens("two"))
    assert (december.inquiry_id.int >> 80) // 1000 == int(LAST.timestamp())
    works(world, tmp_path)
    for here in witnesses:
        assert {year: done.outcome for year, done in here.witness_round()} == {
            2027: Outcome.COSIGNED,
            2026: Outcome.COSIGNED,
        }
    for year, entry in ((2026, december.inquiry_id), (2027, january.inquiry_id)):
        assert size_of(read_witnessed, world, year) == size_of(read_candidate, world, year)
        proven = witnesses[0].receipt(entry, Grade.INTEGRATED, 0)
        assert proven.receipt.signed.checkpoint.origin == f"{world.registry.log.name}/{year}"
        assert witnesses[0].promise(entry)[1]["log"] == f"{world.registry.log.name}/{year}"
    admit(world, "auditor", Role.AUDITOR)
    works(world, tmp_path)
    for year in (2026, 2027):
        _, findings = audited(at_the_log("auditor"), year)
        # The test's own operator and carriers act without signed requests.
        assert {each.code for each in findings.kept} == {"request-missing"}


def test_the_same_request_on_both_sides_of_a_new_year_is_one_entry(world: World, witnesses: list[LogParty]) -> None:
    call = world.call()
    request = InquiryRequest(inquiry_ref="order-1", tokens=tokens("one"), service_class=ServiceClass.MOBILE)
    first = inquire(world.registry, world.actor("carrier-a"), call, request)
    world.clock.forward(seconds=30)
    again = inquire(world.registry, world.actor("carrier-a"), call, request)
    assert (again.replayed, again.body) == (True, first.body)
    waiting = world.registry.store.read(lambda tx: tx.pending.oldest(ids_of(2027)[0]))
    assert waiting is None


def test_the_years_on_both_sides_of_a_new_year_are_witnessed_in_every_round() -> None:
    """Two clocks may differ; and what was written last year is integrated on in January."""
    assert years_to_witness(LAST - dt.timedelta(days=1)) == (2026,)
    assert years_to_witness(LAST) == (2026, 2027)
    assert years_to_witness(LAST + dt.timedelta(days=1)) == (2027, 2026)
    assert years_to_witness(LAST + dt.timedelta(days=40)) == (2027,)
    assert years_over(LAST + dt.timedelta(days=1))[0] == 2025
    assert years_over(LAST + dt.timedelta(days=40))[:2] == (2026, 2025)


def test_an_entry_that_was_promised_under_the_logs_old_name_gets_its_receipt_under_the_new_one(
    world: World, at_the_log: Callable[..., LogParty], tmp_path: Path
) -> None:
    """Its leaf is the same in both; the registry is held to the promise that was kept."""
    entry = asks(world, "carrier-a", tokens("one")).inquiry_id
    year = world.clock.now.year
    before = at_the_log("carrier-a")
    promised = ReceiptBook(before).promise(entry)
    assert integrator(world, tmp_path).round().faults == ()
    (tmp_path / "log-heads").rename(tmp_path / "old-heads")
    world.registry = dataclasses.replace(
        world.registry, log=dataclasses.replace(world.registry.log, name="registry.test/log-2")
    )
    assert begin_log(world.registry, year, LogSigner(tmp_path / "log.pem", world.registry.log.public_key))
    assert integrator(world, tmp_path).round().faults == ()
    former = tmp_path / "former.vkeys"
    former.write_text(f"{before.key(year).vkey}\n")
    after = ReceiptBook(at_the_log("carrier-a", former_keys=former))
    assert after.promise(entry) == promised
    names = at_the_log("carrier-a", former_keys=former).known_names(year)
    assert names == {f"registry.test/log/{year}", f"registry.test/log-2/{year}"}
    after.keep(entry, wait_seconds=0)
    assert after.verified(entry).receipt.signed.checkpoint.origin == f"registry.test/log-2/{year}"
