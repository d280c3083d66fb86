"""A secret sealed under a passphrase opens under it, for its purpose, to the byte, and otherwise not at all."""

import hashlib
import json
import os
import threading
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.envelope.passphrase import (
    LEAST_PASSPHRASE_BYTES,
    MAX_PASSPHRASE_BYTES,
    MAX_SECRET_BYTES,
    SUITE,
    USUAL_COST,
    Cost,
    PassphraseProvider,
)
from crypto.envelope.provider import SEALED_MARK, UNSEALED
from crypto.errors import BadInput, BadKey, SealBroken
from protocol.encodings import b64url_decode, canonical_json

VECTOR: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "sealed_files.json").read_text(encoding="utf-8")
)
LEAST: Final = Cost(n=2**14, r=8, p=1)
PASSPHRASE, PURPOSE = bytes.fromhex(VECTOR["passphrase_hex"]), VECTOR["purpose"]
SECRET: Final = bytes.fromhex(VECTOR["secret_hex"])
PROVIDER: Final = PassphraseProvider(PASSPHRASE, os.urandom, cost=LEAST)
OTHER: Final = PassphraseProvider(PASSPHRASE + b"\n", os.urandom, cost=LEAST)
SEALED: Final = PROVIDER.seal(SECRET, purpose=PURPOSE)


@cache
def derived_elsewhere(passphrase: bytes, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(passphrase, salt=salt, n=n, r=r, p=p, maxmem=2**28, dklen=32)


def opened_elsewhere(sealed: bytes, passphrase: bytes, purpose: str) -> bytes:
    """The content of a sealed file, by hashlib's scrypt and a JSON parser."""
    members = json.loads(sealed)["clearline_sealed"]
    key = derived_elsewhere(passphrase, b64url_decode(members["salt"]), members["n"], members["r"], members["p"])
    named = f"clearline/custody/v1\n{members['suite']}\n{purpose}".encode()
    return AESGCM(key).decrypt(b64url_decode(members["nonce"]), b64url_decode(members["ciphertext"]), named)


def test_the_vector_opens_here_and_by_other_means() -> None:
    sealed = VECTOR["sealed"].encode()
    assert PROVIDER.open(sealed, purpose=PURPOSE) == SECRET
    assert opened_elsewhere(sealed, PASSPHRASE, PURPOSE) == SECRET


def test_the_same_salt_and_nonce_give_the_vector_to_the_byte() -> None:
    given = iter([bytes.fromhex(VECTOR["salt_hex"]), bytes.fromhex(VECTOR["nonce_hex"])])
    provider = PassphraseProvider(PASSPHRASE, lambda count: next(given)[:count], cost=Cost(**VECTOR["cost"]))
    assert provider.seal(SECRET, purpose=PURPOSE).decode() == VECTOR["sealed"]


@pytest.mark.parametrize("attack", VECTOR["refused"], ids=lambda each: each["name"])
def test_a_damaged_misspelled_or_hostile_file_is_refused_and_not_repeated(attack: dict[str, str]) -> None:
    purpose = attack.get("purpose", PURPOSE)
    with pytest.raises(SealBroken, match=attack["says"]) as refused:
        PROVIDER.open(attack["sealed"].encode(), purpose=purpose)
    assert purpose in str(refused.value)
    assert "not a key" not in str(refused.value)


@given(secret=st.binary(max_size=400), purpose=st.text(st.characters(codec="utf-8"), max_size=40))
@settings(max_examples=50)
def test_any_secret_comes_back_under_its_purpose_alone(secret: bytes, purpose: str) -> None:
    sealed = PROVIDER.seal(secret, purpose=purpose)
    assert sealed.startswith(SEALED_MARK)
    assert sealed == canonical_json(json.loads(sealed)) + b"\n"
    assert PROVIDER.open(sealed, purpose=purpose) == secret
    assert opened_elsewhere(sealed, PASSPHRASE, purpose) == secret
    with pytest.raises(SealBroken):
        PROVIDER.open(sealed, purpose=purpose + " ")


@given(place=st.integers(0, len(SEALED) - 1), bit=st.integers(0, 7))
@settings(max_examples=100)
def test_no_file_with_one_bit_changed_opens(place: int, bit: int) -> None:
    changed = bytearray(SEALED)
    changed[place] ^= 1 << bit
    with pytest.raises(SealBroken):
        PROVIDER.open(bytes(changed), purpose=PURPOSE)


def test_no_file_that_was_cut_off_opens() -> None:
    for end in range(len(SEALED)):
        with pytest.raises(SealBroken):
            PROVIDER.open(SEALED[:end], purpose=PURPOSE)


def test_another_passphrase_opens_nothing_and_no_passphrase_neither() -> None:
    with pytest.raises(SealBroken, match="another passphrase"):
        OTHER.open(SEALED, purpose=PURPOSE)
    with pytest.raises(SealBroken, match="no passphrase was given"):
        UNSEALED.open(SEALED, purpose=PURPOSE)


def test_two_seals_of_one_secret_differ_and_one_derivation_serves_many() -> None:
    provider = PassphraseProvider(PASSPHRASE, os.urandom, cost=LEAST)
    lines = [provider.seal(SECRET, purpose=f"secret {each}") for each in range(50)]
    assert len(set(lines)) == 50
    assert [provider.open(line, purpose=f"secret {each}") for each, line in enumerate(lines)] == [SECRET] * 50
    assert len(provider._keys) == 1
    for _ in range(3):  # a file of another salt takes one more
        provider.open(SEALED, purpose=PURPOSE)
    assert len(provider._keys) == 2


def test_threads_that_open_at_once_derive_once() -> None:
    provider, found = PassphraseProvider(PASSPHRASE, os.urandom, cost=LEAST), []
    threads = [threading.Thread(target=lambda: found.append(provider.open(SEALED, purpose=PURPOSE))) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == [SECRET] * 4
    assert len(provider._keys) == 1


def test_the_usual_cost_is_written_into_the_file() -> None:
    provider = PassphraseProvider(PASSPHRASE, os.urandom)
    members = json.loads(provider.seal(SECRET, purpose=PURPOSE))["clearline_sealed"]
    assert (members["n"], members["r"], members["p"]) == (131_072, 8, 1) == (USUAL_COST.n, USUAL_COST.r, USUAL_COST.p)
    assert members["suite"] == SUITE


@pytest.mark.parametrize("length", [0, 1, LEAST_PASSPHRASE_BYTES - 1, MAX_PASSPHRASE_BYTES + 1])
def test_a_passphrase_that_is_empty_short_or_endless_is_refused(length: int) -> None:
    with pytest.raises(BadKey, match="15 to 1024 bytes"):
        PassphraseProvider(b"x" * length, os.urandom)


def test_a_passphrase_need_not_be_text() -> None:
    provider = PassphraseProvider(bytes(range(256)), os.urandom, cost=LEAST)
    assert provider.open(provider.seal(b"", purpose=PURPOSE), purpose=PURPOSE) == b""


def test_a_secret_that_is_too_long_is_refused_and_the_longest_is_not() -> None:
    with pytest.raises(BadInput):
        PROVIDER.seal(bytes(MAX_SECRET_BYTES + 1), purpose=PURPOSE)
    sealed = PROVIDER.seal(bytes(MAX_SECRET_BYTES), purpose=PURPOSE)
    assert PROVIDER.open(sealed, purpose=PURPOSE) == bytes(MAX_SECRET_BYTES)


@pytest.mark.parametrize("cost", [Cost(n=2**13, r=8, p=1), Cost(n=2**14, r=7, p=1), Cost(n=2**19, r=8, p=1)])
def test_nothing_is_sealed_at_a_cost_that_would_not_open(cost: Cost) -> None:
    with pytest.raises(SealBroken, match="out of bounds"):
        PassphraseProvider(PASSPHRASE, os.urandom, cost=cost).seal(SECRET, purpose=PURPOSE)


def test_neither_passphrase_nor_derived_key_shows_in_a_repr() -> None:
    shown = repr(PROVIDER) + str(PROVIDER) + repr(PassphraseProvider.__init__)
    assert "horse" not in shown
    assert all(repr(key) not in shown for key in PROVIDER._keys.values())
