"""The flat that the end of an address names: building, unit, floor and room, each number in its own role.

An ambiguous text names no flat. docs/spec/household.md is the specification.
"""

import re
from dataclasses import dataclass
from typing import Final

from protocol.address_text import LOOSE_DASH

_TOKEN = r"(?:[0-9A-Z]{1,8}|[甲乙丙丁])"  # noqa: S105 (a pattern, no secret)
_CHAIN = rf"{_TOKEN}(?:-{_TOKEN}){{0,3}}"
_MARK = r"室|户|房间?|号房间?|号室|号|#"
_ALONE = r"(?<![0-9A-Z\-之])"
_TAIL = re.compile(
    rf"(?P<locality>.{{2,}}?)"
    rf"(?:{_ALONE}第?(?:(?P<building>{_TOKEN})(?:(?:号楼|栋|幢|座|#)[楼栋幢座]{{0,2}}|(?<=[A-Z甲乙丙丁])楼)"
    rf"|(?P<block>[0-9]{{1,4}})楼(?=第?{_TOKEN}(?:单元|门))|(?P<high>[1-9][0-9]{{2,3}})楼))?"
    rf"(?:{_ALONE}(?:第?(?P<unit>{_TOKEN})(?:单元|门)|(?P<side>[东西南北中左右])单元))?"
    rf"(?:{_ALONE}(?:第?(?P<floor>[0-9]{{1,3}})|(?:地下|负|(?P<letter>B))(?P<below>[0-9]{{1,2}}))(?P<sign>[层楼]))?"
    rf"{_ALONE}(?P<chain>{_CHAIN})(?P<mark>{_MARK})?"
)
_LOOSE_END = re.compile(rf".*?(?P<before>.){LOOSE_DASH}(?P<chain>{_CHAIN})(?:{_MARK})?")
_BASEMENT = re.compile(rf"[{LOOSE_DASH}\-][0-9]+(?:[层楼]|F[0-9层楼\-])")
_SIGNS: Final = frozenset("栋幢座楼层门元室户房#")
_ROAD = re.compile(r".*[路街道巷弄]")
_FARMSTEAD = re.compile(r".*[组队社屯]|.*[乡镇].*(?<!新)村")
_HOUSE = re.compile(r".*[0-9A-Z甲乙丙丁]号")
_TOWER = re.compile(r".*大[厦楼]")
_SUB_NUMBER = re.compile(r"(?<=号)之([0-9]{1,3})(?:号|-)")
_NAMELESS = re.compile(r"(?:[路街道巷弄号村镇乡组队社屯区园苑院楼]|大道|小区|社区|花园|新村)[0-9A-Z]|同上")
_PLACEHOLDER = re.compile(r"不详|不明|未知|未填|暂无|待定|待补|测试|空白|无(?:号|门牌|栋|幢|座|楼|单元|层|室)")
_NUMBER_LEFT_OUT = re.compile(
    r"[路街巷弄道村]号|[路街巷弄区园苑院城]号楼|(?<![0-9A-Z])#"
    r"|[号路街巷弄区园苑院城楼栋幢座元](?:单元|栋|幢)(?=[0-9A-Z]|单元|$)"
)
_BUILDING_LEFT_OUT = re.compile(r".*(?:栋|幢|单元|层)")
_FILLER = re.compile(r"0+|9{4,}")
_BASEMENT_TOKEN = re.compile(r"B[0-9]{1,2}")
_SURE_MARKS: Final = frozenset({"室", "户", "房", "房间", "号房", "号房间", "号室"})
_HOUSE_MARKS: Final = frozenset({"号", "#"})
_SHORT: Final = 2
"""Most digits of a unit's number, and of the part behind a divided room's dash."""
_HIGHEST_FLOOR: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """One flat or farmstead: the text that is left, then its numbers."""

    locality: str
    building: str = ""
    unit: str = ""
    floor: str = ""
    room: str

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(each for each in (self.building, self.unit, self.floor, *self.room.split("-")) if each)


def flat(text: str) -> Flat | None:
    """Read the flat of a compact text without divisions and with numerals as digits."""
    if _PLACEHOLDER.search(text) or _NAMELESS.match(text) or _has_minus(text):
        return None
    tidy = _SUB_NUMBER.sub(r"之\1号", text.replace(LOOSE_DASH, ""))
    found = _TAIL.fullmatch(tidy)
    if found is None or not any("0" <= each <= "9" for each in found["chain"]):
        return None
    named = _named_flat(found)
    if named is None or _NUMBER_LEFT_OUT.search(named.locality):
        return None
    return None if any(_FILLER.fullmatch(each) for each in named.numbers) else named


def plain(token: str) -> str:
    """Return a number without leading zeros."""
    return token.lstrip("0") or token[-1:]


def _has_minus(text: str) -> bool:
    """Tell whether a dash may be a basement's minus: before a floor, or behind a building or unit and before a room."""
    if _BASEMENT.search(text):
        return True
    found = _LOOSE_END.fullmatch(text)
    if found is None:
        return False
    parts, before = found["chain"].split("-"), found["before"]
    if before == "号":  # 12号-7-802 and 12号-7-2-802 begin with a building
        return not (_is_above_ground(parts) or len(parts) > 2)  # noqa: PLR2004 (a-b)
    return before in _SIGNS


def _is_above_ground(parts: list[str]) -> bool:
    """Tell whether two numbers are a building and a room, the room on another floor than the first number."""
    if len(parts) != 2 or re.fullmatch(r"[1-9][0-9]{2,3}[A-Z]?", parts[1]) is None:  # noqa: PLR2004 (a-b)
        return False
    return not _repeats(parts[0].removeprefix("B"), parts[1])


def _repeats(floor: str, room: str) -> bool:
    """Tell whether a room repeats its floor: 8 and 802 do, also 08 and 0802; 8 and 02, and 8 and 1203, do not."""
    return re.fullmatch(rf"0*{re.escape(plain(floor))}[0-9]{{2}}[A-Z]?", room) is not None


def _named_flat(found: re.Match[str]) -> Flat | None:
    building = found["building"] or found["block"] or found["high"] or ""
    parts = found["chain"].split("-")
    if found["unit"] or found["side"] or found["sign"]:
        return _numbered_flat(found, building, parts)
    if building:
        return _flat_in_building(found["locality"], building, parts)
    if _BUILDING_LEFT_OUT.fullmatch(found["locality"]):
        return None
    return _dashed_flat(found["locality"], parts, found["mark"] or "")


def _numbered_flat(found: re.Match[str], building: str, parts: list[str]) -> Flat | None:
    """Read a flat with a unit or a floor; without a building the house number or the tower's name has to replace it."""
    locality, unit, floor = found["locality"], found["unit"] or found["side"] or "", _floor(found, building)
    if floor is None or not (building or _HOUSE.fullmatch(locality) or _TOWER.fullmatch(locality)):
        return None
    # 8楼 may be a building where none is named, so 8楼802 is not 802.
    is_floor = bool(building or unit or found["sign"] == "层")
    if floor and is_floor and _repeats(floor, parts[0]):
        floor = ""
    elif unit and not floor and len(parts) == 2 and _repeats(*parts):  # noqa: PLR2004 (a-b)
        parts = parts[1:]
    return Flat(locality=locality, building=building, unit=unit, floor=floor, room="-".join(parts))


def _floor(found: re.Match[str], building: str) -> str | None:
    """Read the floor's number: "-1" for a first basement, "" where none is named, None where it cannot be one."""
    if not found["sign"]:
        return ""
    if found["below"]:
        is_building_b = found["letter"] and found["sign"] == "楼" and not building
        return None if is_building_b or not found["below"].strip("0") else f"-{plain(found['below'])}"
    return plain(found["floor"]) if 0 < int(found["floor"]) <= _HIGHEST_FLOOR else None


def _flat_in_building(locality: str, building: str, parts: list[str]) -> Flat | None:
    """Read 802, 2-802, 2-802-1, 2-8-802 (unit first) or 1203-1 (a divided room) behind a building's number."""
    if any(_BASEMENT_TOKEN.fullmatch(each) for each in parts[:-1]):
        return None
    match [_is_short(each) for each in parts]:
        case [_] | [False, _]:
            unit, room = "", parts
        case [True, _] | [True, False, True]:
            unit, room = parts[0], parts[1:]
        case [True, True, False] if _repeats(parts[1], parts[2]):
            unit, room = parts[0], parts[2:]
        case _:
            return None
    return Flat(locality=locality, building=building, unit=unit, room="-".join(room))


def _dashed_flat(locality: str, parts: list[str], mark: str) -> Flat | None:
    """Read numbers with at most a room's mark behind a street or an estate."""
    match len(parts):
        case 1:
            return _single_number(locality, parts[0], mark)
        case 2:
            return _two_numbers(locality, parts, mark)
        case 3:
            return _three_numbers(locality, parts, mark)
        case _:
            return _four_numbers(locality, parts)


def _single_number(locality: str, number: str, mark: str) -> Flat | None:
    """Read one number: an estate without a building's number has many such rooms; one house or tower has one."""
    in_house = _HOUSE.fullmatch(locality) is not None and (mark == "" or mark in _SURE_MARKS)
    in_tower = _TOWER.fullmatch(locality) is not None and mark in _SURE_MARKS
    is_farmstead = mark == "号" and _FARMSTEAD.fullmatch(locality) is not None
    return Flat(locality=locality, room=number) if in_house or in_tower or is_farmstead else None


def _two_numbers(locality: str, parts: list[str], mark: str) -> Flat | None:
    """7-802 and 7-2 are building and room, 1203-1 a divided room; 路12-3 and 12-3号 are house numbers."""
    if mark in _HOUSE_MARKS:
        return None
    if _BASEMENT_TOKEN.fullmatch(parts[0]) and not _is_above_ground(parts):
        return None
    short = [_is_short(each) for each in parts]
    if short == [False, True]:
        return Flat(locality=locality, room="-".join(parts)) if _HOUSE.fullmatch(locality) else None
    if short == [True, True] and _ROAD.fullmatch(locality):
        return None
    return Flat(locality=locality, building=parts[0], room=parts[1])


def _three_numbers(locality: str, parts: list[str], mark: str) -> Flat | None:
    """3-2-802 is building, unit and room; 路12-3-5号 is a house number."""
    if mark in _HOUSE_MARKS and _ROAD.fullmatch(locality):
        return None
    return Flat(locality=locality, building=parts[0], unit=parts[1], room=parts[2])


def _four_numbers(locality: str, parts: list[str]) -> Flat | None:
    """3-2-11-1102 repeats the floor, 路12-3-2-802 begins with the house number, 3-2-802-1 ends with a divided room."""
    first, second, third, last = parts
    is_floor = _repeats(third, last)
    if _ROAD.fullmatch(locality):
        house = f"{locality}{plain(first)}号"
        return None if is_floor else Flat(locality=house, building=second, unit=third, room=last)
    if is_floor:
        return Flat(locality=locality, building=first, unit=second, room=last)
    if not _is_short(third) and _is_short(last):
        return Flat(locality=locality, building=first, unit=second, room=f"{third}-{last}")
    return None


def _is_short(token: str) -> bool:
    return len(token) <= _SHORT
