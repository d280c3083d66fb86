"""Canonical household addresses: many spellings of one flat give one value; an address that names no flat gives none.

Two flats that share a value would put one household's debts on another, so an uncertain address gives None: no
city, no street or estate, no building where an estate has many, no room. docs/spec/household.md is the specification.
"""

from dataclasses import dataclass, field

from protocol import divisions
from protocol.address_text import compact
from protocol.flats import flat, plain
from protocol.numerals import to_digits


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonicalAddress:
    """One flat or farmstead: official division names, the rest of the text, then numbers as they count."""

    province: str
    city: str
    county: str
    locality: str = field(repr=False)
    building: str = field(default="", repr=False)
    unit: str = field(default="", repr=False)
    floor: str = field(default="", repr=False)
    room: str = field(repr=False)


def canonical_address(address: str) -> CanonicalAddress | None:
    """Read the flat that an address names; None when it does not name exactly one."""
    text = compact(address)
    if text is None:
        return None
    division, rest = divisions.split(text)
    if division is None or not division.names_a_city:
        return None
    named = flat(to_digits(rest))
    if named is None:
        return None
    return CanonicalAddress(
        province=division.province,
        city=division.city,
        county=division.county,
        locality=named.locality,
        building=plain(named.building),
        unit=plain(named.unit),
        floor=named.floor,
        room="-".join(plain(each) for each in named.room.split("-")),
    )
