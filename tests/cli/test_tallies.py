"""A custodian hands in its tallies from the command line, against a registry that listens."""

import datetime as dt
import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from cli.registry.tallies import by_carrier
from crypto.signing.keys import save_private_key
from custodian.ledger import Ledger
from protocol.codes import Role
from protocol.messages.tallies import CarrierTally, Counted, SignedTally, Tallies
from registry.usecases.tallies.read import read_tallies
from tests.support.api import admit
from tests.support.registries import key_of, known
from tests.support.shares import GOOD
from tests.support.world import World


@pytest.fixture
def words(world: World, tmp_path: Path) -> list[str]:
    """The command of custodian 2, whose ledger counted for carrier-a on the first and last of the five days before."""
    admit(world, "custodian-2", Role.CUSTODIAN)
    save_private_key(world.signing_keys["custodian-2"], tmp_path / "custodian.pem")
    (tmp_path / "custodian.toml").write_text('participant = "custodian-2"\n' + GOOD)
    ledger = Ledger(tmp_path / "ledger.db")
    for ago in (5, 1, 0):
        ledger.consume("carrier-a", day=day(world, ago), elements=10 + ago, quota=1_000)
    ledger.close()
    files = ["--config", str(tmp_path / "custodian.toml"), "--key", str(tmp_path / "custodian.pem")]
    where = ["--url", world.registry.public_url, *key_of(world)]
    return ["custodian", "tally", *files, *where, "--key-id", "custodian-2-1"]


def day(world: World, ago: int) -> dt.date:
    return world.clock.now.date() - dt.timedelta(days=ago)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[Any], str]:
    with pytest.raises(SystemExit) as end:
        main([*words, "--json"])
    told = capsys.readouterr()
    return int(end.value.code or 0), [json.loads(line) for line in told.out.splitlines()], told.err


def kept(world: World, ago: int) -> list[int]:
    read = read_tallies(world.registry, world.actor("regulator", Role.REGULATOR), day(world, ago))
    return [tally.total for tally in read.tallies]


def test_yesterday_is_handed_in_and_may_be_again(
    world: World, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    first = run(capsys, *words)
    assert first[0] == 0
    (tally,) = first[1]
    assert (tally["day"], tally["total"], tally["share_index"]) == (str(day(world, 1)), 11, 2)
    assert run(capsys, *words) == first
    assert kept(world, 1) == [11]


def test_one_day_is_handed_in_by_its_date(world: World, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, told, _ = run(capsys, *words, "--day", str(day(world, 5)))
    assert (code, [each["total"] for each in told]) == (0, [15])
    assert (kept(world, 5), kept(world, 1)) == ([15], [])


def test_missing_days_are_made_up_for_as_far_back_as_the_ledger_goes(
    world: World, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, *words)
    code, told, _ = run(capsys, *words, "--missing", "60")
    assert (code, [each["total"] for each in told]) == (0, [15, 0, 0, 0, 11])
    assert [kept(world, ago) for ago in (6, 5, 4, 3, 2, 1)] == [[], [15], [0], [0], [0], [11]]


def test_a_day_that_is_refused_does_not_keep_the_others_back(
    world: World, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, *words, "--day", str(day(world, 5)))
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.consume("carrier-b", day=day(world, 5), elements=1, quota=1_000)
    ledger.close()
    code, told, said = run(capsys, *words, "--missing", "5")
    assert (code, [each["total"] for each in told]) == (1, [0, 0, 0, 11])
    assert "already-exists" in said
    assert "1 of 5 days were not taken" in said
    assert kept(world, 5) == [15]


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        (["--day", "2199-01-01"], 1, "not over"),
        (["--day", "2020-01-01"], 1, "counted nothing on this day or before it"),
        (["--day", "2026-01-01", "--missing", "2"], 2, "exclude each other"),
        (["--missing", "61"], 2, "61"),
        (["--key-id", "nobody-1"], 1, "key-unknown"),
    ],
)
def test_what_cannot_be_handed_in_is_one_line(
    words: list[str], capsys: pytest.CaptureFixture[str], more: list[str], code: int, says: str
) -> None:
    found, told, said = run(capsys, *words, *more)
    assert (found, told) == (code, [])
    assert says in said


def test_a_ledger_that_is_not_there_is_not_taken_for_an_empty_one(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ledger.db").unlink()
    code, _, said = run(capsys, *words)
    assert code == 1
    assert "there is no ledger" in said
    assert not (tmp_path / "ledger.db").exists()


def test_a_registry_out_of_reach_ends_the_round(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, told, said = run(capsys, *words, "--missing", "5", "--url", "http://127.0.0.1:1")
    assert (code, told) == (3, [])
    assert said.count("not reachable") == 1


def test_an_auditor_reads_a_day_by_carrier(
    world: World, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, *words)
    admit(world, "auditor", Role.AUDITOR)
    save_private_key(world.signing_keys["auditor"], tmp_path / "auditor.pem")
    signed = [*known(world), "--key", str(tmp_path / "auditor.pem"), "--key-id", "auditor-1"]
    asked = ["registry", "tallies", str(day(world, 1)), *signed]
    code, (seen,), _ = run(capsys, *asked)
    assert (code, seen["tallies"][0]["custodian"], seen["counted"]) == (0, "custodian-2", [])
    with pytest.raises(SystemExit):
        main(asked)
    told = capsys.readouterr().out.splitlines()
    assert told[-1] == "carrier carrier-a  elements 11  inquiries 0  reports 0"
    assert "custodian-2 11" in told[1]


def a_tally(elements: int) -> SignedTally:
    return SignedTally(
        custodian="custodian-1",
        day=dt.date(2026, 11, 20),
        epoch=1,
        share_index=1,
        carriers=(CarrierTally(carrier="a", elements=elements),),
        total=elements,
        received_at=dt.datetime(2026, 11, 21, tzinfo=dt.UTC),
        log_entry_id=uuid.UUID(int=1),
        statement="a.b.c",
    )


def test_everybody_on_either_side_of_the_comparison_has_a_line() -> None:
    counted = (Counted(carrier="b", inquiries=1, reports=2),)
    seen = Tallies(day=dt.date(2026, 11, 20), tallies=(a_tally(4), a_tally(5)), counted=counted)
    assert by_carrier(seen) == [
        {"carrier": "a", "elements": 9, "inquiries": 0, "reports": 0},
        {"carrier": "b", "elements": 0, "inquiries": 1, "reports": 2},
    ]
