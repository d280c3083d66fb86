"""Write an address in parts as one Chinese line; whatever could be read in two ways gives no key of a household."""

from typing import Final

from gateway.tmf.bodies import GeographicAddress, GeographicSubAddress

_UNCLEAR: Final = "*"
"""A sign that stands for a lost one: an address with it names no flat (protocol/address.py)."""
_NUMBER: Final = "号"
_BUILDING: Final = "号楼"
_STAIRCASE: Final = "单元"
_FLOOR: Final = "层"
_ROOM: Final = "室"
_UNITS: Final = {
    "UNIT": _STAIRCASE, _STAIRCASE: _STAIRCASE, "ROOM": _ROOM, "FLAT": _ROOM, "APARTMENT": _ROOM, _ROOM: _ROOM,
}  # fmt: skip
"""The signs of a unit's number, by its type in capitals."""


def address_line(address: GeographicAddress) -> str:
    """Write the line, from the province down to the room."""
    province, city = address.stateOrProvince or "", address.city or ""
    parts = [
        province,
        "" if city == province else city,
        address.locality or "",
        address.streetName or "",
        _signed(address.streetNr, _NUMBER),
        *(part for place in address.geographicSubAddress for part in _parts_within(place)),
    ]
    other_members = (
        address.streetType,
        address.streetSuffix,
        address.streetNrSuffix,
        address.streetNrLast,
        address.streetNrLastSuffix,
    )
    is_clear = not any(other_members) and len(address.geographicSubAddress) <= 1 and all(map(_ends_in_a_sign, parts))
    return "".join(parts) + ("" if is_clear else _UNCLEAR)


def _parts_within(place: GeographicSubAddress) -> list[str]:
    units = [(_UNITS.get(each.subUnitType.strip().upper(), ""), each.subUnitNumber) for each in place.subUnit]
    numbers = dict(units)
    other_members = (place.privateStreetName, place.privateStreetNumber, place.levelType)
    is_clear = not any(other_members) and "" not in numbers and len(numbers) == len(units)
    return [
        _signed(place.buildingName, _BUILDING),
        _signed(numbers.get(_STAIRCASE), _STAIRCASE),
        _signed(place.levelNumber, _FLOOR),
        _signed(numbers.get(_ROOM), _ROOM),
        "" if is_clear else _UNCLEAR,
    ]


def _signed(number: str | None, sign: str) -> str:
    """Put the sign behind a bare number; a text with a sign of its own stays as it is."""
    text = (number or "").strip()
    return text + sign if text[-1:].isdigit() else text


def _ends_in_a_sign(part: str) -> bool:
    """Tell that the next part's first digit cannot run into the last one of this part."""
    return not part.strip() or "\u4e00" <= part.strip()[-1] <= "\u9fff"
