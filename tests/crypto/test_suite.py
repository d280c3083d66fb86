"""The hash functions of the suite against a plain reading of RFC 9380, and the limits of inputs, seeds and info."""

import hashlib
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors import BadInput, BadScalar
from crypto.oprf import suite
from crypto.oprf.client import blind, blind_batch, finalize
from crypto.oprf.group import L, multiply, scalar_invert
from crypto.oprf.suite import Mode, derive_key_pair, expand_message_xmd, hash_to_group, hash_to_scalar


def slow_expand_message_xmd(msg: bytes, DST: bytes, len_in_bytes: int) -> bytes:
    """RFC 9380, section 5.3.1, line by line."""
    b_in_bytes, s_in_bytes = 64, 128
    ell = -(-len_in_bytes // b_in_bytes)
    DST_prime = DST + bytes([len(DST)])
    l_i_b_str = len_in_bytes.to_bytes(2, "big")
    b = [hashlib.sha512(bytes(s_in_bytes) + msg + l_i_b_str + b"\x00" + DST_prime).digest()]
    b.append(hashlib.sha512(b[0] + b"\x01" + DST_prime).digest())
    for i in range(2, ell + 1):
        mixed = bytes(x ^ y for x, y in zip(b[0], b[i - 1], strict=True))
        b.append(hashlib.sha512(mixed + bytes([i]) + DST_prime).digest())
    return b"".join(b[1:])[:len_in_bytes]


@pytest.mark.parametrize(
    ("msg", "expected"),
    [
        (b"", "6b9a7312411d92f921c6f68ca0b6380730a1a4d982c507211a90964c394179ba"),
        (b"abc", "0da749f12fbe5483eb066a5f595055679b976e93abe9be6f0f6318bce7aca8dc"),
    ],
)
def test_the_plain_reading_gives_the_vectors_of_rfc_9380_k_3(msg: bytes, expected: str) -> None:
    assert slow_expand_message_xmd(msg, b"QUUX-V01-CS02-with-expander-SHA512-256", 32).hex() == expected


@given(st.binary(max_size=300), st.binary(min_size=1, max_size=255))
def test_the_fast_expansion_equals_the_plain_reading(msg: bytes, DST: bytes) -> None:
    assert expand_message_xmd(msg, DST) == slow_expand_message_xmd(msg, DST, 64)


@pytest.mark.parametrize("mode", list(Mode))
def test_the_tags_are_those_of_the_page(mode: Mode) -> None:
    context = b"OPRFV1-" + bytes([mode]) + b"-ristretto255-SHA512"
    assert mode.context_string == context
    uniform = slow_expand_message_xmd(b"x", b"HashToScalar-" + context, 64)
    assert int.from_bytes(hash_to_scalar(b"x", mode), "little") == int.from_bytes(uniform, "little") % L


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_seed_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(BadInput):
        derive_key_pair(bytes(length), b"", Mode.VOPRF)


def test_info_and_inputs_up_to_65535_bytes_are_taken_and_not_one_more() -> None:
    longest = bytes(65_535)
    derive_key_pair(bytes(32), longest, Mode.VOPRF)
    blinded = blind(longest, os.urandom)
    finalize(longest, blinded.blind, blinded.blinded_element)
    with pytest.raises(BadInput):
        derive_key_pair(bytes(32), longest + b"\x00", Mode.VOPRF)
    with pytest.raises(BadInput):
        blind(longest + b"\x00", os.urandom)
    with pytest.raises(BadInput):
        finalize(longest + b"\x00", blinded.blind, blinded.blinded_element)


def test_a_derived_key_of_zero_counts_on_and_gives_up_after_256(monkeypatch: pytest.MonkeyPatch) -> None:
    counters = []

    def expand(msg: bytes, DST: bytes) -> bytes:
        counters.append(msg[-1])
        return bytes(64)

    monkeypatch.setattr(suite, "expand_message_xmd", expand)
    with pytest.raises(BadInput):
        derive_key_pair(bytes(32), b"", Mode.VOPRF)
    assert counters == list(range(256))


def test_each_input_of_a_batch_has_a_blind_of_its_own() -> None:
    batch = blind_batch([b"same", b"same"], os.urandom)
    assert batch[0].blind != batch[1].blind
    assert batch[0].blinded_element != batch[1].blinded_element
    for one in batch:
        assert multiply(scalar_invert(one.blind), one.blinded_element) == hash_to_group(b"same", Mode.VOPRF)


def test_a_blinded_input_does_not_print_its_blind() -> None:
    one = blind(b"x", os.urandom)
    assert one.blind.hex() not in repr(one)
    assert repr(one.blind) not in repr(one)


def test_a_blind_of_zero_is_refused() -> None:
    with pytest.raises(BadScalar):
        finalize(b"x", bytes(32), hash_to_group(b"x", Mode.OPRF))
