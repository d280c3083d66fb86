"""One person or firm, one document; a number that names nobody is refused with a code that does not repeat it."""

import datetime as dt
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.countries import ISSUING_STATES
from protocol.identifiers import (
    Document,
    DocumentCode,
    DocumentKind,
    InvalidDocument,
    oprf_input,
    parse_document,
)

TODAY = dt.date(2026, 11, 21)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def with_check_digit(body: str) -> str:
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def number_of(kind: DocumentKind, text: str, issuer: str = "CHN") -> str:
    return parse_document(kind, text, issuer=issuer, today=TODAY).number


def refusal_of(kind: DocumentKind, text: str, issuer: str = "CHN", today: dt.date = TODAY) -> DocumentCode:
    with pytest.raises(InvalidDocument) as refusal:
        parse_document(kind, text, issuer=issuer, today=today)
    assert str(refusal.value) == refusal.value.code.value
    return refusal.value.code


@pytest.mark.parametrize(
    "number",
    [
        *["11010519491231002X", "440524188001010014", "810000199408230021"],
        *["830000199201300022", "22010219580406503X", "350102196707235424"],
    ],
)
def test_a_genuine_resident_number_is_accepted_whatever_its_county(number: str) -> None:
    assert number_of(DocumentKind.RESIDENT_ID, number) == number


def test_a_legacy_resident_number_is_converted_before_keying() -> None:
    new = parse_document(DocumentKind.RESIDENT_ID, "610104196209276908", today=TODAY)
    assert parse_document(DocumentKind.RESIDENT_ID, "610104620927690", today=TODAY) == new


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002x",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "\t11010519491231002X",
        "110105\u300019491231\u00a0002x",
        "'11010519491231002X",
        "’11010519491231002X’",
        "´11010519491231002X",
        '="11010519491231002X"',
        '\t="11010519491231002X"',
        "\x1f11010519491231002X",
        "11010519491231002X\n",
        "\ufeff11010519491231002X",
        "\u202d11010519491231002X\u202c",
        "110105\u200b19491231\u00ad002X",
        "11010519491231002X\u200e",
    ],
)
def test_a_number_has_one_form_however_it_was_typed(text: str) -> None:
    assert number_of(DocumentKind.RESIDENT_ID, text) == "11010519491231002X"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "EMPTY"),
        (" \u3000\t", "EMPTY"),
        ("1" * 65, "TOO_LONG"),
        ("11010519491231002X\0", "FORBIDDEN_CHARACTER"),
        ("110105\x1f19491231002X", "FORBIDDEN_CHARACTER"),
        ("110105\n19491231002X", "FORBIDDEN_CHARACTER"),
        ("440524840101996", "IMPOSSIBLE_BIRTH_DATE"),
        ("440524840101999", "IMPOSSIBLE_BIRTH_DATE"),
        ("\ud80011010519491231002", "FORBIDDEN_CHARACTER"),
        ("11010519491231002Y", "MALFORMED"),
        ("1101051949123100X2", "MALFORMED"),
        ("11010519491231", "MALFORMED"),
        ("1101051949123100", "MALFORMED"),
        ("61010462092769X", "MALFORMED"),
        ("110105-19491231-002X", "MALFORMED"),
        ("٣١٠١٠٥١٩٤٩١٢٣١٠٠٢٣", "MALFORMED"),
        ("1" * 18, "ALL_DIGITS_SAME"),
        ("1" * 15, "ALL_DIGITS_SAME"),
        ("000000000000000", "ALL_DIGITS_SAME"),
        ("11010519491231002０", "BAD_CHECK_DIGIT"),
        ("15000019970319128X", "BAD_CHECK_DIGIT"),
        (with_check_digit("16010519491231002"), "UNKNOWN_PROVINCE"),
        (with_check_digit("91010519491231002"), "UNKNOWN_PROVINCE"),
        ("990104620927690", "UNKNOWN_PROVINCE"),
        (with_check_digit("11010519490231002"), "IMPOSSIBLE_BIRTH_DATE"),
        (with_check_digit("11010500001231002"), "IMPOSSIBLE_BIRTH_DATE"),
        (with_check_digit("11010517991231002"), "IMPOSSIBLE_BIRTH_DATE"),
        ("610104621327690", "IMPOSSIBLE_BIRTH_DATE"),
        (with_check_digit("11010520261122002"), "FUTURE_BIRTH_DATE"),
    ],
)
def test_a_resident_number_that_names_nobody_is_refused(text: str, code: str) -> None:
    assert refusal_of(DocumentKind.RESIDENT_ID, text) is DocumentCode(code)


def test_somebody_born_today_has_a_number() -> None:
    number = with_check_digit("11010520261121002")
    assert number_of(DocumentKind.RESIDENT_ID, number) == number
    assert refusal_of(DocumentKind.RESIDENT_ID, number, today=dt.date(2026, 11, 20)) is DocumentCode.FUTURE_BIRTH_DATE


@given(
    st.dates(dt.date(1900, 1, 1), TODAY),
    st.integers(0, 999),
    st.sampled_from(["110105", "650102", "820000"]),
    st.data(),
)
def test_any_single_wrong_digit_is_caught(born: dt.date, serial: int, area: str, data: st.DataObject) -> None:
    good = with_check_digit(f"{area}{born:%Y%m%d}{serial:03d}")
    assert number_of(DocumentKind.RESIDENT_ID, good) == good
    place = data.draw(st.integers(0, 16))
    digit = data.draw(st.sampled_from([each for each in "0123456789" if each != good[place]]))
    with pytest.raises(InvalidDocument):
        parse_document(DocumentKind.RESIDENT_ID, good[:place] + digit + good[place + 1 :], today=TODAY)


def test_neighbouring_digits_that_changed_places_are_caught() -> None:
    good = "11010519491231002X"
    for place, (one, other) in enumerate(pairwise(good[:17])):
        if one != other:
            swapped = good[:place] + other + one + good[place + 2 :]
            with pytest.raises(InvalidDocument):
                parse_document(DocumentKind.RESIDENT_ID, swapped, today=TODAY)


FOREIGN = with_check_digit("91184019800101001")


@pytest.mark.parametrize(
    ("kind", "text", "issuer", "number"),
    [
        (DocumentKind.FOREIGN_PR, FOREIGN.lower(), "CHN", FOREIGN),
        (DocumentKind.FOREIGN_PR, "usa 1101 9801 0100 5", "CHN", None),
        (DocumentKind.FOREIGN_PR, "usa110180010123", "CHN", "USA110180010123"),
        (DocumentKind.HK_MACAO_PERMIT, "h12345678", "CHN", "H12345678"),
        (DocumentKind.HK_MACAO_PERMIT, "H1234567802", "CHN", "H12345678"),
        (DocumentKind.HK_MACAO_PERMIT, "M12345678", "CHN", "M12345678"),
        (DocumentKind.HK_MACAO_PERMIT, "K12345678", "CHN", None),
        (DocumentKind.HK_MACAO_PERMIT, "HA1234567", "CHN", "HA1234567"),
        (DocumentKind.HK_MACAO_PERMIT, "'ma1234567", "CHN", "MA1234567"),
        (DocumentKind.HK_MACAO_PERMIT, "HA123456702", "CHN", None),
        (DocumentKind.HK_MACAO_PERMIT, "HB1234567", "CHN", None),
        (DocumentKind.HK_MACAO_PERMIT, "HA12345678", "CHN", None),
        (DocumentKind.HK_MACAO_PERMIT, "H123456780", "CHN", None),
        (DocumentKind.TAIWAN_PERMIT, "01234567", "CHN", "01234567"),
        (DocumentKind.TAIWAN_PERMIT, "0123456701(B)", "CHN", "01234567"),
        (DocumentKind.TAIWAN_PERMIT, "0123456701（b）", "CHN", "01234567"),
        (DocumentKind.TAIWAN_PERMIT, "0123456", "CHN", None),
        (DocumentKind.PASSPORT, "e12345678", "CHN", "E12345678"),
        (DocumentKind.PASSPORT, "EA1234567", "chn", "EA1234567"),
        (DocumentKind.PASSPORT, "141234567", "CHN", "141234567"),
        (DocumentKind.PASSPORT, "MA1234567", "CHN", "MA1234567"),
        (DocumentKind.PASSPORT, "123456789", "CHN", None),
        (DocumentKind.PASSPORT, "EI1234567", "CHN", None),
        (DocumentKind.PASSPORT, "EO1234567", "CHN", None),
        (DocumentKind.PASSPORT, "I12345678", "CHN", None),
        (DocumentKind.PASSPORT, "O12345678", "CHN", None),
        (DocumentKind.PASSPORT, "IE1234567", "CHN", None),
        (DocumentKind.PASSPORT, "EI1234567", "USA", "EI1234567"),
        (DocumentKind.PASSPORT, "c01x00t47", "deu", "C01X00T47"),
        (DocumentKind.PASSPORT, "123456789", "USA", "123456789"),
        (DocumentKind.PASSPORT, "ABCDEFGH", "USA", None),
        (DocumentKind.PASSPORT, "1234567890", "USA", None),
        (DocumentKind.PASSPORT, "AB-123456", "USA", None),
        (DocumentKind.PASSPORT, "ß1234567", "USA", None),
        (DocumentKind.MILITARY_ID, "军字第1234567号", "CHN", "军1234567"),
        (DocumentKind.MILITARY_ID, " 军 字 第 １２３４５６７ 号", "CHN", "军1234567"),
        (DocumentKind.MILITARY_ID, "军1234567", "CHN", "军1234567"),
        (DocumentKind.MILITARY_ID, "軍字第1234567號", "CHN", "军1234567"),
        (DocumentKind.MILITARY_ID, "武警第12345678", "CHN", "武警12345678"),
        (DocumentKind.MILITARY_ID, "1234567", "CHN", None),
        (DocumentKind.MILITARY_ID, "字第1234567号", "CHN", None),
        (DocumentKind.ENTERPRISE, "91350100m000100y43", "CHN", "91350100M000100Y43"),
        (DocumentKind.ENTERPRISE, "91350100M000100O43", "CHN", None),
        (DocumentKind.ENTERPRISE, "9135010M0000100Y43", "CHN", None),
        (DocumentKind.ENTERPRISE, "361121197911170046", "CHN", None),
    ],
)
def test_each_kind_has_its_form(kind: DocumentKind, text: str, issuer: str, number: str | None) -> None:
    if number is None:
        assert refusal_of(kind, text, issuer) is DocumentCode.MALFORMED
    else:
        document = parse_document(kind, text, issuer=issuer, today=TODAY)
        assert document == Document(kind=kind, issuer=issuer.upper(), number=number)
        assert parse_document(kind, document.number, issuer=document.issuer, today=TODAY) == document


@pytest.mark.parametrize(
    ("kind", "text", "issuer", "code"),
    [
        (DocumentKind.RESIDENT_ID, "11010519491231002X", "USA", "UNKNOWN_ISSUER"),
        (DocumentKind.PASSPORT, "123456789", "XYZ", "UNKNOWN_ISSUER"),
        (DocumentKind.PASSPORT, "123456789", "D", "UNKNOWN_ISSUER"),
        (DocumentKind.PASSPORT, "123456789", "", "EMPTY"),
        (DocumentKind.PASSPORT, "E00000000", "CHN", "ALL_DIGITS_SAME"),
        (DocumentKind.HK_MACAO_PERMIT, "H00000000", "CHN", "ALL_DIGITS_SAME"),
        (DocumentKind.FOREIGN_PR, "XYZ110180010123", "CHN", "UNKNOWN_ISSUER"),
        (DocumentKind.FOREIGN_PR, with_check_digit("91684019800101001"), "CHN", "UNKNOWN_PROVINCE"),
        (DocumentKind.FOREIGN_PR, with_check_digit("91184019801301001"), "CHN", "IMPOSSIBLE_BIRTH_DATE"),
        (DocumentKind.FOREIGN_PR, with_check_digit("91184020270101001"), "CHN", "FUTURE_BIRTH_DATE"),
        (DocumentKind.FOREIGN_PR, FOREIGN[:-1] + ("0" if FOREIGN[-1] != "0" else "1"), "CHN", "BAD_CHECK_DIGIT"),
        (DocumentKind.FOREIGN_PR, "11010519491231002X", "CHN", "MALFORMED"),
        (DocumentKind.ENTERPRISE, "91350100M000100Y44", "CHN", "BAD_CHECK_DIGIT"),
        (DocumentKind.ENTERPRISE, "91990100M000100Y43", "CHN", "UNKNOWN_PROVINCE"),
    ],
)
def test_each_kind_refuses_with_its_code(kind: DocumentKind, text: str, issuer: str, code: str) -> None:
    assert refusal_of(kind, text, issuer) is DocumentCode(code)


ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_code(body: str) -> str:
    total = sum(ALPHABET.index(each) * pow(3, place, 31) for place, each in enumerate(body))
    return body + ALPHABET[-total % 31]


@pytest.mark.parametrize("body", ["N2110105MA01XYG9A", "A1110000000000014", "91100000100001234", "12660000458000000"])
def test_authorities_written_as_letters_and_without_a_province_are_accepted(body: str) -> None:
    number = credit_code(body)
    assert number_of(DocumentKind.ENTERPRISE, number) == number


@pytest.mark.parametrize(
    "body",
    ["54110105MF1234567", "93350100000100001", "31110000000000014", "89110000000000014", "Y1110000000000014"],
)
def test_every_class_that_an_authority_registers_is_accepted(body: str) -> None:
    assert number_of(DocumentKind.ENTERPRISE, credit_code(body)) == credit_code(body)


@pytest.mark.parametrize("class_", ["36", "14", "23", "37", "45", "56", "64", "73", "82", "94", "A2", "N4", "Y2", "9A"])
def test_a_class_that_the_authority_does_not_register_is_refused(class_: str) -> None:
    number = credit_code(class_ + "110105MA01XYG9A")
    assert refusal_of(DocumentKind.ENTERPRISE, number) is DocumentCode.MALFORMED


def organisation(body: str) -> str:
    rest = sum(int(each, 36) * weight for each, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    return body + {0: "0", 1: "X"}.get(rest, str(11 - rest))


@pytest.mark.parametrize("body", ["M0001ABC", "00000001", "M0002XYA", "13571357", "MA2XYC9Q"])
def test_an_older_code_of_xiamen_is_known_by_its_organisation_part(body: str) -> None:
    front = "91350203" + organisation(body)
    for last in ALPHABET:
        assert number_of(DocumentKind.ENTERPRISE, front + last) == front + last
    wrong = front[:16] + ("1" if front[16] != "1" else "2")
    assert sum(is_accepted(wrong + last) for last in ALPHABET) == 1


def test_a_code_of_another_city_needs_its_check_character() -> None:
    front = "91350100" + organisation("M0001ABC")
    assert [last for last in ALPHABET if is_accepted(front + last)] == [credit_code(front)[-1]]


def is_accepted(number: str) -> bool:
    try:
        number_of(DocumentKind.ENTERPRISE, number)
    except InvalidDocument:
        return False
    return True


def test_every_wrong_character_of_a_credit_code_is_caught() -> None:
    rng = random.Random(1)
    good = "91350100M000100Y43"
    for place in range(8, 18):
        wrong = rng.choice([each for each in ALPHABET if each != good[place]])
        with pytest.raises(InvalidDocument):
            parse_document(DocumentKind.ENTERPRISE, good[:place] + wrong + good[place + 1 :], today=TODAY)


def test_the_age_is_counted_in_completed_years() -> None:
    born_in_a_leap_year = Document(
        kind=DocumentKind.RESIDENT_ID, issuer="CHN", number=with_check_digit("11010520080229002")
    )
    assert born_in_a_leap_year.birth_date == dt.date(2008, 2, 29)
    assert born_in_a_leap_year.age_on(dt.date(2026, 2, 28)) == 17
    assert born_in_a_leap_year.age_on(dt.date(2026, 3, 1)) == 18
    assert born_in_a_leap_year.age_on(dt.date(2008, 2, 29)) == 0


def test_the_age_is_unknown_where_the_number_does_not_tell() -> None:
    for kind, text in [
        (DocumentKind.PASSPORT, "E12345678"),
        (DocumentKind.FOREIGN_PR, "USA110180010123"),
        (DocumentKind.ENTERPRISE, "91350100M000100Y43"),
    ]:
        document = parse_document(kind, text, today=TODAY)
        assert document.birth_date is None
        assert document.age_on(TODAY) is None


def test_a_foreign_residents_number_tells_the_age() -> None:
    assert parse_document(DocumentKind.FOREIGN_PR, FOREIGN, today=TODAY).age_on(TODAY) == 46


def test_only_an_enterprise_is_no_natural_person() -> None:
    persons = {kind for kind in DocumentKind if Document(kind=kind, issuer="CHN", number="1").is_natural_person}
    assert persons == set(DocumentKind) - {DocumentKind.ENTERPRISE}


def test_the_number_is_not_shown() -> None:
    assert "1949" not in repr(parse_document(DocumentKind.RESIDENT_ID, "11010519491231002X", today=TODAY))


def test_kind_and_issuer_are_part_of_the_key() -> None:
    inputs = {
        oprf_input(Document(kind=kind, issuer=issuer, number="12345678"))
        for kind in DocumentKind
        for issuer in ("CHN", "USA")
    }
    assert len(inputs) == 2 * len(DocumentKind)


@given(st.sampled_from(list(DocumentKind)), st.text(max_size=70), st.sampled_from(["CHN", "USA", "", "\ud800"]))
def test_no_text_breaks_the_parser_and_a_canonical_number_stays(kind: DocumentKind, text: str, issuer: str) -> None:
    try:
        document = parse_document(kind, text, issuer=issuer, today=TODAY)
    except InvalidDocument as refusal:
        assert str(refusal) in list(DocumentCode)  # noqa: PT017 - most texts are no document
    else:
        assert parse_document(kind, document.number, issuer=issuer, today=TODAY) == document


def test_there_are_249_countries_and_five_other_issuers() -> None:
    assert len(ISSUING_STATES) == 254
