"""The strict loader refuses what two readers could understand differently, and what could exhaust us."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.strict_json import StrictJsonCode, StrictJsonError, load_object, loads

LIMIT = 100_000

REFUSED = [
    (b"", "NOT_JSON"),
    (b"[1,]", "NOT_JSON"),
    (b"{'a':1}", "NOT_JSON"),
    (b"{} {}", "NOT_JSON"),
    (b"\xef\xbb\xbf{}", "NOT_JSON"),
    (b"NaN", "NOT_JSON"),
    (b"[-Infinity]", "NOT_JSON"),
    (b'"\0"', "NOT_JSON"),
    (b"[1]\0", "NOT_JSON"),
    (b'"\n"', "NOT_JSON"),
    (b'"\\x"', "NOT_JSON"),
    (b"01", "NOT_JSON"),
    (b"\xff", "NOT_UTF8"),
    (b'"\xed\xa0\x80"', "NOT_UTF8"),
    (b'"\xc0\x80"', "NOT_UTF8"),
    (b"[" * 1000, "TOO_DEEP"),
    (b'{"a":' * 1000, "TOO_DEEP"),
    (b"[" * 17 + b"]" * 17, "TOO_DEEP"),
    (b'["]]]]\\"]]]]",' + b"[" * 16 + b"]" * 17, "TOO_DEEP"),
    (b'["\\\\",' + b"[" * 16 + b"]" * 17, "TOO_DEEP"),
    (b'{"a":1,"a":1}', "DUPLICATE_KEY"),
    (b'{"a":1,"\\u0061":2}', "DUPLICATE_KEY"),
    (b'[{"b":{"a":1,"a":2}}]', "DUPLICATE_KEY"),
    (b"1.0", "NOT_AN_INTEGER"),
    (b"1e3", "NOT_AN_INTEGER"),
    (b"-0", "NOT_AN_INTEGER"),
    (b"9007199254740992", "INTEGER_OUT_OF_RANGE"),
    (b"-9007199254740992", "INTEGER_OUT_OF_RANGE"),
    (b"9223372036854775807", "INTEGER_OUT_OF_RANGE"),
    (b"9" * 5000, "INTEGER_OUT_OF_RANGE"),
    (b"1" + b"0" * 4000, "INTEGER_OUT_OF_RANGE"),
    (b'"\\u0000"', "FORBIDDEN_CHARACTER"),
    (b'{"a":["\\ud800"]}', "FORBIDDEN_CHARACTER"),
    (b'{"\\uDC00":1}', "FORBIDDEN_CHARACTER"),
    (b'"\\ud800\\ud800\\udc00"', "FORBIDDEN_CHARACTER"),
    (b"1" * (LIMIT + 1), "TOO_LARGE"),
]


@pytest.mark.parametrize(("raw", "code"), REFUSED, ids=[f"{code}-{index}" for index, (_, code) in enumerate(REFUSED)])
def test_a_dangerous_body_is_refused_with_its_code_alone(raw: bytes, code: str) -> None:
    with pytest.raises(StrictJsonError) as refusal:
        loads(raw, max_bytes=LIMIT)
    assert refusal.value.code is StrictJsonCode(code)
    assert str(refusal.value) == code


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b' {"a": [1, true, null]} ', {"a": [1, True, None]}),
        (b"9007199254740991", 2**53 - 1),
        (b"-9007199254740991", 1 - 2**53),
        (b"[" * 16 + b"]" * 16, json.loads("[" * 16 + "]" * 16)),
        (b'"' + b"[" * 100 + b'"', "[" * 100),
        (b'["\\"[[[[[[[[[[[[[[[[[[[[", "\\\\"]', ['"[[[[[[[[[[[[[[[[[[[[', "\\"]),
        (b"[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]", [{}] * 18),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'["\\\\ud800", {"k": "\\\\u0000"}, 1]', ["\\ud800", {"k": "\\u0000"}, 1]),
        ('"七"'.encode(), "七"),
    ],
)
def test_an_ordinary_body_is_read(raw: bytes, value: Any) -> None:
    assert loads(raw, max_bytes=LIMIT) == value


def test_the_depth_is_the_callers_choice() -> None:
    assert loads(b"[[]]", max_bytes=LIMIT, max_depth=2) == [[]]
    with pytest.raises(StrictJsonError):
        loads(b"[[]]", max_bytes=LIMIT, max_depth=1)


def test_fractions_are_read_only_of_a_foreign_message_and_never_in_place_of_a_whole_number() -> None:
    assert loads(b"[29.90, 1, -1e3]", max_bytes=LIMIT, fractions=True) == [29.9, 1, -1000.0]
    for raw in (b"1e999", b"0." + b"1" * 100, b"NaN", b"-0"):
        with pytest.raises(StrictJsonError):
            loads(raw, max_bytes=LIMIT, fractions=True)
    with pytest.raises(StrictJsonError):
        loads(b"29.90", max_bytes=LIMIT)


@pytest.mark.parametrize("raw", [b"[]", b"1", b'"a"', b"null"])
def test_what_is_not_an_object_is_refused_where_one_is_asked_for(raw: bytes) -> None:
    with pytest.raises(StrictJsonError) as refusal:
        load_object(raw, max_bytes=LIMIT)
    assert refusal.value.code is StrictJsonCode.NOT_AN_OBJECT


def test_an_object_is_read_where_one_is_asked_for() -> None:
    assert load_object(b'{"a":1}', max_bytes=LIMIT) == {"a": 1}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(1 - 2**53, 2**53 - 1)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\0")), inner)
    ),
    max_leaves=12,
)


@given(JSON, st.booleans())
def test_what_a_plain_writer_writes_is_read_as_the_same_value(value: Any, ascii_only: bool) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert loads(raw, max_bytes=len(raw), max_depth=50) == value


@given(st.binary(max_size=60) | st.text('[]{}",:\\u0d8 1-.eE', max_size=60).map(str.encode))
def test_no_bytes_break_the_loader(raw: bytes) -> None:
    code = None
    try:
        loads(raw, max_bytes=LIMIT)
    except StrictJsonError as refusal:
        code = str(refusal)
    assert code is None or code in list(StrictJsonCode)


@pytest.mark.parametrize("raw", [b"[" * 10**6, b'{"a":"' + b"[" * 10**6, b"\\" * 10**6, b"1" * 10**6, b'"' * 10**6])
def test_a_large_hostile_body_is_refused_in_linear_time(raw: bytes) -> None:
    start = time.process_time()
    with pytest.raises(StrictJsonError):
        loads(raw, max_bytes=10**7)
    assert time.process_time() - start < 1.0
