"""Finds libsodium and declares by ctypes the ristretto255 functions that group.py calls."""

import ctypes
import ctypes.util
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from crypto.errors import LibsodiumMissing

if TYPE_CHECKING:
    Out = ctypes.Array[ctypes.c_char]

# Try sonames first: find_library starts subprocesses. 23 is libsodium 1.0.18 and 1.0.19, 26 is 1.0.20 and later.
KNOWN_NAMES: Final = (
    "libsodium.so.23",
    "libsodium.so.26",
    "libsodium.so",
    "libsodium.dylib",
    "/opt/homebrew/lib/libsodium.dylib",
    "/usr/local/lib/libsodium.dylib",
    "/opt/local/lib/libsodium.dylib",
)
_MISSING: Final = (
    "libsodium 1.0.18 or later is not installed: apt install libsodium23 (Debian, Ubuntu), "
    "dnf install libsodium (Fedora, RHEL) or brew install libsodium (macOS)"
)
_POINT_OR_SCALAR = ctypes.c_char * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Sodium:
    """The functions of one loaded library; each writes 32 bytes to its first argument.

    An int that is not 0 is a refusal; only is_valid_point writes nothing and returns 1 for yes. No function checks a
    length: group.py checks every length. ctypes releases the GIL around each call, so threads multiply in parallel.
    """

    scalarmult: Callable[["Out", bytes, bytes], int]
    scalarmult_base: Callable[["Out", bytes], int]
    add: Callable[["Out", bytes, bytes], int]
    sub: Callable[["Out", bytes, bytes], int]
    from_hash: Callable[["Out", bytes], int]
    scalar_invert: Callable[["Out", bytes], int]
    is_valid_point: Callable[[bytes], int]
    scalar_reduce: Callable[["Out", bytes], None]
    scalar_negate: Callable[["Out", bytes], None]
    scalar_add: Callable[["Out", bytes, bytes], None]
    scalar_sub: Callable[["Out", bytes, bytes], None]
    scalar_mul: Callable[["Out", bytes, bytes], None]


@cache
def sodium() -> Sodium:
    """Load the library at the first use and keep it."""
    return load(KNOWN_NAMES)


def load(
    names: Iterable[str | None],
    *,
    find: Callable[[str], str | None] = ctypes.util.find_library,
    open_library: Callable[[str | None], ctypes.CDLL] = ctypes.CDLL,
) -> Sodium:
    """Load the first of these libraries that has every function, else the one that the system finds.

    Raises LibsodiumMissing.
    """
    for name in _candidates(names, find):
        try:
            return _declare(open_library(name))
        except (OSError, AttributeError):
            # The file is missing, of another architecture, or built without ristretto255: try the next name.
            continue
    raise LibsodiumMissing(_MISSING)


def _candidates(names: Iterable[str | None], find: Callable[[str], str | None]) -> Iterator[str | None]:
    yield from names
    found = find("sodium")
    if found is not None:
        yield found


def _declare(library: ctypes.CDLL) -> Sodium:
    def function(name: str, inputs: int, restype: type[ctypes.c_int] | None = ctypes.c_int) -> Callable[..., Any]:
        entry = library[name]
        # c_char_p passes the bytes object's own buffer, zero bytes included, and refuses any other type.
        entry.argtypes = [_POINT_OR_SCALAR, *[ctypes.c_char_p] * inputs]
        entry.restype = restype
        return entry

    is_valid_point = library["crypto_core_ristretto255_is_valid_point"]
    is_valid_point.argtypes = [ctypes.c_char_p]
    if library.sodium_init() < 0:
        raise OSError("sodium_init failed")
    return Sodium(
        scalarmult=function("crypto_scalarmult_ristretto255", 2),
        scalarmult_base=function("crypto_scalarmult_ristretto255_base", 1),
        add=function("crypto_core_ristretto255_add", 2),
        sub=function("crypto_core_ristretto255_sub", 2),
        from_hash=function("crypto_core_ristretto255_from_hash", 1),
        is_valid_point=is_valid_point,
        scalar_invert=function("crypto_core_ristretto255_scalar_invert", 1),
        scalar_reduce=function("crypto_core_ristretto255_scalar_reduce", 1, None),
        scalar_negate=function("crypto_core_ristretto255_scalar_negate", 1, None),
        scalar_add=function("crypto_core_ristretto255_scalar_add", 2, None),
        scalar_sub=function("crypto_core_ristretto255_scalar_sub", 2, None),
        scalar_mul=function("crypto_core_ristretto255_scalar_mul", 2, None),
    )
