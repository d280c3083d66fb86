"""Administrative divisions of China: which province, city and county an address begins with, filled in when left out.

The table is the one of python-stdnum (GB/T 2260 with abolished divisions and their years); docs/spec/household.md
pins its digest, since a changed table changes keys.
"""

import functools
import importlib.resources
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

TABLE_PACKAGE: Final = "stdnum"
TABLE_PATH: Final = ("cn", "loc.dat")

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
_PROVINCE_DIGITS: Final = 2
_CITY_DIGITS: Final = 4
_SHORTEST_NAME: Final = 2
_MUNICIPALITIES: Final = frozenset({"北京市", "天津市", "上海市", "重庆市"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """Where an address lies, by official names; ``city`` is empty below a municipality, ``county`` when not given."""

    province: str
    city: str
    county: str

    @property
    def names_a_city(self) -> bool:
        """Say whether the place is known closely enough to tell streets of one name apart."""
        return bool(self.city or self.county) or self.province in _MUNICIPALITIES


@dataclass(frozen=True, slots=True)
class _Entry:
    code: str
    """2 digits for a province, 4 for a city, 6 for a county: each begins with the code it lies in."""
    name: str
    current: bool


@dataclass(frozen=True, slots=True)
class _Named:
    """An entry as it stands in a text; a short form counts only with a lower division right behind it."""

    entry: _Entry
    end: int
    short: bool


_Level = dict[str, list[tuple[_Entry, bool]]]


class _Table:
    """The divisions by the names that people write."""

    def __init__(self, lines: list[str]) -> None:
        self.provinces: _Level = {}
        self.cities: _Level = {}
        self.counties: _Level = {}
        self.name_of: dict[str, str] = {}
        # By a name's first two characters: most texts fit no name, and that is then seen at once.
        self.lengths: dict[str, set[int]] = {}
        for entry in _entries(lines):
            # The newest name wins: the file lists a code's names in the order of time.
            self.name_of[entry.code] = "" if _PLACEHOLDER.fullmatch(entry.name) else entry.name
            level = {_PROVINCE_DIGITS: self.provinces, _CITY_DIGITS: self.cities}.get(len(entry.code), self.counties)
            for written, short in _spellings(entry).items():
                level.setdefault(written, []).append((entry, short))
                self.lengths.setdefault(written[:_SHORTEST_NAME], set()).add(len(written))

    def named(self, level: _Level, text: str, start: int, *, within: str) -> Iterator[_Named]:
        """Entries of the division ``within`` (a code, or nothing) whose name stands at ``start``."""
        for length in self.lengths.get(text[start : start + _SHORTEST_NAME], ()):
            end = start + length
            for entry, short in level.get(text[start:end], ()):
                if entry.code.startswith(within):
                    yield _Named(entry, end, short)

    def division(self, code: str, *, county: str = "") -> Division:
        return Division(
            province=self.name_of[code[:_PROVINCE_DIGITS]],
            city=self.name_of.get(code[:_CITY_DIGITS], "") if len(code) >= _CITY_DIGITS else "",
            county=county,
        )


def split(text: str) -> tuple[Division | None, str]:
    """The division that a compact address begins with and the rest, or (None, text) when none or several fit."""
    readings = list(_readings(_table(), text))
    if not readings:
        return None, text
    best = max(weight for weight, _ in readings)
    divisions = {division for weight, division in readings if weight == best}
    if len(divisions) > 1:
        return None, text
    return divisions.pop(), text[best[0] :]


_Reading = tuple[tuple[int, int, bool, int], Division]
"""How good a reading is (where it ends, how many levels it names, whether all exist today, how high the last one
stands: the table still has 随州市 as a county beside the city that it became), and what it says."""


def _readings(table: _Table, text: str) -> Iterator[_Reading]:
    yield from _below(table, text, ())
    for province in table.named(table.provinces, text, 0, within=""):
        yield from _below(table, text, (province,))


def _below(table: _Table, text: str, above: tuple[_Named, ...]) -> Iterator[_Reading]:
    """Readings that begin with the divisions ``above`` (from the outside in)."""
    start, within = (_skip_repetition(text, above[-1]), above[-1].entry.code) if above else (0, "")
    if above and not above[-1].short:
        yield _reading(table, above)
    if len(within) < _CITY_DIGITS:
        for city in table.named(table.cities, text, start, within=within):
            yield from _below(table, text, (*above, city))
    for county in table.named(table.counties, text, start, within=within):
        yield _reading(table, (*above, county))


def _reading(table: _Table, named: tuple[_Named, ...]) -> _Reading:
    last = named[-1]
    county = last.entry.name if len(last.entry.code) > _CITY_DIGITS else ""
    division = table.division(last.entry.code, county=county)
    exists_today = all(each.entry.current for each in named)
    return (last.end, len(named), exists_today, -len(last.entry.code)), division


def _skip_repetition(text: str, named: _Named) -> int:
    """Where the next division begins: 北京市 may be written twice, and 市辖区 (all districts) says nothing."""
    end = named.end
    for empty in (named.entry.name, "市辖区"):
        if text.startswith(empty, end):
            end += len(empty)
    return end


@functools.cache
def _table() -> _Table:
    source = importlib.resources.files(TABLE_PACKAGE).joinpath(*TABLE_PATH)
    return _Table(source.read_text(encoding="utf-8").splitlines())


def _entries(lines: list[str]) -> Iterator[_Entry]:
    province = ""
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is None:  # the head of the file names its sources
            continue
        code = found["code"].strip()
        if len(code) == _PROVINCE_DIGITS:
            province = code
        elif code == "0000":  # the province once more
            continue
        whole = code if len(code) == _PROVINCE_DIGITS else province + code.removesuffix("00")
        for each in _NAME.finditer(found["names"]):
            yield _Entry(whole, each["name"], current=not each["until"])


def _spellings(entry: _Entry) -> dict[str, bool]:
    """How a division is written, and whether that is a short form."""
    if _PLACEHOLDER.fullmatch(entry.name):
        return {}
    written = {entry.name: False}
    if len(entry.code) == _PROVINCE_DIGITS:
        written[_REGIONS.get(entry.name, entry.name[:-1])] = True
    elif len(entry.code) == _CITY_DIGITS and entry.name.endswith("市") and len(entry.name) > _SHORTEST_NAME:
        written[entry.name[:-1]] = True
    autonomous = _AUTONOMOUS.fullmatch(entry.name)
    if autonomous is not None:
        written[autonomous["place"] + autonomous["level"]] = False
    return written
