"""The audit: every entry is fetched, its leaf hash computed again, and the tree grown from them is the signed one.

Entries come in stretches of 65,536. After each the grown root is compared with the root of the signed tree's beginning,
so a save is never of something unverified, and what differs is looked for in one stretch only: there the bundles are
held against the tiles that the signed head vouches for, and the audit goes on from those.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from crypto.errors import TlogRefused
from crypto.tlog.authentic import AuthenticTiles
from crypto.tlog.bundles import decode_bundle
from crypto.tlog.checkpoint import Checkpoint
from crypto.tlog.frontier import Frontier, append
from crypto.tlog.merkle import leaf_hashes
from crypto.tlog.proofs import tree_root
from crypto.tlog.text import HASH_BYTES
from crypto.tlog.tiles import FULL_WIDTH, Tile, tile_at
from gateway.errors import LogRefused
from gateway.log.audit_state import AuditState
from gateway.log.findings import Findings
from gateway.log.names import refusing
from gateway.log.opening_checks import OpeningAudit
from gateway.log.reader import LogReader

STRETCH: Final = 1 << 16
_ENTRY_BYTES: Final = 33
_ENTRY_VERSION: Final = 1

OnProgress = Callable[[int, int], None]
Save = Callable[[AuditState], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What was audited: the entries from ``start`` up to the head."""

    checkpoint: Checkpoint
    start: int
    openings: int
    erasures_elsewhere: int | None
    """Entries that lost their personal part to an erasure of another year, or of after this head.

    None where erasures were not compared: what was read in an earlier run may have been erased since.
    """


@dataclass(slots=True)
class _Bundle:
    """A bundle from ``start`` on within the log; ``entries`` is None where it could not be read."""

    tile: Tile
    start: int
    entries: list[bytes] | None
    leaves: list[bytes]

    @property
    def end(self) -> int:
        return self.tile.index * FULL_WIDTH + self.tile.width


def audit(
    checkpoint: Checkpoint,
    *,
    reader: LogReader,
    state: AuditState,
    openings: OpeningAudit | None,
    findings: Findings,
    save: Save,
    on_progress: OnProgress,
) -> Audited:
    """Audit from where ``state`` ends; the checkpoint's signature and its consistency are the caller's business.

    What is wrong goes to ``findings``, and from the first one on nothing is saved: the next run finds it again.
    Raises LogRefused where the log does not even show the tiles under its own head.
    """
    start, frontier = state.frontier.size, state.frontier
    with refusing("the tiles"):
        tiles = AuthenticTiles(size=checkpoint.size, root=checkpoint.root, fetch=reader.tiles)
        if start > checkpoint.size or tree_root(start, tiles.hashes) != frontier.root():
            raise LogRefused("state-contradicts", "the saved audit is not of the beginning of this tree")
    stretch: list[_Bundle] = []
    for bundle in _bundles(reader, checkpoint.size, frontier, tiles, findings):
        stretch.append(bundle)
        if bundle.end % STRETCH and bundle.end != checkpoint.size:
            continue
        frontier = _grow(frontier, stretch, tiles, findings)
        if openings is not None:
            for each in stretch:
                openings.check(each.start, each.entries or [None] * len(each.leaves))
        if not findings.count and not (openings is not None and openings.is_waiting):
            save(replace(state, frontier=frontier, is_whole=False))
        on_progress(bundle.end - start, checkpoint.size - start)
        stretch = []
    elsewhere = None
    if openings is not None:
        openings.settle()
        if not start:
            elsewhere = openings.erasures.check(openings.year, findings)
    if not findings.count:
        save(replace(state, frontier=frontier, is_whole=True))
    return Audited(
        checkpoint=checkpoint,
        start=start,
        openings=0 if openings is None else openings.count,
        erasures_elsewhere=elsewhere,
    )


def _bundles(
    reader: LogReader, size: int, frontier: Frontier, tiles: AuthenticTiles, findings: Findings
) -> Iterator[_Bundle]:
    """The bundles from the frontier on; in the first one the entries of before are compared and left out."""
    start = frontier.size
    wanted = (tile_at(level=0, index=index, size=size) for index in range(start >> 8, -(-size >> 8)))
    for tile, data in reader.each_bundle(wanted if start < size else ()):
        first = tile.index * FULL_WIDTH
        entries = _entries(tile, data, findings)
        leaves = _authentic(tiles, tile) if entries is None else leaf_hashes(entries)
        skipped = max(0, start - first)
        if skipped:
            known = frontier.edges[0]
            for place in range(skipped):
                if leaves[place] != known[place * HASH_BYTES : (place + 1) * HASH_BYTES]:
                    findings.add("entry-changed", first + place)
        shown = None if entries is None else entries[skipped:]
        yield _Bundle(tile=tile, start=first + skipped, entries=shown, leaves=leaves[skipped:])


def _entries(tile: Tile, data: bytes | None, findings: Findings) -> list[bytes] | None:
    first = tile.index * FULL_WIDTH
    if data is None:
        findings.add("bundle-missing", first)
        return None
    try:
        entries = decode_bundle(data, width=tile.width)
    except TlogRefused:
        findings.add("bundle-malformed", first)
        return None
    for place, entry in enumerate(entries):
        if len(entry) != _ENTRY_BYTES or entry[0] != _ENTRY_VERSION:
            findings.add("entry-malformed", first + place)
    return entries


def _grow(frontier: Frontier, stretch: list[_Bundle], tiles: AuthenticTiles, findings: Findings) -> Frontier:
    """The tree with a stretch more, which is the signed one; what would make it another is found and replaced."""
    end = stretch[-1].end
    grown = append(frontier, [leaf for each in stretch for leaf in each.leaves]).frontier
    with refusing("the tiles"):
        wanted = tree_root(end, tiles.hashes)
    if grown.root() == wanted:
        return grown
    for each in stretch:
        signed = _authentic(tiles, each.tile)[each.start % FULL_WIDTH :]
        for place, (computed, leaf) in enumerate(zip(each.leaves, signed, strict=True)):
            if computed != leaf:
                findings.add("entry-changed", each.start + place)
        each.leaves = signed
    grown = append(frontier, [leaf for each in stretch for leaf in each.leaves]).frontier
    if grown.root() != wanted:
        raise LogRefused("proof-invalid", "the tiles of this head contradict each other")
    return grown


def _authentic(tiles: AuthenticTiles, tile: Tile) -> list[bytes]:
    """The leaf hashes that the signed head commits to."""
    with refusing("the tiles"):
        data = tiles.tiles([tile])[0]
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]
