"""A custodian finishes its ceremonies from the command line, against a registry that listens."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ceremony.standing import Formed
from ceremony.terms import ceremony_id
from cli.custodian.ceremony_desk import Opened, refuse_behind
from cli.outcome import Failure
from crypto.signing.keys import save_private_key
from custodian.settings import load
from protocol.encodings import b64url_encode, format_time
from protocol.messages.ceremonies import CeremonyKind
from tests.support.ceremonies import first_custodians, first_held
from tests.support.commands import called, run
from tests.support.committees import admit_custodians, reported
from tests.support.custodian_homes import CARRIER, PEER, SETTINGS
from tests.support.holders import Hall, hall, url_of
from tests.support.passphrases import a_provider, on_descriptor
from tests.support.registries import known
from tests.support.world import World

KEY = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"
OTHER = "r83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"


@pytest.fixture
def three(world: World, tmp_path: Path) -> Iterator[Hall]:
    """The custodians of the registry's key, with settings in their folders; nobody serves."""
    admit_custodians(world)
    with hall(tmp_path, 3, of=first_custodians()) as custodians:
        custodians.clock.now = dt.datetime.now(dt.UTC)
        for holder in custodians.holders.values():
            holder.keep(first_held())
            save_private_key(holder.body.signer.private_key, holder.folder / "signing.pem")
            text = SETTINGS.format(name=holder.name, url=url_of(holder.name), port=9)
            (holder.folder / "custodian.toml").write_text(text + CARRIER.format(name="carrier-a", key=KEY))
        yield custodians


def finish(custodians: Hall, number: int, ceremony: str, *more: str) -> list[str]:
    folder = custodians[number].folder
    files = ("--out", str(folder / f"{ceremony}.json"), "--config", str(folder / "custodian.toml"))
    return ["custodian", "ceremony", "finish", ceremony, *files, *more]


def refreshed(custodians: Hall) -> Formed:
    return custodians.form(custodians.propose(1, CeremonyKind.REFRESH), 1, 2, 3)


def test_each_custodian_reports_a_refresh_and_ends_its_former_share_by_the_one_entry(
    world: World, three: Hall, capsys: pytest.CaptureFixture[str]
) -> None:
    reported(world, first_held())
    formed = refreshed(three)
    entries = set()
    for number in (2, 1, 3, 2):
        code, told = run(capsys, *finish(three, number, formed.ceremony, *known(world)))
        assert code == 0
        entries.add((told["log_entry_id"], told["formed_at"], told["former_shares_end_at"]))
        share = three[number].book.get(1, 1, three.clock())
        assert share is not None
        assert share.retires_at is not None
        left = share.retires_at - three.clock()
        assert dt.timedelta(days=6, hours=23) < left < dt.timedelta(days=7, minutes=5)
    assert len(entries) == 1


def test_the_first_committee_is_reported_and_ends_nothing(
    world: World, three: Hall, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = run(capsys, *finish(three, 1, first_held().formed.ceremony, *known(world)))
    assert (code, "log_entry_id" in told, "former_shares_end_at" in told) == (0, True, False)
    assert (three[1].folder / f"{told['ceremony']}.json").read_bytes() == first_held().formed.transcript


def test_without_the_registry_the_former_share_stays(three: Hall, capsys: pytest.CaptureFixture[str]) -> None:
    formed = refreshed(three)
    code, told = run(capsys, *finish(three, 1, formed.ceremony))
    assert (code, told["committee"], told["threshold"]) == (0, 2, "2 of 3")
    share = three[1].book.get(1, 1, three.clock())
    assert share is not None
    assert share.retires_at is None


def test_a_fork_that_the_log_does_not_take_ends_nothing(
    world: World, three: Hall, capsys: pytest.CaptureFixture[str]
) -> None:
    reported(world, first_held())
    stale = replace(three.propose(1, CeremonyKind.REFRESH), committee=3)
    taken = refreshed(three)
    for number in (1, 2, 3):
        three[number].consent(stale, despite_later=True)
    fork = three.agreed(three.hold(ceremony_id(stale), 1, 2, 3), 1, 2, 3)
    assert run(capsys, *finish(three, 1, taken.ceremony, *known(world)))[0] == 0
    code, out, err = called(capsys, *finish(three, 3, fork.ceremony, *known(world)))
    assert (code, out) == (1, "")
    assert "committee-not-next" in err
    share = three[3].book.get(1, 1, three.clock())
    assert share is not None
    assert share.retires_at is None


def test_a_word_that_cannot_be_followed_is_one_line(
    world: World, three: Hall, capsys: pytest.CaptureFixture[str]
) -> None:
    ceremony, config = first_held().formed.ceremony, str(three[1].folder / "custodian.toml")
    assert "belong together" in called(capsys, *finish(three, 1, ceremony, "--url", "http://127.0.0.1:9"))[2]
    assert "no such ceremony" in called(capsys, *finish(three, 1, "f" * 64))[2]
    (three[1].folder / f"{ceremony}.json").write_text("other")
    assert "exists already" in called(capsys, *finish(three, 1, ceremony, *known(world)))[2]
    propose = ("custodian", "ceremony", "propose", "--config", config, "--kind")
    assert "not-pinned" in called(capsys, *propose, "refresh")[2]
    twice = ("--member", "a=1", "--member", "a=2")
    assert "names one custodian twice" in called(capsys, *propose, "genesis", *twice)[2]
    assert "not a custodian and its index" in called(capsys, *propose, "genesis", "--member", "a=01")[2]


def test_custody_seals_the_signing_key_and_the_secrets_of_a_ceremony_that_goes_on(
    three: Hall, capsys: pytest.CaptureFixture[str]
) -> None:
    three.clock.forward(seconds=1)
    root = three.consent(three.propose(1, CeremonyKind.REFRESH), 1, 2, 3)
    three.hold(root, 1, rounds=1)
    home = three[1].folder
    plain = (home / "custodian.toml").read_text()

    def told(*words: str) -> list[str]:
        (home / "custodian.toml").write_text(f'{plain}[custody]\npassphrase = "{on_descriptor()}"\n')
        code, out, err = called(capsys, "custodian", *words, "--config", str(home / "custodian.toml"), "--json")
        assert code == 0, err
        return out.splitlines()

    sealed = {json.loads(line)["secret"]: json.loads(line)["state"] for line in told("custody", "seal")}
    assert sealed == {
        "custodian-share 1/1": "sealed",
        f"ceremony-secrets {root}": "sealed",
        "custodian-signing-key": "sealed",
    }
    assert three[1].secrets_on_disk() == []
    (status,) = told("ceremony", "status")
    assert [each["ceremony"] for each in json.loads(status)["ceremonies"]] == [root, first_held().formed.ceremony]
    # The process that goes on has the passphrase.
    three[1].provider.inner = a_provider()
    assert three.agreed(three.hold(root, 1, 2, 3), 1, 2, 3).committee.committee == 2


def test_peers_that_do_not_answer_are_named(three: Hall, capsys: pytest.CaptureFixture[str]) -> None:
    config = three[1].folder / "custodian.toml"
    config.write_text(config.read_text() + PEER.format(name="custodian-2", url="http://127.0.0.1:9", key=OTHER))
    code, told = run(capsys, "custodian", "ceremony", "status", "--config", str(config))
    assert code == 0
    assert told["silent_peers"] == [{"peer": "custodian-2", "reason": "cannot be reached (ConnectError)"}]
    assert [(each["standing"], each["committee"]) for each in told["ceremonies"]] == [("formed", 1)]
    due = dt.datetime.fromisoformat(told["newest_share"]["refresh_due_at"])
    assert due - three.clock() == dt.timedelta(days=90)
    code, told = run(capsys, "custodian", "ceremony", "join", "--config", str(config))
    assert (code, told) == (0, {"offered": []})


def pinned(custodians: Hall, number: int, *others: int) -> Path:
    """Settings that name others, at addresses where nobody listens."""
    config = custodians[number].folder / "custodian.toml"
    for other in others:
        pin = custodians[other].pin()
        key = b64url_encode(pin.public_key)
        config.write_text(
            config.read_text() + PEER.format(name=pin.custodian, url=f"http://127.0.0.1:{other}", key=key)
        )
    return config


def test_a_custodian_that_was_replaced_ends_its_share_by_the_transcript_alone(
    world: World, three: Hall, capsys: pytest.CaptureFixture[str]
) -> None:
    reported(world, first_held())
    without = three.propose(1, CeremonyKind.REFRESH, without=frozenset({"custodian-3"}))
    formed = three.form(without, 1, 2)
    transcript, config = three[3].folder / "transcript.json", str(three[3].folder / "custodian.toml")
    transcript.write_bytes(formed.transcript)
    leave = ("custodian", "ceremony", "leave", str(transcript), "--config", config)
    for words in ((), (*known(world), "--logged-at", "2026-01-01T00:00:00Z")):
        assert "give either --url with --registry-key, or --logged-at" in called(capsys, *leave, *words)[2]
    assert "not a time with its zone" in called(capsys, *leave, "--logged-at", "2026-01-01T00:00:00")[2]
    assert "lies in the future" in called(capsys, *leave, "--logged-at", "2199-01-01T00:00:00Z")[2]
    assert called(capsys, *leave, *known(world))[0] == 1
    assert three[3].book.held(three.clock())[0].retires_at is None
    assert run(capsys, *finish(three, 1, formed.ceremony, *known(world)))[0] == 0
    for _ in range(2):
        code, out, err = called(capsys, *leave, *known(world), "--json")
        assert (code, json.loads(out)["committee"]) == (0, 2)
        assert "Destroy the backups" in err
        ends = dt.datetime.fromisoformat(json.loads(out)["former_shares_end_at"])
        assert three[3].book.held(three.clock())[0].retires_at == ends
    # Without a registry a person names the time, and an earlier one counts.
    at = format_time((three.clock() - dt.timedelta(days=8)).replace(microsecond=0))
    assert run(capsys, *leave, "--logged-at", at)[0] == 0
    assert three[3].book.held(three.clock()) == ()


def test_a_finish_without_the_registry_warns_and_status_shows_what_stays(
    three: Hall, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "Warning" not in called(capsys, *finish(three, 1, first_held().formed.ceremony))[2]
    formed = refreshed(three)
    assert "the former shares stay" in called(capsys, *finish(three, 1, formed.ceremony))[2]
    _, told = run(capsys, "custodian", "ceremony", "status", "--config", str(three[1].folder / "custodian.toml"))
    assert [(each["committee"], each["note"]) for each in told["former_shares"]] == [
        (1, "stays until finish with --url")
    ]


def test_a_proposal_that_needs_everybody_warns_and_is_withdrawn(
    three: Hall, capsys: pytest.CaptureFixture[str]
) -> None:
    config = ("--config", str(pinned(three, 1, 2)))
    members = ("--member", "custodian-1=1", "--member", "custodian-2=2")
    words = ("propose", "--kind", "genesis", "--epoch", "2", "--threshold", "2", *members)
    code, out, err = called(capsys, "custodian", "ceremony", *words, *config, "--json")
    assert (code, "Warning: all 2 members are needed" in err) == (0, True)
    terms = json.loads(out)
    assert not any(" " in name for name in terms)
    ceremony = terms["ceremony"]
    told = {"ceremony": ceremony, "standing": "withdrawn here"}
    for _ in range(2):
        assert run(capsys, "custodian", "ceremony", "withdraw", ceremony, *config) == (0, told)
    assert "withdrawn: this custodian" in called(capsys, "custodian", "ceremony", "join", ceremony, *config)[2]


def test_nobody_proposes_from_behind(three: Hall) -> None:
    here = replace(three[3].desk, peers=tuple(three[3].peers))
    stale = three.propose(3, CeremonyKind.REFRESH)
    held = load(three[3].folder / "custodian.toml", {})
    refuse_behind(Opened(held=held, desk=here, callers=three.callers(3)), stale)
    three.form(three.propose(1, CeremonyKind.REFRESH, without=frozenset({"custodian-3"})), 1, 2)
    with pytest.raises(Failure, match="custodian-1, custodian-2: serves a later committee than 1"):
        refuse_behind(Opened(held=held, desk=here, callers=three.callers(3)), stale)
    refuse_behind(Opened(held=held, desk=here, callers=three.callers(3)), three.genesis(1, 2, 3, epoch=2))
