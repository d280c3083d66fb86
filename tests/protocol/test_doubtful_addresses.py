"""An address that could mean two flats, or hides a part of one, has no key; what is only written otherwise keeps its."""

# ruff: noqa: E501 (tables of spellings are wide)

import pytest

from protocol.address import canonical_address
from protocol.household import household_address_input
from tests.support.cells import every_cell

DISTRICT = "云南省昆明市五华区"
HOUSE = DISTRICT + "学府路12号"
FLAT = household_address_input(HOUSE + "7-2-802")
SIGNS = [
    *["*", "**", "＊", "﹡", "✱", "∗", "?", "？", "﹖", "¿", "□", "■", "●", "○", "◯", "△", "☆", "★", "◇", "▇", "█", "░", "▓", "〓"],
    *["�", "\ufffc", "_", "__", "＿", "...", "…", "……", "···", "••", "##", "###", "×", "✕", "✖", "╳", "※", "〃", "⊠", "⬜", "☐"],
    *["Ｘ", "X", "XX", "xx", "XXX", "ⅩⅩ", "〇", "〇〇", "○○", "--", "——", "~", "@", "$", "%", "&", "某", "某某", "囗", "口口", "⿰", "〾"],
]  # fmt: skip


@pytest.mark.parametrize(
    "form",
    [
        "{}路12号3栋302室",
        "学府路{}号3栋302室",
        "学府路12号{}栋302室",
        "学府路12号3栋{}单元302室",
        "学府路12号3栋2单元3{}室",
    ],
)
def test_a_sign_for_a_hidden_or_lost_character_gives_no_key(form: str) -> None:
    with every_cell() as table:
        for sign in SIGNS:
            with table.cell(form, sign):
                assert canonical_address(DISTRICT + form.format(sign)) is None


@pytest.mark.parametrize(
    "room", ["30X", "3X2", "X02", "3*2", "3?2", "3○2", "3□2", "3_2", "3…2", "3--2", "3��", "12²", "3①", "½"]
)
def test_a_number_with_a_hidden_digit_gives_no_key(room: str) -> None:
    for flat in (f"7栋2单元{room}室", f"{room}号7栋802"):
        assert canonical_address(DISTRICT + "学府路" + flat) is None


@pytest.mark.parametrize(
    "flat", ["EXPO公寓7-2-802", "MAX广场7-2-802", "OPPO大厦7-2-802", "万科·花园7-2-802", "万科•花园7栋2单元802"]
)
def test_letters_and_points_of_a_name_hide_nothing(flat: str) -> None:
    assert canonical_address(DISTRICT + flat) is not None


def test_zeros_written_as_circles_count_between_numerals() -> None:
    assert canonical_address(HOUSE + "三栋八○二室") == canonical_address(HOUSE + "三栋八〇二室")
    assert canonical_address(HOUSE + "三栋八〇二室") == canonical_address(HOUSE + "3栋802室")
    assert canonical_address(HOUSE + "二○○三栋802室").building == "2003"


MINUS = list("-－﹣−–—‐‑‒―⁃﹘~～")


@pytest.mark.parametrize(
    "flat",
    [
        *[
            "3栋{}1层02室",
            "3栋{}1楼102室",
            "3栋{}一层02室",
            "3栋2单元{}1层02室",
            "{}1层02室",
            "{}1F02室",
            "3栋{}1F02",
            "3-{}1层02",
        ],
        *[
            "3栋2单元{}101室",
            "3栋{}101室",
            "3幢{}101",
            "3座{}101",
            "3号楼{}101",
            "3#{}101",
            "3栋2门{}101",
            "{}101室",
            "3栋1层{}101",
        ],
        *[
            "3栋{}1-02室",
            "3栋{}1-101",
            "3栋2单元{}1-02",
            "{}1-02室",
            "3栋{}101号",
            "3栋 {} 101室",
            "3栋2单元3{}室",
            "3栋2单元802{}",
        ],
    ],
)
def test_a_dash_that_may_be_a_basements_minus_gives_no_key(flat: str) -> None:
    with every_cell() as table:
        for minus in MINUS:
            with table.cell(flat, minus):
                assert canonical_address(HOUSE + flat.format(minus)) is None


@pytest.mark.parametrize(
    "flat", ["7{0}2{0}802", "7栋{0}2单元802室", "{0}7栋2单元802室", "{0}7{0}2{0}802", "7栋2{0}802"]
)
def test_a_dash_that_only_parts_numbers_is_read(flat: str) -> None:
    with every_cell() as table:
        for minus in MINUS:
            with table.cell(flat, minus):
                assert household_address_input(HOUSE + flat.format(minus)) == FLAT


@pytest.mark.parametrize(
    "floor", ["地下一层", "地下1层", "地下1楼", "负一层", "负1楼", "负01层", "B1层", "b1层", "Ｂ１楼", "-地下1层"]
)
def test_a_basement_is_a_floor_of_its_own_however_it_is_written(floor: str) -> None:
    place = canonical_address(f"{HOUSE}3栋{floor}02室")
    assert (place.building, place.floor, place.room) == ("3", "-1", "2")


@pytest.mark.parametrize(
    "flat", ["3栋地下室102", "3栋地下02室", "3栋负101室", "3栋2单元负101室", "3栋B1-02", "B1-02", "B1-101", "B1楼02室"]
)
def test_a_basement_whose_floor_is_not_certain_gives_no_key(flat: str) -> None:
    assert canonical_address(HOUSE + flat) is None


@pytest.mark.parametrize(
    "estate",
    ["金都花园", "阳光小区", "幸福家园", "曹杨新村", "阳光公寓", "学府路12号院", "曹杨路500弄", "学府路", "教工宿舍"],
)
def test_an_estate_without_a_building_number_gives_no_key(estate: str) -> None:
    with every_cell() as table:
        for flat in ("302室", "302", "3层302室", "3楼302", "2单元302室", "1203-1室", "三〇二室"):
            with table.cell(estate, flat):
                assert canonical_address(DISTRICT + estate + flat) is None


@pytest.mark.parametrize(
    "flat", ["国贸大厦1203室", "学府路88号国贸大厦12层1203室", "学府路12号302室", "学府路12号2单元302室"]
)
def test_one_house_or_tower_is_a_building(flat: str) -> None:
    assert canonical_address(DISTRICT + flat) is not None


@pytest.mark.parametrize(
    "text",
    [
        *[
            "路12号3栋302室",
            "  路12号3栋302室",
            "大道12号3栋302",
            "小区3栋302室",
            "花园3栋302室",
            "号3栋302室",
            "村3组12号",
        ],
        *[
            "学府路号3栋302室",
            "学府路12号栋302室",
            "学府路12号栋2单元302",
            "学府路12号3栋单元302室",
            "学府路()号3栋302",
            "学府路#号3栋302",
            "#路12号3栋302",
        ],
        *[
            "不详3栋302",
            "学府路不详3栋302",
            "未知小区3栋302",
            "同上3栋302",
            "同上",
            "无",
            "暂无7-2-802",
            "待定小区7-2-802",
        ],
        *["学府路12号无栋无单元802室", "学府路12号7栋无单元802", "学府路无号7栋802", "测试小区7-2-802"],
        *[
            "学府路12号0栋0单元0室",
            "学府路12号7-2-000",
            "学府路12号7-0-802",
            "学府路12号7栋2单元9999室",
            "学府路12号7栋0层02室",
        ],
        *["学府路12号3栋200层02室", "学府路12号3栋208楼1201", "学府路12号7-1,203"],
    ],
)
def test_a_place_or_a_number_that_was_left_out_gives_no_key(text: str) -> None:
    assert canonical_address(DISTRICT + text) is None


@pytest.mark.parametrize(
    ("flat", "same"),
    [
        ("208楼1201", "208号楼1201"),
        ("3楼2单元302", "3号楼2单元302"),
        ("3-2-11-1102号", "3栋2单元11层1102"),
        ("3栋2-11-1102", "3栋2单元1102"),
        ("3栋2单元11-1102", "3栋2单元1102"),
        ("3栋8层802-1", "3栋802-1"),
        ("7#楼(栋)2(单元)8(层)802(号)", "7栋2单元802"),
        ("7幢（栋）2【单元】802〔室〕", "7栋2单元802"),
        ("之一302室", "之1号302室"),
        ("之1-302室", "之1号302"),
    ],
)
def test_two_spellings_of_a_flat_agree(flat: str, same: str) -> None:
    assert household_address_input(HOUSE + flat) == household_address_input(HOUSE + same) is not None


@pytest.mark.parametrize(
    ("flat", "other"),
    [
        ("8楼802", "8层802"),
        ("8楼802", "8号楼802"),
        ("之一302室", "302室"),
        ("B1栋02", "B1层02"),
        ("3栋1层02", "3栋负1层02"),
    ],
)
def test_two_flats_stay_apart(flat: str, other: str) -> None:
    one, two = household_address_input(HOUSE + flat), household_address_input(HOUSE + other)
    assert None not in (one, two)
    assert one != two


@pytest.mark.parametrize(
    "front",
    [
        *[
            "中国",
            "中华人民共和国",
            "中国,",
            "中國",
            "650031 ",
            "(650031)",
            "邮编650031 ",
            "中国 650031 ",
            "650031中国",
        ],
        *[
            "云南省云南省昆明市五华区",
            "云南省昆明市昆明市五华区",
            "云南省昆明市五华区五华区",
            "昆明市五华区昆明市五华区",
        ],
        *[
            "云南省昆明市五华区云南省昆明市五华区",
            "云南昆明五华区云南昆明五华区",
            "云南省昆明市市辖区五华区",
            "雲南省昆明市五華區",
        ],
    ],
)
def test_what_says_nothing_before_an_address_is_skipped(front: str) -> None:
    where = front if "五" in front else front + DISTRICT
    assert household_address_input(where + "学府路12号7-2-802") == FLAT


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("廣東省中山市中山市石岐區", "广东省中山市石岐区"),
        ("新疆维吾尔自治区自治区直辖县级行政区划石河子市", "新疆石河子市"),
        ("海南省省直辖县级行政区划琼海市", "海南琼海市"),
        ("湖北省省直辖县级行政单位潜江市", "潜江市"),
        ("重庆市县云阳县", "重庆云阳县"),
        ("雄安新区雄县", "河北保定雄县"),
        ("河北省保定市雄安新区安新县", "安新县"),
        ("黑龍江省大興安嶺地區呼中區", "大兴安岭地区呼中区"),
    ],
)
def test_a_level_that_names_no_place_and_another_script_are_the_same_place(written: str, same: str) -> None:
    one, other = (household_address_input(each + "人民路1号2栋302") for each in (written, same))
    assert one == other is not None


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("學府路12號７號樓２單元８０２室", "学府路12号7号楼2单元802室"),
        ("⻓⻄⻔路12号7-2-802", "长西门路12号7-2-802"),
        ("㇐心路12号7-2-802", "一心路12号7-2-802"),
        ("里仁路12号7-2-802", "里仁路12号7-2-802"),
        ("臺灣後街12號7-2-802", "台湾后街12号7-2-802"),
        ("关上広福路7-2-802", "关上广福路7-2-802"),
        ("\ue81e路12号7-2-802", "龴路12号7-2-802"),
        ("\ue863路12号7-2-802", "䶮路12号7-2-802"),
        ("万科・花园7-2-802", "万科·花园7-2-802"),
        ("学\u200b府路12号7-2-802\u200e", "学府路12号7-2-802"),
        ("学府路12号7-2-802\ufe0f", "学府路12号7-2-802"),
    ],
)
def test_one_character_has_one_form(written: str, same: str) -> None:
    one, other = (household_address_input(DISTRICT + each) for each in (written, same))
    assert one == other is not None


@pytest.mark.parametrize(
    "text",
    ["江北区学府路12号7-2-802", "桥东区学府路12号7-2-802", "河北省桥东区学府路12号7-2-802", "双桥区学府路12号7-2-802"],
)
def test_a_county_whose_name_was_anothers_too_is_not_guessed(text: str) -> None:
    assert canonical_address(text) is None


def test_the_marks_of_a_spreadsheet_are_no_part_of_an_address() -> None:
    for form in ("'{}", '="{}"', "\x1f{}", "’{}", "\t{}\t", "\ufeff{}"):
        assert household_address_input(form.format(HOUSE + "7-2-802")) == FLAT
