"""The price of one multiplication by libsodium alone: the machine's own speed, beside the figures of a check."""

import ctypes
import os
import time

from crypto.oprf.sodium import sodium
from crypto.oprf.suite import Mode, hash_to_group

_LOOPS = 300


def multiplication_us() -> float:
    """Return microseconds of CPU for one scalar multiplication (ristretto255), into one buffer and without a check."""
    scalar, element = os.urandom(31) + b"\x00", hash_to_group(b"x", Mode.VOPRF)
    out, library = (ctypes.c_char * 32)(), sodium()
    begun = time.thread_time()
    for _ in range(_LOOPS):
        library.scalarmult(out, scalar, element)
    return (time.thread_time() - begun) / _LOOPS * 1e6
