"""The names of the administrative divisions of China, as people write them.

The table is the one of python-stdnum (GB/T 2260 with abolished divisions and their years); docs/spec/household.md
pins its digest, since a changed table changes keys.
"""

import functools
import importlib.resources
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from protocol.characters import unified

TABLE_PACKAGE: Final = "stdnum"
TABLE_PATH: Final = ("cn", "loc.dat")
PROVINCE_DIGITS: Final = 2
CITY_DIGITS: Final = 4
TODAY: Final = 9999
"""The end year of a name that exists today."""

_LINE = re.compile(r'(?P<code>[0-9]{2}| {2}[0-9]{4}) (?:province|county)="(?P<names>[^"]*)"')
_NAME = re.compile(r"(?:\[[0-9]*-(?P<until>[0-9]*)\])?(?P<name>[^,\[\]]+)")
_PLACEHOLDER = re.compile(r"市辖区|县|市|林区|.*直辖.*")
_PEOPLES = (
    "东乡族 仡佬族 仫佬族 佤族 侗族 保安族 傈僳族 傣族 各族 哈尼族 哈萨克族? 回族 土家族 土族 塔吉克 壮族 布依族 "
    "布朗族 彝族 怒族 拉祜族 撒拉族 普米族 景颇族 朝鲜族 柯尔克孜 毛南族 水族 满族 独龙族 瑶族 畲族 白族 纳西族 羌族 "
    "苗族 蒙古族? 藏族 裕固族 达斡尔族 锡伯 黎族"
).replace(" ", "|")
_AUTONOMOUS = re.compile(rf"(?P<place>.{{2,}}?)(?:{_PEOPLES})+自治(?P<level>[州县旗])")
_REGIONS: Final = {
    "内蒙古自治区": "内蒙古",
    "广西壮族自治区": "广西",
    "西藏自治区": "西藏",
    "宁夏回族自治区": "宁夏",
    "新疆维吾尔自治区": "新疆",
}
_SHORTEST_NAME: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One name of one division; a division that was renamed has several."""

    code: str
    """2 digits for a province, 4 for a city, 6 for a county: each begins with the code it lies in."""
    name: str
    until: int
    """The year in which the name ended, or ``TODAY``."""

    @property
    def current(self) -> bool:
        return self.until == TODAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An entry as it stands in a text; a short form counts only with a lower division right behind it."""

    entry: Entry
    end: int
    short: bool


Level = dict[str, list[tuple[Entry, bool]]]


class DivisionTable:
    """The divisions by the names that people write."""

    def __init__(self, lines: list[str]) -> None:
        self.provinces: Level = {}
        self.cities: Level = {}
        self.counties: Level = {}
        self.name_of: dict[str, str] = {}
        self.spellings_of: dict[str, set[str]] = {}
        # Keyed by a name's first two characters, so that a text that fits no name is rejected at once.
        self._lengths: dict[str, set[int]] = {}
        for entry in entries(lines):
            # The newest name wins: the file lists a code's names in the order of time.
            self.name_of[entry.code] = "" if is_placeholder(entry.name) else entry.name
            level = {PROVINCE_DIGITS: self.provinces, CITY_DIGITS: self.cities}.get(len(entry.code), self.counties)
            for written, short in spellings(entry).items():
                level.setdefault(written, []).append((entry, short))
                self.spellings_of.setdefault(entry.code, set()).add(written)
                self._lengths.setdefault(written[:_SHORTEST_NAME], set()).add(len(written))

    def named(self, level: Level, text: str, start: int, *, within: str) -> Iterator[Named]:
        """Find the entries of the division ``within`` (a code, or nothing) whose name stands at ``start``."""
        for length in self._lengths.get(text[start : start + _SHORTEST_NAME], ()):
            end = start + length
            if end > len(text):  # a slice at the text's end would match a shorter name
                continue
            for entry, short in level.get(text[start:end], ()):
                if entry.code.startswith(within):
                    yield Named(entry=entry, end=end, short=short)


@functools.cache
def division_table() -> DivisionTable:
    """Load the table that the library ships, once."""
    return DivisionTable(table_lines())


def table_lines() -> list[str]:
    """Read the lines of the library's file."""
    return importlib.resources.files(TABLE_PACKAGE).joinpath(*TABLE_PATH).read_text(encoding="utf-8").splitlines()


def entries(lines: list[str]) -> Iterator[Entry]:
    """Yield every name of every division, in the order of the file, its characters unified."""
    province = ""
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is None:  # the head of the file names its sources
            continue
        code = found["code"].strip()
        if len(code) == PROVINCE_DIGITS:
            province = code
        elif code == "0000":  # the province once more
            continue
        whole = code if len(code) == PROVINCE_DIGITS else province + code.removesuffix("00")
        for each in _NAME.finditer(unified(found["names"])):
            yield Entry(code=whole, name=each["name"], until=int(each["until"] or TODAY))


def is_placeholder(name: str) -> bool:
    """Tell whether the table fills a level with a word that names no place."""
    return _PLACEHOLDER.fullmatch(name) is not None


def spellings(entry: Entry) -> dict[str, bool]:
    """Yield the spellings of a division, each with the fact whether it is a short form."""
    if is_placeholder(entry.name):
        return {}
    written = {entry.name: False}
    if len(entry.code) == PROVINCE_DIGITS:
        written[_REGIONS.get(entry.name, entry.name[:-1])] = True
    elif len(entry.code) == CITY_DIGITS and entry.name.endswith("市") and len(entry.name) > _SHORTEST_NAME:
        written[entry.name[:-1]] = True
    autonomous = _AUTONOMOUS.fullmatch(entry.name)
    if autonomous is not None:
        written[autonomous["place"] + autonomous["level"]] = False
    return written
