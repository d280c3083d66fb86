"""Many spellings of one flat give one household key, two flats never do, and what names no flat gives none."""

import dataclasses
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.address import CanonicalAddress, canonical_address
from protocol.encodings import oprf_input
from protocol.household import household_address_input, household_register_input
from tests.support.numerals import DIGITS, counted
from tests.support.sizes import examples

STREET = "云南省昆明市五华区学府路12号"
FLAT = CanonicalAddress(
    province="云南省", city="昆明市", county="五华区", locality="学府路12号", building="7", unit="2", room="802"
)


def flat(**changes: Any) -> CanonicalAddress:
    return dataclasses.replace(FLAT, **changes)


@pytest.mark.parametrize(
    "written",
    [
        *[
            "7号楼2单元802室",
            "7栋2单元802",
            "7幢2单元802室",
            "7-2-802",
            "７号楼２单元８０２室",
            "7座2单元802户",
            "7栋2门802房",
        ],
        *[
            "七号楼二单元八〇二室",
            "七栋二单元八百零二",
            "七幢二单元八零二室",
            "第7栋第2单元802号",
            "7#2单元802",
            "7#楼2单元802",
        ],
        *[
            "7栋2-802",
            "7栋 2单元 802室",
            "7、2、802",
            "7/2/802",
            "7 2 802",
            "7栋，2单元，802室",
            "7号樓2單元802室",
            "7—2—802",
        ],
        *["7号楼2单元8层802室", "07栋02单元0802室", "7栋2单元802房间", "7栋楼2单元802", "7-2-802室", "7栋-2单元802室"],
        *["七-二-八〇二", "七 二 八百零二室", "七栋二-八〇二", "七-二-802"],
    ],
)
def test_all_spellings_of_one_flat_agree(written: str) -> None:
    assert canonical_address(STREET + written) == FLAT


@pytest.mark.parametrize(
    "street",
    [
        "昆明市五华区学府路12号",
        "云南昆明五华区学府路十二号",
        "云南省 昆明市 五华区 学府路１２号",
        "五华区学府路12号",
        "(云南省)昆明市·五华区,学府路12号",
    ],
)
def test_divisions_may_be_left_out_where_they_are_clear(street: str) -> None:
    assert canonical_address(street + "7-2-802") == FLAT


@pytest.mark.parametrize(
    ("written", "changes"),
    [
        ("7栋802室", {"unit": ""}),
        ("7-802", {"unit": ""}),
        ("7栋1203-1", {"unit": "", "room": "1203-1"}),
        ("7栋1203-1204", {"unit": "", "room": "1203-1204"}),
        ("7栋2-1203-1", {"room": "1203-1"}),
        ("7-2-1203-1室", {"room": "1203-1"}),
        ("7栋2单元1203-1", {"room": "1203-1"}),
        ("1203-1", {"building": "", "unit": "", "room": "1203-1"}),
        ("802", {"building": "", "unit": ""}),
        ("802室", {"building": "", "unit": ""}),
        ("7栋2单元802A", {"room": "802A"}),
        ("7栋2单元a802", {"room": "A802"}),
        ("B座1203", {"building": "B", "unit": "", "room": "1203"}),
        ("A座1203室", {"building": "A", "unit": "", "room": "1203"}),
        ("B楼1203", {"building": "B", "unit": "", "room": "1203"}),
        ("甲座乙单元802", {"building": "甲", "unit": "乙"}),
        ("A-1203", {"building": "A", "unit": "", "room": "1203"}),
        ("7栋A单元802", {"unit": "A"}),
        ("7幢东单元802室", {"unit": "东"}),
        ("7栋2-5", {"room": "5"}),
        ("七栋七-七", {"unit": "7", "room": "7"}),
        ("七栋七七", {"unit": "", "room": "77"}),
        ("8层02室", {"building": "", "unit": "", "floor": "8", "room": "2"}),
        ("8层802", {"building": "", "unit": ""}),
        ("8楼802", {"building": "", "unit": "", "floor": "8"}),
        ("8楼1802", {"building": "", "unit": "", "floor": "8", "room": "1802"}),
        ("院7-2-802", {"locality": "学府路12号院"}),
    ],
)
def test_numbers_are_taken_for_what_they_count(written: str, changes: dict[str, str]) -> None:
    assert canonical_address(STREET + written) == flat(**changes)


@pytest.mark.parametrize(
    ("address", "locality", "numbers"),
    [
        ("昆明市学府路12-7-2-802", "学府路12号", ("7", "2", "802")),
        ("昆明市学府路7-2-802", "学府路", ("7", "2", "802")),
        ("昆明市阳光小区7-2", "阳光小区", ("7", "", "2")),
        ("昆明市阳光小区7-2-802号", "阳光小区", ("7", "2", "802")),
        ("昆明市潭头镇大王庙村3组12号", "潭头镇大王庙村3组", ("", "", "12")),
        ("昆明市潭头镇大王庙村三组十二号", "潭头镇大王庙村3组", ("", "", "12")),
        ("昆明市潭头镇大王庙村12号", "潭头镇大王庙村", ("", "", "12")),
        ("昆明市红旗生产队12号", "红旗生产队", ("", "", "12")),
        ("昆明市曹杨路500弄12号802室", "曹杨路500弄12号", ("", "", "802")),
        ("昆明市中山三路三号802", "中山3路3号", ("", "", "802")),
    ],
)
def test_streets_estates_and_villages_keep_their_names_and_numbers(
    address: str, locality: str, numbers: tuple[str, str, str]
) -> None:
    found = canonical_address(address)
    assert (found.locality, (found.building, found.unit, found.room)) == (locality, numbers)


@pytest.mark.parametrize(
    "address",
    [
        *["", " ", "我住在东北一个美丽的小山村", "云南省昆明市五华区学府路12号", "云南省昆明市五华区学府路十二号"],
        *["云南省昆明市五华区", "云南省昆明市五华区7-2-802", "昆明市号802", "7号楼2单元802室", "学府路12号7-2-802"],
        *["鼓楼区中山北路12号7-2-802", "云南省学府路12号7-2-802", "北京路12号7-2-802"],
        *["昆明市学府路12", "昆明市学府路12-3", "昆明市学府路12-3号", "昆明市学府路12-3-5号", "昆明市学府路12-3#"],
        *[
            "昆明市阳光小区12号",
            "昆明市新村12号",
            "昆明市潭头镇曹杨新村12号",
            "昆明市学府路12号802号",
            "昆明市阳光小区1203-1",
            "昆明市阳光小区1203-1室",
        ],
        *["昆明市学府路12号7栋", "昆明市学府路12号7栋2单元", "昆明市学府路12号7栋2单元8层", "昆明市学府路12号A室"],
        *["昆明市学府路12号7栋120-802-1203", "昆明市阳光小区1-2-3-4", "昆明市阳光小区1-2-3-4-802"],
        *["昆明市学府路12号7栋2单元802室东侧", "昆明市学府路12号7栋2单元802\0", "昆明市学府路\ud80012号802室"],
        "昆明市" + "学" * 260 + "路12号802室",
    ],
)
def test_what_names_no_single_flat_gives_no_key(address: str) -> None:
    assert canonical_address(address) is None
    assert household_address_input(address) is None


def test_letters_of_any_script_tell_streets_apart() -> None:
    streets = ["𠮷祥", "𠀀祥", "祥", "قەشقەر", "Ätna", "Atna", "བོད", "བད"]
    found = [household_address_input(f"昆明市{street}路12号802室") for street in streets]
    assert None not in found
    assert len(set(found)) == len(streets)


CITIES = [
    "云南省昆明市五华区",
    "江苏省南京市鼓楼区",
    "福建省福州市鼓楼区",
    "辽宁省沈阳市和平区",
    "天津市和平区",
    "湖北省仙桃市",
]
ROADS = ["学府路", "中山北路", "体育东路", "五一路", "南京南街", "二环路", "三里屯", "八一大道", "一环路", "阳光小区"]
PARTS = st.tuples(
    st.sampled_from(CITIES),
    st.sampled_from(ROADS),
    st.integers(1, 3000),
    st.integers(1, 199),
    st.none() | st.integers(1, 12),
    st.integers(101, 3999),
    st.sampled_from(["", "", "", "A", "B"]),
)
WIDE = str.maketrans("0123456789ABCD-", "０１２３４５６７８９ＡＢＣＤ－")


def spellings(parts: tuple[Any, ...]) -> Iterator[str]:
    """Every style we know of writing these parts down."""
    city, road, number, building, unit, room, suffix = parts
    where = f"{city}{road}{number}号"
    middle = "" if unit is None else f"{unit}单元"
    for sign in ("栋", "幢", "号楼", "座", "#", "#楼"):
        yield f"{where}{building}{sign}{middle}{room}{suffix}室"
        yield f"{where}{building}{sign}{middle}{room}{suffix}"
    yield f"{city} {road} {number}号 {building}栋 {middle} {room}{suffix} 室"
    yield f"{where}{building}号楼{middle}{room}{suffix}室".translate(WIDE)
    yield f"{where}{building}栋{middle.replace('单元', '门')}{room}{suffix}户"
    counted_unit = "" if unit is None else f"{counted(unit)}单元"
    yield f"{city}{road}{counted(number)}号{counted(building)}栋{counted_unit}{room}{suffix}室"
    if not suffix:
        spelled = "".join(DIGITS[int(each)] for each in str(room))
        yield f"{where}{counted(building)}栋{middle}{spelled}室"
        yield f"{where}{counted(building)}栋{middle}{counted(room)}室"
    dashed = "-".join(str(each) for each in (building, unit, f"{room}{suffix}") if each is not None)
    yield where + dashed
    if not suffix:
        yield where + "-".join(counted(each) for each in (building, unit, room) if each is not None)
    yield (where + dashed).translate(WIDE)
    yield f"{where} {dashed}室"
    if unit is not None:
        yield f"{where}{building}栋{unit}-{room}{suffix}"
    if "省" in city and "市" in city[3:]:
        yield f"{city.split('省')[1]}{road}{number}号{dashed}"
        yield f"{city.split('省')[0]}{city.split('省')[1]}{road}{number}号{dashed}"


@given(PARTS)
@settings(max_examples=examples(400))
def test_one_flat_has_one_key_in_all_styles(parts: tuple[Any, ...]) -> None:
    keys = {household_address_input(each) for each in spellings(parts)}
    assert len(keys) == 1
    assert None not in keys


@given(PARTS, PARTS, st.randoms(use_true_random=False))
@settings(max_examples=examples(400))
def test_two_flats_never_share_a_key_in_any_style(
    one: tuple[Any, ...], other: tuple[Any, ...], rng: random.Random
) -> None:
    # Mostly neighbours: each part of the other flat is the first one's with an even chance.
    near = tuple(mine if rng.random() < 0.7 else theirs for mine, theirs in zip(one, other, strict=True))
    if near != one:
        ours = {household_address_input(each) for each in spellings(one)}
        assert ours.isdisjoint({household_address_input(each) for each in spellings(near)})


def test_thousands_of_flats_keep_apart_and_each_stays_one() -> None:
    rng = random.Random(20261121)
    seen: dict[Any, Any] = {}
    for _ in range(4000):
        parts = (
            rng.choice(CITIES),
            rng.choice(ROADS),
            rng.randrange(1, 40),
            rng.randrange(1, 30),
            rng.choice([None, 1, 2, 3]),
            rng.randrange(101, 140),
            rng.choice(["", "A"]),
        )
        written = list(spellings(parts))
        for address in rng.sample(written, 4):
            key = household_address_input(address)
            assert key is not None
            assert seen.setdefault(key, parts) == parts


@given(
    st.text(max_size=40) | st.text("昆明市五华区学府路号栋单元室-#1208AB七十〇组村", max_size=30).map("昆明市".__add__)
)
@settings(max_examples=examples(400))
def test_no_text_breaks_the_canonicaliser(address: str) -> None:
    household_address_input(address)


def test_the_key_is_made_of_the_canonical_parts() -> None:
    assert household_address_input(STREET + "7栋2单元802室") == oprf_input(
        "household-address", "云南省", "昆明市", "五华区", "学府路12号", "7", "2", "", "802"
    )
    assert household_register_input(" 530102 0000123 ") == oprf_input("household-register", "5301020000123")


def test_an_address_does_not_show_itself() -> None:
    assert "学府路" not in repr(FLAT)
    assert "802" not in repr(FLAT)


@pytest.mark.parametrize("text", ["5301020000123", " 530102 0000123", "５３０１０２００００１２３", "5301020000123\t"])
def test_a_register_number_has_one_form_however_it_was_typed(text: str) -> None:
    assert household_register_input(text) == household_register_input("5301020000123") is not None


def test_letters_of_a_register_number_are_upper_case() -> None:
    assert household_register_input("ab12365478") == household_register_input("AB12365478") is not None


@pytest.mark.parametrize(
    "text",
    [
        "53010247",
        "530102000012346578909876",
        "5301020000123".ljust(64),
        "ABCD123465",
        "11122233",
        "1357913579",
        "53010212345",
        "530102A123456",
        "XAX53010265",
        "AX530102365",
        "530102000012360",
        "530102000012360A",
        "5301020000123654",
        "53010200001236540",
    ],
)
def test_a_number_that_may_name_one_household_is_taken_as_it_is(text: str) -> None:
    assert household_register_input(text) == oprf_input("household-register", text.strip())


@pytest.mark.parametrize(
    "text",
    [
        # Another length than 8 to 24 characters, and a cell that is too long to be looked at.
        "",
        "1234567",
        "5301024",
        "5301020000123465789098761",
        "1" * 25,
        "9" * 65,
        "5301020000123".ljust(65),
        # A word, with so few digits that they name nobody.
        "NOTKNOWN",
        "WITHOUTNUMBER",
        "UNKNOWN12365",
        "ABCDEFGH1",
        "户口12345678",
        "ß12345678é",
        "5301-0200-0012",
        "12345678\0",
        # Two different digits, the same digits over and over, a row of digits: a filler, alone or in its county.
        "000000000",
        "A11111111",
        "12111221",
        "12341234",
        "123123123",
        "12345678",
        "AB89012345",
        "98765432",
        "53010200000000",
        "530102123456",
        "530102987654",
        # A digit is masked, or the number was cut by a spreadsheet after its fifteenth digit.
        "5301XX0000123",
        "5301X20000123",
        "5301020000123650",
        "53010200001236500",
    ],
)
def test_what_is_no_register_number_gives_no_key(text: str) -> None:
    assert household_register_input(text) is None


def test_a_collective_household_gives_no_key() -> None:
    assert household_register_input("5301020000123", collective=True) is None
