"""Administrative divisions of China: the province, city and county that an address begins with, filled in if left out.

docs/spec/household.md is the specification; protocol/division_table.py reads the names.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from protocol.division_table import CITY_DIGITS, PROVINCE_DIGITS, DivisionTable, Entry, Named, division_table

_MUNICIPALITIES: Final = frozenset({"北京市", "天津市", "上海市", "重庆市"})
_MUNICIPALITY_CODES: Final = frozenset({"11", "12", "31", "50"})
# The country and a postcode (or a division's code) may stand before a division; they say nothing.
_HEAD = re.compile(r"(?:(?:邮政编码|邮编)?[0-9]{6}(?![0-9])|中华人民共和国|中国)*(?P<head>[^0-9]*)")
_HEADS_KEPT: Final = 10_000
_ALL_DISTRICTS: Final = "市辖区"
# Levels of the statistics office between a province and its counties; each counts only with a county behind it.
_COUNTIES_OF_THE_PROVINCE = re.compile(r"(?:省|自治区)?直辖(?:县级)?(?:行政)?(?:区划|单位|县|市)?")
_COUNTIES_OF_THE_MUNICIPALITY: Final = "县"
_XIONGAN: Final = "雄安新区"
_XIONGAN_COUNTIES: Final = frozenset({"130629", "130632", "130638"})
_HEBEI: Final = "13"
_BAODING: Final = "1306"

_Start = tuple[int, frozenset[str] | None]
"""The start of a division, and its allowed divisions if not all are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """An address's divisions, by official names; ``city`` is empty below a municipality, ``county`` when not given."""

    province: str
    city: str
    county: str

    @property
    def names_a_city(self) -> bool:
        """Tell whether the place is known closely enough to tell streets of one name apart."""
        return bool(self.city or self.county) or self.province in _MUNICIPALITIES


@dataclass(frozen=True, slots=True)
class _Reading:
    """The divisions that a text begins with, from the outside in, and the place where the rest begins."""

    named: tuple[Named, ...]
    end: int

    @property
    def last(self) -> Entry:
        return self.named[-1].entry

    @property
    def reach(self) -> tuple[int, int]:
        return self.end, len(self.named)

    @property
    def weight(self) -> tuple[bool, tuple[bool, ...], int, int]:
        """The rank among readings of equal reach; the table still has 随州市 as a county beside the later city."""
        current = tuple(each.entry.current for each in self.named)
        return all(current), current, -len(self.last.code), self.last.until

    @property
    def skips_a_city(self) -> bool:
        """Tell whether a county is named without the city that it lies in."""
        above = self.named[-2].entry.code if len(self.named) > 1 else ""
        return len(self.last.code) > CITY_DIGITS and len(above) < CITY_DIGITS and above not in _MUNICIPALITY_CODES


def split(text: str) -> tuple[Division | None, str]:
    """Split a compact address into its division and the rest; (None, text) when no or several divisions fit."""
    # No name has a digit, so the text before the first one decides; neighbours in an export share it.
    found = _HEAD.match(text)
    start, end = found.span("head") if found else (0, len(text))
    division, length = _division_before(text[start:end])
    return division, text if division is None else text[start + length :]


@functools.lru_cache(maxsize=_HEADS_KEPT)
def _division_before(text: str) -> tuple[Division | None, int]:
    """Find the division at a text's start and the start of the rest; (None, 0) when no or several divisions fit."""
    table = division_table()
    readings = list(_readings(table, text, 0))
    if not readings:
        return None, 0
    furthest = max(each.reach for each in readings)
    rivals = [each for each in readings if each.reach == furthest]
    best = max(each.weight for each in rivals) if len(rivals) > 1 else rivals[0].weight
    chosen = [each for each in rivals if each.weight == best]
    divisions = {_division(table, each.last) for each in chosen}
    if len(divisions) > 1 or (chosen[0].skips_a_city and _is_elsewhere_too(rivals, chosen[0])):
        return None, 0
    return divisions.pop(), chosen[0].end


def _is_elsewhere_too(rivals: list[_Reading], chosen: _Reading) -> bool:
    """Tell whether another place has, or had, this name: an address may be older than the table.

    A county that moved to another city of its province stayed where it is; districts of one name are several places.
    """
    digits = CITY_DIGITS if re.search("(?<!林)区$", chosen.last.name) else PROVINCE_DIGITS
    return len({each.last.code[:digits] for each in rivals if each.skips_a_city}) > 1


def _readings(table: DivisionTable, text: str, start: int) -> Iterator[_Reading]:
    yield from _below(table, text, (), start)
    for province in table.named(table.provinces, text, start, within=""):
        yield from _below(table, text, (province,), province.end)


def _below(table: DivisionTable, text: str, above: tuple[Named, ...], end: int) -> Iterator[_Reading]:
    """Yield the readings that begin with the divisions ``above`` (from the outside in), which end at ``end``."""
    start, within = (_skip(table, text, above[-1].entry, end), above[-1].entry.code) if above else (end, "")
    if above and not (above[-1].short and start == end):
        yield _Reading(above, start)
    starts: list[_Start] = [(start, None)]
    again = _behind_one_of(table.spellings_of.get(within, ()), text, start)
    if again > start:  # 北京市北京朝阳区
        starts.append((again, None))
    if len(within) < CITY_DIGITS:
        for begin, _ in starts:
            for city in table.named(table.cities, text, begin, within=within):
                yield from _below(table, text, (*above, city), city.end)
    yield from _counties(table, text, above, [*starts, *_fillers(text, start, within)])


def _counties(table: DivisionTable, text: str, above: tuple[Named, ...], starts: list[_Start]) -> Iterator[_Reading]:
    within = above[-1].entry.code if above else ""
    for begin, only in starts:
        for county in table.named(table.counties, text, begin, within=within):
            if only is None or county.entry.code in only:
                yield _Reading((*above, county), _skip_repetition(table, text, county.entry, county.end))


def _fillers(text: str, start: int, within: str) -> Iterator[_Start]:
    """Yield the places where a county may begin behind a level that says nothing."""
    if len(within) == PROVINCE_DIGITS:
        found = _COUNTIES_OF_THE_PROVINCE.match(text, start)
        if found is not None:
            yield found.end(), None
    if within in _MUNICIPALITY_CODES and text.startswith(_COUNTIES_OF_THE_MUNICIPALITY, start):
        yield start + len(_COUNTIES_OF_THE_MUNICIPALITY), None
    if within in ("", _HEBEI, _BAODING) and text.startswith(_XIONGAN, start):
        yield start + len(_XIONGAN), _XIONGAN_COUNTIES


def _skip(table: DivisionTable, text: str, entry: Entry, end: int) -> int:
    """Find the start of the next division: a name may be written twice, and 市辖区 (all districts) says nothing."""
    end = _skip_repetition(table, text, entry, end)
    return end + len(_ALL_DISTRICTS) if text.startswith(_ALL_DISTRICTS, end) else end


def _skip_repetition(table: DivisionTable, text: str, entry: Entry, end: int) -> int:
    """Skip every repetition of the division's own name, with or without the outer names before it."""
    code = entry.code
    above = [
        table.spellings_of.get(code[:length], ()) for length in (PROVINCE_DIGITS, CITY_DIGITS) if length < len(code)
    ]
    names = table.spellings_of[code] if len(code) > CITY_DIGITS else {entry.name}
    while True:
        start = end
        for each in above:
            start = _behind_one_of(each, text, start)
        behind = _behind_one_of(names, text, start)
        if behind == start:
            return end
        end = behind


def _behind_one_of(names: set[str] | tuple[str, ...], text: str, start: int) -> int:
    behind = start
    for each in names:
        if text.startswith(each, start):
            behind = max(behind, start + len(each))
    return behind


def _division(table: DivisionTable, entry: Entry) -> Division:
    code = entry.code
    return Division(
        province=table.name_of[code[:PROVINCE_DIGITS]],
        city=table.name_of.get(code[:CITY_DIGITS], "") if len(code) >= CITY_DIGITS else "",
        county=entry.name if len(code) > CITY_DIGITS else "",
    )
