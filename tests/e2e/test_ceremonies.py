"""Real custodians with nothing shared but loopback hold ceremonies, one of them killed after every message."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ceremony.verify import verify_transcript
from tests.support.commands import called, run
from tests.support.custodian_homes import join_all, make_homes, serving


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(4)]
        ports = [int(probe.getsockname()[1]) for probe in probes]
    made = make_homes(tmp_path_factory.mktemp("homes"), ports)
    with serving(made):
        yield made


def proposed(capsys: pytest.CaptureFixture[str], settings: Path, *words: str) -> str:
    code, document = run(capsys, "custodian", "ceremony", "propose", "--config", str(settings), *words)
    assert code == 0
    return str(document["ceremony"])


def finished(capsys: pytest.CaptureFixture[str], settings: Path, ceremony: str) -> tuple[dict[str, Any], bytes]:
    out = settings.parent / f"{ceremony}.json"
    words = ("custodian", "ceremony", "finish", ceremony, "--out", str(out), "--config", str(settings))
    assert run(capsys, *words) == run(capsys, *words)
    code, document = run(capsys, *words)
    assert code == 0
    return document, out.read_bytes()


def test_a_ceremony_and_a_replacement_are_held_though_a_process_is_killed_after_every_message(
    homes: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, third, fourth = homes
    members = ("--member", f"{first}=1", "--member", f"{second}=2", "--member", f"{third}=3")
    genesis = proposed(capsys, homes[first], "--kind", "genesis", "--threshold", "2", *members)
    code, offers = run(capsys, "custodian", "ceremony", "join", "--config", str(homes[second]))
    assert code == 0
    assert {"ceremony": genesis, "peer": first} in offers["offered"]
    ends = join_all(homes, genesis, first, second, third, killed=[third])
    assert ends == {first: (0, 0), second: (0, 0), third: (4, 0)}
    transcripts = {finished(capsys, homes[name], genesis)[1] for name in (first, second, third)}
    formed = verify_transcript(*transcripts)
    assert (formed.committee.threshold, len(formed.committee.members)) == (2, 3)

    moved = ("--member", f"{second}=1", "--member", f"{third}=2", "--member", f"{fourth}=3")
    resharing = proposed(capsys, homes[second], "--kind", "resharing", *moved)
    assert join_all(homes, resharing, first, second, third, fourth) == dict.fromkeys(homes, (0, 0))
    told, transcript = finished(capsys, homes[first], resharing)
    assert told["members"] == [second, third, fourth]
    assert verify_transcript(transcript).canary == formed.canary
    code, told = run(capsys, "custodian", "ceremony", "status", "--config", str(homes[fourth]))
    assert code == 0
    assert [each["standing"] for each in told["ceremonies"]] == ["formed"]
    assert (told["newest_share"]["committee"], told["newest_share"]["index"], told["silent_peers"]) == (2, 3, [])
    assert told["peers_ahead"] == []
    # The custodian that left is told that the others have gone on.
    code, told = run(capsys, "custodian", "ceremony", "status", "--config", str(homes[first]))
    assert (code, told["newest_share"]["committee"], told["peers_ahead"]) == (0, 1, [second, third, fourth])


def test_terms_that_nobody_accepts_leave_nothing_behind(
    homes: dict[str, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, *_ = homes
    members = ("--member", f"{first}=1", "--member", f"{second}=2")
    genesis = proposed(capsys, homes[first], "--kind", "genesis", "--epoch", "7", "--threshold", "2", *members)
    with (homes[second].parent / "no").open("w+") as answer:
        answer.write("n\n")
        answer.seek(0)
        monkeypatch.setattr("sys.stdin", answer)
        code, out, err = called(capsys, "custodian", "ceremony", "join", genesis, "--config", str(homes[second]))
    assert (code, out) == (130, "")
    assert "2 of 2" in err
    assert "not joined: nothing was signed" in err
    _, told = run(capsys, "custodian", "ceremony", "status", "--config", str(homes[second]))
    assert genesis not in [each["ceremony"] for each in told["ceremonies"]]
    code, _, err = called(capsys, "custodian", "ceremony", "join", "0" * 64, "--config", str(homes[second]))
    assert (code, err) == (
        3, "clearline: no peer has this ceremony: compare the id, or list offers: join without an id\n"
    )  # fmt: skip
