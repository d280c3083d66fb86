"""The audit: every entry is fetched, its leaf hash computed again, and the tree grown from them is the signed one.

Entries come in stretches of 65,536. After each the grown root is compared with the root of the signed tree's beginning,
so only verified progress is saved, and a difference is searched in one stretch only: there the bundles are
compared with the tiles that the signed head vouches for, and the audit goes on from those.
"""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final

from auditlog.audit.erasures import Compared
from auditlog.audit.findings import Findings
from auditlog.audit.openings import NO_PLACES, OpeningAudit
from auditlog.audit.state import AuditState
from auditlog.errors import LogRefused
from auditlog.names import refusing
from auditlog.reader import LogReader
from crypto.errors import TlogRefused
from crypto.tlog.authentic import AuthenticTiles
from crypto.tlog.bundles import decode_bundle
from crypto.tlog.checkpoint import Checkpoint
from crypto.tlog.frontier import Frontier, append, frontier_at
from crypto.tlog.merkle import leaf_hashes
from crypto.tlog.proofs import tree_root
from crypto.tlog.text import HASH_BYTES
from crypto.tlog.tiles import FULL_WIDTH, Tile, tile_at

STRETCH: Final = 1 << 16
_ENTRY_BYTES: Final = 33
_ENTRY_VERSION: Final = 1

OnProgress = Callable[[int, int], None]
Save = Callable[[AuditState], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """The result of an audit: it covers the entries from ``start`` up to the head."""

    checkpoint: Checkpoint
    start: int
    openings: int
    compared: Compared | None
    """None where erasures were not compared: an audit of new entries cannot judge erasures among the old ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Consecutive entries that were compared with the signed tree, up to the size of ``frontier``.

    ``changed`` are the indexes of those that differ, or that no tile vouches for.
    """

    bundles: "Sequence[_Bundle]"
    frontier: Frontier
    changed: AbstractSet[int]

    def show(self, openings: OpeningAudit) -> None:
        """Have the openings of these entries checked."""
        for each in self.bundles:
            openings.check(each.start, each.shown, self.changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bundle:
    """The entries of a bundle from ``start`` on; None where they could not be read."""

    tile: Tile
    start: int
    entries: Sequence[bytes] | None
    leaves: Sequence[bytes]

    @property
    def end(self) -> int:
        return self.tile.index * FULL_WIDTH + self.tile.width

    @property
    def shown(self) -> Sequence[bytes | None]:
        return [None] * (self.end - self.start) if self.entries is None else self.entries


def audit(
    checkpoint: Checkpoint,
    *,
    reader: LogReader,
    state: AuditState,
    openings: OpeningAudit | None,
    findings: Findings,
    save: Save,
    on_progress: OnProgress,
    stretch: int = STRETCH,
) -> Audited:
    """Audit from where ``state`` ends; the checkpoint's signature and its consistency are the caller's business.

    One that began with the first entry and was interrupted ends as if it had not been: the erasures that were in the
    log when it began are compared in full. Faults go to ``findings``, and from the first one on nothing is
    saved: the next run finds it again.
    Raises LogRefused where the log does not even show the tiles under its own head.
    """
    start, frontier = state.frontier.size, state.frontier
    if not start:
        state = replace(state, began_at=checkpoint.size)
    tiles = signed_tiles(checkpoint, reader, frontier)
    for checked in each_stretch(checkpoint, reader, tiles, frontier, findings=findings, stretch=stretch):
        frontier = checked.frontier
        if openings is not None:
            checked.show(openings)
        if not findings.count and not (openings is not None and openings.is_waiting):
            save(replace(state, frontier=frontier, is_whole=False))
        on_progress(frontier.size - start, checkpoint.size - start)
    compared = None
    if openings is not None:
        openings.settle()
        compared = _compare_erasures(openings, findings, state)
    if not findings.count:
        save(replace(state, frontier=frontier, is_whole=True, began_at=0))
    return Audited(
        checkpoint=checkpoint,
        start=start,
        openings=0 if openings is None else openings.count,
        compared=compared,
    )


def each_stretch(
    checkpoint: Checkpoint,
    reader: LogReader,
    tiles: AuthenticTiles,
    frontier: Frontier,
    *,
    findings: Findings,
    stretch: int,
) -> Iterator[Stretch]:
    """Yield the entries from the frontier on up to the head, each stretch compared with the signed tree.

    Where the log shows no tiles it ends, with a finding, or raises LogRefused where there was no fault before.
    """
    for bundles in _stretches(_bundles(reader, checkpoint.size, frontier, findings), checkpoint.size, stretch):
        try:
            frontier, changed = _grow(frontier, bundles, tiles, checkpoint.size, findings)
        except LogRefused as refused:
            if not findings.count:
                raise
            # The rest cannot be judged; the faults found before it must be reported all the same.
            findings.add(refused.code, bundles[0].start)
            return
        yield Stretch(bundles=bundles, frontier=frontier, changed=changed)


def _compare_erasures(openings: OpeningAudit, findings: Findings, state: AuditState) -> Compared | None:
    """Compare erasures once all openings were read, in however many runs; the next audit judges later erasures."""
    if (state.frontier.size and not state.began_at) or openings.prover.erasures.is_full:
        return None
    return openings.prover.erasures.check(openings.prover.year, findings, judged_to=state.began_at)


def signed_tiles(checkpoint: Checkpoint, reader: LogReader, frontier: Frontier) -> AuthenticTiles:
    """Return the tiles that a head vouches for, after checking that the previous audit was of the same tree."""
    with refusing("the tiles"):
        tiles = AuthenticTiles(size=checkpoint.size, root=checkpoint.root, fetch=reader.tiles)
        if frontier.size > checkpoint.size or tree_root(frontier.size, tiles.hashes) != frontier.root():
            raise LogRefused("state-contradicts", "the saved audit is not of the beginning of this tree")
    return tiles


def _stretches(bundles: Iterator[_Bundle], size: int, length: int) -> Iterator[list[_Bundle]]:
    stretch: list[_Bundle] = []
    for bundle in bundles:
        stretch.append(bundle)
        if bundle.end % length == 0 or bundle.end == size:
            yield stretch
            stretch = []


def _bundles(reader: LogReader, size: int, frontier: Frontier, findings: Findings) -> Iterator[_Bundle]:
    """Yield the bundles from the frontier on; compare the earlier entries of the first one and leave them out."""
    start = frontier.size
    wanted = (tile_at(level=0, index=index, size=size) for index in range(start >> 8, -(-size >> 8)))
    for tile, data in reader.each_bundle(wanted if start < size else ()):
        first = tile.index * FULL_WIDTH
        entries = _entries(tile, data, findings)
        skipped = max(0, start - first)
        if entries is None:
            yield _Bundle(tile=tile, start=first + skipped, entries=None, leaves=())
            continue
        leaves = leaf_hashes(entries)
        if skipped:
            _compare(leaves[:skipped], _hashes(frontier.edges[0]), first, findings)
        yield _Bundle(tile=tile, start=first + skipped, entries=entries[skipped:], leaves=leaves[skipped:])


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


def _grow(
    frontier: Frontier, stretch: Sequence[_Bundle], tiles: AuthenticTiles, size: int, findings: Findings
) -> tuple[Frontier, AbstractSet[int]]:
    """Grow the tree by a stretch; where the entries give another root than the signed one, find those that differ."""
    end = stretch[-1].end
    with refusing("the tiles"):
        wanted = tree_root(end, tiles.hashes)
    if all(each.entries is not None for each in stretch):
        grown = append(frontier, [leaf for each in stretch for leaf in each.leaves]).frontier
        if grown.root() == wanted:
            return grown, NO_PLACES
    changed: set[int] = set()
    for each in stretch:
        if each.entries is not None:
            changed |= _find_changed(each, tiles, findings)
    grown = signed_frontier(end, tiles, size)
    if grown.root() != wanted:
        raise LogRefused("proof-invalid", "the tiles of this head contradict each other")
    return grown, changed


def _find_changed(bundle: _Bundle, tiles: AuthenticTiles, findings: Findings) -> AbstractSet[int]:
    try:
        signed = tiles.tiles([bundle.tile])[0]
    except (TlogRefused, LogRefused) as refused:
        findings.add(refused.code, bundle.start)
        return frozenset(range(bundle.start, bundle.end))
    return _compare(bundle.leaves, _hashes(signed)[bundle.start % FULL_WIDTH :], bundle.start, findings)


def _compare(computed: Sequence[bytes], signed: Sequence[bytes], first: int, findings: Findings) -> AbstractSet[int]:
    pairs = enumerate(zip(computed, signed, strict=True), first)
    changed = [place for place, (leaf, committed) in pairs if leaf != committed]
    for place in changed:
        findings.add("entry-changed", place)
    return frozenset(changed)


def signed_frontier(end: int, tiles: AuthenticTiles, size: int) -> Frontier:
    """Return the right edge of the signed tree's beginning: its tiles are the fronts of tiles of the whole tree."""

    def fetch(wanted: Sequence[Tile]) -> list[bytes]:
        whole = [tile_at(level=tile.level, index=tile.index, size=size) for tile in wanted]
        found = zip(wanted, tiles.tiles(whole), strict=True)
        return [data[: tile.width * HASH_BYTES] for tile, data in found]

    with refusing("the tiles"):
        return frontier_at(end, fetch)


def _hashes(data: bytes) -> list[bytes]:
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]
