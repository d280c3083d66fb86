"""Debian's golang.org/x/mod/sumdb over what our code makes: it takes the good and refuses the bad, and so do we.

Runs where Go and the package golang-golang-x-mod-dev are installed. What Go computed is in tests/vectors everywhere.
"""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crypto.errors import TlogRefused
from crypto.tlog.authentic import AuthenticTiles
from crypto.tlog.checkpoint import open_checkpoint
from crypto.tlog.merkle import Node
from crypto.tlog.proofs import hashes_from_tiles, prove_consistency, prove_inclusion
from crypto.tlog.tiles import parse_tile_path
from tests.support.logs import LOG, ORIGIN, cosigned, leaves, log_of

SOURCE = Path(__file__).parent / "sumdb"
GOPATH = Path("/usr/share/gocode")
GO = shutil.which("go")
SIZES = (1, 255, 256, 257, 600, 65_537, 70_000)
pytestmark = pytest.mark.skipif(
    GO is None or not (GOPATH / "src/golang.org/x/mod/sumdb").is_dir(),
    reason="needs Go and golang-golang-x-mod-dev (Debian)",
)


@pytest.fixture(scope="module")
def sumdb(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    folder = tmp_path_factory.mktemp("sumdb")
    environment = {"GO111MODULE": "off", "GOPATH": str(GOPATH), "GOCACHE": str(folder / "cache"), "HOME": str(folder)}
    assert GO is not None
    subprocess.run([GO, "build", "-o", folder / "sumdb", "."], cwd=SOURCE, env=environment, check=True)

    def run(mode: str, claims: Any = None) -> Any:
        done = subprocess.run(
            [folder / "sumdb", mode], input=json.dumps(claims).encode(), capture_output=True, check=True
        )
        return json.loads(done.stdout)

    return run


def hexes(hashes: tuple[bytes, ...]) -> list[str]:
    return [each.hex() for each in hashes]


def tree(size: int, sample: set[int]) -> dict[str, Any]:
    log = log_of(size)
    return {
        "size": size,
        "root": log.frontier.root().hex(),
        "tiles": {tile.path: data.hex() for tile, data in log.tiles.items()},
        "leaves": {str(index): leaves()[index].hex() for index in sample},
    }


def test_the_vectors_are_what_go_makes_today(sumdb: Callable[..., Any]) -> None:
    committed = Path(__file__).parents[1] / "vectors" / "tlog_go.json"
    assert sumdb("make") == json.loads(committed.read_bytes())


def test_go_reads_our_tiles(sumdb: Callable[..., Any]) -> None:
    trees = [tree(size, {0, size // 2, size - 1}) for size in SIZES]
    assert sumdb("check", {"trees": trees})["trees"] == [""] * len(SIZES)


def test_go_refuses_our_tiles_with_one_bit_changed(sumdb: Callable[..., Any]) -> None:
    trees = []
    for path in ("tile/0/000", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"):
        bad = tree(70_000, {3, 69_999, 65_535})
        bad["tiles"][path] = bad["tiles"][path][:-1] + "0123456789abcdef"[int(bad["tiles"][path][-1], 16) ^ 1]
        trees.append(bad)
    assert all(sumdb("check", {"trees": trees})["trees"])


def test_a_tile_that_debians_reader_leaves_unchecked_is_refused_by_ours() -> None:
    log = log_of(70_000)
    head: dict[str, Any] = {"size": 70_000, "root": log.frontier.root()}
    first = parse_tile_path("tile/0/000")
    log.tiles[first] = bytes(32) + log.tiles[first][32:]
    with pytest.raises(TlogRefused) as caught:
        AuthenticTiles(**head, fetch=log.fetch).hashes([Node(level=0, index=3)])
    assert caught.value.code == "tile-invalid"


def test_go_accepts_our_proofs_and_refuses_them_for_another_place(sumdb: Callable[..., Any]) -> None:
    inclusions, consistencies = [], []
    for size in SIZES:
        log = log_of(size)
        root, read = log.frontier.root().hex(), hashes_from_tiles(size, log.fetch)
        for index in sorted({0, size // 3, size - 1}):
            proof = hexes(prove_inclusion(index, size, read))
            claim = {"leaf": leaves()[index].hex(), "root": root, "index": index, "size": size, "proof": proof}
            wrong = {"index": (index + 1) % size} if size > 1 else {"size": 2}
            inclusions += [claim, claim | wrong]
        for old in sorted({1, (size + 1) // 2, size}):
            old_root, proof = log_of(old).frontier.root().hex(), hexes(prove_consistency(old, size, read))
            claim = {"oldroot": old_root, "root": root, "old": old, "size": size, "proof": proof}
            consistencies += [claim, claim | {"proof": [*proof, root]}]
    answer = sumdb("check", {"inclusions": inclusions, "consistencies": consistencies})
    for what, asked in (("inclusions", inclusions), ("consistencies", consistencies)):
        assert len(answer[what]) == len(asked) > 30
        assert not any(answer[what][::2])
        assert all(answer[what][1::2])


def test_go_opens_our_checkpoints_and_refuses_what_we_refuse(sumdb: Callable[..., Any]) -> None:
    log = log_of(600)
    good = log.signed().encode().decode()
    witnessed = good + cosigned(log.checkpoint(), "a", 1_800_000_000).line
    bad = [
        good.replace("600", "601"),
        good.replace("\n", "\r\n"),
        good.rstrip("\n"),
        good.replace("\n\n", "\n"),
        good.replace("\u2014", "-"),
        good.replace(ORIGIN + " ", "other.example "),
        good + "\n",
        good + "x\n",
    ]
    notes = sumdb("check", {"vkeys": [LOG.vkey], "notes": [good, witnessed, *bad]})
    assert notes["vkeys"] == [""]
    assert notes["notes"][:2] == ["", ""]
    assert all(notes["notes"][2:])
    for text in bad:
        with pytest.raises(TlogRefused):
            open_checkpoint(text.encode(), origin=ORIGIN, log_keys=[LOG])


def test_go_and_we_read_the_same_paths(sumdb: Callable[..., Any]) -> None:
    paths = [tile.path for tile in log_of(70_000).tiles]
    bad = [
        "tile/0/0", "tile/00/000", "tile/+1/000", "tile/0/1234", "tile/0/x001", "tile/0/x000/001", "tile/0/001/002",
        "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000/", "tile/1_0/000",
    ]  # fmt: skip
    answer = sumdb("check", {"paths": paths + bad})["paths"]
    assert not any(answer[: len(paths)])
    assert all(answer[len(paths) :])
    for path in bad:
        with pytest.raises(TlogRefused):
            parse_tile_path(path)
