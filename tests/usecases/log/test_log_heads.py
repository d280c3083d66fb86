"""The heads that were published, outside the database: never back, never another, never half a file."""

import os
import stat
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.tlog.checkpoint import Checkpoint, sign_checkpoint
from crypto.tlog.cosignature import cosign
from crypto.tlog.note import Note
from registry.domain.log_faults import HeadFileRefused
from registry.usecases.context import LogIdentity
from registry.work.heads import LogHeads
from tests.support.logs import LOG, LOG_KEY, log_of, seeded_key

IDENTITY = LogIdentity(name="log.example", public_key=LOG.public_key)
NAME = "2026"


def a_note(
    size: int, *, origin: str = "log.example/2026", key: Ed25519PrivateKey = LOG_KEY, root: bytes | None = None
) -> Note:
    checkpoint = Checkpoint(origin=origin, size=size, root=log_of(size).frontier.root() if root is None else root)
    return sign_checkpoint(checkpoint, name=origin, private_key=key)


@pytest.fixture
def heads(tmp_path: Path) -> LogHeads:
    return LogHeads(tmp_path / "log-heads", IDENTITY)


def test_a_head_is_the_signed_note_to_the_byte_and_readable_by_its_owner_alone(heads: LogHeads, tmp_path: Path) -> None:
    note = a_note(3).encode()
    with heads.held(2026) as held:
        assert held.read() is None
        held.write(note)
        assert held.read() == Checkpoint(origin="log.example/2026", size=3, root=log_of(3).frontier.root())
    path = tmp_path / "log-heads" / NAME
    assert path.read_bytes() == note
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert heads.peek() == {2026: note}


def test_it_goes_forward_and_stays_where_it_is_but_never_back(heads: LogHeads) -> None:
    with heads.held(2026) as held:
        for size in (2, 5, 5, 6):
            held.write(a_note(size).encode())
            assert held.read().size == size
        for bad in (a_note(5), a_note(6, root=bytes(32))):
            with pytest.raises(HeadFileRefused) as refused:
                held.write(bad.encode())
            assert refused.value.code == "head-file-backwards"
        assert held.read().root == log_of(6).frontier.root()


def test_a_copy_with_the_lines_of_witnesses_is_as_good(heads: LogHeads, tmp_path: Path) -> None:
    own = a_note(4)
    checkpoint = Checkpoint(origin="log.example/2026", size=4, root=log_of(4).frontier.root())
    line = cosign(checkpoint, name="witness.example/a", private_key=seeded_key("a"), timestamp=1)
    with heads.held(2026) as held:
        (tmp_path / "log-heads" / NAME).write_bytes(Note(text=own.text, signatures=(*own.signatures, line)).encode())
        assert held.read() == checkpoint
        held.write(own.encode())
    assert heads.peek() == {2026: own.encode()}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no note",
        a_note(3).encode()[:-1],
        a_note(3).encode() + b"\n",
        b" " + a_note(3).encode(),
        a_note(3).encode().replace(b"\n3\n", b"\n03\n"),
        a_note(3).encode().replace(b"\n3\n", b"\n4\n"),
        a_note(3, origin="log.example/2025").encode(),
        a_note(3, key=seeded_key("other")).encode(),
        a_note(3).encode() * 40,
    ],
)
def test_a_file_that_is_not_this_years_head_is_refused_and_not_replaced(
    heads: LogHeads, tmp_path: Path, raw: bytes
) -> None:
    with heads.held(2026) as held:
        (tmp_path / "log-heads" / NAME).write_bytes(raw)
        for use in (held.read, lambda: held.write(a_note(9).encode())):
            with pytest.raises(HeadFileRefused) as refused:
                use()
            assert refused.value.code == "head-file-malformed"
    assert (tmp_path / "log-heads" / NAME).read_bytes() == raw
    with heads.held(2026) as held, pytest.raises(HeadFileRefused):
        held.write(raw)


def test_what_a_writer_left_that_died_is_on_the_disk_before_anybody_is_told(
    heads: LogHeads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It died after the rename: the file is there, and a power cut could still bring the old one back."""
    note = a_note(2).encode()
    synced = []
    with heads.held(2026) as held:
        held.write(note)
        monkeypatch.setattr("os.fsync", lambda file: synced.append(stat.S_ISDIR(os.fstat(file).st_mode)))
        held.write(note)
    assert synced == [True]


def test_one_at_a_time_holds_a_years_head(heads: LogHeads) -> None:
    order = []

    def second() -> None:
        with heads.held(2026) as held:
            order.append(held.read().size)

    with heads.held(2026) as held:
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(timeout=0.2)
        assert thread.is_alive()
        with heads.held(2025) as other:
            assert other.read() is None
        held.write(a_note(7).encode())
    thread.join()
    assert order == [7]


def test_what_is_left_of_a_writer_that_died_is_no_head(heads: LogHeads, tmp_path: Path) -> None:
    with heads.held(2026) as held:
        (tmp_path / "log-heads" / f"{NAME}.new").write_bytes(b"half a no")
        assert held.read() is None
        held.write(a_note(2).encode())
    assert sorted(each.name for each in (tmp_path / "log-heads").iterdir()) == ["2025.lock", "2026", "2026.lock"][1:]
