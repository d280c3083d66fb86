"""ristretto255 as RFC 9496 prints it, and everything that our edge must refuse before libsodium reads a byte."""

import ctypes
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.errors import BadElement, BadInput, BadScalar
from crypto.oprf import group
from crypto.oprf.group import GENERATOR, IDENTITY, L

VECTORS = Path(__file__).parents[1] / "vectors"
RFC9496 = json.loads((VECTORS / "rfc9496_ristretto255.json").read_text())
OURS = json.loads((VECTORS / "bad_encodings.json").read_text())
MULTIPLES = [bytes.fromhex(text) for text in RFC9496["multiples"]]
ONE = group.scalar_from_int(1)


def cases(entries: list[dict[str, Any]]) -> list[pytest.ParameterSet]:
    return [
        pytest.param(bytes.fromhex(entry["encoding"]), id=f"{n}: {entry['why']}") for n, entry in enumerate(entries)
    ]


each_bad_element = pytest.mark.parametrize("element", cases(RFC9496["invalid"] + OURS["elements"]))
each_bad_encoding = pytest.mark.parametrize(
    "element", cases(RFC9496["invalid"] + [entry for entry in OURS["elements"] if entry["why"] != "identity"])
)
each_bad_scalar = pytest.mark.parametrize("scalar", cases(OURS["scalars"]))
scalars = st.integers(min_value=1, max_value=L - 1)


def as_int(scalar: bytes) -> int:
    return int.from_bytes(scalar, "little")


@pytest.mark.parametrize("n", range(1, len(MULTIPLES)))
def test_multiples_of_the_generator_are_those_of_the_page(n: int) -> None:
    scalar = group.scalar_from_int(n)
    assert group.multiply(scalar, GENERATOR) == group.multiply_base(scalar) == MULTIPLES[n]
    assert group.add(MULTIPLES[n - 1], GENERATOR) == MULTIPLES[n]
    assert group.subtract(MULTIPLES[n], GENERATOR) == MULTIPLES[n - 1]


@pytest.mark.parametrize("entry", RFC9496["derived"], ids=lambda entry: entry["text"])
def test_elements_from_uniform_bytes_are_those_of_the_page(entry: dict[str, Any]) -> None:
    uniform = hashlib.sha512(entry["text"].encode()).digest()
    assert group.hash_to_element(uniform).hex() == entry["element"]


@each_bad_element
def test_a_bad_element_is_refused_before_a_multiplication(element: bytes) -> None:
    with pytest.raises(BadElement):
        group.multiply(ONE, element)


@each_bad_element
def test_a_bad_element_does_not_pass_the_check(element: bytes) -> None:
    with pytest.raises(BadElement):
        group.check_element(element)


@each_bad_encoding
@pytest.mark.parametrize("operation", [group.add, group.subtract])
def test_a_bad_encoding_is_refused_on_either_side_of_a_sum(
    operation: Callable[[bytes, bytes], bytes], element: bytes
) -> None:
    with pytest.raises(BadElement):
        operation(element, GENERATOR)
    with pytest.raises(BadElement):
        operation(GENERATOR, element)


def test_a_good_element_passes_the_check() -> None:
    for element in MULTIPLES[1:]:
        group.check_element(element)


def test_the_identity_is_let_into_sums_only() -> None:
    assert group.add(IDENTITY, GENERATOR) == GENERATOR
    assert group.subtract(GENERATOR, GENERATOR) == IDENTITY


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_a_sum_of_products_is_the_sum_of_the_products(count: int) -> None:
    scalars = [group.random_scalar(os.urandom) for _ in range(count)]
    elements = [group.multiply_base(group.random_scalar(os.urandom)) for _ in range(count)]
    total = IDENTITY
    for scalar, element in zip(scalars, elements, strict=True):
        total = group.add(total, group.multiply(scalar, element))
    assert group.sum_of_products(scalars, elements) == total
    assert group.sum_of_public_products(scalars, elements) == total


@pytest.mark.parametrize("sum_up", [group.sum_of_products, group.sum_of_public_products])
def test_a_sum_of_products_refuses_what_a_multiplication_refuses(sum_up: Callable[..., bytes]) -> None:
    one = group.scalar_from_int(1)
    for elements in ([IDENTITY], [GENERATOR, IDENTITY], [b"\xff" * 32]):
        with pytest.raises(BadElement):
            sum_up([one] * len(elements), elements)
    with pytest.raises(BadScalar):
        sum_up([bytes(32)], [GENERATOR])
    with pytest.raises(BadInput):
        sum_up([one], [GENERATOR, GENERATOR])


def test_products_that_cancel_add_up_to_the_identity_and_go_on() -> None:
    scalars = [group.scalar_from_int(n) for n in (1, -1, 5)]
    assert group.sum_of_products(scalars[:2], [GENERATOR] * 2) == IDENTITY
    assert group.sum_of_products(scalars, [GENERATOR] * 3) == MULTIPLES[5]


def test_the_table_of_the_generator_gives_what_a_multiplication_gives() -> None:
    scalar = group.random_scalar(os.urandom)
    assert group.multiply(scalar, GENERATOR) == group.multiply(scalar, bytes(bytearray(GENERATOR)))


@each_bad_scalar
def test_a_bad_scalar_is_refused_everywhere_that_it_would_matter(scalar: bytes) -> None:
    for operation in (group.check_scalar, group.multiply_base, group.scalar_invert):
        with pytest.raises(BadScalar):
            operation(scalar)
    with pytest.raises(BadScalar):
        group.multiply(scalar, GENERATOR)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_scalar_arithmetic_checks_lengths(length: int) -> None:
    for operation in (group.scalar_add, group.scalar_sub, group.scalar_mul):
        with pytest.raises(BadScalar):
            operation(bytes(length), ONE)
        with pytest.raises(BadScalar):
            operation(ONE, bytes(length))
    with pytest.raises(BadScalar):
        group.scalar_negate(bytes(length))


@pytest.mark.parametrize("length", [0, 32, 63, 65])
def test_wide_reductions_take_64_bytes(length: int) -> None:
    with pytest.raises(BadScalar):
        group.scalar_reduce(bytes(length))
    with pytest.raises(BadElement):
        group.hash_to_element(bytes(length))


@pytest.mark.parametrize("value", [None, "x" * 32, bytearray(GENERATOR), memoryview(GENERATOR)])
def test_what_is_not_bytes_never_reaches_the_library(value: Any) -> None:
    with pytest.raises((TypeError, ctypes.ArgumentError)):
        group.multiply(ONE, value)


def test_the_largest_scalar_is_minus_one() -> None:
    largest = group.scalar_from_int(L - 1)
    group.check_scalar(largest)
    assert group.add(group.multiply(largest, GENERATOR), GENERATOR) == IDENTITY


@given(scalars, scalars)
def test_scalar_arithmetic_is_arithmetic_modulo_l(a: int, b: int) -> None:
    x, y = group.scalar_from_int(a), group.scalar_from_int(b)
    assert as_int(group.scalar_add(x, y)) == (a + b) % L
    assert as_int(group.scalar_sub(x, y)) == (a - b) % L
    assert as_int(group.scalar_mul(x, y)) == a * b % L
    assert as_int(group.scalar_negate(x)) == -a % L
    assert as_int(group.scalar_mul(group.scalar_invert(x), x)) == 1


@given(st.binary(min_size=64, max_size=64))
def test_a_wide_reduction_is_the_remainder(uniform: bytes) -> None:
    assert as_int(group.scalar_reduce(uniform)) == as_int(uniform) % L


@given(scalars, scalars)
def test_multiplication_distributes_over_addition(a: int, b: int) -> None:
    x, y = group.scalar_from_int(a), group.scalar_from_int(b)
    together = group.multiply(group.scalar_from_int(a + b), GENERATOR) if (a + b) % L else IDENTITY
    assert group.add(group.multiply(x, GENERATOR), group.multiply_base(y)) == together


def test_random_scalars_are_scalars_and_differ() -> None:
    drawn = [group.random_scalar(os.urandom) for _ in range(50)]
    for scalar in drawn:
        group.check_scalar(scalar)
    assert len(set(drawn)) == len(drawn)


def test_a_random_scalar_of_zero_is_drawn_again() -> None:
    draws = iter([bytes(64), L.to_bytes(64, "little"), (5).to_bytes(64, "little")])
    assert group.random_scalar(lambda size: next(draws)) == group.scalar_from_int(5)
