"""A second reader of addresses, written from docs/spec/household.md alone, by hand where the product has patterns.

It shares nothing with the product but the two tables that the page names.
"""

import importlib.resources
import pathlib
import unicodedata
from collections.abc import Iterable, Iterator

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
ALNUM = DIGITS + LETTERS
NUMERALS = "〇零一二三四五六七八九十百千廿卅"
ONES = "一二三四五六七八九"
TOKEN_CHARACTERS = ALNUM + NUMERALS
_PEOPLES = (
    "东乡族 仡佬族 仫佬族 佤族 侗族 保安族 傈僳族 傣族 各族 哈尼族 哈萨克族 哈萨克 回族 土家族 土族 塔吉克 壮族 "
    "布依族 布朗族 彝族 怒族 拉祜族 撒拉族 普米族 景颇族 朝鲜族 柯尔克孜 毛南族 水族 满族 独龙族 瑶族 畲族 白族 "
    "纳西族 羌族 苗族 蒙古族 蒙古 藏族 裕固族 达斡尔族 锡伯 黎族"
)
PEOPLES = _PEOPLES.split()
REGIONS = ("内蒙古", "广西", "西藏", "宁夏", "新疆")
MUNICIPALITIES = {"11": "北京市", "12": "天津市", "31": "上海市", "50": "重庆市"}
XIONGAN = ("130629", "130632", "130638")
SEEN_NOT = {0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x3164, 0xFFA0}
SEEN_NOT |= {*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
BLANKS = {*range(9, 14), *range(0x1C, 0x21), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F}
BLANKS |= {0x2800, 0x3000}
QUOTES = {
    *b"'\"`",
    0xB4,
    *range(0x2B9, 0x2C0),
    0x2C8,
    0x2CA,
    0x2CB,
    0x2EE,
    0x374,
    0x384,
    0x55A,
    0x5F3,
    0x5F4,
    0x7F4,
    0x7F5,
}
QUOTES |= {0x1FBD, 0x1FBF, 0x1FEF, 0x1FFD, 0x1FFE, *range(0x2018, 0x2020), *range(0x2032, 0x2038), 0x2057}
QUOTES |= {*range(0x275B, 0x275F), 0x301D, 0x301E, 0x301F, 0xA78B, 0xA78C, 0xFF02, 0xFF07, 0xFF40}
ENDS = "".join(map(chr, BLANKS | QUOTES))
HIDDEN = "*?¿@$%^&=!※⁂⁎⁑⁕٭⁇⁈⁉‽†‡‰‱〃؟囗_ХхΧχ"
BUILDING_SIGNS = ("号楼", "栋", "幢", "座", "#")
MARKS = ("号房间", "号房", "号室", "房间", "室", "户", "房", "号", "#", "")

Division = tuple[str, str, int, bool]  # code, name, until which year, is it short
Flat = tuple[str, str, str, str, list[str]]  # locality, building, unit, floor, room


class NoKey(Exception):
    """The address names no certain flat."""


def refuse_if(doubt: bool | str) -> None:
    if doubt:
        raise NoKey


def read(address: str) -> str | None:
    """The parts of an address, joined by bars, or None."""
    try:
        return "|".join(parts_of(address))
    except NoKey:
        return None


def parts_of(address: str) -> tuple[str, ...]:
    province, city, county, rest = division_of(compact(address))
    rest = with_digits(rest)
    refuse_if(has_placeholder(rest) or has_minus(rest))
    locality, building, unit, floor, room = flat_of(with_house_numbers(rest.replace("~", "")))
    refuse_if(lacks_a_number(locality))
    for token in (building, unit, floor, *room):
        refuse_if(token and (set(token) == {"0"} or (set(token) == {"9"} and len(token) >= 4)))
    return (province, city, county, locality, bare(building), bare(unit), floor, "-".join(map(bare, room)))


def bare(token: str) -> str:
    return token.lstrip("0") or token[-1:]


# 1. Text


def compact(address: str) -> str:
    refuse_if(len(address) > 256 or any(is_other_form(each) for each in address))
    text = unified(without_marks(address))
    text = "".join(chr(ord(each) - 32) if "a" <= each <= "z" else each for each in text)
    kinds = [kind_of(each) for each in text]
    refuse_if(None in kinds)
    text = "".join(each for each in kinds if each is not None)
    text = with_circles(text)
    refuse_if(hides_something(text))
    return with_dashes(with_single_blanks(text))


def is_other_form(character: str) -> bool:
    tag = unicodedata.decomposition(character).partition(" ")[0]
    if tag in ("<super>", "<sub>", "<fraction>", "<circle>"):
        return True
    return tag in ("<compat>", "<square>") and any(each in DIGITS for each in unicodedata.normalize("NFKC", character))


def without_marks(text: str) -> str:
    if text and all(each in ALNUM + LETTERS.lower() for each in text):
        return text
    before = None
    while before != text:
        before = text
        text = "".join(each for each in text if unicodedata.category(each) != "Cf" and ord(each) not in SEEN_NOT)
        text = inside_formula(text.lstrip(ENDS)).strip(ENDS)
        text = unicodedata.normalize("NFKC", text)
    return text


def inside_formula(text: str) -> str:
    if text[:1] not in ("=", "＝"):
        return text
    start = 1
    while start < len(text) and ord(text[start]) in BLANKS:
        start += 1
    if text[start : start + 1] not in ('"', "“", "”", "＂") or start == len(text):
        return text
    for end in range(len(text) - 1, start, -1):
        if text[end] in '"“”＂':
            return text[start + 1 : end]
        if text[end] not in ENDS:
            break
    return text


def load_characters() -> dict[str, str]:
    path = pathlib.Path(__file__).parents[2] / "protocol" / "characters.txt"
    lines = path.read_text(encoding="utf-8").split("\n")
    return {line[0]: line[2:] for line in lines if line and not line.startswith("#")}


CHARACTERS = load_characters()


def unified(text: str) -> str:
    if any("\ue000" <= each <= "\uf8ff" for each in text):
        text = "".join(CHARACTERS.get(each, each) for each in text)
    return "".join(CHARACTERS.get(each, each) for each in unicodedata.normalize("NFKC", text))


def kind_of(character: str) -> str | None:
    category = unicodedata.category(character)
    if character in "#○":
        return character
    if category[0] == "C":
        return " " if character == "\t" else None
    if category == "Pd" or character in "~−⁃〜∼∽ー":
        return "-"
    if character in ".·•・‧∙⋅。":
        return "."
    if character == ",":
        return ","
    if character in HIDDEN or 0x300 <= ord(character) <= 0x36F:
        return None
    if ord(character) > 0x7F and category in ("So", "Sm", "Sc", "Sk", "Pc", "Me"):
        return None
    return " " if category[0] in "ZPS" else character


def with_circles(text: str) -> str:
    characters = list(text)
    for start in range(1, len(text)):
        for length in (1, 2):
            run = text[start : start + length]
            behind = text[start + length : start + length + 1]
            if run == "○" * length and text[start - 1] in ONES and behind and behind in ONES:
                characters[start : start + length] = "〇" * length
    return "".join(characters)


def hides_something(text: str) -> bool:
    if "○" in text or "##" in text or ".." in text or "XXX" in text:
        return True
    if any(each in text for each in ("某", "口口", "锟斤拷", "烫烫烫", "屯屯屯")):
        return True
    near = DIGITS + "零一二三四五六七八九十百千"
    for run, before, behind in runs(text, "〇"):
        if run and not (before and before in near) and not (behind and behind in near):
            return True
    for run, _, _ in runs(text, LETTERS):
        if set(run) == {"X"} or (set(run) == {"O"} and len(run) > 1):
            return True
    if any(run.count("-") > 1 for run, _, _ in runs(text, " .,-")):
        return True
    return any(each == "," and is_thousand(text, place) for place, each in enumerate(text))


def is_thousand(text: str, comma: int) -> bool:
    before, behind, next_one = text[:comma][-1:], text[comma + 1 : comma + 4], text[comma + 4 : comma + 5]
    has_three = len(behind) == 3 and all(each in DIGITS for each in behind)
    return before != "" and before in DIGITS and has_three and (next_one == "" or next_one not in DIGITS)


def runs(text: str, characters: str) -> Iterator[tuple[str, str, str]]:
    """Each longest run of these characters with what stands right before and behind it."""
    start = 0
    while start < len(text):
        end = start
        while end < len(text) and text[end] in characters:
            end += 1
        if end > start:
            yield text[start:end], text[start - 1 : start] if start else "", text[end : end + 1]
        start = max(end, start + 1)


def with_single_blanks(text: str) -> str:
    out = ""
    for each in text:
        if each not in " .,-":
            out += each
        elif out[-1:] in ("-", " "):
            out = out[:-1] + ("-" if "-" in (each, out[-1]) else " ")
        else:
            out += "-" if each == "-" else " "
    return out


def with_dashes(text: str) -> str:
    out = ""
    for place, each in enumerate(text):
        if each not in " -":
            out += each
            continue
        is_behind = place > 0 and text[place - 1] in TOKEN_CHARACTERS
        follower = text[place + 1 : place + 2]
        is_before = follower != "" and follower in TOKEN_CHARACTERS
        if is_behind and is_before:
            out += "-"
        elif each == "-" and is_before:
            out += "~"
        elif each == "-" and is_behind:
            refuse_if(follower == "" or follower in "号栋幢座楼层单室户房门弄#")
    return out


# 2. Division


class Table:
    def __init__(self) -> None:
        self.rows: list[tuple[str, str, int]] = []  # (code, name, until)
        self.last_name: dict[str, str] = {}
        self.spellings: dict[str, dict[str, bool]] = {}  # code: {spelling: is it short}
        self.starts: dict[str, list[Division]] = {}  # spelling: [(code, name, until, is it short)]
        text = importlib.resources.files("stdnum").joinpath("cn", "loc.dat").read_text(encoding="utf-8")
        province = ""
        for line in text.splitlines():
            code, label, names = line.strip().partition(" ")[0], line.partition('="')[0], line.partition('="')[2][:-1]
            if label.endswith(" province") and not line.startswith("#"):
                province = code
                self.add(code, names)
            elif label.endswith(" county") and code != "0000":
                self.add(province + (code[:2] if code.endswith("00") else code), names)

    def add(self, code: str, names: str) -> None:
        for written in names.split(","):
            years, _, name = written.rpartition("]")
            until = years.partition("-")[2]
            name = unified(name)
            is_place = name not in ("市辖区", "县", "市", "林区") and "直辖" not in name
            self.last_name[code] = name if is_place else ""
            if is_place:
                for spelling, short in self.forms(code, name).items():
                    self.spellings.setdefault(code, {})[spelling] = short
                    self.starts.setdefault(spelling, []).append((code, name, int(until or 9999), short))

    @staticmethod
    def forms(code: str, name: str) -> dict[str, bool]:
        forms = {name: False}
        if len(code) == 2:
            region = [each for each in REGIONS if name.startswith(each) and name.endswith("自治区")]
            forms[region[0] if region else name[:-1]] = True
        elif len(code) == 4 and name.endswith("市") and len(name) > 2:
            forms[name[:-1]] = True
        if name[-3:] in ("自治州", "自治县", "自治旗"):
            for end in range(2, len(name) - 3):
                if is_peoples(name[end:-3]):
                    forms[name[:end] + name[-1]] = False
                    break
        return forms

    def at(self, text: str, start: int, level: int, within: str) -> Iterator[tuple[str, str, int, bool, int]]:
        for end in range(start + 2, min(len(text), start + 24) + 1):
            for code, name, until, short in self.starts.get(text[start:end], ()):
                if len(code) == level and code.startswith(within):
                    yield code, name, until, short, end


def is_peoples(text: str) -> bool:
    return text == "" or any(text.startswith(each) and is_peoples(text[len(each) :]) for each in PEOPLES)


TABLE = Table()


def division_of(text: str) -> tuple[str, str, str, str]:
    text = text[front_of(text) :]
    head = text[: next((place for place, each in enumerate(text) if each in DIGITS), len(text))]
    found = list(readings(head))
    refuse_if(not found)
    longest = max((end, len(chain)) for chain, end in found)
    rivals = [chain for chain, end in found if (end, len(chain)) == longest]
    best = max(map(merit, rivals))
    chosen = [chain for chain in rivals if merit(chain) == best]
    places = {place_of(chain[-1]) for chain in chosen}
    refuse_if(len(places) > 1)
    if leaves_out_city(chosen[0]):
        name = chosen[0][-1][1]
        digits = 4 if name.endswith("区") and not name.endswith("林区") else 2
        refuse_if(len({chain[-1][0][:digits] for chain in rivals if leaves_out_city(chain)}) > 1)
    province, city, county = places.pop()
    refuse_if(not city and not county and province not in MUNICIPALITIES.values())
    return province, city, county, text[longest[0] :]


def front_of(text: str) -> int:
    place = 0
    while True:
        for each in ("中华人民共和国", "中国"):
            if text.startswith(each, place):
                place += len(each)
                break
        else:
            start = place
            for each in ("邮政编码", "邮编"):
                if text.startswith(each, start):
                    start += len(each)
                    break
            six = text[start : start + 6]
            follower = text[start + 6 : start + 7]
            if len(six) < 6 or any(each not in DIGITS for each in six) or (follower and follower in DIGITS):
                return place
            place = start + 6


def readings(text: str) -> Iterator[tuple[tuple[Division, ...], int]]:
    yield from below(text, (), 0)
    for code, name, until, short, end in TABLE.at(text, 0, 2, ""):
        yield from below(text, ((code, name, until, short),), end)


def below(text: str, chain: tuple[Division, ...], end: int) -> Iterator[tuple[tuple[Division, ...], int]]:
    within = chain[-1][0] if chain else ""
    start = end
    if chain:
        start = behind_own_name(text, chain[-1], end)
        if text.startswith("市辖区", start):
            start += 3
        if not chain[-1][3] or start > end:
            yield chain, start
    again = behind_longest(text, start, TABLE.spellings.get(within, ()))
    for begin in sorted({start, again}):
        if len(within) < 4:
            for code, name, until, short, behind in TABLE.at(text, begin, 4, within):
                yield from below(text, (*chain, (code, name, until, short)), behind)
    for begin, allowed in [*county_starts(text, start, within), *([(again, None)] if again > start else [])]:
        for code, name, until, short, behind in TABLE.at(text, begin, 6, within):
            if allowed is None or code in allowed:
                county = (code, name, until, short)
                yield (*chain, county), behind_own_name(text, county, behind)


def county_starts(text: str, start: int, within: str) -> Iterator[tuple[int, tuple[str, ...] | None]]:
    yield start, None
    if len(within) == 2:
        place = behind_first(text, start, ("自治区", "省"))
        if text.startswith("直辖", place):
            place = behind_first(text, place + 2, ("县级",))
            place = behind_first(text, place, ("行政",))
            yield behind_first(text, place, ("区划", "单位", "县", "市")), None
    if within in MUNICIPALITIES and text.startswith("县", start):
        yield start + 1, None
    if within in ("", "13", "1306") and text.startswith("雄安新区", start):
        yield start + 4, XIONGAN


def behind_first(text: str, place: int, choices: Iterable[str]) -> int:
    return next((place + len(each) for each in choices if text.startswith(each, place)), place)


def behind_longest(text: str, place: int, choices: Iterable[str]) -> int:
    return behind_first(text, place, sorted(choices, key=len, reverse=True))


def behind_own_name(text: str, division: Division, end: int) -> int:
    code, name = division[:2]
    own = TABLE.spellings[code] if len(code) == 6 else (name,)
    while True:
        place = end
        for length in (2, 4):
            if length < len(code):
                place = behind_longest(text, place, TABLE.spellings.get(code[:length], ()))
        behind = behind_longest(text, place, own)
        if behind == place:
            return end
        end = behind


def merit(chain: tuple[Division, ...]) -> tuple[bool, list[bool], int, int]:
    today = [until == 9999 for _, _, until, _ in chain]
    return all(today), today, -len(chain[-1][0]), chain[-1][2]


def leaves_out_city(chain: tuple[Division, ...]) -> bool:
    above = chain[-2][0] if len(chain) > 1 else ""
    return len(chain[-1][0]) == 6 and len(above) < 4 and above not in MUNICIPALITIES


def place_of(division: Division) -> tuple[str, str, str]:
    code, name = division[:2]
    city = TABLE.last_name.get(code[:4], "") if len(code) > 2 else ""
    return TABLE.last_name[code[:2]], city, name if len(code) == 6 else ""


# 3. Numerals


def with_digits(text: str) -> str:
    characters = list(text)
    for place in range(1, len(text) - 1):
        if text[place] in "〇零" and text[place - 1] in DIGITS and text[place + 1] in DIGITS:
            characters[place] = "0"
    text = "".join(characters)
    out, place = "", 0
    while place < len(text):
        end = place
        while end < len(text) and text[end] in NUMERALS:
            end += 1
        if end == place:
            out += text[place]
            place += 1
            continue
        value = value_of(text[place:end], text[end:])
        if value is None:
            out += text[place:end]
        else:
            before = "-" if place and text[place - 1] in DIGITS else ""
            behind = "-" if end < len(text) and text[end] in DIGITS else ""
            out += before + value + behind
        place = end
    return out


def value_of(run: str, behind: str) -> str | None:
    digit_of = {each: str(value) for value, each in enumerate("〇" + ONES)} | {"零": "0"}
    if all(each in digit_of for each in run):
        counts = (
            "号",
            "栋",
            "幢",
            "座",
            "楼",
            "层",
            "单元",
            "门",
            "室",
            "户",
            "房",
            "弄",
            "组",
            "队",
            "社",
            "#",
            "-",
            "~",
        )
        if len(run) > 1 and behind and not behind.startswith(counts):
            return None
        return "".join(digit_of[each] for each in run)
    return counted(run, {each: int(value) for each, value in digit_of.items() if value != "0"})


def counted(run: str, digit_of: dict[str, int]) -> str | None:
    total, place, seen = 0, 0, ""
    for unit, worth in (("千", 1000), ("百", 100)):
        if run[place : place + 1] in digit_of and run[place + 1 : place + 2] == unit:
            total, place, seen = total + digit_of[run[place]] * worth, place + 2, seen + unit
    if run[place : place + 1] in ("零", "〇"):
        place, seen = place + 1, seen + "零"
    if run[place : place + 1] in digit_of and run[place + 1 : place + 2] == "十":
        total, place, seen = total + digit_of[run[place]] * 10, place + 2, seen + "十"
    elif run[place : place + 1] in ("十", "廿", "卅"):
        total, place, seen = total + {"十": 10, "廿": 20, "卅": 30}[run[place]], place + 1, seen + "十"
    if run[place : place + 1] in digit_of:
        total, place, seen = total + digit_of[run[place]], place + 1, seen + "一"
    if place < len(run):
        return None
    higher, lower = "千" in seen or "百" in seen, "十" in seen or "一" in seen
    if "零" in seen:
        return str(total) if higher and lower else None
    if "千" in seen and "百" not in seen and lower:
        return None
    return None if higher and "一" in seen and "十" not in seen else str(total)


# 4. Flat


def has_placeholder(rest: str) -> bool:
    words = ("不详", "不明", "未知", "未填", "暂无", "待定", "待补", "测试", "空白")
    without = ("号", "门牌", "栋", "幢", "座", "楼", "单元", "层", "室")
    if any(each in rest for each in words) or any("无" + each in rest for each in without):
        return True
    names = (*"路街道巷弄号村镇乡组队社屯区园苑院楼", "大道", "小区", "社区", "花园", "新村")
    return rest.startswith("同上") or any(
        rest.startswith(each) and rest[len(each) : len(each) + 1] and rest[len(each)] in ALNUM for each in names
    )


def has_minus(rest: str) -> bool:
    return any(is_minus(rest, place) for place, each in enumerate(rest) if each in "~-") or ends_below(rest)


def is_minus(rest: str, dash: int) -> bool:
    end = dash + 1
    while end < len(rest) and rest[end] in DIGITS:
        end += 1
    follower, next_one = rest[end : end + 1], rest[end + 1 : end + 2]
    if end == dash + 1 or not follower:
        return False
    return follower in "层楼" or (follower == "F" and next_one != "" and next_one in DIGITS + "层楼-")


def ends_below(rest: str) -> bool:
    before, _, tail = rest.rpartition("~")
    if not before:
        return False
    for mark in MARKS:
        chain = tail.removesuffix(mark).split("-")
        if tail.endswith(mark) and len(chain) <= 4 and all(map(is_token, chain)):
            if before[-1] == "号":
                return len(chain) == 1 or (len(chain) == 2 and not above_ground(*chain))
            return before[-1] in "栋幢座楼层门元室户房#"
    return False


def is_token(text: str) -> bool:
    return text in ("甲", "乙", "丙", "丁") or (1 <= len(text) <= 8 and all(each in ALNUM for each in text))


def above_ground(one: str, other: str) -> bool:
    digits = other[:-1] if other[-1] in LETTERS else other
    if not (3 <= len(digits) <= 4 and all(each in DIGITS for each in digits) and digits[0] != "0"):
        return False
    return not repeats(one.removeprefix("B"), other)


def repeats(floor: str, room: str) -> bool:
    digits = room[:-1] if room[-1] in LETTERS else room
    return len(digits) > 2 and all(each in DIGITS for each in digits[-2:]) and digits[:-2].endswith(bare(floor)) and (
        set(digits[:-2].removesuffix(bare(floor))) <= {"0"}
    )  # fmt: skip


def with_house_numbers(rest: str) -> str:
    place = rest.find("号之")
    while place >= 0:
        end = place + 2
        while end < len(rest) and rest[end] in DIGITS:
            end += 1
        if 1 <= end - place - 2 <= 3 and end < len(rest) and rest[end] in "号-":
            rest = rest[:end] + "号" + rest[end + 1 :]
        place = rest.find("号之", place + 1)
    return rest


def flat_of(rest: str) -> Flat:
    for start in range(2, len(rest)):
        for building, after_building in buildings(rest, start):
            for unit, after_unit in units(rest, after_building):
                for floor, after_floor in floors(rest, after_unit):
                    for chain, mark in chains(rest, after_floor):
                        refuse_if(not any(each in DIGITS for token in chain for each in token))
                        return meaning(rest[:start], (building, unit, floor), chain, mark)
    raise NoKey


def may_begin(rest: str, place: int) -> bool:
    return rest[place - 1] not in ALNUM + "-之"


def tokens(rest: str, place: int) -> Iterator[tuple[str, int]]:
    """Each token that begins at a place, the longest first, with the place behind it."""
    if rest[place : place + 1] in ("甲", "乙", "丙", "丁"):
        yield rest[place], place + 1
    end = place
    while end < len(rest) and end - place < 8 and rest[end] in ALNUM:
        end += 1
    for each in range(end, place, -1):
        yield rest[place:each], each


def ordinals(rest: str, place: int) -> Iterator[int]:
    yield place + 1 if rest[place : place + 1] == "第" else place
    if rest[place : place + 1] == "第":
        yield place


def buildings(rest: str, start: int) -> Iterator[tuple[str, int]]:
    if may_begin(rest, start):
        for place in ordinals(rest, start):
            for token, end in tokens(rest, place):
                yield from signed_buildings(rest, token, end)
                if rest.startswith("楼", end) and is_building_by_number(rest, token, end + 1):
                    yield token, end + 1
    yield "", start


def signed_buildings(rest: str, token: str, end: int) -> Iterator[tuple[str, int]]:
    for sign in BUILDING_SIGNS:
        if rest.startswith(sign, end):
            behind = end + len(sign)
            labels = 0
            while labels < 2 and rest[behind + labels : behind + labels + 1] in tuple("楼栋幢座"):
                labels += 1
            for each in range(labels, -1, -1):
                yield token, behind + each


def is_building_by_number(rest: str, token: str, behind: int) -> bool:
    if token[-1] in LETTERS + "甲乙丙丁":
        return True
    if not all(each in DIGITS for each in token) or len(token) > 4:
        return False
    return any(True for _ in units(rest, behind, needed=True)) or (len(token) >= 3 and token[0] != "0")


def units(rest: str, start: int, *, needed: bool = False) -> Iterator[tuple[str, int]]:
    if may_begin(rest, start) or needed:
        for place in ordinals(rest, start):
            for token, end in tokens(rest, place):
                for sign in ("单元", "门"):
                    if rest.startswith(sign, end):
                        yield token, end + len(sign)
    if not needed:
        if (
            may_begin(rest, start)
            and rest[start : start + 1] in tuple("东西南北中左右")
            and rest.startswith("单元", start + 1)
        ):
            yield rest[start], start + 3
        yield "", start


def floors(rest: str, start: int) -> Iterator[tuple[tuple[str, str, str] | None, int]]:
    """Each floor that may stand here: (prefix, digits, sign), or None."""
    if may_begin(rest, start):
        for prefix, most in (("第", 3), ("", 3), ("地下", 2), ("负", 2), ("B", 2)):
            if rest.startswith(prefix, start):
                place = start + len(prefix)
                end = place
                while end < len(rest) and rest[end] in DIGITS:
                    end += 1
                if 1 <= end - place <= most and rest[end : end + 1] in ("层", "楼"):
                    yield (prefix, rest[place:end], rest[end]), end + 1
    yield None, start


def chains(rest: str, start: int) -> Iterator[tuple[list[str], str]]:
    if start < len(rest) and may_begin(rest, start):
        for mark in MARKS:
            chain = rest[start:].removesuffix(mark).split("-")
            if rest.endswith(mark) and len(chain) <= 4 and all(map(is_token, chain)):
                yield chain, mark


def is_short(token: str) -> bool:
    return len(token) <= 2


def is_house(locality: str) -> bool:
    return locality[-1:] == "号" and locality[-2:-1] != "" and locality[-2] in ALNUM + "甲乙丙丁"


def is_basement_block(token: str) -> bool:
    return token[0] == "B" and 1 <= len(token) - 1 <= 2 and all(each in DIGITS for each in token[1:])


def meaning(locality: str, signed: tuple[str, str, tuple[str, str, str] | None], chain: list[str], mark: str) -> Flat:
    building, unit, floor = signed
    if unit or floor:
        return with_unit_or_floor(locality, building, unit, floor, chain)
    if building:
        unit, room = in_building(chain)
        return locality, building, unit, "", room
    refuse_if(locality.endswith(("栋", "幢", "单元", "层")))
    if len(chain) == 1:
        refuse_if(not is_single_room(locality, mark))
        return locality, "", "", "", chain
    return (two_numbers, three_numbers, four_numbers)[len(chain) - 2](locality, chain, mark)


def with_unit_or_floor(
    locality: str, building: str, unit: str, floor: tuple[str, str, str] | None, chain: list[str]
) -> Flat:
    refuse_if(not building and not is_house(locality) and not locality.endswith(("大厦", "大楼")))
    number = ""
    if floor:
        prefix, digits, sign = floor
        if prefix in ("地下", "负", "B"):
            refuse_if(int(digits) == 0 or (prefix == "B" and sign == "楼" and not building))
            number = "-" + bare(digits)
        else:
            refuse_if(not 0 < int(digits) <= 128)
            number = bare(digits)
            if repeats(number, chain[0]) and (building or unit or sign == "层"):
                number = ""
    elif unit and len(chain) == 2 and repeats(*chain):
        chain = chain[1:]
    return locality, building, unit, number, chain


def in_building(chain: list[str]) -> tuple[str, list[str]]:
    refuse_if(any(is_basement_block(each) for each in chain[:-1]))
    shape = "".join("s" if is_short(each) else "l" for each in chain)
    if len(shape) == 1 or (len(shape) == 2 and shape[0] == "l"):
        return "", chain
    if (len(shape) == 2 and shape[0] == "s") or shape == "sls":
        return chain[0], chain[1:]
    refuse_if(shape != "ssl" or not repeats(chain[1], chain[2]))
    return chain[0], chain[2:]


def is_single_room(locality: str, mark: str) -> bool:
    certain = mark not in ("号", "#", "")
    if is_house(locality) and (mark == "" or certain):
        return True
    if locality.endswith(("大厦", "大楼")) and certain:
        return True
    if mark != "号":
        return False
    if locality[-1] in "组队社屯":
        return True
    village = locality[:-1]
    return locality[-1] == "村" and not locality.endswith("新村") and ("乡" in village or "镇" in village)


def is_road(locality: str) -> bool:
    return locality[-1] in "路街道巷弄"


def two_numbers(locality: str, chain: list[str], mark: str) -> Flat:
    refuse_if(mark in ("号", "#"))
    refuse_if(is_basement_block(chain[0]) and not above_ground(*chain))
    one, other = map(is_short, chain)
    if not one and other:
        refuse_if(not is_house(locality))
        return locality, "", "", "", chain
    refuse_if(one and other and is_road(locality))
    return locality, chain[0], "", "", chain[1:]


def three_numbers(locality: str, chain: list[str], mark: str) -> Flat:
    refuse_if(mark in ("号", "#") and is_road(locality))
    return locality, chain[0], chain[1], "", chain[2:]


def four_numbers(locality: str, chain: list[str], _mark: str) -> Flat:
    a, b, c, d = chain
    if is_road(locality):
        refuse_if(repeats(c, d))
        return f"{locality}{bare(a)}号", b, c, "", [d]
    if repeats(c, d):
        return locality, a, b, "", [d]
    refuse_if(is_short(c) or not is_short(d))
    return locality, a, b, "", [c, d]


def lacks_a_number(locality: str) -> bool:
    if any(each == "#" and locality[:place][-1:] not in tuple(ALNUM) for place, each in enumerate(locality)):
        return True
    for place in range(1, len(locality)):
        before, here = locality[place - 1], locality[place:]
        if here.startswith("号") and before in "路街巷弄道村":
            return True
        if here.startswith("号楼") and before in "路街巷弄区园苑院城":
            return True
        for sign in ("单元", "栋", "幢"):
            if here.startswith(sign) and before in "号路街巷弄区园苑院城楼栋幢座元":
                behind = here[len(sign) :]
                if not behind or behind[0] in ALNUM or behind.startswith("单元"):
                    return True
    return False
