"""Software that this project did not write audits a running registry's log, and rejects it when anything is changed."""

import base64
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crypto.signing.keys import load_private_key
from crypto.tlog.bundles import decode_bundle, encode_bundle
from crypto.tlog.checkpoint import Checkpoint, parse_signed_checkpoint, sign_checkpoint
from crypto.tlog.tiles import parse_entries_path
from tests.interop.outsiders import HAS_GO, Audit, Rejected, build, scales, sumdb
from tests.interop.tampering import Change, proxy
from tests.support.logs import seeded_key
from tests.support.one_registry import OneRegistry, listable, one_registry

PEOPLE = 300
"""Enough for a full tile and a partial one, with an entry for each of them."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneRegistry]:
    with one_registry(tmp_path_factory.mktemp("running")) as registry:
        registry.report(listable(PEOPLE))
        head = registry.settled(PEOPLE)
        assert head.size > 256
        assert head.size % 256
        yield registry


@pytest.fixture(scope="module", params=["sumdb", "tlog-scales"])
def audit(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Audit:
    if request.param == "tlog-scales":
        return scales
    if not HAS_GO:
        pytest.skip("needs Go and golang-golang-x-mod-dev (Debian)")
    program = tmp_path_factory.mktemp("go") / "logclient"
    build(Path(__file__).parent / "logclient", program)
    return sumdb(program)


def on(where: Callable[[str], bool], change: Callable[[bytes], bytes]) -> Change:
    """Change what is served at some paths."""
    return lambda path, body: change(body) if where(path) else body


def flip(place: int) -> Callable[[bytes], bytes]:
    return lambda body: body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]


def is_bundle(path: str) -> bool:
    return path.startswith("tile/entries/")


def is_tile(level: int, *, partial: bool) -> Callable[[str], bool]:
    return lambda path: path.startswith(f"tile/{level}/") and (".p/" in path) is partial


def is_head(path: str) -> bool:
    return path == "checkpoint"


def swapped(hashes: bytes) -> bytes:
    return hashes[32:64] + hashes[:32] + hashes[64:]


def reordered(path: str, body: bytes) -> bytes:
    """The first two entries change places, in the bundle and in the tile beside it."""
    if path == "tile/0/000":
        return swapped(body)
    return rewritten(path, body, lambda entries: [entries[1], entries[0], *entries[2:]]) if is_bundle(path) else body


def rewritten(path: str, body: bytes, change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    if path != "tile/entries/000":
        return body
    return encode_bundle(change(decode_bundle(body, width=parse_entries_path(path).width)))


def dropped(path: str, body: bytes) -> bytes:
    """One entry is gone, and the next ones have moved up; the last is there twice, so that the count is right."""
    return rewritten(path, body, lambda entries: [*entries[1:], entries[-1]])


def altered(path: str, body: bytes) -> bytes:
    """One entry says something else, and its tile agrees with it."""
    if path == "tile/0/000":
        return bytes(32) + body[32:]
    return rewritten(path, body, lambda entries: [b"\x01" + bytes(32), *entries[1:]])


def another_root(body: bytes) -> bytes:
    lines = body.decode().split("\n")
    lines[2] = base64.b64encode(bytes(32)).decode()
    return "\n".join(lines).encode()


def fewer(body: bytes) -> bytes:
    lines = body.decode().split("\n")
    lines[1] = str(int(lines[1]) - 1)
    return "\n".join(lines).encode()


def by_a_stranger(body: bytes) -> bytes:
    """The same head, signed by somebody who is not the log."""
    head = parse_signed_checkpoint(body).checkpoint
    return sign_checkpoint(head, name=head.origin, private_key=seeded_key("stranger")).encode()


TAMPERINGS: dict[str, Change] = {
    "a bit of a full tile": on(is_tile(0, partial=False), flip(100)),
    "a bit of a partial tile": on(is_tile(0, partial=True), flip(0)),
    "a bit of the tile above": on(is_tile(1, partial=True), flip(7)),
    "a tile cut short": on(is_tile(0, partial=False), lambda body: body[:-32]),
    "two hashes of a tile swapped": on(is_tile(0, partial=False), swapped),
    "a bit of an entry": on(is_bundle, flip(20)),
    "an entry altered, tile and all": altered,
    "an entry dropped": dropped,
    "two entries reordered, tile and all": reordered,
    "another root": on(is_head, another_root),
    "a smaller size": on(is_head, fewer),
    "a head that somebody else signed": on(is_head, by_a_stranger),
}


def test_an_outsider_accepts_the_running_log(running: OneRegistry, audit: Audit) -> None:
    audit(running.log_url, running.log_key.vkey)


def test_an_outsider_accepts_it_through_a_proxy_that_changes_nothing(running: OneRegistry, audit: Audit) -> None:
    with proxy(running.log_url, lambda _, body: body) as between:
        audit(between.url, running.log_key.vkey)
        assert between.changed == []


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_an_outsider_rejects_every_tampering(running: OneRegistry, audit: Audit, tampering: str) -> None:
    with proxy(running.log_url, TAMPERINGS[tampering]) as between:
        with pytest.raises(Rejected):
            audit(between.url, running.log_key.vkey)
        assert between.changed, "the auditor never saw what was changed"


def test_an_outsider_rejects_a_history_that_the_log_itself_signed_anew(running: OneRegistry, audit: Audit) -> None:
    """The operator has the key; the tiles that it published are still not those of another root."""
    key = load_private_key(running.folder / "log.pem")

    def signed_anew(body: bytes) -> bytes:
        head = parse_signed_checkpoint(body).checkpoint
        forged = Checkpoint(origin=head.origin, size=head.size, root=bytes(32))
        return sign_checkpoint(forged, name=head.origin, private_key=key).encode()

    with proxy(running.log_url, on(is_head, signed_anew)) as between:
        with pytest.raises(Rejected):
            audit(between.url, running.log_key.vkey)
        assert between.changed


@pytest.mark.skipif(not HAS_GO, reason="needs Go and golang-golang-x-mod-dev (Debian)")
def test_sumdb_proves_that_a_later_head_extends_an_earlier_one_and_no_other(
    running: OneRegistry, tmp_path_factory: pytest.TempPathFactory
) -> None:
    program = tmp_path_factory.mktemp("go") / "logclient"
    build(Path(__file__).parent / "logclient", program)
    before = running.checkpoint()
    running.report(listable(10, first=1_000_000))
    assert running.settled(before.size + 10).size > before.size
    for root, verdict in ((before.root, 0), (bytes(32), 1)):
        claim = [str(before.size), base64.b64encode(root).decode()]
        assert run(program, running, claim) == verdict


def run(program: Path, running: OneRegistry, old: list[str]) -> int:
    return subprocess.run([program, running.log_url, running.log_key.vkey, *old], check=False).returncode
