"""The two household keys' inputs: the household register number, and the canonical address.

Each is independent of the other, and each may be missing: a wrong match would charge strangers with a debt.
"""

import re
import unicodedata
from typing import Final

from protocol import encodings
from protocol.address import canonical_address

REGISTER_DOMAIN: Final = "household-register"
ADDRESS_DOMAIN: Final = "household-address"
MAX_REGISTER_TEXT: Final = 64
"""Longest register number that is looked at, in characters, spaces included."""

_REGISTER = re.compile(r"[0-9A-Z]{8,24}")
_FEWEST_DIGITS: Final = 6


def household_register_input(register_number: str, *, collective: bool = False) -> bytes | None:
    """What is hashed to the group for a register number (户号), or None when it names no single household.

    ``collective`` is the carrier's word that the number is a collective household's (a dormitory, a works), whose
    members are strangers to each other.
    """
    if collective or len(register_number) > MAX_REGISTER_TEXT:
        return None
    wide = unicodedata.normalize("NFKC", register_number)
    number = "".join(each for each in wide if each != "\t" and unicodedata.category(each) != "Zs").upper()
    if _REGISTER.fullmatch(number) is None or _is_placeholder(number):
        return None
    return encodings.oprf_input(REGISTER_DOMAIN, number)


def household_address_input(address: str) -> bytes | None:
    """What is hashed to the group for an address, or None when it does not name exactly one flat."""
    place = canonical_address(address)
    if place is None:
        return None
    return encodings.oprf_input(
        ADDRESS_DOMAIN,
        place.province,
        place.city,
        place.county,
        place.locality,
        place.building,
        place.unit,
        place.floor,
        place.room,
    )


def _is_placeholder(number: str) -> bool:
    """00000000 and the like; with fewer than six digits it is a word, no number."""
    digits = [each for each in number if "0" <= each <= "9"]
    return len(digits) < _FEWEST_DIGITS or len(set(digits)) == 1
