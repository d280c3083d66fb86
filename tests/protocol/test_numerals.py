"""Chinese numerals become digits where they are numbers, and stay where they are names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.numerals import to_digits
from tests.support.numerals import DIGITS, counted


@given(st.integers(1, 9999))
def test_a_counted_numeral_and_its_digits_agree(number: int) -> None:
    assert to_digits(f"{counted(number)}号") == f"{number}号"


@given(st.integers(10, 99999))
def test_a_numeral_read_digit_by_digit_agrees(number: int) -> None:
    spelled = "".join(DIGITS[int(each)] for each in str(number))
    assert to_digits(f"{spelled}室") == f"{number}室"
    assert to_digits(spelled.replace("〇", "零")) == str(number)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("七", "7"),
        ("十", "10"),
        ("十二", "12"),
        ("二十一", "21"),
        ("一百零三", "103"),
        ("一百一十", "110"),
        ("廿三", "23"),
        ("廿", "20"),
        ("卅一号", "31号"),
        ("两千", "两千"),
        ("二百五", "二百五"),
        ("一千三", "一千三"),
        ("一百零", "一百零"),
        ("零五", "05"),
        ("零十", "零十"),
        ("二千零三", "2003"),
        ("一千一百", "1100"),
        ("百花", "百花"),
        ("十十", "十十"),
        ("五四路", "五四路"),
        ("五十四路", "54路"),
        ("中山三路", "中山3路"),
        ("8〇2室", "802室"),
        ("一百〇二", "102"),
        ("五百十", "510"),
        ("七2单元", "7-2单元"),
        ("2七单元", "2-7单元"),
        ("陆家嘴", "陆家嘴"),
    ],
)
def test_a_numeral_is_read_only_when_it_has_one_reading(text: str, digits: str) -> None:
    assert to_digits(text) == digits
