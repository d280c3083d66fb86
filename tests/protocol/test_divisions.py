"""Provinces, cities and counties are found by name, filled in when left out, and never guessed."""

import importlib.resources

import pytest

from protocol.division_table import entries, is_placeholder
from protocol.divisions import Division, split


@pytest.mark.parametrize(
    ("text", "province", "city", "county", "rest"),
    [
        ("云南省昆明市五华区学府路", "云南省", "昆明市", "五华区", "学府路"),
        ("昆明市五华区学府路", "云南省", "昆明市", "五华区", "学府路"),
        ("云南昆明五华区学府路", "云南省", "昆明市", "五华区", "学府路"),
        ("昆明五华区学府路", "云南省", "昆明市", "五华区", "学府路"),
        ("五华区学府路", "云南省", "昆明市", "五华区", "学府路"),
        ("云南省五华区学府路", "云南省", "昆明市", "五华区", "学府路"),
        ("昆明市市辖区五华区学府路", "云南省", "昆明市", "五华区", "学府路"),
        ("北京市朝阳区建国路", "北京市", "", "朝阳区", "建国路"),
        ("北京市北京市朝阳区建国路", "北京市", "", "朝阳区", "建国路"),
        ("北京朝阳区建国路", "北京市", "", "朝阳区", "建国路"),
        ("长春市朝阳区建国路", "吉林省", "长春市", "朝阳区", "建国路"),
        ("北京市崇文区光明路", "北京市", "", "崇文区", "光明路"),
        ("重庆市渝中区中山路", "重庆市", "", "渝中区", "中山路"),
        ("上海市建国路", "上海市", "", "", "建国路"),
        ("吉林市昌邑区江湾路", "吉林省", "吉林市", "昌邑区", "江湾路"),
        ("吉林吉林市昌邑区江湾路", "吉林省", "吉林市", "昌邑区", "江湾路"),
        ("苏州市昆山市人民路", "江苏省", "苏州市", "昆山市", "人民路"),
        ("昆山市人民路", "江苏省", "苏州市", "昆山市", "人民路"),
        ("湖北省仙桃市人民路", "湖北省", "", "仙桃市", "人民路"),
        ("大名县人民路", "河北省", "邯郸市", "大名县", "人民路"),
        ("邯郸地区大名县人民路", "河北省", "邯郸地区", "大名县", "人民路"),
        ("湖北省随州市人民路", "湖北省", "随州市", "", "人民路"),
        ("邯郸市人民路", "河北省", "邯郸市", "", "人民路"),
        ("大理州大理市人民路", "云南省", "大理白族自治州", "大理市", "人民路"),
        ("石林县人民路", "云南省", "昆明市", "石林彝族自治县", "人民路"),
        ("内蒙古赤峰市红山区钢铁街", "内蒙古自治区", "赤峰市", "红山区", "钢铁街"),
        ("锡林郭勒盟锡林浩特市人民路", "内蒙古自治区", "锡林郭勒盟", "锡林浩特市", "人民路"),
        ("云南省学府路", "云南省", "", "", "学府路"),
        ("杭州市无此区学府路", "浙江省", "杭州市", "", "无此区学府路"),
    ],
)
def test_a_division_is_found_and_filled_in(text: str, province: str, city: str, county: str, rest: str) -> None:
    assert split(text) == (Division(province=province, city=city, county=county), rest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "鼓楼区中山路",
        "朝阳区建国路",
        "北京路八号",
        "昆明路八号",
        "吉林大路",
        "学府路",
        "东北",
        "市辖区学府路",
        "7-2-802",
    ],
)
def test_a_place_that_could_be_several_or_none_is_not_guessed(text: str) -> None:
    assert split(text) == (None, text)


def test_a_county_of_another_city_is_not_taken_for_this_citys() -> None:
    division, rest = split("南京市天河区学府路")
    assert division == Division(province="江苏省", city="南京市", county="")
    assert rest == "天河区学府路"


def test_every_division_of_today_resolves_to_itself_when_written_in_full() -> None:
    found = {each.code: each for each in entries(loc_dat()) if not is_placeholder(each.name)}
    wrong = []
    for entry in found.values():
        if len(entry.code) > 2 and entry.current:
            city = found[entry.code[:4]].name if entry.code[:4] in found else ""
            county = entry.name if len(entry.code) == 6 else ""
            expected = Division(province=found[entry.code[:2]].name, city=city, county=county)
            if split(f"{expected.province}{city}{county}学府路") != (expected, "学府路"):
                wrong.append(county)
    # The table has this city's former form as a county of today.
    assert wrong == ["随州市"]


def test_every_county_that_was_abolished_in_this_century_is_itself() -> None:
    listed = list(entries(loc_dat()))
    names = {each.code: each.name for each in listed if not is_placeholder(each.name)}
    wrong = set()
    for entry in listed:
        if len(entry.code) == 6 and 2000 <= entry.until < 9999 and not is_placeholder(entry.name):
            division, rest = split(f"{names[entry.code[:2]]}{names.get(entry.code[:4], '')}{entry.name}学府路")
            if division is None or division.county != entry.name or rest != "学府路":
                wrong.add(entry.name)
    # The same places today: two became cities, one is the short form of an autonomous county.
    assert wrong == {"儋州市", "淮安市", "北川县"}


@pytest.mark.parametrize(
    ("text", "city", "county"),
    [
        ("重庆市渝北区学府路", "", "渝北区"),
        ("重庆市江北区学府路", "", "江北区"),
        ("吉林省九台市学府路", "长春市", "九台市"),
        ("吉林省长春市九台市学府路", "长春市", "九台市"),
        ("公主岭市学府路", "长春市", "公主岭市"),
        ("成都市新津县学府路", "成都市", "新津县"),
    ],
)
def test_an_abolished_division_is_itself(text: str, city: str, county: str) -> None:
    division, rest = split(text)
    assert (division.city, division.county, rest) == (city, county, "学府路")


@pytest.mark.parametrize(
    "text", ["江北区学府路", "双桥区学府路", "桥东区学府路", "河北省桥东区学府路", "东山区学府路", "新市区学府路"]
)
def test_a_county_alone_is_not_guessed_where_another_had_its_name(text: str) -> None:
    assert split(text) == (None, text)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("中国云南省昆明市五华区学府路", "学府路"),
        ("中华人民共和国650031云南省昆明市五华区学府路", "学府路"),
        ("邮编650031昆明市五华区学府路", "学府路"),
        ("云南省云南省昆明市昆明市五华区五华区学府路", "学府路"),
        ("云南省昆明市五华区云南省昆明市五华区学府路", "学府路"),
        ("云南昆明五华区昆明市五华区学府路", "学府路"),
        ("云南省云南昆明市昆明五华区学府路", "学府路"),
        ("昆明市昆明五华区学府路", "学府路"),
        ("云南省昆明市五华区云南省医院宿舍", "云南省医院宿舍"),
        ("云南省昆明市五华区昆明市医院宿舍", "昆明市医院宿舍"),
    ],
)
def test_a_division_that_is_written_again_is_skipped_and_an_institutions_name_is_not(text: str, rest: str) -> None:
    assert split(text) == (Division(province="云南省", city="昆明市", county="五华区"), rest)


def test_a_name_at_the_end_of_the_text_ends_there() -> None:
    division, rest = split("甘肃省陇南市5号")
    assert (division.city, rest) == ("陇南市", "5号")


def test_only_a_municipality_names_a_city_by_itself() -> None:
    assert Division(province="上海市", city="", county="").names_a_city
    assert Division(province="湖北省", city="", county="仙桃市").names_a_city
    assert not Division(province="云南省", city="", county="").names_a_city


def loc_dat() -> list[str]:
    return importlib.resources.files("stdnum").joinpath("cn", "loc.dat").read_text(encoding="utf-8").splitlines()
