"""A handle opens with its quarter's key for its own token, and for nothing else."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.envelope.handle import (
    HANDLE_BYTES,
    Case,
    open_handle,
    quarter_of,
    seal_handle,
    unwrap_key,
    wrap_key,
)
from crypto.errors import BadInput, BadKey, SealBroken
from tests.support.cells import every_cell

KEY, KEK, CLAIMS = bytes(range(32)), bytes(range(32, 64)), b'{"v":2}'
CASE = Case(epoch=1, subject=b"s" * 16, register=b"r" * 16, address=None)
KEYS = st.binary(min_size=16, max_size=16).filter(any)


def sealed(case: Case = CASE, claims: bytes = CLAIMS, quarter: int = 107) -> bytes:
    return seal_handle(case, key=KEY, quarter=quarter, associated=claims, random=os.urandom)


@given(st.integers(0, 2**32 - 1), KEYS, st.none() | KEYS, st.none() | KEYS)
def test_what_is_sealed_is_opened(epoch: int, subject: bytes, register: bytes | None, address: bytes | None) -> None:
    case = Case(epoch=epoch, subject=subject, register=register, address=address)
    handle = sealed(case)
    assert (len(handle), quarter_of(handle)) == (HANDLE_BYTES, 107)
    assert open_handle(handle, key=KEY, associated=CLAIMS) == case


def test_two_handles_of_one_case_have_nothing_in_common_but_the_quarter() -> None:
    first, second = sealed(), sealed()
    assert first[:2] == second[:2]
    assert first[2:14] != second[2:14]
    assert first[14:] != second[14:]


def test_a_handle_of_which_one_bit_changed_does_not_open() -> None:
    with every_cell() as table:
        for place in range(HANDLE_BYTES):
            with table.cell(place):
                changed = bytearray(sealed())
                changed[place] ^= 1
                with pytest.raises(SealBroken):
                    open_handle(bytes(changed), key=KEY, associated=CLAIMS)


@pytest.mark.parametrize(
    ("length", "key", "claims"),
    [(HANDLE_BYTES, KEK, CLAIMS), (HANDLE_BYTES, KEY, b'{"v":3}'), (HANDLE_BYTES - 1, KEY, CLAIMS), (0, KEY, CLAIMS)],
    ids=["another key", "another token", "too short", "empty"],
)
def test_another_key_token_or_length_opens_nothing(length: int, key: bytes, claims: bytes) -> None:
    with pytest.raises(SealBroken):
        open_handle(sealed()[:length], key=key, associated=claims)


def test_a_quarters_key_is_wrapped_and_unwrapped() -> None:
    wrapped = wrap_key(KEY, KEK)
    assert unwrap_key(wrapped, KEK) == KEY
    for broken in (wrapped[:-1], bytes(40), b""):
        with pytest.raises(SealBroken):
            unwrap_key(broken, KEK)
    with pytest.raises(SealBroken):
        unwrap_key(wrapped, KEY)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BadInput):
        sealed(Case(epoch=1, subject=b"short", register=None, address=None))
    with pytest.raises(BadInput):
        sealed(quarter=2**16)
    with pytest.raises(BadKey):
        open_handle(sealed(), key=b"short", associated=CLAIMS)
