"""`clearline gateway pins`: what is pinned is shown, and a person's word pins another committee."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.main import main
from gateway.pins.book import PinBook
from gateway.pins.codes import KeyChanged, PinCode
from gateway.pins.values import Doubt, Taken, named_in
from gateway.settings import load
from protocol.encodings import b64url_encode
from tests.support.ceremonies import Held, bodies, genesis, hold
from tests.support.commands import called
from tests.support.pins import FORMED_AT, pins_from, refreshed

OF = bodies(3)
FIRST = hold(genesis(OF, 2), OF)
SECOND = refreshed(FIRST, OF)
OTHER_KEY = hold(genesis(OF, 2), OF)
NEXT_EPOCH = hold(genesis(OF, 2, epoch=2), OF)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A carrier's settings, all of whose peers are away."""
    committee = FIRST.formed.committee
    path = tmp_path / "gateway.toml"
    path.write_text(
        '[carrier]\nid = "carrier-a"\nkey_id = "carrier-a-1"\n'
        'signing_key = "signing.pem"\naccount_key = "account.key"\n'
        '[registry]\nurl = "http://127.0.0.1:1"\nkey_id = "registry-1"\n'
        f'public_key = "{b64url_encode(bytes(32))}"\n'
        f'[custodians]\nepoch = 1\nthreshold = 2\njoint_public_key = "{b64url_encode(committee.joint_public_key)}"\n'
        + "".join(
            f'[[custodians.member]]\nindex = {each.index}\nurl = "http://127.0.0.1:1"\n'
            f'public_key = "{b64url_encode(each.share_public_key)}"\n'
            for each in committee.members
        )
    )
    return path


@pytest.fixture
def run(config: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str) -> tuple[int, str, str]:
        """Exit code, what was printed, and what was said."""
        with pytest.raises(SystemExit) as end:
            main(["gateway", "pins", *words, "--config", str(config), "--json"])
        out, err = capsys.readouterr()
        return int(end.value.code or 0), out, err

    return call


def transcript(folder: Path, held: Held) -> str:
    path = folder / f"{held.formed.ceremony}.json"
    path.write_bytes(held.formed.transcript)
    return str(path)


def a_book(config: Path) -> PinBook:
    settings = load(config)
    return PinBook(named_in(settings), settings.pins)


def test_the_pins_of_the_settings_are_shown(run: Run) -> None:
    status, out, _ = run("show")
    shown = json.loads(out)
    assert (status, shown["epoch"], shown["committee"], shown["pinned_by"]) == (0, 1, 1, "SETTINGS")
    assert (shown["committee_digest"], shown["stopped"], len(shown["custodians"])) == (None, None, 3)


def test_a_committee_is_named_by_its_transcript_once_its_digest_was_compared(
    run: Run, config: Path, tmp_path: Path
) -> None:
    file = transcript(tmp_path, SECOND)
    status, out, err = run("accept", file)
    assert (status, json.loads(out)["committee_digest"]) == (1, SECOND.formed.committee_digest)
    assert "nothing is changed" in err
    assert a_book(config).pins().number == (1, 1)
    status, out, err = run("accept", file, "--yes")
    assert (status, json.loads(out)["accepted"]) == (0, True)
    assert "ANOTHER KEY" not in err
    pins = a_book(config).pins()
    assert (pins.number, pins.taken, pins.canary) == ((1, 2), Taken.NAMED, SECOND.formed.canary)
    assert json.loads(run("show")[1])["pinned_by"] == "NAMED"


def test_the_present_committee_is_named_to_learn_who_signs_for_the_next(run: Run, config: Path, tmp_path: Path) -> None:
    assert run("accept", transcript(tmp_path, FIRST), "--yes")[0] == 0
    assert all(each.signing_key is not None for each in a_book(config).pins().members)


def test_a_key_of_a_later_epoch_is_named_in_plain_words(run: Run, config: Path, tmp_path: Path) -> None:
    status, _, err = run("accept", transcript(tmp_path, NEXT_EPOCH), "--yes")
    assert status == 0
    assert "ANOTHER KEY than the pinned one. Every token changes" in err
    assert a_book(config).pins().number == (2, 1)


def test_a_persons_word_ends_a_stop(run: Run, config: Path, tmp_path: Path) -> None:
    a_book(config).stop(Doubt(code=PinCode.FORK, since=FORMED_AT))
    assert json.loads(run("show")[1])["stopped"]["code"] == "fork"
    assert run("accept", transcript(tmp_path, SECOND), "--yes")[0] == 0
    a_book(config).refuse_stopped()


def test_a_second_key_of_one_epoch_and_an_earlier_committee_are_refused(run: Run, config: Path, tmp_path: Path) -> None:
    assert run("accept", transcript(tmp_path, SECOND), "--yes")[0] == 0
    for held, code in ((OTHER_KEY, "other-key"), (FIRST, "not-newer")):
        status, out, err = run("accept", transcript(tmp_path, held), "--yes")
        assert (status, out) == (1, "")
        assert err.startswith(f"clearline: {code}: ")
    assert a_book(config).pins().number == (1, 2)


@pytest.mark.parametrize("content", [b"", b"{}", b"no JSON", FIRST.formed.transcript[:-1], b" " * 2_000_000])
def test_a_file_that_proves_no_committee_is_refused(run: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.json").write_bytes(content)
    status, out, err = run("accept", str(tmp_path / "t.json"), "--yes")
    assert (status, out) == (1, "")
    assert err.startswith("clearline: transcript-invalid: ")


def test_neither_file_nor_digest_is_one_line(run: Run, tmp_path: Path) -> None:
    status, _, err = run("accept", str(tmp_path / "not-there"), "--yes")
    assert (status, err.count("\n")) == (1, 1)


def test_settings_that_a_person_changed_to_another_key_need_its_transcript_too(
    run: Run, config: Path, tmp_path: Path
) -> None:
    assert run("accept", transcript(tmp_path, SECOND), "--yes")[0] == 0
    committee = OTHER_KEY.formed.committee
    text = config.read_text().replace(
        b64url_encode(FIRST.formed.committee.joint_public_key), b64url_encode(committee.joint_public_key)
    )
    for before, after in zip(FIRST.formed.committee.members, committee.members, strict=True):
        text = text.replace(b64url_encode(before.share_public_key), b64url_encode(after.share_public_key))
    config.write_text(text)
    for words in (["show"], ["check"], ["accept", transcript(tmp_path, SECOND), "--yes"]):
        status, _, err = run(*words)
        assert (status, "pins-contradict" in err) == (1, True)
    with pytest.raises(KeyChanged):
        a_book(config).pins()
    assert run("accept", transcript(tmp_path, OTHER_KEY), "--yes")[0] == 0
    assert a_book(config).pins().joint_public_key == committee.joint_public_key


@pytest.mark.parametrize("held", [FIRST, SECOND])
def test_the_table_of_a_transcript_pins_its_committee_and_those_who_sign_for_the_next(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], held: Held
) -> None:
    code, table, _ = called(capsys, "gateway", "pins", "table", transcript(tmp_path, held))
    assert code == 0
    config.write_text(config.read_text().partition("[custodians]")[0] + table)
    pins, committee = named_in(load(config)), held.formed.committee
    assert pins.is_of(committee)
    assert pins.members == pins_from(held).members


def test_a_file_that_proves_no_committee_gives_no_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "transcript.json").write_bytes(FIRST.formed.transcript[:-1])
    code, out, err = called(capsys, "gateway", "pins", "table", str(tmp_path / "transcript.json"))
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "the transcript proves no committee" in err
