"""Reads one year's log over HTTP: public GETs, bounded and retried where that helps. Its answers are unverified."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

import httpx

from auditlog.errors import LogRefused, LogUnreachable
from auditlog.names import refusing
from crypto.errors import TlogRefused
from crypto.tlog.bundles import decode_bundle, encode_bundle
from crypto.tlog.merkle import MAX_PROOF_HASHES
from crypto.tlog.note import MAX_NOTE_BYTES
from crypto.tlog.policy import MAX_POLICY_BYTES
from crypto.tlog.text import HASH_BYTES, parse_hash
from crypto.tlog.tiles import FULL_TILE_BYTES, FULL_WIDTH, Tile

MAX_ENTRY_BYTES: Final = 256
"""An entry of this log has 33 bytes; a foreign log with much longer entries could fill the memory."""
_MAX_BUNDLE: Final = FULL_WIDTH * (2 + MAX_ENTRY_BYTES)
_MAX_PROOF: Final = MAX_PROOF_HASHES * 45
_AGAIN: Final = frozenset({502, 503, 504})
_OK: Final = 200
_NOT_THERE: Final = 404
_ATTEMPTS: Final = 4
_FIRST_PAUSE: Final = 0.25
_PARALLEL: Final = 8
_AHEAD: Final = 48
_WHOLE_ANSWER_SECONDS: Final = 120.0


class LogReader:
    """One log below its URL, such as ``https://registry.example/log/2026``. Thread-safe; a context manager."""

    def __init__(
        self,
        url: str,
        http: httpx.Client,
        *,
        sleep: Callable[[float], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url.rstrip("/")
        self._http = http
        self._sleep = sleep
        self._monotonic = monotonic
        self._pool = ThreadPoolExecutor(_PARALLEL, thread_name_prefix="log-reader")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop reading; the owner of the HTTP client closes it."""
        self._pool.shutdown(cancel_futures=True)

    def checkpoint(self) -> bytes:
        """Fetch the published head; raises LogRefused ``not-served`` where this year has no log."""
        return self._needed("checkpoint", MAX_NOTE_BYTES)

    def candidate(self) -> bytes | None:
        """Fetch the head that witnesses are asked to cosign now."""
        return self._get("candidate-checkpoint", MAX_NOTE_BYTES)

    def witnessed(self) -> bytes | None:
        """Fetch the newest head with a quorum of cosignatures."""
        return self._get("witnessed-checkpoint", MAX_NOTE_BYTES)

    def policy(self) -> bytes | None:
        """Fetch the witness policy that the log suggests; a reader decides for itself."""
        return self._get("policy", MAX_POLICY_BYTES)

    def consistency(self, old_size: int, new_size: int) -> tuple[bytes, ...] | None:
        """Fetch the hashes of a consistency proof; None from a log that has tiles only."""
        raw = self._get(f"consistency?old={old_size}&new={new_size}", _MAX_PROOF)
        if raw is None:
            return None
        with refusing("the consistency proof"):
            return tuple(parse_hash(line) for line in raw.decode("ascii", "replace").split("\n") if line)

    def tiles(self, wanted: Sequence[Tile]) -> list[bytes]:
        """Fetch the bytes of each tile: a `TileReader` for `AuthenticTiles`."""
        return list(self._pool.map(self._tile, wanted))

    def bundle(self, tile: Tile) -> bytes | None:
        """Fetch the entry bundle beside a level 0 tile; None where there is none of a possible length."""
        try:
            raw = self._get(tile.entries_path, _MAX_BUNDLE)
        except LogRefused:
            return None
        if raw is not None or tile.is_full:
            return raw
        # A log may delete partial bundles once the full one exists (tlog-tiles, Partial Tiles).
        whole = self._get(Tile(level=0, index=tile.index, width=FULL_WIDTH).entries_path, _MAX_BUNDLE)
        if whole is None:
            return None
        try:
            return encode_bundle(decode_bundle(whole, width=FULL_WIDTH)[: tile.width])
        except TlogRefused:
            return None

    def each_bundle(self, tiles: Iterable[Tile]) -> Iterator[tuple[Tile, bytes | None]]:
        """Yield the bundles in order, fetching ahead while the caller calculates."""
        ahead: deque[tuple[Tile, Future[bytes | None]]] = deque()
        try:
            for tile in tiles:
                ahead.append((tile, self._pool.submit(self.bundle, tile)))
                if len(ahead) > _AHEAD:
                    first, data = ahead.popleft()
                    yield first, data.result()
            while ahead:
                first, data = ahead.popleft()
                yield first, data.result()
        finally:
            for _, data in ahead:
                data.cancel()

    def _tile(self, tile: Tile) -> bytes:
        raw = self._get(tile.path, FULL_TILE_BYTES)
        if raw is None and not tile.is_full:
            whole = self._get(Tile(level=tile.level, index=tile.index, width=FULL_WIDTH).path, FULL_TILE_BYTES)
            raw = None if whole is None else whole[: tile.width * HASH_BYTES]
        if raw is None:
            raise LogRefused("not-served", f"{tile.path} is not there")
        return raw

    def _needed(self, path: str, limit: int) -> bytes:
        found = self._get(path, limit)
        if found is None:
            raise LogRefused("not-served", f"{path} is not there")
        return found

    def _get(self, path: str, limit: int) -> bytes | None:
        pause, trouble = _FIRST_PAUSE, ""
        for attempt in range(_ATTEMPTS):
            if attempt:
                self._sleep(pause)
                pause *= 2
            try:
                status, body = self._fetch(path, limit)
            except httpx.ConnectError:
                trouble = "not reachable"
            except httpx.TimeoutException:
                trouble = "no answer in time"
            except httpx.HTTPError as error:
                trouble = f"the connection failed ({type(error).__name__})"
            else:
                if status == _OK:
                    return body
                if status == _NOT_THERE:
                    return None
                if status not in _AGAIN:
                    raise LogRefused("answer-unusable", f"{path.partition('?')[0]} was answered with {status}")
                trouble = f"answered with {status}"
        raise LogUnreachable(f"the log gave no answer in {_ATTEMPTS} attempts: {trouble}")

    def _fetch(self, path: str, limit: int) -> tuple[int, bytes]:
        received, end = bytearray(), self._monotonic() + _WHOLE_ANSWER_SECONDS
        # Ask for no compression: hashes do not compress, and a small answer must not expand into a large one.
        with self._http.stream("GET", f"{self._url}/{path}", headers={"Accept-Encoding": "identity"}) as response:
            for piece in response.iter_raw():
                received += piece
                if self._monotonic() > end:  # each piece came in time, but the whole answer did not
                    raise httpx.ReadTimeout("the answer drips")
                if len(received) > limit and response.status_code == _OK:
                    raise LogRefused("answer-too-long", f"{path.partition('?')[0]} does not end where it must")
                if len(received) > limit:
                    break
        return response.status_code, bytes(received)
