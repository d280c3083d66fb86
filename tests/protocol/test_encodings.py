"""Bytes, times, money and OPRF inputs have one text form each; everything else is refused without an echo."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.encodings import (
    MAX_FEN,
    MAX_PART_BYTES,
    AmountCode,
    AmountError,
    EncodingCode,
    EncodingError,
    b64url_decode,
    b64url_encode,
    format_time,
    oprf_input,
    parse_moment,
    parse_time,
    parse_yuan,
)


@given(st.binary(max_size=80))
def test_bytes_survive_base64url(raw: bytes) -> None:
    assert b64url_decode(b64url_encode(raw), length=len(raw)) == raw


@pytest.mark.parametrize("text", ["AB", "A", "AA==", "A A", "AA\n", "é", "+/8", "__9", "AAAAA"])
def test_base64url_that_we_would_not_write_is_refused(text: str) -> None:
    with pytest.raises(EncodingError) as refusal:
        b64url_decode(text)
    assert refusal.value.code is EncodingCode.NOT_BASE64URL
    assert str(refusal.value) == "NOT_BASE64URL"


def test_base64url_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(EncodingError) as refusal:
        b64url_decode("AAAA", length=4)
    assert refusal.value.code is EncodingCode.WRONG_LENGTH


@given(st.datetimes(timezones=st.timezones()))
def test_times_survive_in_utc(moment: dt.datetime) -> None:
    try:
        utc = moment.astimezone(dt.UTC)
    except OverflowError:
        return
    assert parse_time(format_time(moment)) == utc


def test_a_time_is_written_in_utc_with_microseconds() -> None:
    beijing = dt.timezone(dt.timedelta(hours=8))
    assert format_time(dt.datetime(2026, 11, 21, 16, tzinfo=beijing)) == "2026-11-21T08:00:00.000000Z"
    assert format_time(dt.datetime(1, 1, 1, tzinfo=dt.UTC)) == "0001-01-01T00:00:00.000000Z"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(EncodingError) as refusal:
        format_time(dt.datetime(2026, 11, 21))  # noqa: DTZ001 (that is the point)
    assert refusal.value.code is EncodingCode.NAIVE_TIME


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T08:00:00Z",
        "2026-11-21T08:00:00.000000+00:00",
        "2026-11-21 08:00:00.000000Z",
        "2026-02-30T08:00:00.000000Z",
        "2026-11-21T24:00:00.000000Z",
        "2026-11-21T08:00:60.000000Z",
        "0000-11-21T08:00:00.000000Z",
        "２０２６-11-21T08:00:00.000000Z",
        "2026-11-21T08:00:00.000000Z\n",
        "",
    ],
)
def test_another_spelling_of_a_time_is_refused(text: str) -> None:
    with pytest.raises(EncodingError) as refusal:
        parse_time(text)
    assert refusal.value.code is EncodingCode.NOT_A_TIME


def test_an_oprf_input_is_its_length_prefixed_parts() -> None:
    assert oprf_input("t", "七", "") == b"\x00\x11clearline/oprf/v1\x00\x01t\x00\x03\xe4\xb8\x83\x00\x00"


PARTS = st.lists(st.text(st.characters(codec="utf-8"), max_size=6), min_size=1, max_size=5)


@given(PARTS, PARTS)
def test_two_oprf_inputs_are_equal_only_when_all_parts_are(one: list[str], other: list[str]) -> None:
    assert (oprf_input(*one) == oprf_input(*other)) == (one == other)


def test_an_oprf_part_has_a_longest_length() -> None:
    assert len(oprf_input("t", "a" * MAX_PART_BYTES)) > MAX_PART_BYTES
    with pytest.raises(EncodingError) as refusal:
        oprf_input("t", "a" * (MAX_PART_BYTES + 1))
    assert refusal.value.code is EncodingCode.PART_TOO_LONG


def test_an_oprf_part_with_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(EncodingError) as refusal:
        oprf_input("t", "\udc00")
    assert refusal.value.code is EncodingCode.NOT_UNICODE


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("12.30", 1230),
        ("0.5", 50),
        ("100", 10_000),
        ("0", 0),
        ("0.00", 0),
        (" 35.05\t", 3505),
        ("\u30001,234.50", 123_450),
        ("12,345,678", 1_234_567_800),
        ("１２３．４５", 12_345),
        ("１，２３４", 123_400),
        ("10000000000", MAX_FEN),
        ("10,000,000,000.00", MAX_FEN),
    ],
)
def test_an_amount_in_yuan_is_read_in_fen(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        *["", "-35.00", "+1", "一百二十", "1e400", "1E2", "12.345", "1_000", "٣", "007", "00", ".5", "12.", "1,23"],
        *["1,2345", ",123", "1,,234", "0,123", "¥12", "12元", "1 000", "1\n", "0x10", "NaN", "inf", "12.3.4", "12。30"],
        *["½", "²", "1\0", "9" * 41, "1" * 5000],
    ],
)
def test_what_is_no_amount_is_refused_without_an_echo(text: str) -> None:
    with pytest.raises(AmountError) as refusal:
        parse_yuan(text)
    assert refusal.value.code is AmountCode.NOT_AN_AMOUNT
    assert str(refusal.value) == "NOT_AN_AMOUNT"


@pytest.mark.parametrize("text", ["10000000000.01", "99999999999.99"])
def test_an_amount_beyond_the_bound_is_refused(text: str) -> None:
    with pytest.raises(AmountError) as refusal:
        parse_yuan(text)
    assert refusal.value.code is AmountCode.AMOUNT_TOO_LARGE


@given(st.integers(0, MAX_FEN))
def test_every_amount_survives_with_and_without_separators(fen: int) -> None:
    assert parse_yuan(f"{fen // 100}.{fen % 100:02d}") == fen
    assert parse_yuan(f"{fen // 100:,}.{fen % 100:02d}") == fen


BEIJING = dt.timezone(dt.timedelta(hours=8))


@pytest.mark.parametrize("text", ["1899-12-31T16:00:00.000000Z", "2199-12-31T15:59:59.999999Z"])
def test_the_first_and_the_last_moment_of_a_message_have_a_date_in_every_zone(text: str) -> None:
    moment = parse_moment(text)
    for hours in (-23, 8, 23):
        assert 1899 <= moment.astimezone(dt.timezone(dt.timedelta(hours=hours))).year <= 2200
    assert 1900 <= moment.astimezone(BEIJING).year <= 2199


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00.000001Z",
        "1899-12-31T15:59:59.999999Z",
        "2199-12-31T16:00:00.000000Z",
        "9999-12-31T16:00:00.000000Z",
    ],
)
def test_a_time_of_another_age_has_its_form_and_is_no_moment_of_a_message(text: str) -> None:
    assert format_time(parse_time(text)) == text
    with pytest.raises(EncodingError) as refusal:
        parse_moment(text)
    assert refusal.value.code is EncodingCode.TIME_OUT_OF_RANGE


@pytest.mark.parametrize("value", [1, None, b"QQ", ["QQ"]])
def test_what_is_no_text_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError):
        b64url_decode(value)
