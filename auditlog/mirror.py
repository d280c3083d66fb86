"""A static mirror of a log in the C2SP layout: each file is verified before it gets its name.

The checkpoint comes last. Any web server can serve the folder to readers of the log.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from auditlog.audit.entries import OnProgress
from auditlog.errors import LogRefused
from auditlog.names import refusing
from auditlog.reader import MAX_ENTRY_BYTES, LogReader
from crypto.errors import TlogRefused
from crypto.tlog.authentic import AuthenticTiles
from crypto.tlog.bundles import verify_bundle
from crypto.tlog.checkpoint import SignedCheckpoint, parse_signed_checkpoint
from crypto.tlog.note import MAX_NOTE_BYTES
from crypto.tlog.tiles import FULL_TILE_BYTES, FULL_WIDTH, Tile, tile_levels, width_at
from serving.files import FOR_ALL, locked, make_public_folder, read_bounded, write_durably, write_whole

_AT_ONCE: Final = 64
_MAX_BUNDLE: Final = FULL_WIDTH * (2 + MAX_ENTRY_BYTES)


@dataclass(frozen=True, slots=True)
class Mirrored:
    """The number of tiles and bundles of the mirror, and of those that had to be fetched."""

    files: int
    fetched: int


class Mirror:
    """One log in a folder. Existing files are verified as fetched ones are, and fetched again if they are wrong."""

    def __init__(self, folder: Path, reader: LogReader) -> None:
        self._folder = folder
        self._reader = reader
        self._believes_disk = True
        self._fetched = 0

    def write(self, head: SignedCheckpoint, on_progress: OnProgress) -> Mirrored:
        """Bring the folder up to a verified head; interrupted, the same call goes on. Refuses with codes."""
        make_public_folder(self._folder)
        with locked(self._folder / ".lock"):
            self._refuse_another_log(head)
            try:
                return self._write(head, on_progress)
            except TlogRefused:
                # A file of the folder may be damaged, as by a power cut: run once more without the folder's files.
                self._believes_disk = False
            with refusing("the mirror"):
                return self._write(head, on_progress)

    def _refuse_another_log(self, head: SignedCheckpoint) -> None:
        """Refuse the folder of a log of another name: its files may be the only proof of the old log."""
        raw = read_bounded(self._folder / "checkpoint", MAX_NOTE_BYTES)
        if raw is None:
            return
        with suppress(TlogRefused):  # a malformed checkpoint was damaged, and is written again
            if parse_signed_checkpoint(raw).checkpoint.origin != head.checkpoint.origin:
                what = f"{self._folder}: is the mirror of another log; keep it, and name another folder"
                raise LogRefused("mirror-foreign", what)

    def _write(self, head: SignedCheckpoint, on_progress: OnProgress) -> Mirrored:
        size = head.checkpoint.size
        total = sum(1 for _ in _all_tiles(size)) + -(-size // FULL_WIDTH)
        done = 0
        tiles = AuthenticTiles(size=size, root=head.checkpoint.root, fetch=self._tiles)
        every = _all_tiles(size)
        while batch := list(islice(every, _AT_ONCE)):
            for tile, data in zip(batch, tiles.tiles(batch), strict=True):
                self._put(tile.path, data)
                done += 1
                if tile.level == 0:
                    self._bundle(tile, data)
                    done += 1
            on_progress(done, total)
        write_durably(self._folder / "checkpoint", head.note.encode(), FOR_ALL)
        return Mirrored(total, self._fetched)

    def _tiles(self, wanted: Sequence[Tile]) -> list[bytes]:
        """Read tiles from the folder where they have the right length, else from the log."""
        held = {tile: self._held(tile) for tile in wanted}
        missing = [tile for tile, data in held.items() if data is None]
        self._fetched += len(missing)
        found = dict(zip(missing, self._reader.tiles(missing), strict=True))
        return [found.get(tile) or held[tile] or b"" for tile in wanted]

    def _held(self, tile: Tile) -> bytes | None:
        return read_bounded(self._folder / tile.path, FULL_TILE_BYTES) if self._believes_disk else None

    def _bundle(self, tile: Tile, tile_data: bytes) -> None:
        held = read_bounded(self._folder / tile.entries_path, _MAX_BUNDLE)
        if held is not None and _is_beside(held, tile, tile_data):
            return
        fetched = self._reader.bundle(tile)
        if fetched is None:
            raise LogRefused("bundle-missing", f"{tile.entries_path} is not there")
        verify_bundle(fetched, tile, tile_data)
        self._fetched += 1
        self._put(tile.entries_path, fetched)

    def _put(self, name: str, data: bytes) -> None:
        path = self._folder / name
        if read_bounded(path, len(data)) != data:
            make_public_folder(path.parent)
            write_whole(path, data, FOR_ALL)


def _all_tiles(size: int) -> Iterator[Tile]:
    """Yield every tile of a tree, the highest first: an earlier tile vouches for each later one."""
    for level in reversed(range(tile_levels(size))):
        index = 0
        while width := width_at(level=level, index=index, size=size):
            yield Tile(level=level, index=index, width=width)
            index += 1


def _is_beside(bundle: bytes, tile: Tile, tile_data: bytes) -> bool:
    try:
        verify_bundle(bundle, tile, tile_data)
    except TlogRefused:
        return False
    return True
