"""Keep households and the links of records to them: a link is added and ended once."""

from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Final

import sqlalchemy as sa

from protocol.states import HouseholdKind
from registry.domain.households import LinkEnd
from registry.domain.subjects import Household, HouseholdLink
from registry.store import columns
from registry.store.disassociations import household_rebuttal
from registry.store.prepared import ByKeys, Insert, grouped
from registry.store.repository import Repository, fan_out

household: Final = sa.Table(
    "household",
    columns.metadata,
    columns.key("household_key"),
    columns.coded("kind", HouseholdKind, 16),
    *columns.sealed(),
    columns.time("created_at"),
    sa.PrimaryKeyConstraint("household_key"),
    columns.length("household_key"),
    info=columns.BY_HOUSEHOLD,
)

# No foreign key to the record: it lives on another node. A row is one span of time: it is added and ended once. It
# is deleted some time after its end, or when its record is sealed.
household_link: Final = sa.Table(
    "household_link",
    columns.metadata,
    columns.key("household_key"),
    columns.key(),
    columns.uuid("record_id"),
    columns.coded("kind", HouseholdKind, 16),
    columns.time("linked_at"),
    columns.time("ended_at", nullable=True),
    sa.PrimaryKeyConstraint("household_key", "subject_key", "record_id", "linked_at"),
    columns.references(["household_key"], "household"),
    columns.length("subject_key"),
    sa.Index(None, "subject_key", "record_id"),
    columns.partial("ix_household_link_ended", "ended_at", where="ended_at IS NOT NULL"),
    info=columns.BY_HOUSEHOLD,
    sqlite_with_rowid=False,
)

_INSERT: Final = Insert(household, columns.SEALED, new_only=True, mostly_new=True)
# An equal span is made current again: a key may go and come back within one microsecond of the clock.
_LINK: Final = Insert(household_link, renewing=("ended_at",), mostly_new=True)
_IN_ORDER: Final = sa.select(household.c.household_key).order_by(household.c.household_key)
# Lock until the transaction ends: nobody forgets a household between this look-up and the link that names it.
_KNOWN: Final = ByKeys(_IN_ORDER.with_for_update(read=True, key_share=True), household.c.household_key)
_HOLD: Final = ByKeys(_IN_ORDER.with_for_update(), household.c.household_key)
_STILL_NAMED: Final = tuple(
    ByKeys(sa.select(table.c.household_key).distinct(), table.c.household_key)
    for table in (household_link, household_rebuttal)
)
_FORGET: Final = sa.delete(household).where(household.c.household_key == sa.bindparam("at_household"))
_ALL: Final = sa.select(household_link)
_ORDER: Final = (household_link.c.household_key, household_link.c.record_id, household_link.c.linked_at)
_CURRENT: Final = household_link.c.ended_at.is_(None)
LINKS: Final = ByKeys(_ALL.where(_CURRENT), household_link.c.household_key, order=_ORDER)
_OF_SUBJECTS: Final = ByKeys(_ALL, household_link.c.subject_key, order=_ORDER)
_END: Final = (
    sa.update(household_link)
    .where(
        household_link.c.household_key == sa.bindparam("at_household"),
        household_link.c.subject_key == sa.bindparam("at_key"),
        household_link.c.record_id == sa.bindparam("at_id"),
        _CURRENT,
    )
    .values(ended_at=sa.bindparam("at"))
)
_PLACE: Final = attrgetter("household_key", "subject_key", "record_id")


class Households(Repository):
    """Distribution key: ``household_key``, but where marked as a fan-out."""

    def known(self, keys: Collection[bytes]) -> frozenset[bytes]:
        """Find the stored keys and lock them until the transaction ends: their tokens need no second seal."""
        return frozenset(row[0] for row in _KNOWN.rows(self._connection, keys))

    def ensure(self, households: Sequence[Household]) -> None:
        """Store the households that are missing, in key order."""
        _INSERT.run(self._connection, sorted(households, key=attrgetter("household_key")))

    def link(self, links: Sequence[HouseholdLink]) -> None:
        """Store the links, in key order. It needs the subjects' locks, as ``end`` does."""
        _LINK.run(self._connection, sorted(links, key=_PLACE))

    def end(self, ends: Sequence[LinkEnd]) -> None:
        """End the current links to these households, in key order; a link that has ended keeps its end."""
        if ends:
            self._connection.execute(
                _END,
                [
                    {"at_household": each.household_key, "at_key": each.subject_key, "at_id": each.record_id}
                    | {"at": each.ended_at}
                    for each in sorted(ends, key=_PLACE)
                ],
            )

    def forget_unnamed(self, keys: Collection[bytes]) -> int:
        """Delete households, with their sealed tokens, that no link and no rebuttal names any more.

        Call it in the transaction that deleted such a row. A writer that links a household locks it: under the lock
        taken here all links are committed, or are not made before this transaction ends.
        """
        locked = {row[0] for row in _HOLD.rows(self._connection, keys)}
        named = {row[0] for each in _STILL_NAMED for row in each.rows(self._connection, locked)}
        if unnamed := sorted(locked - named):
            self._connection.execute(_FORGET, [{"at_household": each} for each in unnamed])
        return len(unnamed)

    def links(self, keys: Collection[bytes]) -> dict[bytes, tuple[HouseholdLink, ...]]:
        """Read the current links of the households, oldest record first; a household without any is left out."""
        return grouped(self._of(HouseholdLink, LINKS, keys), attrgetter("household_key"))

    @fan_out
    def links_of(self, subject_keys: Collection[bytes]) -> tuple[HouseholdLink, ...]:
        """Read every link of these subjects to any household, ended ones included until they are erased."""
        return tuple(self._of(HouseholdLink, _OF_SUBJECTS, subject_keys))
