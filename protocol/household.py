"""The two household keys' inputs: the household register number, and the canonical address.

Each is independent of the other, and each may be missing: a wrong match would charge strangers with a debt.
"""

from typing import Final

from protocol import encodings
from protocol.address import canonical_address
from protocol.registers import canonical_register

FORM: Final = "household/1"
"""Names the canonical form of registers and addresses: a release that reads some text otherwise raises the number."""
REGISTER_DOMAIN: Final = "household-register"
ADDRESS_DOMAIN: Final = "household-address"


def household_register_input(register_number: str, *, collective: bool = False) -> bytes | None:
    """Build the OPRF input of a register number (户号); None when it names no single household.

    ``collective`` is the carrier's statement that the number is a collective household's (a dormitory, a works), whose
    members are strangers to each other.
    """
    number = None if collective else canonical_register(register_number)
    return None if number is None else encodings.oprf_input(REGISTER_DOMAIN, number)


def household_address_input(address: str) -> bytes | None:
    """Build the OPRF input of an address; None when it does not name exactly one flat."""
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
