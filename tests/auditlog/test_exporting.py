"""A mirror holds the log's files, each verified before it had its name; a damaged one is fetched again."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from auditlog.errors import LogRefused, LogUnreachable
from auditlog.follow import Step, follow
from auditlog.heads import HeadKeeper
from auditlog.mirror import Mirror, Mirrored
from auditlog.reader import LogReader
from crypto.tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from crypto.tlog.merkle import EMPTY_ROOT
from tests.support.log_server import LOG, LOG_KEY, ORIGIN, LogServer


def mirror(reader: LogReader, folder: Path) -> Mirrored:
    head = open_checkpoint(reader.checkpoint(), origin=ORIGIN, log_keys=[LOG])
    return Mirror(folder, reader).write(head, lambda done, total: None)


class Files(httpx.BaseTransport):
    """Any web server: the files of a folder, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = self.folder / request.url.path.removeprefix("/")
        found = path.read_bytes() if path.is_file() else None
        return httpx.Response(404 if found is None else 200, stream=httpx.ByteStream(found or b""))


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def test_a_mirror_has_the_files_of_the_log(server: LogServer, reader: LogReader, tmp_path: Path) -> None:
    done = mirror(reader, tmp_path / "m")
    assert sorted(files(tmp_path / "m")) == sorted(
        [
            "checkpoint",
            "tile/1/000.p/2",
            *(f"tile/{kind}/{name}" for kind in ("0", "entries") for name in ("000", "001", "002.p/188")),
        ]
    )
    assert (done.files, done.fetched) == (7, 7)
    for name, content in files(tmp_path / "m").items():
        assert content == server.notes[700].encode() if name == "checkpoint" else server._tile(name)


def test_a_mirror_is_read_as_the_log_is(server: LogServer, reader: LogReader, tmp_path: Path) -> None:
    mirror(reader, tmp_path / "m")
    keeper = HeadKeeper(tmp_path / "state", LOG)
    follow(reader.checkpoint(), reader=reader, keeper=keeper)
    for _ in range(100):
        server.log()
    server.publish()
    mirror(reader, tmp_path / "m")
    with (
        httpx.Client(transport=Files(tmp_path / "m")) as http,
        LogReader("https://mirror.test", http, sleep=lambda seconds: None) as other,
    ):
        assert follow(other.checkpoint(), reader=other, keeper=keeper).step is Step.GREW
        assert mirror(other, tmp_path / "second").fetched == done_files(server)
    assert files(tmp_path / "second").items() <= files(tmp_path / "m").items()


def done_files(server: LogServer) -> int:
    return 2 * -(-server.size // 256) + 1


def test_any_web_server_may_read_a_mirror(server: LogServer, reader: LogReader, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        mirror(reader, tmp_path / "m")
    finally:
        os.umask(before)
    for name in files(tmp_path / "m"):
        assert (tmp_path / "m" / name).stat().st_mode & 0o044 == 0o044, name


def test_what_is_there_is_not_fetched_again(server: LogServer, reader: LogReader, tmp_path: Path) -> None:
    mirror(reader, tmp_path / "m")
    assert mirror(reader, tmp_path / "m").fetched == 0


def test_an_interrupted_mirror_goes_on_and_has_no_checkpoint_before(
    server: LogServer, reader: LogReader, tmp_path: Path
) -> None:
    server.change["tile/entries/001"] = 503
    with pytest.raises(LogUnreachable):
        mirror(reader, tmp_path / "m")
    assert not (tmp_path / "m" / "checkpoint").exists()
    server.change.clear()
    assert 0 < mirror(reader, tmp_path / "m").fetched < 7


@pytest.mark.parametrize("name", ["tile/0/000", "tile/entries/001", "tile/1/000.p/2", "tile/0/002.p/188"])
@pytest.mark.parametrize("damage", [lambda raw: b"", lambda raw: bytes(len(raw)), lambda raw: raw[:-1]])
def test_a_damaged_file_of_the_mirror_is_fetched_again(
    server: LogServer, reader: LogReader, tmp_path: Path, name: str, damage: Callable[..., bytes]
) -> None:
    mirror(reader, tmp_path / "m")
    before = files(tmp_path / "m")
    path = tmp_path / "m" / name
    path.write_bytes(damage(path.read_bytes()))
    mirror(reader, tmp_path / "m")
    assert files(tmp_path / "m") == before


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("tile/0/000", "tile-invalid"),
        ("tile/0/002.p/188", "tile-invalid"),
        ("tile/1/000.p/2", "tile-invalid"),
        ("tile/entries/000", "tile-invalid"),
    ],
)
def test_a_lie_is_not_mirrored(server: LogServer, reader: LogReader, tmp_path: Path, name: str, code: str) -> None:
    server.change[name] = lambda raw: raw[:-1] + bytes([raw[-1] ^ 1])
    with pytest.raises(LogRefused) as refused:
        mirror(reader, tmp_path / "m")
    assert refused.value.code == code
    assert name not in files(tmp_path / "m")
    assert not (tmp_path / "m" / "checkpoint").exists()


def test_a_missing_bundle_is_told(server: LogServer, reader: LogReader, tmp_path: Path) -> None:
    server.change["tile/entries/000"] = 404
    with pytest.raises(LogRefused, match="bundle-missing"):
        mirror(reader, tmp_path / "m")


def test_the_mirror_of_an_empty_log_is_its_checkpoint(server: LogServer, reader: LogReader, tmp_path: Path) -> None:
    server.truncate(0)
    mirror(reader, tmp_path / "m")
    assert list(files(tmp_path / "m")) == ["checkpoint"]
    shutil.rmtree(tmp_path / "m")


def test_a_log_of_another_name_does_not_take_the_place_of_the_mirror_of_the_lost_one(
    server: LogServer, reader: LogReader, tmp_path: Path
) -> None:
    mirror(reader, tmp_path / "m")
    key = replace(LOG, name="registry.test/log-2/2026")
    kept = files(tmp_path / "m")
    note = sign_checkpoint(Checkpoint(origin=key.name, size=0, root=EMPTY_ROOT), name=key.name, private_key=LOG_KEY)
    head = open_checkpoint(note.encode(), origin=key.name, log_keys=[key])
    with pytest.raises(LogRefused, match="mirror-foreign"):
        Mirror(tmp_path / "m", reader).write(head, lambda done, total: None)
    assert files(tmp_path / "m") == kept
