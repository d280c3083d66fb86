"""Characters and check characters of identity documents, by the page's words and formulas alone."""

import json
import re
from typing import Any

import pytest

from docs.spec.make_vectors import FOLDER

CASES = json.loads((FOLDER / "identifiers.json").read_bytes())["cases"]
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
MILITARY = re.compile("[\u4e00-\u9fff]{1,2}[0-9]{4,8}")
ENTERPRISE = re.compile(f"[1-9ANY][0-9][0-9]{{6}}[{ALPHABET}]{{10}}")
XIAMEN = "3502"


def canonical(kind: str) -> list[str]:
    return [each["number"] for each in CASES if each["kind"] == kind and "number" in each]


@pytest.mark.parametrize("number", canonical("RESIDENT_ID"))
def test_the_digits_of_a_resident_number_and_its_check_digit_add_up_to_1(number: str) -> None:
    weighed = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(number[:17]))
    assert (weighed + (10 if number[17] == "X" else int(number[17]))) % 11 == 1


@pytest.mark.parametrize("number", canonical("ENTERPRISE"))
def test_the_characters_of_a_credit_code_and_its_check_character_add_up_to_0(number: str) -> None:
    assert ENTERPRISE.fullmatch(number)
    if number[2:6] != XIAMEN:
        weighed = sum(ALPHABET.index(each) * 3**place for place, each in enumerate(number[:17]))
        assert (weighed + ALPHABET.index(number[17])) % 31 == 0


@pytest.mark.parametrize("number", canonical("MILITARY_ID"))
def test_a_military_number_has_one_or_two_chinese_characters_that_are_not_its_particles(number: str) -> None:
    assert MILITARY.fullmatch(number)
    assert not set(number) & set("字第号")


def test_the_vectors_have_characters_of_each_sort_that_are_refused() -> None:
    def refused(case: dict[str, Any]) -> bool:
        return case.get("refused") == "MALFORMED"

    texts = {each["text"] for each in CASES if refused(each)}
    assert {"字1234567", "军号1234567", "军队人1234567", "㐀1234567", "军123", "91350100I000100Y43"} <= texts
