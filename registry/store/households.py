"""Households and who is linked to them. Insert-only, so that two writers need no order between them."""

from collections.abc import Collection, Iterator, Sequence
from operator import attrgetter
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.domain.subject import Household, HouseholdLink
from registry.store.schema import household, household_link
from registry.store.statements import ByKeys, Insert, fan_out, grouped
from registry.store.subjects import SEALED

_INSERT: Final = Insert(household, SEALED, new_only=True)
_LINK: Final = Insert(household_link, new_only=True)
_KNOWN: Final = ByKeys(sa.select(household.c.household_key), household.c.household_key)
_LINKS: Final = ByKeys(
    sa.select(household_link).order_by(household_link.c.household_key, household_link.c.record_id),
    household_link.c.household_key,
)
_OF_SUBJECTS: Final = ByKeys(
    sa.select(household_link).order_by(household_link.c.household_key, household_link.c.record_id),
    household_link.c.subject_key,
)


class Households:
    """Distribution key: ``household_key``."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known(self, keys: Collection[bytes]) -> frozenset[bytes]:
        """Those of the keys that are stored: their tokens need not be sealed again."""
        return frozenset(row[0] for row in _KNOWN.rows(self._connection, keys))

    def ensure(self, households: Sequence[Household]) -> None:
        """Store the households that are missing, in key order."""
        _INSERT.run(self._connection, sorted(households, key=attrgetter("household_key")))

    def link(self, links: Sequence[HouseholdLink]) -> None:
        """Store the links that are missing, in key order."""
        _LINK.run(self._connection, sorted(links, key=attrgetter("household_key", "subject_key", "record_id")))

    def links(self, keys: Collection[bytes]) -> dict[bytes, tuple[HouseholdLink, ...]]:
        """The links of the households, oldest record first; a household without any is left out."""
        return grouped(_links(_LINKS, self._connection, keys), attrgetter("household_key"))

    @fan_out
    def links_of(self, subject_keys: Collection[bytes]) -> tuple[HouseholdLink, ...]:
        """Every link of these subjects, whichever household."""
        return tuple(_links(_OF_SUBJECTS, self._connection, subject_keys))


def _links(statement: ByKeys, connection: Connection, keys: Collection[bytes]) -> Iterator[HouseholdLink]:
    for household_key, subject_key, record_id, linked_at in statement.rows(connection, keys):
        yield HouseholdLink(
            household_key=household_key, subject_key=subject_key, record_id=record_id, linked_at=linked_at
        )
