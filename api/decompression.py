"""Bodies in gzip or zstd, decoded block by block: bounded in memory, in ratio, in total, and only if whole."""

import zlib
from collections.abc import Iterator
from typing import IO, Final, Protocol

import zstandard

from api.bodies import BLOCK_BYTES
from api.limits import Limits
from protocol.problems import Problem, Refusal

_GZIP: Final = 31
"""The window setting of zlib for a gzip member (RFC 1952) with the largest window."""
_ZSTD_WINDOW: Final = 8 * 1024 * 1024
"""The window that RFC 8878 section 3.1.1.1.2 asks every decoder to support; a larger one is refused."""
_ZSTD_FEED: Final = 256
"""Encoded bytes for each call: a block of 4 bytes can stand for 128 KiB, so this bounds one call to 8 MiB."""


class _Member(Protocol):
    """One gzip member or zstd frame being decoded."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decode(self, encoded: bytes) -> Iterator[bytes]: ...


class _GzipMember:
    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(wbits=_GZIP)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data

    def decode(self, encoded: bytes) -> Iterator[bytes]:
        yield self._zlib.decompress(encoded, BLOCK_BYTES)
        # At the end of a member zlib still holds the tail of the previous call, which was consumed already.
        while self._zlib.unconsumed_tail and not self._zlib.eof:
            yield self._zlib.decompress(self._zlib.unconsumed_tail, BLOCK_BYTES)


class _ZstdFrame:
    def __init__(self) -> None:
        self._frame = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
        self._rest = b""

    @property
    def eof(self) -> bool:
        return self._frame.eof

    @property
    def unused_data(self) -> bytes:
        return self._frame.unused_data + self._rest

    def decode(self, encoded: bytes) -> Iterator[bytes]:
        for start in range(0, len(encoded), _ZSTD_FEED):
            yield self._frame.decompress(encoded[start : start + _ZSTD_FEED])
            if self._frame.eof:
                self._rest = encoded[start + _ZSTD_FEED :]
                return


_MEMBERS: Final[dict[str, type[_GzipMember] | type[_ZstdFrame]]] = {"gzip": _GzipMember, "zstd": _ZstdFrame}


def plain_blocks(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the blocks of a body that is not encoded."""
    while block := file.read(BLOCK_BYTES):
        yield block


def decoded_blocks(file: IO[bytes], encoding: str, limits: Limits) -> Iterator[bytes]:
    """Yield the decoded blocks of a body; raises Refusal MALFORMED_BODY or BODY_TOO_LARGE for a bad one."""
    encoded_bytes = decoded_bytes = 0
    member: _Member | None = None
    while pending := file.read(BLOCK_BYTES):
        encoded_bytes += len(pending)
        while pending:
            member = member or _MEMBERS[encoding]()
            for block in _decode(member, pending):
                decoded_bytes += len(block)
                _check_size(encoded_bytes, decoded_bytes, limits)
                yield block
            pending, member = (member.unused_data, None) if member.eof else (b"", member)
    if member is not None:
        raise Refusal(Problem.MALFORMED_BODY, detail="The compressed body is cut off.")


def check_whole(file: IO[bytes], encoding: str, limits: Limits) -> None:
    """Decode once and discard the result, so that a bomb or a cut file is refused before any row is committed."""
    for _ in decoded_blocks(file, encoding, limits):
        pass
    file.seek(0)


def _decode(member: _Member, encoded: bytes) -> Iterator[bytes]:
    try:
        yield from member.decode(encoded)
    except (zlib.error, zstandard.ZstdError):
        raise Refusal(Problem.MALFORMED_BODY, detail="The body is not what its Content-Encoding says.") from None


def _check_size(encoded: int, decoded: int, limits: Limits) -> None:
    if decoded > limits.batch_decoded_bytes or decoded > max(limits.expansion_free, encoded * limits.expansion):
        raise Refusal(Problem.BODY_TOO_LARGE, detail="The body expands beyond the limit.")
