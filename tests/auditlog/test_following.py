"""A new head is taken if it extends the last; what proves a fork is kept and stops this log until a person looks."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from auditlog.errors import LogForked, LogRefused, LogUnreachable
from auditlog.follow import Followed, Step, follow
from auditlog.fork import parse_fork, verify_fork
from auditlog.heads import HeadKeeper
from auditlog.reader import LogReader
from crypto.tlog.checkpoint import sign_checkpoint
from tests.support.log_server import LOG, ORIGIN, LogServer, filled
from tests.support.logs import LOG as ANOTHER_LOG
from tests.support.logs import seeded_key


def taken(reader: LogReader, keeper: HeadKeeper) -> Followed:
    return follow(reader.checkpoint(), reader=reader, keeper=keeper)


def grow(server: LogServer, count: int = 300) -> None:
    for _ in range(count):
        server.log()
    server.publish()


def evidence(tmp_path: Path, kind: str = "fork") -> list[Path]:
    return sorted((tmp_path / "state" / "evidence").glob(f"*.{kind}"))


def test_the_first_head_is_believed_and_kept_verbatim(
    server: LogServer, reader: LogReader, keeper: HeadKeeper, tmp_path: Path
) -> None:
    first = taken(reader, keeper)
    assert (first.step, first.held.checkpoint.size) == (Step.FIRST, 700)
    [file] = (tmp_path / "state").glob("*.head")
    assert file.read_bytes() == server.notes[700].encode()
    assert taken(reader, keeper).step is Step.SAME


def test_a_log_that_grew_is_followed_by_its_own_proof(server: LogServer, reader: LogReader, keeper: HeadKeeper) -> None:
    taken(reader, keeper)
    grow(server)
    assert taken(reader, keeper).step is Step.GREW
    assert keeper.held().checkpoint.size == 1000
    assert not any("tile" in each for each in server.asked)


@pytest.mark.parametrize("answer", [404, 500, lambda raw: raw[:-2], lambda raw: raw.swapcase(), lambda raw: b""])
def test_a_log_without_a_usable_proof_is_followed_by_its_tiles(
    server: LogServer, reader: LogReader, keeper: HeadKeeper, answer: int | Callable[..., bytes], tmp_path: Path
) -> None:
    taken(reader, keeper)
    grow(server)
    server.change["consistency"] = answer
    assert taken(reader, keeper).step is Step.GREW
    assert evidence(tmp_path) == []


def test_an_older_head_that_fits_is_an_old_copy(server: LogServer, reader: LogReader, keeper: HeadKeeper) -> None:
    old = reader.checkpoint()
    grow(server)
    taken(reader, keeper)
    followed = follow(old, reader=reader, keeper=keeper)
    assert (followed.step, followed.held.checkpoint.size) == (Step.OLD, 1000)
    assert keeper.held().checkpoint.size == 1000


@pytest.mark.parametrize("size", [1, 255, 256, 257, 512, 700])
def test_two_heads_of_one_size_are_a_fork(
    size: int, reader: LogReader, server: LogServer, keeper: HeadKeeper, tmp_path: Path
) -> None:
    server.truncate(size)
    taken(reader, keeper)
    server.fork(size - 1)
    with pytest.raises(LogForked, match="log-forked") as forked:
        taken(reader, keeper)
    verify_fork(parse_fork(forked.value.evidence.read_bytes()), LOG)


@pytest.mark.parametrize("held", [1, 255, 256, 257, 512, 700])
def test_a_larger_head_over_another_history_is_a_fork_that_anybody_can_verify(
    held: int, server: LogServer, reader: LogReader, keeper: HeadKeeper, tmp_path: Path
) -> None:
    server.truncate(held)
    taken(reader, keeper)
    server.fork(held - 1)
    grow(server, 90)
    with pytest.raises(LogForked):
        taken(reader, keeper)
    [file] = evidence(tmp_path)
    fork = parse_fork(file.read_bytes())
    verify_fork(fork, LOG)
    assert fork.sizes == f"{held}-{held + 90}"
    for note in (server.notes[held + 90], fork.smaller.note):
        assert note.encode() in file.read_bytes()


def test_a_smaller_head_that_contradicts_the_last_one_is_a_fork(
    server: LogServer, reader: LogReader, keeper: HeadKeeper
) -> None:
    stranger = filled(600)
    stranger.fork(590)
    taken(reader, keeper)
    with pytest.raises(LogForked):
        follow(stranger.notes[600].encode(), reader=reader, keeper=keeper)


def test_a_log_that_forked_is_stopped_until_a_person_takes_the_evidence_away(
    server: LogServer, reader: LogReader, keeper: HeadKeeper, tmp_path: Path
) -> None:
    taken(reader, keeper)
    honest = reader.checkpoint()
    server.fork(650)
    with pytest.raises(LogForked):
        taken(reader, keeper)
    with pytest.raises(LogForked):
        follow(honest, reader=reader, keeper=keeper)
    with pytest.raises(LogForked):
        HeadKeeper(tmp_path / "state", LOG).refuse_stopped()
    evidence(tmp_path)[0].unlink()
    assert follow(honest, reader=reader, keeper=keeper).step is Step.SAME


def test_a_fork_stops_no_other_log(server: LogServer, reader: LogReader, keeper: HeadKeeper, tmp_path: Path) -> None:
    taken(reader, keeper)
    server.fork(650)
    with pytest.raises(LogForked):
        taken(reader, keeper)
    assert HeadKeeper(tmp_path / "state", ANOTHER_LOG).refuse_stopped() is None


def test_a_head_that_cannot_be_shown_to_fit_is_not_taken_and_stops_nothing(
    server: LogServer, reader: LogReader, keeper: HeadKeeper, tmp_path: Path
) -> None:
    taken(reader, keeper)
    grow(server)
    server.change |= {"consistency": lambda raw: b"", "tile/0/003.p/232": lambda raw: bytes(len(raw))}
    with pytest.raises(LogRefused) as refused:
        taken(reader, keeper)
    assert refused.value.code == "head-unproven"
    assert keeper.held().checkpoint.size == 700
    assert (evidence(tmp_path), len(evidence(tmp_path, "unproven"))) == ([], 1)
    with pytest.raises(LogRefused, match="evidence-weak"):
        verify_fork(parse_fork(evidence(tmp_path, "unproven")[0].read_bytes()), LOG)
    server.change.clear()
    assert taken(reader, keeper).step is Step.GREW


def test_a_restored_backup_that_says_nothing_else_is_unproven_and_not_a_fork(
    server: LogServer, reader: LogReader, keeper: HeadKeeper
) -> None:
    taken(reader, keeper)
    server.truncate(500)
    with pytest.raises(LogRefused) as refused:
        taken(reader, keeper)
    assert refused.value.code == "head-unproven"
    assert keeper.held().checkpoint.size == 700


def test_a_head_under_another_key_is_not_the_logs(server: LogServer, reader: LogReader, keeper: HeadKeeper) -> None:
    server.log_key = seeded_key("stranger")
    server.publish()
    with pytest.raises(LogRefused) as refused:
        taken(reader, keeper)
    assert refused.value.code == "no-known-signature"


def test_a_head_of_another_origin_is_not_the_logs(server: LogServer, reader: LogReader, tmp_path: Path) -> None:
    with pytest.raises(LogRefused) as refused:
        taken(reader, HeadKeeper(tmp_path, ANOTHER_LOG))
    assert refused.value.code == "origin-unknown"


def test_a_bad_signature_under_the_known_key_is_refused(
    server: LogServer, reader: LogReader, keeper: HeadKeeper
) -> None:
    note = server.notes[700]
    grow(server)
    forged = note.encode().replace(b"\n700\n", b"\n701\n")
    with pytest.raises(LogRefused) as refused:
        follow(forged, reader=reader, keeper=keeper)
    assert refused.value.code == "signature-invalid"


def test_a_silent_log_is_out_of_reach_after_some_attempts(
    server: LogServer, reader: LogReader, pauses: list[float]
) -> None:
    server.change["checkpoint"] = 503
    with pytest.raises(LogUnreachable, match="4 attempts"):
        reader.checkpoint()
    assert pauses == [0.25, 0.5, 1.0]


def test_a_log_that_answers_too_much_is_refused(server: LogServer, reader: LogReader) -> None:
    server.change["checkpoint"] = lambda raw: raw * 3000
    with pytest.raises(LogRefused, match="answer-too-long"):
        reader.checkpoint()


def test_a_year_without_a_log_says_so(server: LogServer, reader: LogReader) -> None:
    server.change["checkpoint"] = 404
    with pytest.raises(LogRefused, match="not-served"):
        reader.checkpoint()


@pytest.mark.parametrize("content", [b"", b"x", b"\xff", b"a\n0\nb\n\n"])
def test_a_file_that_is_no_head_is_refused(
    server: LogServer, reader: LogReader, keeper: HeadKeeper, tmp_path: Path, content: bytes
) -> None:
    taken(reader, keeper)
    [file] = (tmp_path / "state").glob("*.head")
    file.write_bytes(content)
    with pytest.raises(LogRefused, match="state-foreign"):
        taken(reader, keeper)
    assert file.read_bytes() == content


def test_of_two_processes_that_follow_at_once_the_larger_head_stays(
    server: LogServer, reader: LogReader, keeper: HeadKeeper, tmp_path: Path
) -> None:
    small = reader.checkpoint()
    grow(server)
    large = reader.checkpoint()
    barrier = threading.Barrier(8)

    def run(raw: bytes) -> None:
        barrier.wait()
        follow(raw, reader=reader, keeper=HeadKeeper(tmp_path / "state", LOG))

    threads = [threading.Thread(target=run, args=(raw,)) for raw in (small, large) * 4]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert keeper.held().checkpoint.size == 1000


@pytest.mark.parametrize(
    ("was", "becomes", "code"),
    [
        (b"clearline log fork v1", b"clearline log fork v2", "evidence-malformed"),
        (b"proof ", b"proof 0", "malformed"),
        (b"smaller ", b"smaller 1", "malformed"),
        (b"\nbeginning ", b"\nbeginnung ", "evidence-malformed"),
    ],
)
def test_evidence_that_was_altered_proves_nothing(
    server: LogServer, reader: LogReader, keeper: HeadKeeper, was: bytes, becomes: bytes, *, code: str
) -> None:
    taken(reader, keeper)
    server.fork(650)
    grow(server, 10)
    with pytest.raises(LogForked) as forked:
        taken(reader, keeper)
    altered = forked.value.evidence.read_bytes().replace(was, becomes)
    with pytest.raises(LogRefused) as refused:
        verify_fork(parse_fork(altered), LOG)
    assert refused.value.code == code


def test_evidence_under_a_strangers_signature_proves_nothing(
    server: LogServer, reader: LogReader, keeper: HeadKeeper
) -> None:
    taken(reader, keeper)
    server.fork(650)
    with pytest.raises(LogForked) as forked:
        taken(reader, keeper)
    fork = parse_fork(forked.value.evidence.read_bytes())
    forged = sign_checkpoint(fork.larger.checkpoint, name=ORIGIN, private_key=seeded_key("stranger"))
    raw = forked.value.evidence.read_bytes().replace(server.notes[700].encode(), forged.encode())
    with pytest.raises(LogRefused) as refused:
        verify_fork(parse_fork(raw), LOG)
    assert refused.value.code == "no-known-signature"
