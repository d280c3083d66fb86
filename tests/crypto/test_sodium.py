"""Finding libsodium: the next candidate is tried, and one clear line says what to install when there is none."""

import ctypes
import os
import threading
from typing import Any

import pytest

from crypto.errors import CryptoRefusal, LibsodiumMissing
from crypto.oprf import sodium as module
from crypto.oprf.client import blind_batch
from crypto.oprf.group import GENERATOR, multiply, scalar_from_int


def nowhere(_name: str) -> None:
    """A system that knows no library."""


def test_the_library_is_loaded_once() -> None:
    assert module.sodium() is module.sodium()


def test_no_library_gives_one_clear_line() -> None:
    with pytest.raises(
        LibsodiumMissing, match=r"^libsodium 1\.0\.18 or later is not installed: .*apt install"
    ) as caught:
        module.load(["libsodium-that-is-not-there.so"], find=nowhere)
    assert "\n" not in str(caught.value)
    assert not isinstance(caught.value, CryptoRefusal)


def test_a_library_without_ristretto255_is_passed_over() -> None:
    # The C library loads, and has none of the functions.
    assert one_times_base(module.load([None, *module.KNOWN_NAMES], find=nowhere)) == GENERATOR


def test_a_library_under_a_name_that_only_the_system_knows_is_found() -> None:
    [found] = [name for name in module.KNOWN_NAMES if loads(name)][:1]
    assert one_times_base(module.load([], find=lambda _name: found)) == GENERATOR


def test_a_library_that_does_not_start_is_passed_over() -> None:
    any_function = ctypes.CDLL(None)["abs"]

    class Unwell(ctypes.CDLL):
        def sodium_init(self) -> int:
            return -1

        def __getitem__(self, name: Any) -> Any:
            return any_function

    with pytest.raises(LibsodiumMissing):
        module.load(["unwell"], find=nowhere, open_library=lambda _name: Unwell(None))


def test_many_threads_share_the_library() -> None:
    results: list[Any] = [None] * 8

    def work(n: int) -> None:
        results[n] = [one.blinded_element for one in blind_batch([b"%d" % n] * 20, os.urandom)]
        results[n].append(multiply(scalar_from_int(n + 1), GENERATOR))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(len(results))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result[-1] for result in results] == [multiply(scalar_from_int(n + 1), GENERATOR) for n in range(8)]


def loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def one_times_base(library: module.Sodium) -> bytes:
    product = ctypes.create_string_buffer(32)
    assert library.scalarmult_base(product, scalar_from_int(1)) == 0
    return product.raw
