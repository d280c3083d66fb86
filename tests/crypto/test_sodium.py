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


@pytest.fixture(autouse=True)
def _load_afresh():
    module.sodium.cache_clear()
    yield
    module.sodium.cache_clear()


def test_the_library_is_loaded_once():
    assert module.sodium() is module.sodium()


def test_no_library_gives_one_clear_line(monkeypatch):
    monkeypatch.setattr(module, "_KNOWN_NAMES", ("libsodium-that-is-not-there.so",))
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)
    with pytest.raises(
        LibsodiumMissing, match=r"^libsodium 1\.0\.18 or later is not installed: .*apt install"
    ) as caught:
        multiply(scalar_from_int(2), GENERATOR)
    assert "\n" not in str(caught.value)
    assert not isinstance(caught.value, CryptoRefusal)


def test_a_library_without_ristretto255_is_passed_over(monkeypatch):
    wanted = module._KNOWN_NAMES
    # The C library loads, and has none of the functions.
    monkeypatch.setattr(module, "_KNOWN_NAMES", (None, *wanted))
    assert multiply(scalar_from_int(1), GENERATOR) == GENERATOR


def test_a_library_under_a_name_that_only_the_system_knows_is_found(monkeypatch):
    [found] = [name for name in module._KNOWN_NAMES if loads(name)][:1]
    monkeypatch.setattr(module, "_KNOWN_NAMES", ())
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: found)
    assert multiply(scalar_from_int(1), GENERATOR) == GENERATOR


def test_a_library_that_does_not_start_is_passed_over(monkeypatch):
    any_function = ctypes.CDLL(None)["abs"]

    class Unwell:
        def sodium_init(self):
            return -1

        def __getitem__(self, name):
            return any_function

    monkeypatch.setattr(module, "_KNOWN_NAMES", ("unwell",))
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: Unwell())
    with pytest.raises(LibsodiumMissing):
        module.sodium()


def test_many_threads_share_the_library():
    results: list[Any] = [None] * 8

    def work(n):
        results[n] = [one.blinded_element for one in blind_batch([b"%d" % n] * 20, os.urandom)]
        results[n].append(multiply(scalar_from_int(n + 1), GENERATOR))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(len(results))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result[-1] for result in results] == [multiply(scalar_from_int(n + 1), GENERATOR) for n in range(8)]


def loads(name):
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
