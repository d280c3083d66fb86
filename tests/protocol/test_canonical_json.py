"""Canonical JSON against an independent RFC 8785, and what neither of them may write."""

import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Callable, Collection
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from protocol.encodings import MAX_JSON_DEPTH, MAX_JSON_INTEGER, EncodingCode, EncodingError, canonical_json
from protocol.strict_json import loads
from tests.support.cells import every_cell


class Mark(StrEnum):
    A = "七"


class Figure(IntEnum):
    ONE = 1


class Plain(Enum):
    A = "a"


class Text(str):
    __slots__ = ()


class Number(int):
    __slots__ = ()


@dataclasses.dataclass(frozen=True)
class Value:
    a: int = 1


VECTORS = [
    ({"b": [1, True, None], "a": "七"}, '{"a":"七","b":[1,true,null]}'),
    (("x", {"k": -MAX_JSON_INTEGER}), '["x",{"k":-9007199254740991}]'),
    ({"": False, "Z": {}, "a": [], "_": 0}, '{"":false,"Z":{},"_":0,"a":[]}'),
    ('\b\t\n\f\r"\\/\x00\x1f\x7f', '"\\b\\t\\n\\f\\r\\"\\\\/\\u0000\\u001f\x7f"'),
    ("€é\u2028\ufeff😀", '"€é\u2028\ufeff😀"'),
    ({"\x00": 1, "\x7f": 2, "\n": 3, " ": 4}, '{"\\u0000":1,"\\n":3," ":4,"\x7f":2}'),
    ({"k": Mark.A}, '{"k":"七"}'),
]  # fmt: skip


@pytest.mark.parametrize(("value", "text"), VECTORS, ids=range(len(VECTORS)))
def test_canonical_json_is_the_shortest_text_of_rfc_8785(value: Collection[str | dict[str, int]], text: str) -> None:
    assert canonical_json(value) == text.encode()


TEXTS = st.text(st.characters(codec="utf-8"))
KEYS = st.text(st.characters(codec="ascii"))
INTEGERS = st.integers(-MAX_JSON_INTEGER, MAX_JSON_INTEGER)
ALLOWED = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(KEYS, inner),
    max_leaves=12,
)


@given(ALLOWED)
def test_every_allowed_document_is_written_as_another_rfc_8785_writes_it(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@given(ALLOWED)
def test_canonical_json_reads_back_as_the_same_value_and_is_written_again_as_it_was(value: Any) -> None:
    text = canonical_json(value)
    assert json.loads(text) == json.loads(json.dumps(value))
    assert canonical_json(json.loads(text)) == text


REFUSED = [
    (1.0, EncodingCode.NOT_CANONICAL_JSON),
    (float("nan"), EncodingCode.NOT_CANONICAL_JSON),
    (MAX_JSON_INTEGER + 1, EncodingCode.NOT_CANONICAL_JSON),
    (-MAX_JSON_INTEGER - 1, EncodingCode.NOT_CANONICAL_JSON),
    (10**5000, EncodingCode.NOT_CANONICAL_JSON),
    ({1: 1}, EncodingCode.NOT_CANONICAL_JSON),
    ({None: 1}, EncodingCode.NOT_CANONICAL_JSON),
    ({Mark.A: 1}, EncodingCode.NOT_CANONICAL_JSON),
    ({Text("a"): 1}, EncodingCode.NOT_CANONICAL_JSON),
    ({"键": 1}, EncodingCode.NOT_CANONICAL_JSON),
    ({"\ud800": 1}, EncodingCode.NOT_CANONICAL_JSON),
    (b"raw", EncodingCode.NOT_CANONICAL_JSON),
    ({1}, EncodingCode.NOT_CANONICAL_JSON),
    (dt.datetime(2026, 11, 21, tzinfo=dt.UTC), EncodingCode.NOT_CANONICAL_JSON),
    (dt.date(2026, 11, 21), EncodingCode.NOT_CANONICAL_JSON),
    (dt.time(8), EncodingCode.NOT_CANONICAL_JSON),
    (uuid.UUID(int=1), EncodingCode.NOT_CANONICAL_JSON),
    (Figure.ONE, EncodingCode.NOT_CANONICAL_JSON),
    (Plain.A, EncodingCode.NOT_CANONICAL_JSON),
    (Text("a"), EncodingCode.NOT_CANONICAL_JSON),
    (Number(1), EncodingCode.NOT_CANONICAL_JSON),
    (Value(), EncodingCode.NOT_CANONICAL_JSON),
    (MappingProxyType({}), EncodingCode.NOT_CANONICAL_JSON),
    ("\ud800", EncodingCode.NOT_UNICODE),
    ("\udc00七", EncodingCode.NOT_UNICODE),
]  # fmt: skip
WRAPPINGS = [lambda value: value, lambda value: [value], lambda value: {"a": [0, {"b": (value,)}]}]


@pytest.mark.parametrize("wrapped", WRAPPINGS, ids=["alone", "in an array", "deep"])
def test_a_value_without_a_canonical_form_is_refused_and_not_repeated(wrapped: Callable[..., Any]) -> None:
    with every_cell() as table:
        for number, (value, code) in enumerate(REFUSED):
            with table.cell(number, code):
                with pytest.raises(EncodingError) as refusal:
                    canonical_json(wrapped(value))
                assert refusal.value.code is code
                assert (str(refusal.value), refusal.value.__context__) == (code.value, None)


BAD_LEAVES = (
    st.floats()
    | st.integers(min_value=MAX_JSON_INTEGER + 1)
    | st.integers(max_value=-MAX_JSON_INTEGER - 1)
    | st.binary()
    | st.uuids()
    | st.datetimes()
    | TEXTS.map(lambda text: text + "\udfff")
    | st.dictionaries(KEYS.map(lambda key: key + "é") | st.integers(), st.none(), min_size=1)
)


@given(st.lists(ALLOWED), BAD_LEAVES, st.lists(ALLOWED))
def test_one_bad_member_anywhere_refuses_the_document(
    before: list[Any],
    bad: Any,
    after: list[Any],
) -> None:
    with pytest.raises(EncodingError):
        canonical_json({"facts": [*before, bad, *after]})


@pytest.mark.parametrize(
    "value", [MAX_JSON_INTEGER + 1, -MAX_JSON_INTEGER - 1, float("nan"), b"", {1: 1}, "\ud800"], ids=range(6)
)
def test_what_rfc_8785_cannot_write_is_refused_by_both(value: Any) -> None:
    with pytest.raises(EncodingError):
        canonical_json(value)
    with pytest.raises((rfc8785.CanonicalizationError, UnicodeEncodeError)):
        rfc8785.dumps(value)


def nested(levels: int, innermost: Any) -> Any:
    for _ in range(levels):
        innermost = {"a": innermost}
    return innermost


@pytest.mark.parametrize("innermost", [1, "a", "七", None])
def test_canonical_json_is_as_deep_as_the_loader_reads(innermost: int | str | None) -> None:
    text = canonical_json(nested(MAX_JSON_DEPTH, innermost))
    assert loads(text, max_bytes=1_000) == nested(MAX_JSON_DEPTH, innermost)
    with pytest.raises(EncodingError):
        canonical_json(nested(MAX_JSON_DEPTH + 1, innermost))


def test_an_empty_container_counts_as_a_level() -> None:
    assert canonical_json(nested(MAX_JSON_DEPTH - 1, [])).count(b"{") == MAX_JSON_DEPTH - 1
    with pytest.raises(EncodingError):
        canonical_json(nested(MAX_JSON_DEPTH, []))


def test_a_value_that_contains_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(EncodingError):
        canonical_json(endless)


@given(ALLOWED)
def test_whatever_the_loader_reads_with_ascii_keys_can_be_written_again(value: Any) -> None:
    if b"\\u0000" not in canonical_json(value):
        text = canonical_json(value)
        assert canonical_json(loads(text, max_bytes=1_000_000)) == text
