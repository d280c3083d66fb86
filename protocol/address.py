"""Canonical household addresses: many spellings of one flat give one value; what names no flat gives none.

Two flats that share a value would put one household's debts on another, so whatever is not certain gives None: no
city, no street or estate, or no room. docs/spec/household.md is the specification.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from protocol import divisions
from protocol.numerals import NUMERALS, to_digits

MAX_ADDRESS_TEXT: Final = 256
"""Longest text that is looked at, in characters."""

_STRUCTURAL = str.maketrans("號樓棟單門戶戸縣區鎮鄉層鄰﹟＃", "号楼栋单门户户县区镇乡层邻##")
_UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
# Blanks, punctuation and symbols; a letter of any script stays, since two names must not become one by losing it.
_SEPARATORS = re.compile(
    r"[\x00-\x22\x24-\x2f:-@\[-`{-\xbf\xd7\xf7\u2000-\u206f\u2190-\u25ca\u25cc-\u2bff\u3000-\u3006\u3008-\u3020\u3030\ufe30-\ufe4f]+"
)
_BETWEEN_TOKENS = re.compile(rf"(?<=[0-9A-Z{NUMERALS}])-(?=[0-9A-Z{NUMERALS}])")
_TOKEN = r"(?:[0-9A-Z]{1,8}|[甲乙丙丁])"  # noqa: S105 (a pattern, no secret)
_TAIL = re.compile(
    rf"(?P<locality>.{{2,}}?)"
    rf"(?:(?<![0-9A-Z\-])第?(?P<building>{_TOKEN})(?:号楼|栋楼?|幢楼?|座楼?|#楼?|(?<=[A-Z甲乙丙丁])楼)-?)?"
    rf"(?:(?<![0-9A-Z\-])第?(?P<unit>{_TOKEN})(?:单元|门)-?)?"
    rf"(?:(?<![0-9A-Z\-])第?(?P<floor>[0-9]{{1,3}})[层楼]-?)?"
    rf"(?<![0-9A-Z\-])(?P<chain>{_TOKEN}(?:-{_TOKEN}){{0,3}})(?P<mark>室|户|房间?|号房间?|号室|号|#)?"
)
_AFTER_ROAD = re.compile(r".*[路街道巷弄]")
_FARMSTEAD = re.compile(r".*[组队社屯]|.*[乡镇].*(?<!新)村")
_SURE_MARKS: Final = frozenset({"室", "户", "房", "房间", "号房", "号房间", "号室"})
_HOUSE_MARKS: Final = frozenset({"号", "#"})
_SHORT: Final = 2
"""Most digits of a unit's number, and of the part behind a divided room's dash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonicalAddress:
    """One flat or farmstead: official division names, what is left of the text, then numbers as they count."""

    province: str
    city: str
    county: str
    locality: str = field(repr=False)
    building: str = field(default="", repr=False)
    unit: str = field(default="", repr=False)
    floor: str = field(default="", repr=False)
    room: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flat:
    locality: str
    building: str = ""
    unit: str = ""
    floor: str = ""
    room: str


def canonical_address(address: str) -> CanonicalAddress | None:
    """The flat that an address names, or None when it does not name exactly one."""
    if len(address) > MAX_ADDRESS_TEXT:
        return None
    text = _compact(address)
    if text is None:
        return None
    division, rest = divisions.split(text)
    if division is None or not division.names_a_city:
        return None
    flat = _flat(to_digits(rest))
    if flat is None:
        return None
    return CanonicalAddress(
        province=division.province,
        city=division.city,
        county=division.county,
        locality=flat.locality,
        building=_plain(flat.building),
        unit=_plain(flat.unit),
        floor=_plain(flat.floor),
        room="-".join(_plain(each) for each in flat.room.split("-")),
    )


def _compact(address: str) -> str | None:
    """Half width, upper case, without spaces and punctuation; between numbers any of these becomes one dash."""
    wide = unicodedata.normalize("NFKC", address)
    if not wide.isprintable() and any(_is_control(each) for each in wide):
        return None
    dashed = _SEPARATORS.sub("-", wide.translate(_STRUCTURAL).translate(_UPPER))
    return _drop_lone_dashes(dashed)


def _is_control(character: str) -> bool:
    return character != "\t" and unicodedata.category(character).startswith("C")


def _drop_lone_dashes(text: str) -> str:
    kept = _BETWEEN_TOKENS.sub("\0", text).replace("-", "")
    return kept.replace("\0", "-")


def _plain(token: str) -> str:
    return token.lstrip("0") or token[-1:]


def _flat(text: str) -> _Flat | None:
    found = _TAIL.fullmatch(text)
    if found is None or not any("0" <= each <= "9" for each in found["chain"]):
        return None
    if found["unit"] or found["floor"]:
        return _numbered_flat(found)
    parts = found["chain"].split("-")
    if found["building"]:
        return _flat_in_building(found["locality"], found["building"], parts)
    return _dashed_flat(found["locality"], parts, found["mark"] or "")


def _numbered_flat(found: re.Match[str]) -> _Flat:
    floor, room = found["floor"] or "", found["chain"]
    # 8层802室 says the floor twice; 8层02室 and 8层1203室 do not.
    if floor and re.fullmatch(rf"0*{_plain(floor)}[0-9]{{2}}[A-Z]?", room):
        floor = ""
    return _Flat(
        locality=found["locality"], building=found["building"] or "", unit=found["unit"] or "", floor=floor, room=room
    )


def _flat_in_building(locality: str, building: str, parts: list[str]) -> _Flat | None:
    """802, 2-802, 2-802-1 (unit first) or 1203-1 (a divided room) behind a building's number."""
    match [_is_short(each) for each in parts]:
        case [_]:
            unit, room = "", parts
        case [True, _] | [True, False, True]:
            unit, room = parts[0], parts[1:]
        case [False, _]:
            unit, room = "", parts
        case _:
            return None
    return _Flat(locality=locality, building=building, unit=unit, room="-".join(room))


def _dashed_flat(locality: str, parts: list[str], mark: str) -> _Flat | None:
    """Numbers with at most a room's mark behind a street or an estate."""
    short = [_is_short(each) for each in parts]
    match len(parts):
        case 1:
            return _single_number(locality, parts[0], mark)
        case 2:
            return _two_numbers(locality, parts, short, mark)
        case 3:
            return _three_numbers(locality, parts, mark)
        case _:
            return _four_numbers(locality, parts, short)


def _single_number(locality: str, number: str, mark: str) -> _Flat | None:
    is_room = mark in _SURE_MARKS or (mark == "" and locality.endswith("号"))
    is_farmstead = mark == "号" and _FARMSTEAD.fullmatch(locality) is not None
    return _Flat(locality=locality, room=number) if is_room or is_farmstead else None


def _two_numbers(locality: str, parts: list[str], short: list[bool], mark: str) -> _Flat | None:
    """7-802 and 7-2 are building and room, 1203-1 a divided room; 路12-3 and 12-3号 are house numbers."""
    if mark in _HOUSE_MARKS:
        return None
    if short == [False, True]:
        return _Flat(locality=locality, room="-".join(parts)) if mark or locality.endswith("号") else None
    if short == [True, True] and _AFTER_ROAD.fullmatch(locality):
        return None
    return _Flat(locality=locality, building=parts[0], room=parts[1])


def _three_numbers(locality: str, parts: list[str], mark: str) -> _Flat | None:
    """3-2-802 is building, unit and room; 路12-3-5号 is a house number."""
    if mark in _HOUSE_MARKS and _AFTER_ROAD.fullmatch(locality):
        return None
    return _Flat(locality=locality, building=parts[0], unit=parts[1], room=parts[2])


def _four_numbers(locality: str, parts: list[str], short: list[bool]) -> _Flat | None:
    """路12-3-2-802 begins with the house number, 3-2-802-1 ends with a divided room."""
    if _AFTER_ROAD.fullmatch(locality):
        return _Flat(locality=f"{locality}{_plain(parts[0])}号", building=parts[1], unit=parts[2], room=parts[3])
    if short[2:] == [False, True]:
        return _Flat(locality=locality, building=parts[0], unit=parts[1], room="-".join(parts[2:]))
    return None


def _is_short(token: str) -> bool:
    return len(token) <= _SHORT
